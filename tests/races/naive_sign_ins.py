"""What everybody writes first: a door without its guard. It must let two in by one code."""

from __future__ import annotations

from collections.abc import Callable

from app.kernel import clock
from app.kernel.db import session, transaction
from app.people.accounts import queries as accounts
from app.people.accounts import sign_ins
from app.people.accounts.attempts import Try
from app.people.accounts.sign_ins import Proof
from app.people.accounts.states import SignInWay
from app.people.phone_codes import codes, queries
from app.people.phone_codes.models import PhoneCode

Between = Callable[[], object]


def look_then_enter(phone_index: str, typed: str, *, between: Between) -> str:
    """Look whether the code is right, and then open a sign-in and write down that the code was used; the token."""
    row, person = queries.row_of(phone_index), accounts.by_index(phone_index)
    is_right = row is not None and codes.fits(row, typed)
    session().rollback()
    between()
    assert is_right
    assert row is not None
    assert person is not None
    with transaction() as current:
        proof = Proof(person.id, Try("phone_guess", phone_index), way=SignInWay.CODE)
        token = sign_ins.sign_in(proof, device="", address="", old_token=None)
        opened = accounts.sign_in_of(token).id
        current.get_one(PhoneCode, row.id).use(at=clock.now(), sign_in_id=opened)
    return token

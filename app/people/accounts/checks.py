"""Proving that roles stay apart and that every sealed number is its owner's."""

from __future__ import annotations

from collections.abc import Iterator

from sqlalchemy import select
from sqlalchemy.orm import aliased

from app.kernel.checks import Check, Finding
from app.kernel.crypto import Undecipherable
from app.kernel.db import session
from app.people.accounts import queries
from app.people.accounts.models import Person, RoleGrant
from app.people.accounts.states import exclude_each_other


def _roles_stay_apart() -> Iterator[Finding]:
    one, other = aliased(RoleGrant), aliased(RoleGrant)
    pairs = (
        select(one.person_id, one.role, other.role)
        .join(other, (other.person_id == one.person_id) & (other.id > one.id))
        .where(queries.is_held(one), queries.is_held(other), one.role != other.role)
    )
    for person_id, held, also in session().execute(pairs):
        if exclude_each_other(held, also):
            yield Finding(f"person {person_id}", f"is {held.value} and {also.value}")


def _numbers_are_their_owners() -> Iterator[Finding]:
    for person in session().scalars(select(Person).execution_options(yield_per=1000)):
        try:
            is_own = queries.index_of(queries.phone_of(person)) == person.phone_index
        except Undecipherable:
            is_own = False
        if not is_own:
            yield Finding(f"person {person.id}", "the sealed number does not open or is not the indexed one")


CHECKS = (
    Check("P1", "没有人同时担任互相排斥的角色", _roles_stay_apart),
    Check("P2", "每个加密的手机号都能打开，且与索引一致", _numbers_are_their_owners),
)

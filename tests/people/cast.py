"""The people of these tests and the short ways to make them."""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta

import pyotp

from app.kernel import clock
from app.kernel.db import session, transaction
from app.kernel.permissions import Grant, Policy, Viewer
from app.people.accounts import queries
from app.people.accounts import service as accounts
from app.people.accounts.models import Person
from app.people.accounts.permissions import ME, PEOPLE_GRANT, PEOPLE_READ, PEOPLE_UNMASK
from app.people.accounts.states import Role
from app.people.growers import service as growers
from app.people.growers.models import Seller
from app.people.growers.permissions import GROWERS_READ, GROWERS_UNMASK, GROWERS_VERIFY
from app.people.growers.service import Application
from app.people.growers.states import SellerKind
from app.people.purse.permissions import PURSE_READ, PURSE_UNMASK, PURSE_VERIFY

PHONE = "13800001234"
PASSWORD = "a jujube tree by the river"
MENGMEN = "141125107"
SANJIAO = "141125105"

POLICY: Policy = {
    "buyer": frozenset({ME}),
    "township_official": frozenset(
        {GROWERS_READ, GROWERS_VERIFY, GROWERS_UNMASK, PURSE_READ, PURSE_VERIFY, PURSE_UNMASK, PEOPLE_UNMASK}
    ),
    "county_official": frozenset({GROWERS_READ, GROWERS_UNMASK, PURSE_READ, PEOPLE_READ, PEOPLE_UNMASK}),
    "auditor": frozenset({GROWERS_READ, PURSE_READ, PEOPLE_READ}),
    "administrator": frozenset({PEOPLE_READ, PEOPLE_GRANT}),
}


@contextmanager
def at(moment: datetime) -> Iterator[None]:
    """Inside, it is that moment for what is read and written anew."""
    with clock.pinned(moment):
        _read_anew()
        yield
    _read_anew()


def later(**span: int) -> datetime:
    """The moment after such a span from now."""
    _read_anew()
    return clock.now() + timedelta(**span)


def _read_anew() -> None:
    session().rollback()
    session().info.clear()


def a_person(phone: str = PHONE, name: str = "李枣花", password: str = PASSWORD) -> Person:
    with transaction():
        person = accounts.sign_up(phone, name, password, consent_version="2026-01")
    assert person is not None
    return person


def viewer_for(person: Person, *grants: tuple[Role, str], stepped_up: bool = True, sign_in_id: int = 0) -> Viewer:
    held: Iterable[Grant] = (queries.EVERYBODY, *(Grant(role.value, scope) for role, scope in grants))
    return Viewer.of(
        person_id=person.id,
        name=person.name,
        grants=held,
        policy=POLICY,
        is_stepped_up=stepped_up,
        sign_in_id=sign_in_id,
    )


def an_admin(phone: str = "13900000001") -> Viewer:
    return viewer_for(a_person(phone, "管理员"), (Role.ADMIN, "county"))


def an_official(code: str = MENGMEN, phone: str = "13900000002", *, stepped_up: bool = True) -> Viewer:
    return viewer_for(a_person(phone, "赵乡镇"), (Role.TOWNSHIP, f"township:{code}"), stepped_up=stepped_up)


def enter(
    phone: str = PHONE, password: str = PASSWORD, *, old_token: str | None = None, known: str | None = None
) -> str:
    """Sign in as the door does: count, prove, open."""
    with transaction():
        one = accounts.begin_try(phone, known_token=known)
    proof = accounts.prove(one, password)
    with transaction():
        return accounts.sign_in(proof, device="安卓手机", address="127.0.0.1", old_token=old_token)


def who(token: str, *, step_up_needed: bool = False) -> Viewer | None:
    return queries.viewer_of(token, policy=POLICY, step_up_needed=step_up_needed)


def signed_in_viewer(token: str, *, step_up_needed: bool = False) -> Viewer:
    viewer = who(token, step_up_needed=step_up_needed)
    assert viewer is not None
    return viewer


def enrol(viewer: Viewer) -> tuple[str, list[str]]:
    """Put a second factor in force; its secret and the recovery codes."""
    with transaction():
        accounts.enrol_totp(by=viewer)
    secret = waiting_secret(viewer)
    with transaction():
        counted = accounts.begin_code(by=viewer)
    with transaction():
        return secret, accounts.confirm_totp(counted, code_now(secret), by=viewer)


def waiting_secret(viewer: Viewer) -> str:
    secret = accounts.waiting_secret(by=viewer)
    assert secret is not None
    return secret


def code_now(secret: str, *, steps: int = 0) -> str:
    return pyotp.TOTP(secret).generate_otp(int(clock.now().timestamp()) // 30 + steps)


def step_up(viewer: Viewer, code: str) -> None:
    with transaction():
        counted = accounts.begin_code(by=viewer)
    with transaction():
        accounts.step_up(counted, code, by=viewer)


HOUSEHOLD = Application(
    kind=SellerKind.HOUSEHOLD, name="王家枣园", township_code=MENGMEN, head_name="王枣林", members=4
)


def an_applicant(application: Application = HOUSEHOLD, *, phone: str = "13700000001", name: str = "王枣林") -> Seller:
    person = a_person(phone, name)
    with transaction():
        return growers.apply(application, person_id=person.id, by=person.actor)


def a_seller(application: Application = HOUSEHOLD, *, phone: str = "13700000001", by: Viewer | None = None) -> Seller:
    seller = an_applicant(application, phone=phone)
    official = by or an_official(seller.township_code)
    with transaction():
        return growers.verify(seller.id, by=official, because="上门看过枣园")

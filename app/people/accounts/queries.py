"""Reading people: who asks, with which rights; who holds which role; which sign-ins are open."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, and_, bindparam, or_, select

from app.kernel import clock, paging
from app.kernel.db import locked, session
from app.kernel.errors import NotFound
from app.kernel.ids import digest
from app.kernel.paging import Page
from app.kernel.permissions import COUNTY, OWN, Grant, Policy, Viewer
from app.people.accounts import phones
from app.people.accounts.models import Consent, Person, RoleGrant, SignIn
from app.people.accounts.sealing import vault
from app.people.accounts.states import STAFF, Purpose, Role, SignInWay

IDLE_STAFF = timedelta(minutes=15)
ABSOLUTE_STAFF = timedelta(hours=12)
ABSOLUTE = timedelta(days=30)
STEP_UP = timedelta(minutes=5)
SEEN_EVERY = timedelta(minutes=1)
EVERYBODY = Grant(Role.BUYER.value, OWN)
PHONE_FIELD = "people.phone"


def is_held(grant: type[RoleGrant] = RoleGrant) -> ColumnElement[bool]:
    """That a role is held at the transaction's moment: neither taken back nor over by itself."""
    return and_(grant.ended_at.is_(None), or_(grant.ends_at.is_(None), grant.ends_at > clock.sql_now()))


_SIGNED_IN = (
    select(
        SignIn.id,
        SignIn.created_at,
        SignIn.last_seen_at,
        SignIn.stepped_up_at,
        SignIn.person_id,
        Person.name,
        Person.totp_enrolled_at,
        Person.password_expires_at,
        RoleGrant.role,
        RoleGrant.scope,
        clock.sql_now().label("moment"),
    )
    .join(Person, Person.id == SignIn.person_id)
    .outerjoin(RoleGrant, and_(RoleGrant.person_id == Person.id, is_held()))
    .where(SignIn.token_digest == bindparam("token_digest"))
    .where(SignIn.ended_at.is_(None), Person.disabled_at.is_(None))
)


@dataclass(frozen=True, slots=True)
class SignedIn:
    """Who a token stands for, and whether the row should learn that he was here."""

    viewer: Viewer
    seen_is_due: bool


def viewer_of(token: str, *, policy: Policy, step_up_needed: bool) -> Viewer | None:
    """The person whose open sign-in the token names, with the rights of this moment; None when there is none."""
    found = signed_in(token, policy=policy, step_up_needed=step_up_needed)
    return found.viewer if found else None


def signed_in(token: str, *, policy: Policy, step_up_needed: bool) -> SignedIn | None:
    """The same as `viewer_of`, in one statement, telling also whether `service.seen` is due.

    Staff roles count only with a password of the person's own, and, where the second factor is needed, once it is
    enrolled and was given in this sign-in. Staff are signed out after 15 idle minutes or 12 hours, others after 30
    days. Source: GB/T 22239-2019 8.1.4.1.
    """
    rows = session().execute(_SIGNED_IN, {"token_digest": digest(token)}).all()
    if not rows:
        return None
    row = rows[0]
    grants = _held((one.role, one.scope) for one in rows)
    is_staff = any(grant.role in STAFF for grant in grants)
    if _has_run_out(row.moment - row.created_at, row.moment - row.last_seen_at, is_staff=is_staff):
        return None
    has_second = row.totp_enrolled_at is not None and row.stepped_up_at is not None
    if row.password_expires_at is not None or (step_up_needed and not has_second):
        grants = [grant for grant in grants if grant.role not in STAFF]
    viewer = Viewer.of(
        person_id=row.person_id,
        name=row.name,
        grants=(EVERYBODY, *grants),
        policy=policy,
        sign_in_id=row.id,
        is_stepped_up=not step_up_needed or _is_fresh(row.stepped_up_at, row.moment),
    )
    return SignedIn(viewer, row.moment - row.last_seen_at >= SEEN_EVERY)


def _held(pairs: Iterable[tuple[Role | None, str | None]]) -> list[Grant]:
    grants = [Grant(role.value, scope) for role, scope in pairs if role is not None and scope is not None]
    return sorted(grants, key=lambda grant: (grant.role, grant.scope))


def _has_run_out(age: timedelta, idle: timedelta, *, is_staff: bool) -> bool:
    return age >= ABSOLUTE or (is_staff and (age >= ABSOLUTE_STAFF or idle >= IDLE_STAFF))


def _is_fresh(stepped_up_at: datetime | None, moment: datetime) -> bool:
    return stepped_up_at is not None and moment - stepped_up_at < STEP_UP


def person(person_id: int, *, lock: bool = False) -> Person:
    """The person. Raises `NotFound`."""
    statement = select(Person).where(Person.id == person_id)
    found = session().scalars(locked(statement) if lock else statement).one_or_none()
    if found is None:
        raise NotFound()
    return found


def by_index(phone_index: str, *, lock: bool = False) -> Person | None:
    """The person with this keyed hash of a number."""
    statement = select(Person).where(Person.phone_index == phone_index)
    return session().scalars(locked(statement) if lock else statement).one_or_none()


def by_phone(phone: str) -> Person | None:
    """The person with exactly this number, or None. Raises `BadPhone`."""
    return by_index(index_of(phones.parse(phone)))


def index_of(phone: str) -> str:
    """The keyed hash under which a parsed number is known."""
    return vault().blind_index(phone, field=PHONE_FIELD)


def masked_phone(one: Person) -> str:
    """138****1234."""
    return phones.masked(phone_of(one))


def phone_of(one: Person) -> str:
    """The number in clear, for sending to it; to show it, a disclosure is needed. Raises `Undecipherable`."""
    return vault().unseal(one.phone_sealed, field=PHONE_FIELD, row=str(one.id))


def grants_of(person_id: int) -> Sequence[RoleGrant]:
    """The roles that the person holds now."""
    statement = select(RoleGrant).where(RoleGrant.person_id == person_id, is_held())
    return session().scalars(statement.order_by(RoleGrant.id)).all()


def staff_page(*, cursor: str | None) -> Page[tuple[RoleGrant, str]]:
    """Everybody's staff roles with the holder's name, the newest first. Raises `BadCursor`."""
    statement = (
        select(RoleGrant, Person.name)
        .join(Person, Person.id == RoleGrant.person_id)
        .where(RoleGrant.role.in_(STAFF), is_held())
    )
    keys = (paging.Key(RoleGrant.id.expression, lambda row: row[0].id, descending=True),)
    rows = session().execute(paging.after(statement, keys, cursor)).all()
    return paging.page([(row[0], row[1]) for row in rows], keys)


def is_staff(person_id: int) -> bool:
    """Whether the person holds a staff role now."""
    return any(grant.role in STAFF for grant in grants_of(person_id))


def holds_county_wide(role: Role) -> Sequence[Person]:
    """Everybody who holds the role for the whole county, for messages."""
    return _holders(role, COUNTY)


def holds_in(role: Role, scope: str) -> Sequence[Person]:
    """Everybody who holds the role in exactly this scope."""
    return _holders(role, scope)


def _holders(role: Role, scope: str) -> Sequence[Person]:
    return (
        session()
        .scalars(
            select(Person)
            .join(RoleGrant, RoleGrant.person_id == Person.id)
            .where(RoleGrant.role == role, RoleGrant.scope == scope, is_held())
            .where(Person.disabled_at.is_(None))
            .order_by(Person.id)
        )
        .all()
    )


def sign_in_of(token: str) -> SignIn:
    """The sign-in that the token names, open or ended. Raises `NotFound`."""
    found = session().scalars(select(SignIn).where(SignIn.token_digest == digest(token))).one_or_none()
    if found is None:
        raise NotFound()
    return found


def may_choose_password(viewer: Viewer) -> bool:
    """Whether the viewer chooses a password without proving the old one: it is not his own, and he came in by a code.

    Never staff: whoever holds their phone must not become them.
    """
    statement = (
        select(SignIn.id)
        .join(Person, Person.id == SignIn.person_id)
        .where(SignIn.id == viewer.sign_in_id, SignIn.person_id == viewer.person_id, SignIn.ended_at.is_(None))
        .where(SignIn.way == SignInWay.CODE, Person.password_expires_at.is_not(None))
    )
    return session().scalars(statement).one_or_none() is not None and not is_staff(viewer.person_id)


@dataclass(frozen=True, slots=True)
class OpenSignIn:
    """A device on which somebody is signed in."""

    id: int
    device: str
    address: str
    last_seen: datetime
    is_current: bool


def sign_ins_of(viewer: Viewer) -> list[OpenSignIn]:
    """The viewer's own open sign-ins, the one in use first, then the last used."""
    statement = select(SignIn).where(
        SignIn.person_id == viewer.person_id, SignIn.ended_at.is_(None), SignIn.created_at > clock.now() - ABSOLUTE
    )
    rows = session().scalars(statement.order_by(SignIn.last_seen_at.desc(), SignIn.id.desc())).all()
    found = [OpenSignIn(row.id, row.device, row.address, row.last_seen_at, row.id == viewer.sign_in_id) for row in rows]
    return sorted(found, key=lambda one: not one.is_current)


def consent_of(person_id: int, purpose: Purpose) -> Consent | None:
    """The consent in force for the purpose, the newest one."""
    statement = select(Consent).where(
        Consent.person_id == person_id, Consent.purpose == purpose, Consent.withdrawn_at.is_(None)
    )
    return session().scalars(statement.order_by(Consent.id.desc()).limit(1)).one_or_none()

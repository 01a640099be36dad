"""Accounts: signing up, passwords, consent and disabling; signing in, roles and disclosure are at hand here too."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from app.audit import service as audit
from app.kernel import clock, ids
from app.kernel.db import AlreadyThere, locked, session
from app.kernel.errors import Forbidden
from app.kernel.permissions import Viewer
from app.people.accounts import passwords, phones, queries, second_factor, wording
from app.people.accounts.attempts import forget_old as forget_old_attempts
from app.people.accounts.disclosure import unmask_phone
from app.people.accounts.errors import BadCredentials, BadName, SelfGrant
from app.people.accounts.models import Consent, Person
from app.people.accounts.permissions import PEOPLE_GRANT
from app.people.accounts.roles import appoint, grant, revoke
from app.people.accounts.sealing import vault
from app.people.accounts.second_factor import (
    begin_code,
    confirm_totp,
    drop_totp,
    enrol_totp,
    step_up,
    waiting_secret,
    waiting_uri,
)
from app.people.accounts.sign_ins import (
    Proof,
    begin_try,
    begin_try_of,
    end_all_of,
    end_all_others,
    end_sign_in,
    prove,
    renew_token,
    seen,
    sign_in,
    sign_out,
)
from app.people.accounts.states import Purpose

__all__ = [
    "appoint",
    "begin_code",
    "begin_try",
    "begin_try_of",
    "change_password",
    "choose_password",
    "confirm_totp",
    "consent",
    "disable",
    "drop_totp",
    "end_all_others",
    "end_sign_in",
    "enlist",
    "enlist_many",
    "enrol_totp",
    "forget_old_attempts",
    "give_temporary_password",
    "grant",
    "prove",
    "revoke",
    "seen",
    "set_password",
    "sign_in",
    "sign_out",
    "sign_up",
    "step_up",
    "unmask_phone",
    "waiting_secret",
    "waiting_uri",
    "withdraw_consent",
]

TEMPORARY_FOR = timedelta(hours=72)
MOST_NAME = 40


def sign_up(phone: str, name: str, password: str, *, consent_version: str) -> Person | None:
    """A new person who agreed to the wording of that version; None when the number is already known.

    The caller says the same sentence and does the same next in both cases, so that nobody learns who is registered;
    the work is the same too. Raises `BadPhone`, `BadName` and `WeakPassword`, which depend only on what was typed.
    """
    number = phones.parse(phone)
    passwords.check(password, phone=number, for_staff=False)
    person = _add(number, _name(name), passwords.hashed(password))
    if person is None:
        return None
    consent(person.id, Purpose.ACCOUNT, consent_version)
    audit.note("people.sign_up", f"person:{person.id}", by=person.actor)
    return person


def enlist(phone: str, name: str, *, by: str) -> tuple[Person, str]:
    """A new person with a temporary password, good for 72 hours and to be changed before any staff role counts.

    Raises `BadPhone`, `BadName`, and `AlreadyThere` for a known number.
    """
    secret = _temporary_password()
    person = _add(phones.parse(phone), _name(name), passwords.hashed(secret))
    if person is None:
        raise AlreadyThere(field="phone")
    person.password_expires_at = clock.now() + TEMPORARY_FOR
    audit.note("people.enlist", f"person:{person.id}", by=by)
    return person, secret


def enlist_many(people: Iterable[tuple[str, str]], *, by: str) -> list[Person]:
    """New persons, each (number, name), who cannot sign in by password until somebody gives them one.

    All have one hash, of a secret that is thrown away here: hashing is slow on purpose, and nobody will ever prove
    this one. Raises as `enlist` does.
    """
    unknown_to_all = passwords.hashed(ids.token())
    enlisted = []
    for phone, name in people:
        person = _add(phones.parse(phone), _name(name), unknown_to_all)
        if person is None:
            raise AlreadyThere(field="phone")
        person.password_expires_at = clock.now()
        audit.note("people.enlist", f"person:{person.id}", by=by)
        enlisted.append(person)
    session().flush()
    return enlisted


def set_password(person_id: int, password: str, *, by: str, because: str) -> None:
    """The person has this password, on behalf of the house: the command line. Sign-ins and second factor are gone.

    Raises `NotFound`, `ReasonMissing` and `WeakPassword`.
    """
    person = queries.person(person_id, lock=True)
    passwords.check(password, phone=queries.phone_of(person), for_staff=queries.is_staff(person.id))
    _set_password(person, password)
    second_factor.forget(person)
    end_all_of(person)
    audit.note("people.password_set", f"person:{person.id}", by=by, because=wording.reason(because))


def give_temporary_password(person_id: int, *, by: str, because: str) -> str:
    """A new temporary password for one who lost his own; sign-ins and second factor are gone. Raises `NotFound`."""
    person = queries.person(person_id, lock=True)
    secret = _temporary_password()
    _set_password(person, secret)
    person.password_expires_at = clock.now() + TEMPORARY_FOR
    second_factor.forget(person)
    end_all_of(person)
    audit.note("people.temporary_password", f"person:{person.id}", by=by, because=wording.reason(because))
    return secret


def change_password(proof: Proof, new: str, *, by: Viewer) -> str:
    """The viewer's new password is in force, his other sign-ins are ended, and this one has a new token, given back.

    Raises `BadCredentials` when the proof is not of the viewer's present password, and `WeakPassword`.
    """
    person = queries.person(by.person_id, lock=True)
    if proof.person_id != person.id or proof.stored != person.password_hash:
        raise BadCredentials(field="old")
    return _have_password(person, new, by=by)


def choose_password(new: str, *, by: Viewer) -> str:
    """The viewer, who came in by a code, has a password of his own in place of one that was given to him.

    His other sign-ins are ended, and this one has a new token, given back. Raises `Forbidden` for whoever must prove
    the old one, and `WeakPassword`.
    """
    person = queries.person(by.person_id, lock=True)
    if not queries.may_choose_password(by):
        raise Forbidden()
    return _have_password(person, new, by=by)


def _have_password(person: Person, new: str, *, by: Viewer) -> str:
    passwords.check(new, phone=queries.phone_of(person), for_staff=queries.is_staff(person.id))
    _set_password(person, new)
    end_all_others(by=by)
    audit.note("people.password", f"person:{person.id}", by=by.actor)
    return renew_token(by.sign_in_id, of=person)


def disable(person_id: int, *, by: Viewer, because: str) -> None:
    """The person can no longer sign in and his sign-ins are ended.

    Raises `NotFound`, `SelfGrant`, `Forbidden`, `ReasonMissing`.
    """
    if not by.may(PEOPLE_GRANT):
        raise Forbidden()
    if by.person_id == person_id:
        raise SelfGrant()
    person = queries.person(person_id, lock=True)
    person.disabled_at = person.disabled_at or clock.now()
    end_all_of(person)
    audit.note("people.disable", f"person:{person.id}", by=by.actor, because=wording.reason(because))


def consent(person_id: int, purpose: Purpose, text_version: str) -> Consent:
    """The person has agreed to the purpose in the wording of that version. Source: 个人信息保护法 art. 14 and 29."""
    given = Consent(person_id=person_id, purpose=purpose, text_version=text_version, given_at=clock.now())
    session().add(given)
    session().flush()
    return given


def has_consented(person_id: int, purpose: Purpose) -> bool:
    """Whether a consent of the person to the purpose stands."""
    standing = select(Consent.id).where(
        Consent.person_id == person_id, Consent.purpose == purpose, Consent.withdrawn_at.is_(None)
    )
    return session().scalars(standing.limit(1)).first() is not None


def withdraw_consent(purpose: Purpose, *, by: Viewer) -> int:
    """The viewer's consents to the purpose are taken back from now on; how many there were.

    Source: 个人信息保护法 art. 15.
    """
    rows = (
        session()
        .scalars(
            locked(
                select(Consent).where(
                    Consent.person_id == by.person_id, Consent.purpose == purpose, Consent.withdrawn_at.is_(None)
                )
            )
        )
        .all()
    )
    for row in rows:
        row.withdrawn_at = clock.now()
    if rows:
        audit.note("people.consent_withdrawn", f"person:{by.person_id}", by=by.actor, purpose=purpose.value)
    return len(rows)


def _add(number: str, name: str, password_hash: str) -> Person | None:
    moment = clock.now()
    person = Person(
        phone_index=queries.index_of(number),
        phone_sealed=b"",
        name=name,
        password_hash=password_hash,
        password_changed_at=moment,
        created_at=moment,
    )
    try:
        with session().begin_nested():
            session().add(person)
    except IntegrityError:
        return None
    # Sealed once the row has its id, to which the value is bound.
    person.phone_sealed = vault().seal(number, field=queries.PHONE_FIELD, row=str(person.id))
    session().flush()
    return person


def _set_password(person: Person, password: str) -> None:
    person.password_hash = passwords.hashed(password)
    person.password_changed_at = clock.now()
    person.password_expires_at = None


def _temporary_password() -> str:
    return f"{ids.code(5)}-{ids.code(5).lower()}-{ids.code(5)}"


def _name(text: str) -> str:
    name = wording.plain(text)
    if not 1 <= len(name) <= MOST_NAME or not any(sign.isalpha() for sign in name):
        raise BadName(field="name")
    return name

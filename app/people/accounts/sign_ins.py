"""Coming in and going out: proving who one is, opening a sign-in, ending it."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import select, update

from app.audit import service as audit
from app.kernel import clock
from app.kernel.db import locked, session
from app.kernel.errors import NotFound
from app.kernel.ids import digest, token
from app.kernel.permissions import Viewer
from app.people.accounts import attempts, passwords, phones, queries, wording
from app.people.accounts.attempts import Try
from app.people.accounts.errors import BadCredentials
from app.people.accounts.models import Person, SignIn
from app.people.accounts.states import SignInWay


@dataclass(frozen=True, slots=True)
class PasswordTry:
    """A counted try at the password that belongs to a number."""

    phone_index: str
    counted: Try


@dataclass(frozen=True, slots=True)
class Proof:
    """That somebody is this person, because he knew the password or had the phone; the try that showed it.

    Of a password: the hash that was proved, and one of today's strength where that is weaker.
    """

    person_id: int
    counted: Try
    way: SignInWay = SignInWay.PASSWORD
    stored: str | None = None
    renewed: str | None = None

    def holds_for(self, person: Person) -> bool:
        """Whether the person may still come in by it: not disabled, and by no password that was changed or ran out."""
        if self.way is SignInWay.PASSWORD:
            return _may_enter(person) and person.password_hash == self.stored
        return person.disabled_at is None


def begin_try(phone: str, *, known_token: str | None) -> PasswordTry:
    """Count a try to sign in with this number, known here or not.

    `known_token` is of an earlier sign-in on the same device, open or ended. Tries from a device on which the person
    has signed in before are counted apart, so that strangers' tries never lock him out there.
    Raises `BadPhone`, and `TooManyAttempts` after ten wrong ones in five minutes.
    """
    index = queries.index_of(phones.parse(phone))
    return PasswordTry(index, attempts.count(attempts.PASSWORD, subject_of(index, known_token=known_token)))


def subject_of(phone_index: str, *, known_token: str | None) -> str:
    """Under which name tries with this number are counted: a device on which its person has been has one of its own."""
    device = _known_device(phone_index, known_token)
    return phone_index if device is None else f"{phone_index}@{device}"


def begin_try_of(by: Viewer) -> PasswordTry:
    """Count a try of somebody who is signed in to prove his password again. Raises `TooManyAttempts`."""
    index = queries.person(by.person_id).phone_index
    return PasswordTry(index, attempts.count(attempts.PASSWORD, f"{index}@{by.sign_in_id}"))


def prove(one: PasswordTry, password: str) -> Proof:
    """Check the password. It takes as long for a number that nobody has; belongs outside a transaction, as it is slow.

    Raises `BadCredentials`, the same for an unknown number, a wrong password and somebody who was disabled.
    """
    person = queries.by_index(one.phone_index)
    stored = person.password_hash if person else None
    is_right = passwords.matches(stored, password)
    if person is None or not is_right or not _may_enter(person):
        raise BadCredentials()
    renewed = passwords.hashed(password) if passwords.is_outdated(person.password_hash) else None
    return Proof(person.id, one.counted, stored=person.password_hash, renewed=renewed)


def sign_in(proof: Proof, *, device: str, address: str, old_token: str | None) -> str:
    """Open a sign-in and give its token, always a new one; the sign-in of the old token, whoever's it was, is ended.

    Raises `BadCredentials` when the person was disabled or changed the password since it was proved.
    """
    person = queries.person(proof.person_id, lock=True)
    if not proof.holds_for(person):
        raise BadCredentials()
    if proof.renewed is not None:
        person.password_hash = proof.renewed
    attempts.forgive(proof.counted)
    if old_token is not None:
        sign_out(old_token)
    secret = token()
    moment = clock.now()
    opened = SignIn(
        token_digest=digest(secret),
        person_id=person.id,
        created_at=moment,
        last_seen_at=moment,
        device=wording.plain(device)[:80],
        address=wording.plain(address)[:60],
        way=proof.way,
    )
    session().add(opened)
    session().flush()
    audit.note(
        "people.sign_in",
        person.actor,
        by=person.actor,
        sign_in=opened.id,
        address=opened.address,
        way=opened.way.value,
    )
    return secret


def sign_out(old_token: str) -> None:
    """End the sign-in that the token names; a token that names none changes nothing."""
    row = (
        session()
        .scalars(locked(select(SignIn).where(SignIn.token_digest == digest(old_token), SignIn.ended_at.is_(None))))
        .one_or_none()
    )
    if row is not None:
        row.ended_at = clock.now()
        audit.note("people.sign_out", f"person:{row.person_id}", by=f"person:{row.person_id}", sign_in=row.id)


def seen(sign_in_id: int) -> None:
    """Remember that the sign-in was used, at most once a minute."""
    moment = clock.now()
    session().execute(
        update(SignIn)
        .where(SignIn.id == sign_in_id, SignIn.last_seen_at <= moment - queries.SEEN_EVERY, SignIn.ended_at.is_(None))
        .values(last_seen_at=moment)
    )


def end_sign_in(sign_in_id: int, *, by: Viewer) -> None:
    """End one of the viewer's own sign-ins; its next request finds it closed. Raises `NotFound`."""
    row = (
        session()
        .scalars(locked(select(SignIn).where(SignIn.id == sign_in_id, SignIn.person_id == by.person_id)))
        .one_or_none()
    )
    if row is None or row.ended_at is not None:
        raise NotFound()
    row.ended_at = clock.now()
    audit.note("people.end_sign_in", f"person:{by.person_id}", by=by.actor, sign_in=sign_in_id)


def end_all_others(*, by: Viewer) -> None:
    """End all of the viewer's sign-ins except the one in use."""
    _end_all(by.person_id, but=by.sign_in_id)
    audit.note("people.end_other_sign_ins", f"person:{by.person_id}", by=by.actor)


def end_all_of(person: Person) -> None:
    """End every sign-in of the person."""
    _end_all(person.id, but=None)


def renew_token(sign_in_id: int, *, of: Person) -> str:
    """A new token for an open sign-in; the old one is dead. Raises `NotFound`."""
    row = (
        session()
        .scalars(
            locked(select(SignIn).where(SignIn.id == sign_in_id, SignIn.person_id == of.id, SignIn.ended_at.is_(None)))
        )
        .one_or_none()
    )
    if row is None:
        raise NotFound()
    secret = token()
    row.token_digest = digest(secret)
    return secret


def _end_all(person_id: int, *, but: int | None) -> None:
    statement = update(SignIn).where(SignIn.person_id == person_id, SignIn.ended_at.is_(None))
    if but is not None:
        statement = statement.where(SignIn.id != but)
    session().execute(statement.values(ended_at=clock.now()))


def _known_device(phone_index: str, known_token: str | None) -> int | None:
    if known_token is None:
        return None
    statement = (
        select(SignIn.id)
        .join(Person, Person.id == SignIn.person_id)
        .where(SignIn.token_digest == digest(known_token), Person.phone_index == phone_index)
    )
    return session().scalars(statement).one_or_none()


def _may_enter(person: Person) -> bool:
    has_run_out = person.password_expires_at is not None and person.password_expires_at <= clock.now()
    return person.disabled_at is None and not has_run_out

"""Signing in by a phone: asking for a code, and coming in with it."""

from __future__ import annotations

import ipaddress
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from sqlalchemy import CursorResult, delete, update
from sqlalchemy.exc import IntegrityError

from app.kernel import clock, events, ids
from app.kernel.db import session
from app.kernel.errors import DomainError
from app.people.accounts import attempts, phones, sign_ins
from app.people.accounts import queries as accounts
from app.people.accounts.attempts import Kind, Try
from app.people.accounts.errors import TooManyAttempts
from app.people.accounts.sealing import vault
from app.people.accounts.sign_ins import Proof
from app.people.accounts.states import SignInWay
from app.people.phone_codes import codes, queries
from app.people.phone_codes.errors import BadPhoneCode, TooManyPhoneCodes, TooManyPhoneGuesses, TooSoon
from app.people.phone_codes.events import CodeAsked
from app.people.phone_codes.models import PhoneCode

AGAIN = Kind("phone_codes_again", ((1, timedelta(seconds=60)),))
CODES = Kind("phone_codes", ((5, timedelta(hours=1)), (10, timedelta(days=1))))
CODES_FROM = Kind("phone_codes_from", ((30, timedelta(hours=1)), (100, timedelta(days=1))))
"""From one address: a training for a whole village, in one room behind one router, must still work."""
GUESSES = Kind("phone_guess", ((5, codes.LIVE_FOR), (20, timedelta(days=1))))
"""As a code lives no longer than the first stretch, nobody guesses at one more than five times."""
GUESSES_FROM = Kind("phone_guess_from", ((60, timedelta(minutes=5)), (300, timedelta(days=1))))
KEPT_FOR = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Asker:
    """From where somebody asks, and the token of an earlier sign-in on his device, open or ended."""

    address: str
    known_token: str | None


@dataclass(frozen=True, slots=True)
class Guess:
    """A counted guess at the code of a number."""

    phone_index: str
    counted: Try


@dataclass(frozen=True, slots=True)
class Entered:
    """Who came in, and the token of his sign-in."""

    person_id: int
    token: str


def index_of(phone: str) -> str:
    """The keyed hash under which the typed number is known. Raises `BadPhone`."""
    return accounts.index_of(phones.parse(phone))


def ask(phone_index: str, *, by: Asker) -> None:
    """A code for this number is on its way if somebody has it; the codes of before are dead. The same for any number.

    Asking from a device on which its person has been before is counted apart, so that strangers do not lock him out.
    Raises `TooSoon` within sixty seconds, and `TooManyPhoneCodes` for the number or the address.
    """
    subject = sign_ins.subject_of(phone_index, known_token=by.known_token)
    _count(CODES_FROM, _place(by.address), TooManyPhoneCodes)
    _count(AGAIN, subject, TooSoon)
    _count(CODES, subject, TooManyPhoneCodes)
    session().execute(
        update(PhoneCode)
        .where(PhoneCode.phone_index == phone_index, PhoneCode.code_key.is_not(None))
        .values(code_key=None)
    )
    moment = clock.now()
    row = PhoneCode(phone_index=phone_index, code_key=ids.token(), asked_at=moment, until=moment + codes.LIVE_FOR)
    try:
        with session().begin_nested():
            session().add(row)
    except IntegrityError as error:
        # From the person's own device and from elsewhere at the same moment: one code is on its way.
        raise TooSoon() from error
    events.emit(CodeAsked(row.id))


def begin_guess(phone_index: str, *, by: Asker) -> Guess:
    """Count a guess, in a transaction of its own, so that no refusal undoes the count. Raises `TooManyPhoneGuesses`."""
    subject = sign_ins.subject_of(phone_index, known_token=by.known_token)
    _count(GUESSES_FROM, _place(by.address), TooManyPhoneGuesses)
    return Guess(phone_index, _count(GUESSES, subject, TooManyPhoneGuesses))


def sign_in(guess: Guess, typed: str, *, device: str, address: str, old_token: str | None) -> Entered:
    """The code is used up and has opened one sign-in, as `accounts.sign_in` opens it.

    Raises `BadPhoneCode`, the same for a wrong code, an old one, an unknown number and somebody who was disabled.
    """
    person = accounts.by_index(guess.phone_index, lock=True)
    row = queries.row_of(guess.phone_index, lock=True)
    is_right = row is not None and codes.fits(row, typed)
    if row is None or person is None or person.disabled_at is not None or not is_right:
        raise BadPhoneCode(field="code")
    proof = Proof(person.id, guess.counted, way=SignInWay.CODE)
    token = sign_ins.sign_in(proof, device=device, address=address, old_token=old_token)
    row.use(at=clock.now(), sign_in_id=accounts.sign_in_of(token).id)
    session().flush()
    return Entered(person.id, token)


def forget_old() -> int:
    """Delete requests of which nothing can come any more; the number deleted."""
    result: CursorResult[Any] = session().execute(  # type: ignore[assignment]
        delete(PhoneCode).where(PhoneCode.asked_at < clock.now() - KEPT_FOR)
    )
    return result.rowcount


def _count(kind: Kind, subject: str, refusal: type[DomainError]) -> Try:
    try:
        return attempts.count(kind, subject)
    except TooManyAttempts as error:
        raise refusal() from error


def _place(address: str) -> str:
    """The keyed hash of where a request comes from; of an IPv6 address the half that one household shares."""
    try:
        found = ipaddress.ip_address(address)
    except ValueError:
        return vault().blind_index(address, field="phone_codes.address")
    prefix = 64 if found.version == 6 else 32
    network = ipaddress.ip_network(f"{found}/{prefix}", strict=False)
    return vault().blind_index(str(network), field="phone_codes.address")

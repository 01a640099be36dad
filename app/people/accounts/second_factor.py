"""The second factor: one-time codes from a phone (RFC 6238), and recovery codes for when the phone is lost."""

from __future__ import annotations

import re

import pyotp
from sqlalchemy import select

from app.audit import service as audit
from app.kernel import clock, ids
from app.kernel.db import locked, session
from app.kernel.errors import NotFound
from app.kernel.permissions import Viewer
from app.people.accounts import attempts, queries
from app.people.accounts.attempts import Try
from app.people.accounts.errors import AlreadyEnrolled, BadCode, NotEnrolled, NotSteppedUp
from app.people.accounts.models import Person, SignIn
from app.people.accounts.sealing import vault

ISSUER = "柳林红枣"
STEP_SECONDS = 30
RECOVERY_CODES = 10
TOTP_FIELD = "people.totp"
_CODE = re.compile(r"[0-9]{6}", re.ASCII)


def begin_code(*, by: Viewer) -> Try:
    """Count a try at a one-time code. Raises `TooManyAttempts` (5 in 5 minutes, 20 an hour, 50 a day)."""
    return attempts.count(attempts.CODE, str(by.person_id))


def enrol_totp(*, by: Viewer) -> None:
    """Make a new secret that waits to be confirmed. Raises `AlreadyEnrolled` while one is in force."""
    person = queries.person(by.person_id, lock=True)
    if person.is_enrolled:
        raise AlreadyEnrolled()
    person.totp_sealed = vault().seal(pyotp.random_base32(), field=TOTP_FIELD, row=str(person.id))
    person.totp_last_step = None


def waiting_uri(*, by: Viewer) -> str | None:
    """What the person's app reads from the picture, while the secret waits to be confirmed; None when none waits."""
    person = queries.person(by.person_id)
    if person.totp_sealed is None or person.is_enrolled:
        return None
    return _totp(person).provisioning_uri(name=queries.masked_phone(person), issuer_name=ISSUER)


def waiting_secret(*, by: Viewer) -> str | None:
    """The waiting secret, to be typed where a picture cannot be read."""
    person = queries.person(by.person_id)
    if person.totp_sealed is None or person.is_enrolled:
        return None
    return _totp(person).secret


def confirm_totp(counted: Try, code: str, *, by: Viewer) -> list[str]:
    """Put the waiting secret in force; ten recovery codes, given this once and kept only as keyed hashes.

    Raises `NotEnrolled` when none waits, `AlreadyEnrolled`, and `BadCode`.
    """
    person = queries.person(by.person_id, lock=True)
    if person.is_enrolled:
        raise AlreadyEnrolled()
    if person.totp_sealed is None:
        raise NotEnrolled()
    if not _take_step(person, code):
        raise BadCode(field="code")
    person.totp_enrolled_at = clock.now()
    codes = [ids.code(16) for _ in range(RECOVERY_CODES)]
    person.recovery_hashes = " ".join(_recovery_hash(person, code) for code in codes)
    _step_up(by, counted)
    audit.note("people.totp_enrolled", f"person:{person.id}", by=by.actor)
    return ["-".join(code[start : start + 4] for start in range(0, 16, 4)) for code in codes]


def step_up(counted: Try, code: str, *, by: Viewer) -> None:
    """For five minutes the viewer may do what needs the second factor. A code, of either kind, is good once.

    Raises `NotEnrolled`, and `BadCode` for a wrong, old or used code.
    """
    person = queries.person(by.person_id, lock=True)
    if not person.is_enrolled:
        raise NotEnrolled()
    if _take_step(person, code):
        kind = "totp"
    elif person.spend(_recovery_hash(person, code)):
        kind = "recovery"
    else:
        raise BadCode(field="code")
    _step_up(by, counted)
    audit.note("people.step_up", f"person:{person.id}", by=by.actor, kind=kind, sign_in=by.sign_in_id)


def drop_totp(*, by: Viewer) -> None:
    """Take the second factor out of force, to enrol another phone. Raises `NotSteppedUp`, `NotEnrolled`."""
    if not by.is_stepped_up:
        raise NotSteppedUp()
    person = queries.person(by.person_id, lock=True)
    if not person.is_enrolled:
        raise NotEnrolled()
    forget(person)
    audit.note("people.totp_dropped", f"person:{person.id}", by=by.actor)


def forget(person: Person) -> None:
    """Keep nothing of the person's second factor."""
    person.totp_enrolled_at = person.totp_sealed = person.totp_last_step = None
    person.recovery_hashes = ""


def _step_up(by: Viewer, counted: Try) -> None:
    row = (
        session()
        .scalars(
            locked(
                select(SignIn).where(
                    SignIn.id == by.sign_in_id, SignIn.person_id == by.person_id, SignIn.ended_at.is_(None)
                )
            )
        )
        .one_or_none()
    )
    if row is None:
        raise NotFound()
    row.stepped_up_at = clock.now()
    attempts.forgive(counted)


def _take_step(person: Person, code: str) -> bool:
    digits = code.strip().translate(str.maketrans("０１２３４５６７８９", "0123456789", " "))
    if _CODE.fullmatch(digits) is None:
        return False
    totp = _totp(person)
    now_step = int(clock.now().timestamp()) // STEP_SECONDS
    for step in (now_step - 1, now_step, now_step + 1):
        is_unused = person.totp_last_step is None or step > person.totp_last_step
        if pyotp.utils.strings_equal(totp.generate_otp(step), digits) and is_unused:
            person.totp_last_step = step
            return True
    return False


def _totp(person: Person) -> pyotp.TOTP:
    if person.totp_sealed is None:
        raise NotEnrolled()
    return pyotp.TOTP(vault().unseal(person.totp_sealed, field=TOTP_FIELD, row=str(person.id)))


def _recovery_hash(person: Person, code: str) -> str:
    plain = "".join(sign for sign in code.upper() if sign.isalnum())[:40]
    return vault().blind_index(plain, field=f"people.recovery.{person.id}")

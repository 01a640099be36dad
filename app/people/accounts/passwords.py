"""Passwords: which are good enough, and what is kept of them."""

from __future__ import annotations

import unicodedata
from functools import cache

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from app.people.accounts.errors import WeakPassword, WeakStaffPassword
from app.people.accounts.guesses import is_well_known

LEAST = 8
LEAST_STAFF = 12
MOST = 200

# 19 MiB, two passes: OWASP's Password Storage Cheat Sheet.
HOUSE = PasswordHasher(time_cost=2, memory_cost=19 * 1024, parallelism=1)
_hasher = HOUSE


def use(hasher: PasswordHasher) -> PasswordHasher:
    """Hash with other parameters from here on; the hasher used until now. Old hashes stay good and are renewed."""
    global _hasher
    before, _hasher = _hasher, hasher
    _nobody.cache_clear()
    return before


def check(password: str, *, phone: str, for_staff: bool) -> None:
    """Refuse what is too short, too long, the person's own number, or what everybody guesses.

    Raises `WeakPassword`, or `WeakStaffPassword` for staff (12 signs of three kinds, GB/T 22239-2019 8.1.4.1 a);
    others choose freely within 8 to 200 signs (OWASP ASVS 5, 6.2.1 and 6.2.5).
    """
    text = _composed(password)
    refusal = WeakStaffPassword if for_staff else WeakPassword
    if not (LEAST_STAFF if for_staff else LEAST) <= len(text) <= MOST or "\0" in text:
        raise refusal(field="password")
    if phone in text or is_well_known(text) or len(set(text)) < 3:
        raise refusal(field="password")
    if for_staff and not _is_mixed(text):
        raise refusal(field="password")


def hashed(password: str) -> str:
    """What is stored: argon2id with its parameters and salt."""
    return _hasher.hash(_bytes(password))


def matches(stored: str | None, password: str) -> bool:
    """Whether the password is the stored one. Without a stored one the same work is done, and the answer is no."""
    try:
        _hasher.verify(stored or _nobody(), _bytes(password))
    except (VerificationError, InvalidHashError):
        return False
    return stored is not None


def is_outdated(stored: str) -> bool:
    """Whether the hash was made with other parameters than those of today."""
    return _hasher.check_needs_rehash(stored)


@cache
def _nobody() -> str:
    return _hasher.hash(b"nobody's password")


def _composed(password: str) -> str:
    return unicodedata.normalize("NFC", password)


def _bytes(password: str) -> bytes:
    return _composed(password[: MOST * 4]).encode("utf-8", "surrogatepass")


def _is_mixed(text: str) -> bool:
    return (
        any(sign.islower() for sign in text)
        and any(sign.isupper() for sign in text)
        and any(not sign.isalpha() for sign in text)
    )

"""Random names: public numbers and tokens that cannot be counted or guessed."""

from __future__ import annotations

import hashlib
import random
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

_ALPHABET = "23456789ABCDEFGHJKMNPQRSTUVWXYZ"
_source: ContextVar[random.Random | None] = ContextVar("ids_source", default=None)


def _pick(length: int) -> str:
    source = _source.get() or secrets.SystemRandom()
    return "".join(source.choice(_ALPHABET) for _ in range(length))


def public_number(prefix: str) -> str:
    """A number to print and say aloud, such as `D7K2M-9QX4T-PW3HA`: prefix and 15 signs, 74 bits, no 0/O/1/I/L."""
    return f"{prefix}{_pick(5)}-{_pick(5)}-{_pick(5)}"


def code(length: int = 20) -> str:
    """A code for a link or a QR label: 99 bits at the default length."""
    return _pick(length)


def spelt(number: int, *, length: int) -> str:
    """The lowest part of a number in the same signs, so many of them."""
    signs = ""
    for _ in range(length):
        number, at = divmod(number, len(_ALPHABET))
        signs += _ALPHABET[at]
    return signs


def token() -> str:
    """A secret for a cookie: 256 bits, never seeded."""
    return secrets.token_urlsafe(32)


def digest(secret: str) -> str:
    """What is stored of a secret: SHA-256, enough for secrets of 256 random bits."""
    return hashlib.sha256(secret.encode()).hexdigest()


@contextmanager
def seeded(seed: int) -> Iterator[None]:
    """Inside, public numbers and codes follow from `seed`, so that a demo county is the same twice."""
    mark = _source.set(random.Random(seed))
    try:
        yield
    finally:
        _source.reset(mark)

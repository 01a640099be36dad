"""Counting tries at a secret, or what else must stay few, before each and in a transaction of its own.

So no refusal undoes the count.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from sqlalchemy import CursorResult, delete, func, select, text

from app.kernel import clock
from app.kernel.db import database, session
from app.people.accounts.errors import TooManyAttempts
from app.people.accounts.models import Attempt


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of secret, and how many tries each stretch of time allows."""

    key: str
    limits: tuple[tuple[int, timedelta], ...]


PASSWORD = Kind("password", ((10, timedelta(minutes=5)),))
CODE = Kind("code", ((5, timedelta(minutes=5)), (20, timedelta(hours=1)), (50, timedelta(days=1))))
KEPT_FOR = timedelta(days=2)


@dataclass(frozen=True, slots=True)
class Try:
    """A try that has been counted."""

    kind: str
    subject: str


def count(kind: Kind, subject: str, *, times: int = 1) -> Try:
    """Count one more try at the subject's secret, or several. Raises `TooManyAttempts`, and then counts nothing.

    A refused try does not prolong the wait. Tries that come at once are counted one after another.
    Source of the limits: OWASP ASVS 5, 6.3.1.
    """
    current = session()
    if not database().is_sqlite:
        # Nobody's row may be there to lock: the number may be unknown.
        current.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": _lock(kind, subject)})
    moment = clock.now()
    longest = max(window for _, window in kind.limits)
    before = current.scalars(
        select(Attempt.at)
        .where(Attempt.kind == kind.key, Attempt.subject == subject, Attempt.at > moment - longest)
        .order_by(Attempt.at.desc())
    ).all()
    for most, window in kind.limits:
        if sum(at > moment - window for at in before) + times > most:
            raise TooManyAttempts()
    current.add_all(Attempt(kind=kind.key, subject=subject, at=moment) for _ in range(times))
    current.flush()
    return Try(kind.key, subject)


def forgive(one: Try) -> None:
    """Forget the tries at this subject's secret, because the last one was right."""
    session().execute(delete(Attempt).where(Attempt.kind == one.kind, Attempt.subject == one.subject))


def forget_old() -> int:
    """Delete tries that no limit looks at any more; the number deleted."""
    result: CursorResult[Any] = session().execute(  # type: ignore[assignment]
        delete(Attempt).where(Attempt.at < clock.now() - KEPT_FOR)
    )
    return result.rowcount


def tries(kind: Kind, subject: str) -> int:
    """How many tries are on record for the subject."""
    statement = select(func.count()).where(Attempt.kind == kind.key, Attempt.subject == subject)
    return session().scalars(statement).one()


def _lock(kind: Kind, subject: str) -> int:
    return int.from_bytes(hashlib.sha256(f"{kind.key}:{subject}".encode()).digest()[:8], "big", signed=True)

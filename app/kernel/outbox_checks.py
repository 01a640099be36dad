"""Proving that nothing that must still be done lies forgotten."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

from sqlalchemy import select

from app.kernel import clock
from app.kernel.checks import Check, Finding
from app.kernel.db import session
from app.kernel.events import LEASE, OutboxRow

DONE_WITHIN = timedelta(minutes=15)


def _dead() -> Iterator[Finding]:
    """V14: no row was given up."""
    for row in session().scalars(select(OutboxRow).where(OutboxRow.dead_at.is_not(None)).limit(50)):
        yield Finding(f"outbox {row.id} {row.job}", row.last_error or "given up")


def _stuck() -> Iterator[Finding]:
    """V14 by age: no lease is older than its limit, and nothing waits longer than a quarter of an hour."""
    moment = clock.now()
    waiting = select(OutboxRow).where(OutboxRow.done_at.is_(None), OutboxRow.dead_at.is_(None))
    stuck = waiting.where((OutboxRow.leased_until < moment - LEASE) | (OutboxRow.run_after < moment - DONE_WITHIN))
    for row in session().scalars(stuck.limit(50)):
        yield Finding(f"outbox {row.id} {row.job}", "waits too long")


CHECKS = (
    Check("V14", "没有被放弃的后续事项", _dead),
    Check("V14-age", "后续事项都按时办了", _stuck, by_age=True),
)

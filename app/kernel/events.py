"""Facts: what happened, told to those who listen, at once or afterwards, always in the transaction of the fact.

`wiring.py` says who hears what. A hearer NOW runs inside the same transaction. A hearer AFTERWARDS gets an outbox row
in the same transaction, which the worker carries out later: at least once, and exactly once for what it writes here.
"""

from __future__ import annotations

import dataclasses
import json
from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, TypeVar

from sqlalchemy import select
from sqlalchemy.orm import Mapped, mapped_column

from app.kernel import clock
from app.kernel.db import Base, TransactionMisused, in_transaction, locked, locked_unless_taken, session
from app.kernel.errors import NotFound
from app.kernel.logs import get_logger, request_id, set_request_id
from app.kernel.states import IllegalMove

LEASE = timedelta(seconds=60)
MOST_ATTEMPTS = 8
log = get_logger("outbox")


@dataclass(frozen=True)
class Fact:
    """Something that happened. Fields are text, whole numbers and truth values, so that it can be kept as JSON."""


F = TypeVar("F", bound=Fact)


class OutboxRow(Base):
    """One thing still to be done because of a fact, or done, or given up with its error."""

    __tablename__ = "outbox"

    id: Mapped[int] = mapped_column(init=False, primary_key=True)
    job: Mapped[str]
    payload: Mapped[str]
    request_id: Mapped[str]
    created_at: Mapped[datetime]
    run_after: Mapped[datetime]
    attempts: Mapped[int] = mapped_column(default=0)
    leased_until: Mapped[datetime | None] = mapped_column(default=None)
    done_at: Mapped[datetime | None] = mapped_column(default=None)
    dead_at: Mapped[datetime | None] = mapped_column(default=None)
    last_error: Mapped[str | None] = mapped_column(default=None)


@dataclass(frozen=True, slots=True)
class _Job:
    fact: type[Fact]
    run: Callable[[Any], None]


_now: dict[type[Fact], list[Callable[[Any], None]]] = defaultdict(list)
_afterwards: dict[type[Fact], list[str]] = defaultdict(list)
_jobs: dict[str, _Job] = {}


def hear_now(fact: type[F], hearer: Callable[[F], None]) -> None:
    """`hearer` runs inside the transaction of each such fact. Saying it twice changes nothing."""
    if hearer not in _now[fact]:
        _now[fact].append(hearer)


def hear_afterwards(fact: type[F], name: str, hearer: Callable[[F], None]) -> None:
    """`hearer` runs in the worker after each such fact; `name` is what the outbox keeps and never changes."""
    _jobs[name] = _Job(fact, hearer)
    if name not in _afterwards[fact]:
        _afterwards[fact].append(name)


def emit(fact: Fact) -> None:
    """Tell a fact inside the transaction that makes it true. Raises `TransactionMisused` outside one."""
    if not in_transaction():
        raise TransactionMisused("a fact outside a transaction")
    for hearer in _now[type(fact)]:
        hearer(fact)
    for name in _afterwards[type(fact)]:
        moment = clock.now()
        session().add(
            OutboxRow(
                job=name,
                payload=json.dumps(dataclasses.asdict(fact), ensure_ascii=False),
                request_id=request_id(),
                created_at=moment,
                run_after=moment,
            )
        )


def claim(*, name: str | None = None) -> int | None:
    """Lease the oldest outbox row that is due; its id, or None. Two workers never hold one lease.

    A row whose worker died at each of its eight attempts is given up here, or it would kill for ever.
    """
    moment = clock.now()
    while (row := _due(name)) is not None:
        if row.attempts < MOST_ATTEMPTS:
            row.leased_until = moment + LEASE
            row.attempts += 1
            return row.id
        row.leased_until, row.dead_at = None, moment
        row.last_error = row.last_error or "the worker died at every attempt"
        log.error("outbox row given up", row=row.id, job=row.job, error=row.last_error)
    return None


def _due(name: str | None) -> OutboxRow | None:
    moment = clock.now()
    due = (
        select(OutboxRow)
        .where(OutboxRow.done_at.is_(None), OutboxRow.dead_at.is_(None), OutboxRow.run_after <= moment)
        .where(OutboxRow.leased_until.is_(None) | (OutboxRow.leased_until < moment))
        .order_by(OutboxRow.id)
        .limit(1)
    )
    if name is not None:
        due = due.where(OutboxRow.job == name)
    return session().scalars(locked_unless_taken(due)).first()


def carry_out(row_id: int) -> None:
    """Do a leased row's work and mark it done, in this transaction: both or neither."""
    row = session().scalars(locked(select(OutboxRow).where(OutboxRow.id == row_id))).one()
    if row.done_at is not None:
        return
    set_request_id(row.request_id)
    job = _jobs[row.job]
    job.run(job.fact(**json.loads(row.payload)))
    row.done_at = clock.now()
    row.leased_until = None


def put_off(row_id: int, *, because: Exception) -> None:
    """After a failed run: try again later, each time later, and give up after eight attempts with the error kept.

    A row that another worker has done meanwhile stays done.
    """
    row = session().scalars(locked(select(OutboxRow).where(OutboxRow.id == row_id))).one()
    if row.done_at is not None:
        return
    row.leased_until = None
    row.last_error = f"{type(because).__name__}: {because}"[:500]
    row.run_after = clock.now() + timedelta(seconds=5 * 3**row.attempts)
    if row.attempts >= MOST_ATTEMPTS:
        row.dead_at = clock.now()
        log.error("outbox row given up", row=row.id, job=row.job, error=row.last_error)


def dead_rows(*, limit: int) -> Sequence[OutboxRow]:
    """What was given up, the oldest first."""
    dead = select(OutboxRow).where(OutboxRow.dead_at.is_not(None)).order_by(OutboxRow.id).limit(limit)
    return session().scalars(dead).all()


def revive(row_id: int) -> OutboxRow:
    """A row that was given up is due again, with all its attempts. Raises `NotFound`, `IllegalMove` unless it was."""
    row = session().scalars(locked(select(OutboxRow).where(OutboxRow.id == row_id))).one_or_none()
    if row is None:
        raise NotFound()
    if row.dead_at is None:
        raise IllegalMove()
    row.dead_at = row.leased_until = None
    row.attempts, row.run_after = 0, clock.now()
    return row


def drain() -> int:
    """Carry out all that waits, oldest first, in this transaction; how many. For a past that is made at once."""
    waiting = select(OutboxRow.id).where(OutboxRow.done_at.is_(None), OutboxRow.dead_at.is_(None))
    rows = session().scalars(waiting.order_by(OutboxRow.id)).all()
    for row in rows:
        carry_out(row)
    return len(rows)

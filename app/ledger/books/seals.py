"""Closing the books: the daily seal chain, snapshots, the daily sums that boards read, and the end of a period."""

from __future__ import annotations

import hashlib
import itertools
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import BigInteger, Date, Select, func, insert, literal, select, text, union_all
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import aliased

from app.kernel import clock
from app.kernel.db import database, locked, session
from app.kernel.errors import Conflict
from app.ledger.books.models import (
    Account,
    Commodity,
    Daily,
    Event,
    Period,
    Phase,
    Seal,
    Snapshot,
    Transfer,
    Watermark,
)
from app.ledger.books.service import SEALING

FIRST_DIGEST = "0" * 64
_POSTED = (Phase.POSTED, Phase.SETTLED)


class NotYet(Conflict):
    """A day that is not over, or lies before the last seal, cannot be sealed."""

    code = "not_yet"
    sentence = "这一天还没有结束，或者之后的日子已经封账。"


def seal(day: date) -> Seal:
    """Seal all that is recorded so far as the books of `day`, chained to the seal before; with snapshots.

    Doing it again for the same day gives the seal that is there. Raises `NotYet`.
    """
    _alone()
    current = session()
    there = current.get(Seal, day)
    if there is not None:
        return there
    before = current.scalars(select(Seal).order_by(Seal.day.desc()).limit(1)).first()
    if day >= clock.today() or (before is not None and before.day > day):
        raise NotYet()
    since = before.last_event_id if before else 0
    last = current.scalar(select(func.max(Event.id))) or 0
    prev = before.digest if before else FIRST_DIGEST
    new = Seal(
        day=day,
        last_event_id=last,
        prev_digest=prev,
        digest=chained(prev, canonical_lines(after=since, upto=last)),
        sealed_at=clock.now(),
    )
    current.add(new)
    current.flush()
    _snapshot(day, after=since, upto=last)
    return new


def close_period(day: date) -> Period:
    """Close the month of `day` for ever, under the newest seal, which must lie on or after the month's last day.

    Raises `NotYet`.
    """
    _alone()
    current = session()
    statement = select(Period).where(Period.starts_on <= day, Period.ends_on >= day)
    period = current.scalars(locked(statement)).one()
    newest = current.scalars(select(Seal).order_by(Seal.day.desc()).limit(1)).first()
    if newest is None or newest.day < period.ends_on:
        raise NotYet()
    if period.closed_at is None:
        period.closed_at = clock.now()
        period.seal_day = newest.day
    return period


def feed_daily() -> int:
    """Add what was posted since the watermark to the daily sums; the number of events taken in."""
    _alone()
    current = session()
    mark = current.scalars(locked(select(Watermark))).first()
    if mark is None:
        mark = Watermark(id=1, event_id=0)
        current.add(mark)
    last = current.scalar(select(func.max(Event.id))) or 0
    if last == mark.event_id:
        return 0
    moved = sides(after=mark.event_id, upto=last).subquery()
    sums = select(
        moved.c.account_id, moved.c.effective_on, moved.c.kind, func.sum(moved.c.dr), func.sum(moved.c.cr)
    ).group_by(moved.c.account_id, moved.c.effective_on, moved.c.kind)
    make: Any = sqlite.insert if database().is_sqlite else postgresql.insert
    rows = [
        {"account_id": row[0], "effective_on": row[1], "kind": row[2], "dr": int(row[3]), "cr": int(row[4])}
        for row in current.execute(sums)
    ]
    if rows:
        statement = make(Daily)
        current.execute(
            statement.on_conflict_do_update(
                index_elements=["account_id", "effective_on", "kind"],
                set_={"dr": Daily.dr + statement.excluded.dr, "cr": Daily.cr + statement.excluded.cr},
            ),
            rows,
        )
    taken = last - mark.event_id
    mark.event_id = last
    return taken


def sides(*, after: int, upto: int) -> Any:
    """Both sides of each posted transfer of a range of events: account_id, effective_on, kind, dr, cr."""

    def side(account: Any, dr: Any, cr: Any) -> Select[Any]:
        return (
            select(account.label("account_id"), Transfer.effective_on, Event.kind, dr.label("dr"), cr.label("cr"))
            .join(Event, Event.id == Transfer.event_id)
            .where(Transfer.event_id > after, Transfer.event_id <= upto, Transfer.phase.in_(_POSTED))
        )

    nothing = literal(0, BigInteger)
    return union_all(
        side(Transfer.debit_id, Transfer.amount, nothing), side(Transfer.credit_id, nothing, Transfer.amount)
    )


def _snapshot(day: date, *, after: int, upto: int) -> None:
    moved = sides(after=after, upto=upto).subquery()
    session().execute(
        insert(Snapshot).from_select(
            ["seal_day", "account_id", "dr", "cr"],
            select(literal(day, Date), Account.id, Account.dr, Account.cr).where(
                Account.id.in_(select(moved.c.account_id))
            ),
        )
    )


def _alone() -> None:
    if not database().is_sqlite:
        session().execute(text(f"SELECT pg_advisory_xact_lock({SEALING})"))


def canonical_lines(*, after: int = 0, upto: int | None = None, until: datetime | None = None) -> Iterator[str]:
    """The books as text, one line per event and per transfer, without surrogate ids: equal books give equal lines."""
    for _, transfers in itertools.groupby(_joined(after=after, upto=upto, until=until), key=lambda r: r.id):
        first, *rest = list(transfers)
        yield "|".join(
            [
                "E",
                first.kind,
                first.effective_on.isoformat(),
                first.recorded_at.isoformat(),
                first.actor,
                first.subject,
                first.idem_key,
                first.reverses or "",
            ]
        )
        for row in [first, *rest]:
            if row.amount is not None:
                yield _transfer_line(row)


def _transfer_line(row: Any) -> str:
    debit = "/".join([row.d_role, row.d_party, row.d_township, row.d_programme, row.d_subject])
    credit = "/".join([row.c_role, row.c_party, row.c_township, row.c_programme, row.c_subject])
    until = row.expires_at.isoformat() if row.expires_at else ""
    return "|".join(["T", row.code, debit, credit, str(row.amount), row.phase.value, until])


def _joined(*, after: int, upto: int | None, until: datetime | None) -> Iterator[Any]:
    debit, credit, reversed_event = aliased(Account), aliased(Account), aliased(Event)
    statement = (
        select(
            Event.id,
            Event.kind,
            Event.effective_on,
            Event.recorded_at,
            Event.actor,
            Event.subject,
            Event.idem_key,
            reversed_event.idem_key.label("reverses"),
            Transfer.amount,
            Transfer.phase,
            Transfer.expires_at,
            Commodity.code,
            *(getattr(debit, name).label(f"d_{name}") for name in _DIMENSIONS),
            *(getattr(credit, name).label(f"c_{name}") for name in _DIMENSIONS),
        )
        .outerjoin(reversed_event, reversed_event.id == Event.reverses_id)
        .outerjoin(Transfer, Transfer.event_id == Event.id)
        .outerjoin(Commodity, Commodity.id == Transfer.commodity_id)
        .outerjoin(debit, debit.id == Transfer.debit_id)
        .outerjoin(credit, credit.id == Transfer.credit_id)
        .where(Event.id > after)
        .order_by(Event.id, Transfer.id)
    )
    if upto is not None:
        statement = statement.where(Event.id <= upto)
    if until is not None:
        statement = statement.where(Event.recorded_at <= until)
    yield from session().execute(statement.execution_options(yield_per=2000))


_DIMENSIONS = ("role", "party", "township", "programme", "subject")


def chained(prev: str, lines: Iterator[str]) -> str:
    """SHA-256 over the digest before and the lines, as hex."""
    digest = hashlib.sha256(prev.encode())
    for line in lines:
        digest.update(line.encode())
        digest.update(b"\n")
    return digest.hexdigest()


@dataclass(frozen=True, slots=True)
class Checksum:
    """What two equal books share."""

    digest: str
    lines: int


def checksum(*, until: datetime | None = None) -> Checksum:
    """The digest of the whole books, or of what was recorded up to a moment."""
    count = 0

    def counted() -> Iterator[str]:
        nonlocal count
        for line in canonical_lines(until=until):
            count += 1
            yield line

    digest = chained("", counted())
    return Checksum(digest, count)

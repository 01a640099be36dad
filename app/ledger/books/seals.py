"""Closing the books: the daily seal chain, snapshots, the daily sums that boards read, and the end of a period."""

from __future__ import annotations

import hashlib
import itertools
import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import BigInteger, Date, Select, case, func, insert, literal, select, union_all
from sqlalchemy.orm import aliased

from app.kernel import clock
from app.kernel.db import AnySelect, locked, session
from app.kernel.errors import Conflict
from app.ledger.books.accounts import insert_on, wait_for_posters
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
from app.ledger.books.service import period_of

DAILY_PLACE = ("role", "commodity_id", "effective_on", "township", "kind")
DAILY_SUMS = ("dr", "cr", "debits", "credits")
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
    wait_for_posters()
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

    Raises `NotYet`, also when something was recorded for the month since that seal: the next seal will hold it.
    """
    wait_for_posters()
    current = session()
    period = current.scalars(locked(select(Period).where(Period.id == period_of(day)))).one()
    if period.closed_at is not None:
        return period
    newest = current.scalars(select(Seal).order_by(Seal.day.desc()).limit(1)).first()
    if newest is None or newest.day < period.ends_on:
        raise NotYet()
    unsealed = select(Event.id).where(Event.period_id == period.id, Event.id > newest.last_event_id)
    if current.scalars(unsealed.limit(1)).first() is not None:
        raise NotYet()
    period.closed_at = clock.now()
    period.seal_day = newest.day
    return period


def feed_daily(*, at_most: int = 20_000) -> int:
    """Add what was posted since the watermark to the daily sums; the number of events taken in, 0 when none is left."""
    wait_for_posters()
    current = session()
    current.execute(insert_on(Watermark).values(id=1, event_id=0).on_conflict_do_nothing())
    mark = current.scalars(locked(select(Watermark))).one()
    new = select(Event.id).where(Event.id > mark.event_id).order_by(Event.id).limit(at_most).subquery()
    taken, last = current.execute(select(func.count(), func.max(new.c.id)).select_from(new)).one()
    if not taken:
        return 0
    sums = by_place(after=mark.event_id, upto=last)
    statement = insert_on(Daily).from_select([*DAILY_PLACE, *DAILY_SUMS], sums)
    current.execute(
        statement.on_conflict_do_update(
            index_elements=DAILY_PLACE,
            set_={name: getattr(Daily, name) + statement.excluded[name] for name in DAILY_SUMS},
        )
    )
    mark.event_id = last
    return int(taken)


def by_place(*, after: int, upto: Any) -> AnySelect:
    """What a range of events posted, as rows of the daily sums: their place, then their sums."""
    moved = sides(after=after, upto=upto).subquery()
    place = (Account.role, Account.commodity_id, moved.c.effective_on, Account.township, moved.c.kind)
    sums = select(
        *place,
        func.sum(moved.c.dr).label("dr"),
        func.sum(moved.c.cr).label("cr"),
        func.sum(case((moved.c.dr > 0, 1), else_=0)).label("debits"),
        func.sum(case((moved.c.cr > 0, 1), else_=0)).label("credits"),
    )
    return sums.join(Account, Account.id == moved.c.account_id).group_by(*place)


def sides(*, after: int, upto: Any) -> Any:
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


def canonical_lines(*, after: int = 0, upto: int | None = None, until: datetime | None = None) -> Iterator[str]:
    """The books as text, one line per event and per transfer, without surrogate ids: equal books give equal lines.

    Each line is a JSON list, so that no text can move from one column to the next unseen.
    """
    for _, transfers in itertools.groupby(_joined(after=after, upto=upto, until=until), key=lambda r: r.id):
        first, *rest = list(transfers)
        yield _line(
            "E",
            first.kind,
            first.effective_on.isoformat(),
            first.recorded_at.isoformat(),
            first.actor,
            first.request_id,
            first.subject,
            first.idem_key,
            first.reverses,
        )
        for row in [first, *rest]:
            if row.amount is not None:
                yield _transfer_line(row)


def _transfer_line(row: Any) -> str:
    debit = [row.d_role, row.d_party, row.d_township, row.d_programme, row.d_subject]
    credit = [row.c_role, row.c_party, row.c_township, row.c_programme, row.c_subject]
    until = row.expires_at.isoformat() if row.expires_at else None
    return _line("T", row.code, debit, credit, row.amount, row.phase.value, until, row.resolves)


def _line(*parts: object) -> str:
    return json.dumps(parts, ensure_ascii=False, separators=(",", ":"))


def _joined(*, after: int, upto: int | None, until: datetime | None) -> Iterator[Any]:
    debit, credit, reversed_event = aliased(Account), aliased(Account), aliased(Event)
    hold, held_by = aliased(Transfer), aliased(Event)
    statement = (
        select(
            Event.id,
            Event.kind,
            Event.effective_on,
            Event.recorded_at,
            Event.actor,
            Event.request_id,
            Event.subject,
            Event.idem_key,
            reversed_event.idem_key.label("reverses"),
            held_by.idem_key.label("resolves"),
            Transfer.amount,
            Transfer.phase,
            Transfer.expires_at,
            Commodity.code,
            *(getattr(debit, name).label(f"d_{name}") for name in _DIMENSIONS),
            *(getattr(credit, name).label(f"c_{name}") for name in _DIMENSIONS),
        )
        .outerjoin(reversed_event, reversed_event.id == Event.reverses_id)
        .outerjoin(Transfer, Transfer.event_id == Event.id)
        .outerjoin(hold, hold.id == Transfer.resolves_id)
        .outerjoin(held_by, held_by.id == hold.event_id)
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

"""Putting an event into the tables: its row, its transfers, the holds it opens or ends, and the counters it moves.

PostgreSQL does all of it in one statement, because a round trip costs more there than the work; in SQLite a statement
costs no trip. Either way the counters move last and in ascending account id: one lock order for everyone, or two carts
of the same packs deadlock, and the hot row is locked for the shortest time.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, cast

from sqlalchemy import Connection, Date, Table, Text, bindparam, delete, insert, select, update

from app.kernel import clock
from app.kernel.db import database, session
from app.kernel.logs import request_id
from app.ledger.books.models import Account, Event, OpenHold, Period, Phase, Transfer
from app.ledger.books.movements import Recorded


@dataclass(frozen=True, slots=True)
class Entry:
    """An event about to be written."""

    kind: str
    day: date
    by: str
    subject: str
    key: str
    reverses: int | None = None


@dataclass(slots=True)
class Row:
    """A transfer about to be written; `held` is the whole amount of the hold that it resolves."""

    commodity_id: int
    debit_id: int
    credit_id: int
    amount: int
    phase: Phase
    resolves_id: int | None = None
    expires_at: datetime | None = None
    held: int = 0


def put(entry: Entry, rows: Sequence[Row]) -> Recorded | None:
    """The event as written; None when its day lies in no period, and then nothing was written.

    Raises `IntegrityError` when the database refuses.
    """
    connection = session().connection()
    return _put_sqlite(connection, entry, rows) if database().is_sqlite else _put_postgresql(connection, entry, rows)


def put_all(written: Sequence[tuple[Entry, Sequence[Row]]], *, period_id: int) -> list[Recorded]:
    """Events of one period as written, in their order; the counters move once, in ascending account id.

    Raises `IntegrityError` when the database refuses.
    """
    connection = session().connection()
    values = [_event_row(entry, period_id) for entry, _ in written]
    events = list(connection.execute(_PUT_EVENTS, values).scalars())
    flat = [(event, entry, row) for event, (entry, rows) in zip(events, written, strict=True) for row in rows]
    ids: list[int] = []
    if flat:
        values = [_transfer_row(event, entry, row) for event, entry, row in flat]
        ids = list(connection.execute(_PUT_TRANSFERS, values).scalars())
    _move_holds(connection, [(number, entry, row) for number, (_, entry, row) in zip(ids, flat, strict=True)])
    _move_counters(connection, [row for _, _, row in flat])
    ahead = iter(ids)
    return [Recorded(event, [next(ahead) for _ in rows]) for event, (_, rows) in zip(events, written, strict=True)]


def counters_of(rows: Iterable[Any]) -> dict[int, list[int]]:
    """Account id → what the rows add to (dr, cr, dr_held, cr_held). A resolving row frees its whole hold (`held`)."""
    sums: dict[int, list[int]] = defaultdict(lambda: [0, 0, 0, 0])
    for row in rows:
        debit, credit = sums[row.debit_id], sums[row.credit_id]
        if row.phase in (Phase.POSTED, Phase.SETTLED):
            debit[0] += row.amount
            credit[1] += row.amount
        if row.phase is Phase.HOLD:
            debit[2] += row.amount
            credit[3] += row.amount
        elif row.phase in (Phase.SETTLED, Phase.VOID):
            debit[2] -= row.held
            credit[3] -= row.held
    return sums


def _event_values(entry: Entry) -> dict[str, Any]:
    return {
        "kind": entry.kind,
        "day": entry.day,
        "recorded": clock.now(),
        "key": entry.key,
        "by": entry.by,
        "request": request_id(),
        "about": entry.subject,
        "reverses": entry.reverses,
    }


_POSTGRESQL = """
WITH event AS (
  INSERT INTO ledger_events
    (kind, effective_on, recorded_at, period_id, idem_key, actor, request_id, subject, reverses_id)
  SELECT %(kind)s, %(day)s, %(recorded)s, p.id, %(key)s, %(by)s, %(request)s, %(about)s, %(reverses)s::bigint
  FROM ledger_periods p WHERE p.starts_on <= %(day)s AND p.ends_on >= %(day)s
  RETURNING id
), moved AS (
  INSERT INTO ledger_transfers
    (event_id, commodity_id, debit_id, credit_id, amount, phase, effective_on, resolves_id, expires_at)
  SELECT event.id, m.commodity, m.debit, m.credit, m.amount, m.phase, %(day)s, m.resolves, m.expires
  FROM event CROSS JOIN unnest(
    %(commodities)s::bigint[], %(debits)s::bigint[], %(credits)s::bigint[], %(amounts)s::bigint[],
    %(phases)s::text[], %(resolves)s::bigint[], %(expires)s::timestamptz[]
  ) WITH ORDINALITY AS m (commodity, debit, credit, amount, phase, resolves, expires, place)
  ORDER BY m.place
  RETURNING id, debit_id, credit_id, amount, phase, expires_at
), opened AS (
  INSERT INTO ledger_open_holds (transfer_id, debit_id, credit_id, amount, subject, expires_at)
  SELECT id, debit_id, credit_id, amount, %(about)s, expires_at FROM moved WHERE phase = 'H'
), ended AS (
  DELETE FROM ledger_open_holds h USING event WHERE h.transfer_id = ANY (%(resolves)s::bigint[])
), mine AS (
  SELECT a.id FROM ledger_accounts a CROSS JOIN event
  WHERE a.id = ANY (%(accounts)s::bigint[]) ORDER BY a.id FOR NO KEY UPDATE OF a
), counted AS (
  UPDATE ledger_accounts a
  SET dr = a.dr + c.dr, cr = a.cr + c.cr, dr_held = a.dr_held + c.dr_held, cr_held = a.cr_held + c.cr_held
  FROM mine JOIN unnest(
    %(accounts)s::bigint[], %(drs)s::bigint[], %(crs)s::bigint[], %(drs_held)s::bigint[], %(crs_held)s::bigint[]
  ) AS c (id, dr, cr, dr_held, cr_held) ON c.id = mine.id
  WHERE a.id = mine.id
)
SELECT event.id, moved.id FROM event LEFT JOIN moved ON true ORDER BY moved.id
"""


def _put_postgresql(connection: Connection, entry: Entry, rows: Sequence[Row]) -> Recorded | None:
    sums = sorted(counters_of(rows).items())
    values = _event_values(entry) | {
        "commodities": [row.commodity_id for row in rows],
        "debits": [row.debit_id for row in rows],
        "credits": [row.credit_id for row in rows],
        "amounts": [row.amount for row in rows],
        "phases": [row.phase.value for row in rows],
        "resolves": [row.resolves_id for row in rows],
        "expires": [row.expires_at for row in rows],
        "accounts": [number for number, _ in sums],
        "drs": [add[0] for _, add in sums],
        "crs": [add[1] for _, add in sums],
        "drs_held": [add[2] for _, add in sums],
        "crs_held": [add[3] for _, add in sums],
    }
    written = connection.exec_driver_sql(_POSTGRESQL, values).all()
    if not written:
        return None
    return Recorded(written[0][0], [row[1] for row in written if row[1] is not None])


_events = cast(Table, Event.__table__)
_transfers = cast(Table, Transfer.__table__)
_open_holds = cast(Table, OpenHold.__table__)
_accounts = cast(Table, Account.__table__)

_PUT_EVENT = insert(_events).from_select(
    [
        "kind",
        "effective_on",
        "recorded_at",
        "period_id",
        "idem_key",
        "actor",
        "request_id",
        "subject",
        "reverses_id",
    ],
    select(
        bindparam("kind", type_=Text),
        bindparam("day", type_=Date),
        bindparam("recorded", type_=_events.c.recorded_at.type),
        Period.id,
        bindparam("key", type_=Text),
        bindparam("by", type_=Text),
        bindparam("request", type_=Text),
        bindparam("about", type_=Text),
        bindparam("reverses", type_=_events.c.reverses_id.type),
    ).where(Period.starts_on <= bindparam("day", type_=Date), Period.ends_on >= bindparam("day", type_=Date)),
)
_PUT_EVENT_AND_TELL = _PUT_EVENT.returning(_events.c.id)
_PUT_TRANSFER = insert(_transfers).returning(_transfers.c.id)
_OPEN = insert(_open_holds)
_END = delete(_open_holds).where(_open_holds.c.transfer_id == bindparam("ended"))
_COUNT = (
    update(_accounts)
    .where(_accounts.c.id == bindparam("account"))
    .values(
        dr=_accounts.c.dr + bindparam("add_dr"),
        cr=_accounts.c.cr + bindparam("add_cr"),
        dr_held=_accounts.c.dr_held + bindparam("add_dr_held"),
        cr_held=_accounts.c.cr_held + bindparam("add_cr_held"),
    )
)


_PUT_EVENTS = insert(_events).returning(_events.c.id, sort_by_parameter_order=True)
_PUT_TRANSFERS = insert(_transfers).returning(_transfers.c.id, sort_by_parameter_order=True)


def _event_row(entry: Entry, period_id: int) -> dict[str, Any]:
    return {
        "kind": entry.kind,
        "effective_on": entry.day,
        "recorded_at": clock.now(),
        "period_id": period_id,
        "idem_key": entry.key,
        "actor": entry.by,
        "request_id": request_id(),
        "subject": entry.subject,
        "reverses_id": entry.reverses,
    }


def _transfer_row(event_id: int, entry: Entry, row: Row) -> dict[str, Any]:
    return {
        "event_id": event_id,
        "commodity_id": row.commodity_id,
        "debit_id": row.debit_id,
        "credit_id": row.credit_id,
        "amount": row.amount,
        "phase": row.phase,
        "effective_on": entry.day,
        "resolves_id": row.resolves_id,
        "expires_at": row.expires_at,
    }


def _open_row(number: int, entry: Entry, row: Row) -> dict[str, Any]:
    return {
        "transfer_id": number,
        "debit_id": row.debit_id,
        "credit_id": row.credit_id,
        "amount": row.amount,
        "subject": entry.subject,
        "expires_at": row.expires_at,
    }


def _move_holds(connection: Connection, written: Sequence[tuple[int, Entry, Row]]) -> None:
    """Open what was held, and end what was settled or given up."""
    opened = [_open_row(*one) for one in written if one[2].phase is Phase.HOLD]
    ended = [{"ended": row.resolves_id} for _, _, row in written if row.resolves_id is not None]
    if opened:
        connection.execute(_OPEN, opened)
    if ended:
        connection.execute(_END, ended)


def _move_counters(connection: Connection, rows: Sequence[Row]) -> None:
    added = [
        {"account": number, "add_dr": dr, "add_cr": cr, "add_dr_held": dr_held, "add_cr_held": cr_held}
        for number, (dr, cr, dr_held, cr_held) in sorted(counters_of(rows).items())
    ]
    if added:
        connection.execute(_COUNT, added)


def _put_sqlite(connection: Connection, entry: Entry, rows: Sequence[Row]) -> Recorded | None:
    event_id = connection.execute(_PUT_EVENT_AND_TELL, _event_values(entry)).scalar()
    if event_id is None:
        return None
    ids = [connection.execute(_PUT_TRANSFER, _transfer_row(event_id, entry, row)).scalar_one() for row in rows]
    _move_holds(connection, [(number, entry, row) for number, row in zip(ids, rows, strict=True)])
    _move_counters(connection, rows)
    return Recorded(event_id, ids)

"""Writing the books: the one place that records events, moves counters and keeps holds."""

from __future__ import annotations

import calendar
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import Insert, bindparam, delete, insert, select, text, tuple_, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.exc import IntegrityError

from app.kernel import clock
from app.kernel.db import TransactionMisused, database, in_transaction, locked, session
from app.kernel.logs import request_id
from app.ledger.books.errors import (
    AlreadyRecorded,
    AlreadyReversed,
    BadMovement,
    FloorBroken,
    HoldGone,
    PeriodClosed,
)
from app.ledger.books.models import Account, Commodity, Event, OpenHold, Period, Phase, Transfer
from app.ledger.books.movements import Hold, Kind, Movement, Place, Post, Recorded, Settle, Void

SEALING = 141_125_001
"""The advisory lock that posters share and the sealer takes alone."""


@dataclass(slots=True)
class _Row:
    """A transfer about to be written."""

    commodity_id: int
    debit_id: int
    credit_id: int
    amount: int
    phase: Phase
    resolves_id: int | None = None
    expires_at: datetime | None = None
    held: int = 0


def record(
    kind: Kind,
    movements: Sequence[Movement],
    *,
    by: str,
    subject: str,
    key: str,
    on: date | None = None,
) -> Recorded:
    """Write one event with its movements and move the counters, all inside the caller's transaction.

    `by` is the actor, `subject` the thing it is about (order number, lot code), `key` is unique for ever and makes the
    event happen once; `on` is the day it counts for, default today. Afterwards every floor holds.
    Raises `FloorBroken`, `PeriodClosed`, `AlreadyRecorded`, `HoldGone`, `BadMovement`.
    """
    if not in_transaction():
        raise TransactionMisused("a ledger event outside a transaction")
    _share_with_the_sealer()
    rows = _rows(movements)
    day = on or clock.today()
    try:
        event_id = _insert_event(kind, day=day, by=by, subject=subject, key=key, reverses=None)
        return Recorded(event_id, _write(event_id, rows, day=day, subject=subject))
    except IntegrityError as error:
        raise _refusal(error) from error


def reverse(kind: Kind, event_id: int, *, by: str, key: str, on: date | None = None) -> Recorded:
    """Mirror an event: what it posted or settled goes back, what it held and is still open is given up.

    Raises `AlreadyReversed` when it was reversed before, or when one of its holds has been settled since: then the
    settling event is the one to reverse.
    """
    _share_with_the_sealer()
    current = session()
    event = current.scalars(select(Event).where(Event.id == event_id)).one()
    rows = _mirrored(event_id)
    day = on or clock.today()
    try:
        new_id = _insert_event(kind, day=day, by=by, subject=event.subject, key=key, reverses=event_id)
        return Recorded(new_id, _write(new_id, rows, day=day, subject=event.subject))
    except IntegrityError as error:
        raise _refusal(error) from error


def _mirrored(event_id: int) -> list[_Row]:
    current = session()
    transfers = current.scalars(select(Transfer).where(Transfer.event_id == event_id).order_by(Transfer.id)).all()
    held = [transfer.id for transfer in transfers if transfer.phase is Phase.HOLD]
    settled = select(Transfer.id).where(Transfer.resolves_id.in_(held), Transfer.phase == Phase.SETTLED)
    if held and current.scalars(settled.limit(1)).first() is not None:
        raise AlreadyReversed()
    still_open = current.scalars(select(OpenHold.transfer_id).where(OpenHold.transfer_id.in_(held))).all()
    voids = [_resolving_row(*hold, Phase.VOID, None) for hold in _open_holds(still_open).values()]
    posted = [transfer for transfer in transfers if transfer.phase in (Phase.POSTED, Phase.SETTLED)]
    return voids + [_Row(t.commodity_id, t.credit_id, t.debit_id, t.amount, Phase.POSTED) for t in posted]


def open_period(day: date) -> int:
    """The id of the period (month) of a day; it is opened when it is not there yet. Raises `PeriodClosed`."""
    current = session()
    period = current.scalars(select(Period).where(Period.starts_on <= day, Period.ends_on >= day)).first()
    if period is None:
        last = calendar.monthrange(day.year, day.month)[1]
        values = {"starts_on": day.replace(day=1), "ends_on": day.replace(day=last)}
        current.execute(_insert(Period).values(**values).on_conflict_do_nothing())
        period = current.scalars(select(Period).where(Period.starts_on == values["starts_on"])).one()
    if period.closed_at is not None:
        raise PeriodClosed()
    return period.id


def ensure_accounts(places: Iterable[Place]) -> dict[Place, tuple[int, int]]:
    """(account id, commodity id) of each place; accounts that are missing are born, in the order of identity."""
    wanted = sorted(set(places), key=lambda place: place.identity)
    found = _find_accounts(wanted)
    missing = [place for place in wanted if place not in found]
    if missing:
        commodities = _ensure_commodities(missing)
        session().execute(
            _insert(Account).on_conflict_do_nothing(),
            [
                {
                    "commodity_id": commodities[place.goods.code],
                    "role": place.role.name,
                    "party": place.party,
                    "township": place.township,
                    "programme": place.programme,
                    "subject": place.subject,
                    "floor": place.role.floor,
                    "dr": 0,
                    "cr": 0,
                    "dr_held": 0,
                    "cr_held": 0,
                }
                for place in missing
            ],
        )
        found |= _find_accounts(missing)
    return found


def _find_accounts(places: Sequence[Place]) -> dict[Place, tuple[int, int]]:
    by_identity = {place.identity: place for place in places}
    columns = (
        Commodity.code,
        Account.role,
        Account.party,
        Account.township,
        Account.programme,
        Account.subject,
    )
    rows = session().execute(
        select(Account.id, Account.commodity_id, *columns)
        .join(Commodity, Commodity.id == Account.commodity_id)
        .where(tuple_(*columns).in_(list(by_identity)))
    )
    return {by_identity[(row[2], row[3], row[4], row[5], row[6], row[7])]: (row[0], row[1]) for row in rows}


def _ensure_commodities(places: Sequence[Place]) -> dict[str, int]:
    goods = {place.goods.code: place.goods for place in places}
    find = select(Commodity.code, Commodity.id).where(Commodity.code.in_(list(goods)))
    found = dict(session().execute(find).tuples())
    missing = [goods[code] for code in sorted(goods) if code not in found]
    if missing:
        session().execute(
            _insert(Commodity).on_conflict_do_nothing(),
            [{"code": item.code, "kind": item.kind, "unit": item.unit} for item in missing],
        )
        found = dict(session().execute(find).tuples())
    return found


def _rows(movements: Sequence[Movement]) -> list[_Row]:
    moved = [movement for movement in movements if isinstance(movement, Post | Hold)]
    resolved = [movement.hold for movement in movements if isinstance(movement, Settle | Void)]
    holds = _open_holds(resolved)
    accounts = ensure_accounts([place for movement in moved for place in (movement.debit, movement.credit)])
    rows = []
    for movement in movements:
        match movement:
            case Post(debit, credit, amount) | Hold(debit, credit, amount, _):
                (debit_id, commodity_id), (credit_id, other) = accounts[debit], accounts[credit]
                if amount <= 0 or debit_id == credit_id or commodity_id != other:
                    raise BadMovement()
                row = _Row(commodity_id, debit_id, credit_id, amount, Phase.POSTED)
                if isinstance(movement, Hold):
                    row.phase, row.expires_at = Phase.HOLD, movement.until
                rows.append(row)
            case Settle(hold, part):
                rows.append(_resolving_row(*holds[hold], Phase.SETTLED, part))
            case Void(hold):
                rows.append(_resolving_row(*holds[hold], Phase.VOID, None))
    return rows


def _open_holds(ids: Sequence[int]) -> dict[int, tuple[OpenHold, int]]:
    """Open holds with their commodity, locked in the order of their ids. Raises `HoldGone` if one is not open."""
    if not ids:
        return {}
    statement = (
        select(OpenHold, Transfer.commodity_id)
        .join(Transfer, Transfer.id == OpenHold.transfer_id)
        .where(OpenHold.transfer_id.in_(ids))
        .order_by(OpenHold.transfer_id)
    )
    found = {hold.transfer_id: (hold, commodity) for hold, commodity in session().execute(locked(statement, OpenHold))}
    if len(found) != len(set(ids)) or len(ids) != len(set(ids)):
        raise HoldGone()
    return found


def _resolving_row(hold: OpenHold, commodity_id: int, phase: Phase, amount: int | None) -> _Row:
    part = hold.amount if amount is None else amount
    if not 0 < part <= hold.amount:
        raise BadMovement()
    if phase is Phase.SETTLED and hold.expires_at is not None and hold.expires_at <= clock.now():
        raise HoldGone()
    return _Row(
        commodity_id,
        hold.debit_id,
        hold.credit_id,
        part,
        phase,
        resolves_id=hold.transfer_id,
        held=hold.amount,
    )


def _insert_event(kind: Kind, *, day: date, by: str, subject: str, key: str, reverses: int | None) -> int:
    statement = (
        insert(Event)
        .values(
            kind=kind.name,
            effective_on=day,
            recorded_at=clock.now(),
            period_id=open_period(day),
            idem_key=key,
            actor=by,
            request_id=request_id(),
            subject=subject,
            reverses_id=reverses,
        )
        .returning(Event.id)
    )
    return session().scalars(statement).one()


def _write(event_id: int, rows: Sequence[_Row], *, day: date, subject: str) -> list[int]:
    if not rows:
        return []
    current = session()
    ids = list(
        current.scalars(
            insert(Transfer).returning(Transfer.id, sort_by_parameter_order=True),
            [
                {
                    "event_id": event_id,
                    "commodity_id": row.commodity_id,
                    "debit_id": row.debit_id,
                    "credit_id": row.credit_id,
                    "amount": row.amount,
                    "phase": row.phase,
                    "effective_on": day,
                    "resolves_id": row.resolves_id,
                    "expires_at": row.expires_at,
                }
                for row in rows
            ],
        )
    )
    _keep_open_holds(rows, ids, subject=subject)
    _move_counters(rows)
    return ids


def _keep_open_holds(rows: Sequence[_Row], ids: Sequence[int], *, subject: str) -> None:
    current = session()
    resolved = [row.resolves_id for row in rows if row.resolves_id is not None]
    if resolved:
        current.execute(
            delete(OpenHold).where(OpenHold.transfer_id.in_(resolved)).execution_options(synchronize_session=False)
        )
    born = [
        {
            "transfer_id": number,
            "debit_id": row.debit_id,
            "credit_id": row.credit_id,
            "amount": row.amount,
            "subject": subject,
            "expires_at": row.expires_at,
        }
        for row, number in zip(rows, ids, strict=True)
        if row.phase is Phase.HOLD
    ]
    if born:
        current.execute(insert(OpenHold), born)


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


_MOVE = (
    update(Account)
    .where(Account.id == bindparam("account"))
    .values(
        dr=Account.dr + bindparam("add_dr"),
        cr=Account.cr + bindparam("add_cr"),
        dr_held=Account.dr_held + bindparam("add_dr_held"),
        cr_held=Account.cr_held + bindparam("add_cr_held"),
    )
)


def _move_counters(rows: Sequence[_Row]) -> None:
    # One lock order for everyone: ascending id, or two carts of the same packs deadlock.
    sums = sorted(counters_of(rows).items())
    session().connection().execute(
        _MOVE,
        [
            {
                "account": number,
                "add_dr": add[0],
                "add_cr": add[1],
                "add_dr_held": add[2],
                "add_cr_held": add[3],
            }
            for number, add in sums
        ],
    )


def _share_with_the_sealer() -> None:
    if not database().is_sqlite:
        session().execute(text(f"SELECT pg_advisory_xact_lock_shared({SEALING})"))


def _insert(table: Any) -> Any:
    statement: Insert = sqlite.insert(table) if database().is_sqlite else postgresql.insert(table)
    return statement


def _refusal(error: IntegrityError) -> Exception:
    said = str(error.orig)
    for sign, refusal in (
        ("floor_debit", FloorBroken),
        ("floor_credit", FloorBroken),
        ("reverses_id", AlreadyReversed),
        ("idem_key", AlreadyRecorded),
        ("resolves_id", HoldGone),
        ("ledger: period", PeriodClosed),
        ("ledger: hold", HoldGone),
        ("ck_ledger_transfers", BadMovement),
    ):
        if sign in said:
            return refusal()
    return error

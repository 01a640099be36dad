"""Writing the books: the one place that records events, moves counters and keeps holds."""

from __future__ import annotations

import calendar
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from sqlalchemy import select
from sqlalchemy.exc import DataError, IntegrityError

from app.kernel import clock
from app.kernel.db import TransactionMisused, doom, in_transaction, locked, locked_for_counting, session
from app.ledger.books import accounts, writing
from app.ledger.books.accounts import Found
from app.ledger.books.errors import (
    AlreadyRecorded,
    AlreadyReversed,
    BadMovement,
    FloorBroken,
    HoldGone,
    PeriodClosed,
)
from app.ledger.books.models import Account, Event, Floor, OpenHold, Period, Phase, Transfer
from app.ledger.books.movements import Act, Balance, Hold, Kind, Movement, Place, Post, Recorded, Settle, Undo, Void
from app.ledger.books.writing import Entry, Row, counters_of

MOST = 10**15
"""No single movement is larger: so counters stay far from the end of a 64-bit integer."""


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
    Raises `FloorBroken`, `PeriodClosed`, `AlreadyRecorded`, `HoldGone`, `BadMovement`; each of them ends the
    transaction, which cannot be committed any more.
    """
    _inside_a_transaction()
    entry = Entry(kind.name, on or clock.today(), by, subject, key)
    with _refusals():
        rows, found = _rows(movements)
        _refuse_what_is_sold_out(rows, found)
        return _put(entry, rows)


def reverse(kind: Kind, event_id: int, *, by: str, key: str, on: date | None = None) -> Recorded:
    """Mirror an event: what it posted or settled goes back, what it held and is still open is given up.

    Raises `AlreadyReversed` when it was reversed before, or when one of its holds has been settled since: then the
    settling event is the one to reverse. Otherwise refuses as `record` does.
    """
    _inside_a_transaction()
    accounts.share_with_the_sealer()
    event = session().scalars(select(Event).where(Event.id == event_id)).one()
    entry = Entry(kind.name, on or clock.today(), by, event.subject, key)
    with _refusals():
        return _put(replace(entry, reverses=event_id), _mirrored([event_id])[event_id])


def record_all(acts: Sequence[Act | Undo], *, by: str) -> list[Recorded]:
    """Write several events of today, in their order, as if each were recorded alone; the counters move once, at last.

    For what arrives in thousands, as a bank's answer does: one event after another would lock the same accounts again
    and again, and in another order than its neighbour. An `Undo` mirrors an event of before, not one of `acts`.
    Refuses as `record` and `reverse` do, and then as a whole.
    """
    _inside_a_transaction()
    if not acts:
        return []
    with _refusals():
        rows, found = _rows([movement for act in acts if isinstance(act, Act) for movement in act.movements])
        _refuse_what_is_sold_out(rows, found)
        mirrored = _mirrored([act.event_id for act in acts if isinstance(act, Undo)])
        of_acts, day, period_id = iter(rows), clock.today(), period_of(clock.today())
        subjects, written = _subjects(mirrored), []
        for act in acts:
            if isinstance(act, Act):
                moved = [next(of_acts) for _ in act.movements]
                written.append((Entry(act.kind.name, day, by, act.subject, act.key), moved))
            else:
                entry = Entry(act.kind.name, day, by, subjects[act.event_id], act.key, act.event_id)
                written.append((entry, mirrored[act.event_id]))
        return writing.put_all(written, period_id=period_id)


def _subjects(event_ids: Iterable[int]) -> dict[int, str]:
    return dict(session().execute(select(Event.id, Event.subject).where(Event.id.in_(event_ids))).all())


def _inside_a_transaction() -> None:
    if not in_transaction():
        raise TransactionMisused("a ledger event outside a transaction")


def _mirrored(event_ids: Sequence[int]) -> dict[int, list[Row]]:
    """Event → what undoes it. Raises `AlreadyReversed` where a hold of one has been settled since."""
    if not event_ids:
        return {}
    current = session()
    of_events = select(Transfer).where(Transfer.event_id.in_(event_ids)).order_by(Transfer.id)
    transfers = current.scalars(of_events).all()
    held = [transfer.id for transfer in transfers if transfer.phase is Phase.HOLD]
    # Locked first: whoever settles one of them now has either finished, and is seen below, or waits for us.
    still_open = _locked_holds(held)
    settled = select(Transfer.id).where(Transfer.resolves_id.in_(held), Transfer.phase == Phase.SETTLED)
    if held and current.scalars(settled.limit(1)).first() is not None:
        raise AlreadyReversed()
    rows: dict[int, list[Row]] = {number: [] for number in event_ids}
    for t in transfers:
        if t.id in still_open:
            rows[t.event_id].append(_resolving_row(*still_open[t.id], Phase.VOID, None))
    for t in transfers:
        if t.phase in (Phase.POSTED, Phase.SETTLED):
            rows[t.event_id].append(Row(t.commodity_id, t.credit_id, t.debit_id, t.amount, Phase.POSTED))
    return rows


def _put(entry: Entry, rows: Sequence[Row]) -> Recorded:
    recorded = writing.put(entry, rows)
    if recorded is None:
        period_of(entry.day)
        recorded = writing.put(entry, rows)
    if recorded is None:
        raise PeriodClosed()
    return recorded


def period_of(day: date) -> int:
    """The id of the period (month) of a day, open or closed; it is opened when it is not there yet."""
    current = session()
    of_day = select(Period.id).where(Period.starts_on <= day, Period.ends_on >= day)
    number = current.scalars(of_day).first()
    if number is None:
        last = calendar.monthrange(day.year, day.month)[1]
        month = {"starts_on": day.replace(day=1), "ends_on": day.replace(day=last)}
        current.execute(accounts.insert_on(Period).values(**month).on_conflict_do_nothing())
        number = current.scalars(of_day).one()
    return number


def ensure_accounts(places: Iterable[Place]) -> dict[Place, tuple[int, int]]:
    """(account id, commodity id) of each place; accounts that are missing are born, in the order of identity."""
    return {place: (found.account_id, found.commodity_id) for place, found in accounts.ensure(places).items()}


@dataclass(frozen=True, slots=True)
class Stilled:
    """Accounts that nobody else moves: their counters, and the voids of what expired holds still keep of them.

    The counters are those from before the voids, which free `expired[place]` more.
    """

    balances: dict[Place, Balance]
    voids: list[Void]
    expired: dict[Place, int]

    def free(self, place: Place) -> int:
        """What a floor on the debit side lets out once the voids are recorded."""
        return self.balances[place].free + self.expired[place]


def still(places: Iterable[Place]) -> Stilled:
    """From here to the end of the transaction nobody else moves these accounts, however many try.

    For taking all that is free: a plain read would lose against a crowd again and again. It takes the locks of `record`
    in their order (births, holds, counters), so it comes right before it and as late. Accounts that are missing are
    born.
    """
    _inside_a_transaction()
    found = accounts.ensure(places)
    by_id = {one.account_id: place for place, one in found.items()}
    late = select(OpenHold.transfer_id).where(OpenHold.credit_id.in_(by_id), OpenHold.expires_at <= clock.now())
    holds = [hold for hold, _commodity in _locked_holds(session().scalars(late).all()).values()]
    touched = sorted({*by_id, *(hold.debit_id for hold in holds)})
    rows = session().scalars(locked_for_counting(select(Account).where(Account.id.in_(touched)).order_by(Account.id)))
    now = {row.id: Balance(row.dr, row.cr, row.dr_held, row.cr_held) for row in rows}
    expired = dict.fromkeys(found, 0)
    for hold in holds:
        expired[by_id[hold.credit_id]] += hold.amount
    balances = {place: now[one.account_id] for place, one in found.items()}
    return Stilled(balances, [Void(hold.transfer_id) for hold in holds], expired)


def _rows(movements: Sequence[Movement]) -> tuple[list[Row], dict[Place, Found]]:
    # The sealer's lock, births, holds, counters: the same order for everyone.
    moved = [movement for movement in movements if isinstance(movement, Post | Hold)]
    found: dict[Place, Found] = {}
    if moved:
        found = accounts.ensure(place for movement in moved for place in (movement.debit, movement.credit))
    else:
        accounts.share_with_the_sealer()
    holds = _open_holds([movement.hold for movement in movements if isinstance(movement, Settle | Void)])
    rows = []
    for movement in movements:
        match movement:
            case Post(debit, credit, amount):
                rows.append(_moving_row(found[debit], found[credit], amount, Phase.POSTED))
            case Hold(debit, credit, amount, until):
                rows.append(_moving_row(found[debit], found[credit], amount, Phase.HOLD))
                rows[-1].expires_at = until
            case Settle(hold, part):
                rows.append(_resolving_row(*holds[hold], Phase.SETTLED, part))
            case Void(hold):
                rows.append(_resolving_row(*holds[hold], Phase.VOID, None))
    return rows, found


def _moving_row(debit: Found, credit: Found, amount: int, phase: Phase) -> Row:
    same = debit.account_id == credit.account_id
    if not 0 < amount <= MOST or same or debit.commodity_id != credit.commodity_id:
        raise BadMovement()
    return Row(debit.commodity_id, debit.account_id, credit.account_id, amount, phase)


def _refuse_what_is_sold_out(rows: Sequence[Row], found: dict[Place, Found]) -> None:
    """A plain read has the answer for most of those who come too late: they lock nothing and write nothing."""
    sums = counters_of(rows)
    for account in found.values():
        add, now = sums[account.account_id], account.balance
        dr, cr = now.dr + add[0], now.cr + add[1]
        if account.floor is Floor.DEBIT and cr + now.cr_held + add[3] > dr:
            raise FloorBroken()
        if account.floor is Floor.CREDIT and dr + now.dr_held + add[2] > cr:
            raise FloorBroken()


def _open_holds(ids: Sequence[int]) -> dict[int, tuple[OpenHold, int]]:
    """Open holds with their commodity, locked in the order of their ids. Raises `HoldGone` if one is not open."""
    found = _locked_holds(ids)
    if len(found) != len(ids):
        raise HoldGone()
    return found


def _locked_holds(ids: Sequence[int]) -> dict[int, tuple[OpenHold, int]]:
    if not ids:
        return {}
    statement = (
        select(OpenHold, Transfer.commodity_id)
        .join(Transfer, Transfer.id == OpenHold.transfer_id)
        .where(OpenHold.transfer_id.in_(ids))
        .order_by(OpenHold.transfer_id)
    )
    rows = session().execute(locked(statement, OpenHold))
    return {hold.transfer_id: (hold, commodity) for hold, commodity in rows}


def _resolving_row(hold: OpenHold, commodity_id: int, phase: Phase, amount: int | None) -> Row:
    part = hold.amount if amount is None else amount
    if not 0 < part <= hold.amount:
        raise BadMovement()
    if phase is Phase.SETTLED and hold.expires_at is not None and hold.expires_at <= clock.now():
        raise HoldGone()
    return Row(
        commodity_id,
        hold.debit_id,
        hold.credit_id,
        part,
        phase,
        resolves_id=hold.transfer_id,
        held=hold.amount,
    )


@contextmanager
def _refusals() -> Iterator[None]:
    """Whatever is raised inside ends the transaction; what the database refuses is said in the books' own words."""
    try:
        yield
    except (IntegrityError, DataError) as error:
        doom()
        raise _refusal(error) from error
    except BaseException:
        doom()
        raise


def _refusal(error: IntegrityError | DataError) -> Exception:
    said = _rule_of(error.orig)
    for sign, refusal in (
        ("ck_ledger_accounts_floor_debit", FloorBroken),
        ("ck_ledger_accounts_floor_credit", FloorBroken),
        ("ledger_events_reverses_id", AlreadyReversed),
        ("ledger_events_idem_key", AlreadyRecorded),
        ("ledger_transfers_resolves_id", HoldGone),
        ("ledger: period", PeriodClosed),
        ("ledger: hold", HoldGone),
        ("ck_ledger_transfers", BadMovement),
    ):
        if sign in said:
            return refusal()
    return error


def _rule_of(said: Any) -> str:
    """The rule that refused, without the values that broke it, which may read like a rule's name."""
    diagnosis = getattr(said, "diag", None)
    if diagnosis is None:
        return str(said).replace("ledger_events.", "ledger_events_").replace("ledger_transfers.", "ledger_transfers_")
    return str(diagnosis.constraint_name or diagnosis.message_primary)

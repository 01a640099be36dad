"""The books written anew from their own events: proof that nothing but events ever moved an account."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import groupby
from typing import Any

from sqlalchemy import ColumnElement, func, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import aliased

from app.kernel import clock
from app.kernel.db import Base, Database, session, transaction
from app.kernel.errors import DomainError
from app.kernel.logs import request_id, set_request_id
from app.ledger.books import accounts, seals, service
from app.ledger.books.models import Account, Commodity, Event, Floor, Phase, Transfer
from app.ledger.books.movements import (
    Balance,
    Goods,
    Hold,
    Kind,
    Movement,
    Place,
    Post,
    Recorded,
    Role,
    Settle,
    Void,
)

_BATCH = 500


class CannotReplay(Exception):
    """An event of the books cannot be recorded again; the message names it."""


@dataclass(frozen=True, slots=True)
class _Leg:
    """A transfer as it stands in the books, with the accounts that it names."""

    transfer: Any
    debit: Place
    credit: Place


def make_tables(target: Database) -> None:
    """Give an empty database the tables of the ledger, and no others."""
    tables = [table for name, table in Base.metadata.tables.items() if name.startswith("ledger_")]
    with target.engine.execution_options(liulin_writes=True).begin() as connection:
        Base.metadata.create_all(connection, tables=tables)


def replay_into(target: Database) -> int:
    """Record every event of the running books in `target`, whose ledger is empty; the number of events.

    Afterwards `target` has the same accounts with the same floors, and they hold. Run it inside `steady()`, so that
    what is posted meanwhile stays out. Raises `CannotReplay`.
    """
    holds: dict[int, int] = {}
    asked_by = request_id()
    events = 0
    try:
        for batch in _events():
            with target.unit_of_work(), transaction():
                for event, legs in batch:
                    _record(event, legs, holds)
            events += len(batch)
    finally:
        set_request_id(asked_by)
    for places in _accounts():
        with target.unit_of_work(), transaction():
            _set_floors(places)
    return events


def first_difference(target: Database) -> str | None:
    """The first account in the order of its birth whose counters differ in `target`, in words; None when all agree.

    When every account agrees but the events do not, the difference is that of the two checksums.
    """
    for batch in _accounts():
        with target.unit_of_work():
            found = accounts.find([place for place, _ in batch])
        for place, balance in batch:
            again = found[place].balance if place in found else Balance()
            if again != balance:
                return f"account {'/'.join(place.identity)}: books {_words(balance)}, replayed {_words(again)}"
    ours = seals.checksum()
    with target.unit_of_work():
        theirs = seals.checksum()
    return None if ours == theirs else f"checksum: books {ours.digest}, replayed {theirs.digest}"


def _words(balance: Balance) -> str:
    return f"dr {balance.dr} cr {balance.cr} dr_held {balance.dr_held} cr_held {balance.cr_held}"


def _events() -> Iterator[list[tuple[Any, list[_Leg]]]]:
    """The events in the order of their numbers, some at a time, each with its transfers."""
    reversed_event = aliased(Event)
    after = 0
    while True:
        statement = (
            select(*_columns(Event), reversed_event.idem_key.label("reverses"))
            .outerjoin(reversed_event, reversed_event.id == Event.reverses_id)
            .where(Event.id > after)
            .order_by(Event.id)
            .limit(_BATCH)
        )
        events = session().execute(statement).all()
        if not events:
            return
        legs = _legs(after=after, upto=events[-1].id)
        yield [(event, legs.get(event.id, [])) for event in events]
        after = events[-1].id


def _legs(*, after: int, upto: int) -> dict[int, list[_Leg]]:
    statement = (
        select(*_columns(Transfer))
        .where(Transfer.event_id > after, Transfer.event_id <= upto)
        .order_by(Transfer.event_id, Transfer.id)
    )
    transfers = session().execute(statement).all()
    numbers = {number for row in transfers for number in (row.debit_id, row.credit_id)}
    places = {number: place for number, place, _ in _places(Account.id.in_(numbers))}
    return {
        event: [_Leg(row, places[row.debit_id], places[row.credit_id]) for row in group]
        for event, group in groupby(transfers, key=lambda row: row.event_id)
    }


def _accounts() -> Iterator[list[tuple[Place, Balance]]]:
    """All accounts in the order of their birth, some at a time."""
    last = session().scalar(select(func.max(Account.id))) or 0
    for start in range(0, last, _BATCH):
        batch = _places((Account.id > start) & (Account.id <= start + _BATCH))
        if batch:
            yield [(place, balance) for _, place, balance in batch]


def _places(condition: ColumnElement[bool]) -> list[tuple[int, Place, Balance]]:
    statement = (
        select(*_columns(Account), Commodity.code, Commodity.kind, Commodity.unit)
        .join(Commodity, Commodity.id == Account.commodity_id)
        .where(condition)
        .order_by(Account.id)
    )
    return [
        (
            row.id,
            Place(
                Goods(row.code, row.kind, row.unit),
                Role(row.role, row.floor),
                row.party,
                row.township,
                row.programme,
                row.subject,
            ),
            Balance(row.dr, row.cr, row.dr_held, row.cr_held),
        )
        for row in session().execute(statement)
    ]


def _columns(table: type[Base]) -> list[Any]:
    return list(table.__table__.c)


def _record(event: Any, legs: Sequence[_Leg], holds: dict[int, int]) -> None:
    set_request_id(event.request_id)
    try:
        with clock.taken_as(event.recorded_at):
            recorded = _reverse(event) if event.reverses is not None else _repeat(event, legs, holds)
    except (DomainError, KeyError) as error:
        raise CannotReplay(f"event {event.id} ({event.kind}): {error!r}") from error
    for leg, number in zip(legs, recorded.transfers, strict=False):
        if leg.transfer.phase is Phase.HOLD:
            holds[leg.transfer.id] = number


def _reverse(event: Any) -> Recorded:
    original = session().scalars(select(Event.id).where(Event.idem_key == event.reverses)).one()
    kind = Kind(event.kind, "")
    return service.reverse(kind, original, by=event.actor, key=event.idem_key, on=event.effective_on)


def _repeat(event: Any, legs: Sequence[_Leg], holds: dict[int, int]) -> Recorded:
    return service.record(
        Kind(event.kind, ""),
        [_movement(leg, holds) for leg in legs],
        by=event.actor,
        subject=event.subject,
        key=event.idem_key,
        on=event.effective_on,
    )


def _movement(leg: _Leg, holds: dict[int, int]) -> Movement:
    debit, credit = _without_floor(leg.debit), _without_floor(leg.credit)
    match leg.transfer.phase:
        case Phase.POSTED:
            return Post(debit, credit, leg.transfer.amount)
        case Phase.HOLD:
            return Hold(debit, credit, leg.transfer.amount, leg.transfer.expires_at)
        case Phase.SETTLED:
            return Settle(holds.pop(leg.transfer.resolves_id), leg.transfer.amount)
        case _:
            return Void(holds.pop(leg.transfer.resolves_id))


def _without_floor(place: Place) -> Place:
    # Events are numbered in the order in which they began, not in which they took effect: on the way an account may
    # pass below its floor. At the end it may not.
    return replace(place, role=Role(place.role.name))


def _set_floors(batch: Sequence[tuple[Place, Balance]]) -> None:
    floors = {_without_floor(place): place.role.floor for place, _ in batch}
    for place, found in accounts.ensure(floors).items():
        if floors[place] is Floor.NONE:
            continue
        try:
            session().execute(update(Account).where(Account.id == found.account_id).values(floor=floors[place]))
        except IntegrityError as error:
            raise CannotReplay(f"account {'/'.join(place.identity)}: below its floor") from error

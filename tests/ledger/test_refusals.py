"""The refusals of the books: by the service in its own words, and by the database itself to whoever goes past it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

import pytest
from sqlalchemy.exc import IntegrityError

from app.kernel import clock
from app.kernel.db import Database, TransactionMisused, transaction
from app.ledger.books import queries, seals, service
from app.ledger.books.errors import (
    AlreadyRecorded,
    AlreadyReversed,
    BadMovement,
    FloorBroken,
    HoldGone,
    PeriodClosed,
)
from app.ledger.books.movements import Hold, Place, Post, Settle, Void
from tests.ledger.cast import (
    BOXES,
    LIMIT,
    NOON,
    ORDER,
    SOON,
    TODAY,
    answer,
    bank,
    free,
    fund,
    held,
    made,
    post,
    settle,
    sold,
    sql,
    stock,
    stocked,
    undo,
    void,
    write,
)

pytestmark = pytest.mark.usefixtures("db")

EVENT = (
    "INSERT INTO ledger_events (kind, effective_on, recorded_at, period_id, idem_key, actor, request_id, subject, "
    "reverses_id) SELECT 'raw', :day, :at, id, :key, 'x', '', '', :reverses FROM ledger_periods "
    "WHERE starts_on = :month"
)
TRANSFER = (
    "INSERT INTO ledger_transfers (event_id, commodity_id, debit_id, credit_id, amount, phase, effective_on, "
    "resolves_id) SELECT event_id, commodity_id, debit_id, credit_id, {amount}, '{phase}', effective_on, {resolves} "
    "FROM ledger_transfers WHERE id = :like"
)


def raw_event(
    *,
    day: str = "2026-01-15",
    month: str = "2026-01-01",
    at: str = "2026-01-15 04:00:00.000000",
    key: str = "raw",
    reverses: int | None = None,
) -> None:
    sql(EVENT, day=day, at=at, key=key, month=month, reverses=reverses)


def raw_transfer(like: int, *, phase: str = "P", amount: str = "amount", resolves: str = "NULL") -> None:
    sql(TRANSFER.format(phase=phase, amount=amount, resolves=resolves), like=like)


@pytest.fixture(autouse=True)
def at_noon(db: Database) -> Iterator[None]:
    with clock.pinned(NOON):
        yield


def test_a_hold_beyond_what_is_free_is_refused() -> None:
    stocked(10)
    held(7)

    with pytest.raises(FloorBroken):
        held(4)

    assert queries.balance(stock()).cr_held == 7


def test_a_posting_beyond_what_is_there_is_refused() -> None:
    stocked(10)

    with pytest.raises(FloorBroken):
        post(Post(sold(), stock(), 11))

    assert free() == 10


def test_a_posting_may_not_take_what_is_held() -> None:
    stocked(10)
    held(7)

    with pytest.raises(FloorBroken):
        post(Post(sold(), stock(), 4))


def test_a_credit_floor_is_kept_like_a_debit_floor() -> None:
    limit = Place(BOXES, LIMIT)
    post(Post(made(), limit, 5))

    with pytest.raises(FloorBroken):
        post(Post(limit, made(), 6))


def test_one_line_too_many_refuses_the_whole_cart() -> None:
    stocked(10, "A", "C")
    stocked(1, "B")

    with pytest.raises(FloorBroken):
        post(*(Hold(sold(name), stock(name), 2, SOON) for name in "ABC"))

    assert (free("A"), free("B"), free("C")) == (10, 1, 10)


def test_two_lines_of_one_pack_are_refused_together_when_each_alone_would_fit() -> None:
    stocked(10)

    with pytest.raises(FloorBroken):
        post(Hold(sold(), stock(), 6, SOON), Hold(sold(), stock(), 6, SOON))


@pytest.mark.parametrize("change", ["cr = cr + 11", "cr_held = cr_held + 11"])
def test_the_database_itself_refuses_to_overdraw_or_oversell(change: str) -> None:
    stocked(10)

    with pytest.raises(IntegrityError, match="floor_debit"):
        sql(f"UPDATE ledger_accounts SET {change} WHERE role = 'stock'")


def test_the_late_refusal_of_the_database_speaks_the_same_words(monkeypatch: pytest.MonkeyPatch) -> None:
    stocked(10, "A", "B")
    # As when somebody else took them after the plain read.
    monkeypatch.setattr(service, "_refuse_what_is_sold_out", lambda rows, found: None)

    with pytest.raises(FloorBroken):
        post(Hold(sold("A"), stock("A"), 1, SOON), Hold(sold("B"), stock("B"), 11, SOON))

    assert (free("A"), free("B")) == (10, 10)


def test_a_movement_between_two_commodities_is_refused() -> None:
    with pytest.raises(BadMovement):
        post(Post(stock(), bank(), 1))


def test_the_database_itself_refuses_two_commodities_in_one_transfer() -> None:
    boxes = stocked(10).transfers[0]
    post(Post(bank(), fund(), 5))
    money = answer("SELECT id FROM ledger_accounts WHERE role = 'bank'")

    with pytest.raises(IntegrityError):
        sql(TRANSFER.format(phase="P", amount="1", resolves="NULL").replace("credit_id, 1", f"{money}, 1"), like=boxes)


def test_a_hold_is_settled_once() -> None:
    stocked(10)
    hold = held(3)
    settle(hold)

    for again in (settle, void):
        with pytest.raises(HoldGone):
            again(hold)


def test_a_hold_is_given_up_once() -> None:
    stocked(10)
    hold = held(3)
    void(hold)

    for again in (settle, void):
        with pytest.raises(HoldGone):
            again(hold)


def test_one_event_cannot_resolve_a_hold_twice() -> None:
    stocked(10)
    hold = held(3)

    with pytest.raises(HoldGone):
        post(Settle(hold, 1), Void(hold))


@pytest.mark.parametrize("phase", ["S", "V"])
def test_the_database_itself_refuses_to_resolve_a_hold_twice(phase: str) -> None:
    stocked(10)
    hold = held(3)
    settle(hold)

    with pytest.raises(IntegrityError, match="resolves_id"):
        raw_transfer(hold, phase=phase, resolves="id")


def test_the_same_key_is_recorded_once() -> None:
    stocked(10)
    post(Post(sold(), stock(), 1), key="once")

    with pytest.raises(AlreadyRecorded):
        post(Post(sold(), stock(), 1), key="once")

    assert free() == 9


def test_the_database_itself_refuses_a_key_that_was_used() -> None:
    post(Post(sold(), made(), 1), key="once")

    with pytest.raises(IntegrityError, match="idem_key"):
        raw_event(key="once")


def close_december() -> None:
    post(Post(sold(), made(), 1), on=date(2025, 12, 31))
    with transaction():
        seals.seal(date(2025, 12, 31))
        seals.close_period(date(2025, 12, 31))


def test_a_closed_period_takes_nothing_more() -> None:
    close_december()

    with pytest.raises(PeriodClosed):
        post(Post(sold(), made(), 1), on=date(2025, 12, 31))

    post(Post(sold(), made(), 1), on=TODAY)


def test_a_month_without_events_can_be_closed_too() -> None:
    with transaction():
        seals.seal(date(2025, 12, 31))
        seals.close_period(date(2025, 11, 5))

    with pytest.raises(PeriodClosed):
        post(Post(sold(), made(), 1), on=date(2025, 11, 30))


def test_the_database_itself_keeps_a_closed_period_closed() -> None:
    close_december()

    with pytest.raises(IntegrityError, match="period"):
        raw_event(day="2025-12-31", month="2025-12-01")
    with pytest.raises(IntegrityError, match="append-only"):
        sql("UPDATE ledger_periods SET closed_at = NULL")


def test_the_database_itself_refuses_a_date_outside_the_period() -> None:
    post(Post(sold(), made(), 1))

    with pytest.raises(IntegrityError, match="period"):
        raw_event(day="2026-02-01")


def test_the_database_itself_refuses_periods_that_overlap() -> None:
    post(Post(sold(), made(), 1))

    with pytest.raises(IntegrityError, match="overlap"):
        sql("INSERT INTO ledger_periods (starts_on, ends_on) VALUES ('2026-01-31', '2026-02-27')")


@pytest.mark.parametrize("table", ["ledger_events", "ledger_transfers", "ledger_seals", "ledger_snapshots"])
@pytest.mark.parametrize("act", ["UPDATE {table} SET {column} = {column}", "DELETE FROM {table}"])
def test_what_is_written_is_neither_changed_nor_deleted(table: str, act: str) -> None:
    close_december()
    column = {"ledger_seals": "day", "ledger_snapshots": "dr"}.get(table, "id")

    with pytest.raises(IntegrityError, match="append-only"):
        sql(act.format(table=table, column=column))


@pytest.mark.only("postgresql")
@pytest.mark.parametrize("table", ["ledger_events", "ledger_transfers", "ledger_seals", "ledger_snapshots"])
def test_what_is_written_is_not_swept_away_either(table: str) -> None:
    close_december()

    with pytest.raises(IntegrityError, match="append-only"):
        sql(f"TRUNCATE {table} CASCADE")


@pytest.mark.parametrize("amount", [0, -1, 10**15 + 1, 10**30])
def test_an_amount_that_is_none_or_beyond_counting_is_refused(amount: int) -> None:
    stocked(10)

    with pytest.raises(BadMovement):
        post(Post(sold(), stock(), amount))


@pytest.mark.parametrize("amount", ["0", "-5"])
def test_the_database_itself_refuses_an_amount_of_nothing_or_less(amount: str) -> None:
    boxes = stocked(10).transfers[0]

    with pytest.raises(IntegrityError, match="amount"):
        raw_transfer(boxes, amount=amount)


def test_a_movement_onto_itself_is_refused() -> None:
    stocked(10)

    with pytest.raises(BadMovement):
        post(Post(stock(), stock(), 1))


def test_the_database_itself_refuses_a_movement_onto_itself() -> None:
    boxes = stocked(10).transfers[0]

    with pytest.raises(IntegrityError, match="two_accounts"):
        sql(
            "INSERT INTO ledger_transfers (event_id, commodity_id, debit_id, credit_id, amount, phase, effective_on) "
            "SELECT event_id, commodity_id, debit_id, debit_id, 1, 'P', effective_on FROM ledger_transfers "
            "WHERE id = :like",
            like=boxes,
        )


def test_an_event_is_reversed_once() -> None:
    event = stocked(10).event_id
    undo(event)

    with pytest.raises(AlreadyReversed):
        undo(event)

    assert free() == 0


def test_the_database_itself_refuses_to_reverse_an_event_twice() -> None:
    event = stocked(10).event_id
    undo(event)

    with pytest.raises(IntegrityError, match="reverses_id"):
        raw_event(reverses=event)


def test_an_event_whose_hold_was_settled_is_reversed_through_the_settling_event() -> None:
    stocked(10)
    ordered = post(Hold(sold(), stock(), 3, None))
    shipped = settle(ordered.transfers[0])

    with pytest.raises(AlreadyReversed):
        undo(ordered.event_id)
    undo(shipped.event_id)

    assert free() == 10


def test_a_reversal_that_would_break_a_floor_is_refused() -> None:
    event = stocked(10).event_id
    post(Post(sold(), stock(), 4))

    with pytest.raises(FloorBroken):
        undo(event)


def test_more_than_the_hold_cannot_be_settled() -> None:
    stocked(10)
    hold = held(3)

    with pytest.raises(BadMovement):
        settle(hold, 4)


def test_the_database_itself_refuses_to_settle_more_than_the_hold() -> None:
    stocked(10)
    hold = held(3)

    with pytest.raises(IntegrityError, match="ledger: hold"):
        raw_transfer(hold, phase="S", amount="4", resolves="id")


def test_the_database_itself_refuses_a_settlement_to_another_account() -> None:
    stocked(10, "A", "B")
    hold = held(3, "A")
    other = held(3, "B")

    with pytest.raises(IntegrityError, match="ledger: hold"):
        raw_transfer(other, phase="S", resolves=str(hold))


def test_the_database_itself_refuses_to_settle_what_is_no_hold() -> None:
    boxes = stocked(10).transfers[0]

    with pytest.raises(IntegrityError, match="ledger: hold"):
        raw_transfer(boxes, phase="S", resolves="id")


def test_a_hold_past_its_time_cannot_be_settled_but_given_up() -> None:
    stocked(10)
    hold = held(3, until=SOON)

    with clock.pinned(SOON):
        with pytest.raises(HoldGone):
            settle(hold)
        void(hold)

    assert free() == 10


def test_the_database_itself_refuses_to_settle_a_hold_past_its_time() -> None:
    stocked(10)
    hold = held(3, until=SOON)
    raw_event(at="2026-01-15 04:15:00.000000")

    with pytest.raises(IntegrityError, match="ledger: hold"):
        sql(
            TRANSFER.replace("SELECT event_id", "SELECT (SELECT max(id) FROM ledger_events)").format(
                phase="S", amount="amount", resolves="id"
            ),
            like=hold,
        )


def test_a_refusal_that_is_caught_inside_its_transaction_cannot_be_committed() -> None:
    stocked(10)

    with pytest.raises(TransactionMisused):
        go_on_after_a_refusal()

    assert free() == 10


def go_on_after_a_refusal() -> None:
    with transaction():
        write(Post(sold(), stock(), 4))
        with pytest.raises(FloorBroken):
            write(Post(sold(), stock(), 7))


def test_nothing_is_recorded_outside_a_transaction() -> None:
    with pytest.raises(TransactionMisused):
        write(Post(sold(), made(), 1))
    with pytest.raises(TransactionMisused):
        service.reverse(ORDER, 1, by="x", key="y")


def test_a_text_that_reads_like_a_rule_does_not_change_the_refusal() -> None:
    post(Post(sold(), made(), 1), key="ck_ledger_accounts_floor_debit ledger_events_reverses_id")

    with pytest.raises(AlreadyRecorded):
        post(Post(sold(), made(), 1), key="ck_ledger_accounts_floor_debit ledger_events_reverses_id")

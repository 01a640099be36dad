"""Each check of the books finds the row that was falsified, and only that check does."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime

import pytest

from app.kernel import clock
from app.kernel.db import Database, transaction
from app.ledger.books import seals
from app.ledger.books.movements import CNY, Hold, Place, Post, Role
from tests.ledger.cast import (
    BOXES,
    GRAMS,
    LIMIT,
    NOON,
    SOON,
    answer,
    bank,
    findings,
    fund,
    held,
    lay_open,
    made,
    post,
    settle,
    sold,
    sql,
    stock,
    stocked,
    undo,
    void,
)

pytestmark = pytest.mark.corrupts

VALUE = Place(CNY, Role("inventory_value"), subject="lot:1")
LOOSE = Place(GRAMS, Role("loose"), subject="lot:1")
BEFORE = datetime(2025, 12, 20, 4, tzinfo=UTC)
YEAR_END = date(2025, 12, 31)
MORNING = datetime(2026, 1, 1, 1, tzinfo=UTC)


@pytest.fixture(autouse=True)
def sound_books(db: Database) -> Iterator[None]:
    """December is sealed and closed, the daily sums are fed, and January has begun."""
    with clock.pinned(BEFORE):
        stocked(100, "A", "B")
        post(Post(LOOSE, Place(GRAMS, Role("supplied")), 5000), Post(VALUE, bank(), 2500))
        settle(held(3), 2)
        void(held(4, "B"))
        undo(post(Post(sold("B"), stock("B"), 9)).event_id)
        undo(post(Post(bank(), fund(), 9), Hold(sold("B"), stock("B"), 9, None)).event_id)
    with clock.pinned(MORNING), transaction():
        seals.seal(YEAR_END)
        seals.close_period(YEAR_END)
        seals.feed_daily()
    with clock.pinned(NOON):
        settle(held(5, until=SOON))
        held(6, until=SOON)
        post(Post(made(), Place(BOXES, LIMIT), 5))
        yield


def the_one(code: str) -> list[str]:
    """The rows that this check names, while no other finds anything."""
    found = findings()
    assert set(found) == {code}
    return [finding.row for finding in found[code]]


def account(place: Place) -> object:
    return answer(
        "SELECT a.id FROM ledger_accounts a JOIN ledger_commodities c ON c.id = a.commodity_id WHERE c.code = :code "
        "AND role = :role AND party = :party AND subject = :subject",
        code=place.goods.code,
        role=place.role.name,
        party=place.party,
        subject=place.subject,
    )


def falsify(
    debit: Place, credit: Place, amount: int, *, phase: str = "P", resolves: object = None, day: str = "2026-01-15"
) -> None:
    """A transfer of the newest event that nobody allowed, with counters that follow it."""
    lay_open()
    sql(
        "INSERT INTO ledger_transfers (id, event_id, commodity_id, debit_id, credit_id, amount, phase, effective_on, "
        "resolves_id) SELECT 9001, (SELECT max(id) FROM ledger_events), 1, :debit, :credit, :amount, :phase, :day, "
        "CAST(:resolves AS INTEGER)",
        debit=account(debit),
        credit=account(credit),
        amount=amount,
        phase=phase,
        day=day,
        resolves=resolves,
    )
    change = {"P": ("dr = dr + :n", "cr = cr + :n"), "V": ("dr_held = dr_held - :n", "cr_held = cr_held - :n")}[phase]
    for place, move in zip((debit, credit), change, strict=True):
        sql(f"UPDATE ledger_accounts SET {move} WHERE id = :id", id=account(place), n=amount)


def newest_event() -> object:
    return answer("SELECT max(id) FROM ledger_events")


def an_event_in(month: str, day: str, *, reverses: object = None) -> None:
    lay_open()
    sql(
        "INSERT INTO ledger_events (id, kind, effective_on, recorded_at, period_id, idem_key, actor, request_id, "
        "subject, reverses_id) SELECT 9001, 'raw', :day, '2026-01-15 04:00:00.000000', id, 'raw', 'x', '', '', "
        "CAST(:reverses AS INTEGER) FROM ledger_periods WHERE starts_on = :month",
        day=day,
        month=month,
        reverses=reverses,
    )


def test_sound_books_give_no_finding() -> None:
    assert findings() == {}


def test_i1_finds_a_transfer_between_two_commodities() -> None:
    falsify(sold(), bank(), 7)

    assert the_one("I1") == ["commodity CNY", "commodity pack:gift"]


def test_i2_finds_counters_that_were_set_by_hand() -> None:
    sql("UPDATE ledger_accounts SET dr = dr + 1 WHERE id = :id", id=account(stock("B")))
    sql("UPDATE ledger_accounts SET cr = cr + 1 WHERE id = :id", id=account(made()))

    assert set(the_one("I2")) == {f"account {account(stock('B'))}", f"account {account(made())}"}


def test_i2_finds_held_counters_that_were_set_by_hand() -> None:
    sql("UPDATE ledger_accounts SET cr_held = cr_held - 1 WHERE id = :id", id=account(stock()))
    sql("UPDATE ledger_accounts SET dr_held = dr_held - 1 WHERE id = :id", id=account(sold()))

    assert set(the_one("I2")) == {f"account {account(stock())}", f"account {account(sold())}"}


def test_i3_finds_a_hold_that_was_resolved_twice() -> None:
    hold = answer("SELECT min(id) FROM ledger_transfers WHERE phase = 'H'")
    falsify(sold(), stock(), 3, phase="V", resolves=hold)

    assert the_one("I3") == [f"transfer {hold}"]


def test_i3_finds_a_resolution_that_does_not_match_its_hold() -> None:
    boxes = answer("SELECT min(id) FROM ledger_transfers")
    lay_open()
    sql("UPDATE ledger_transfers SET resolves_id = :boxes WHERE phase = 'V'", boxes=boxes)

    assert f"transfer {boxes}" in {finding.row for finding in findings("I3")["I3"]}


def test_i3_finds_an_open_hold_that_is_not_listed() -> None:
    hold = answer("SELECT max(transfer_id) FROM ledger_open_holds")
    sql("DELETE FROM ledger_open_holds")

    assert the_one("I3") == [f"transfer {hold}"]


def test_i3_finds_a_listed_hold_that_is_over() -> None:
    hold = answer("SELECT min(id) FROM ledger_transfers WHERE phase = 'H'")
    sql(
        "INSERT INTO ledger_open_holds (transfer_id, debit_id, credit_id, amount, subject) "
        "SELECT id, debit_id, credit_id, amount, 'x' FROM ledger_transfers WHERE id = :hold",
        hold=hold,
    )

    assert the_one("I3") == [f"open hold {hold}"]


def test_i3_finds_an_open_hold_of_another_amount() -> None:
    hold = answer("SELECT max(transfer_id) FROM ledger_open_holds")
    sql("UPDATE ledger_open_holds SET amount = amount - 1")

    assert the_one("I3") == [f"open hold {hold}"]


def test_i4_finds_an_event_that_was_reversed_twice() -> None:
    reversed_once = answer("SELECT min(reverses_id) FROM ledger_events")
    an_event_in("2026-01-01", "2026-01-15", reverses=reversed_once)

    assert the_one("I4") == [f"event {reversed_once}", "event 9001"]


def test_i4_finds_a_reversal_that_is_no_mirror() -> None:
    an_event_in("2026-01-01", "2026-01-15", reverses=answer("SELECT min(id) FROM ledger_events"))

    assert the_one("I4") == ["event 9001"]


def test_i5_finds_an_account_below_its_debit_floor() -> None:
    falsify(sold(), stock(), 1000)

    assert the_one("I5") == [f"account {account(stock())}"]


def test_i5_finds_an_account_below_its_credit_floor() -> None:
    falsify(Place(BOXES, LIMIT), made(), 6)

    assert the_one("I5") == [f"account {account(Place(BOXES, LIMIT))}"]


def test_i6_finds_an_event_dated_outside_its_period() -> None:
    an_event_in("2026-01-01", "2026-02-01")

    assert the_one("I6") == ["event 9001"]


def test_i6_finds_an_event_that_came_into_a_closed_period() -> None:
    an_event_in("2025-12-01", "2025-12-31")

    assert the_one("I6") == ["event 9001"]


def test_i6_finds_a_transfer_dated_otherwise_than_its_event() -> None:
    falsify(sold(), stock(), 1, day="2026-01-14")

    assert the_one("I6") == ["transfer 9001"]


@pytest.mark.parametrize(
    "falsification",
    [
        "UPDATE ledger_events SET actor = 'somebody else' WHERE id = (SELECT min(id) FROM ledger_events)",
        "UPDATE ledger_events SET subject = subject || '1' WHERE id = (SELECT min(id) FROM ledger_events)",
        "UPDATE ledger_events SET request_id = 'x' WHERE id = (SELECT min(id) FROM ledger_events)",
        "UPDATE ledger_seals SET digest = prev_digest",
        "UPDATE ledger_seals SET prev_digest = digest",
    ],
)
def test_i7_finds_a_sealed_event_or_seal_that_was_changed(falsification: str) -> None:
    lay_open()
    sql(falsification)

    assert the_one("I7") == [f"seal {YEAR_END}"]


def test_i7_names_the_first_seal_that_does_not_recompute() -> None:
    with clock.pinned(NOON), transaction():
        seals.seal(date(2026, 1, 14))
    lay_open()
    sql("UPDATE ledger_events SET actor = 'x' WHERE id = (SELECT max(id) FROM ledger_events)")

    assert the_one("I7") == ["seal 2026-01-14"]


def test_i8_finds_a_lot_with_value_but_no_grams() -> None:
    post(Post(Place(GRAMS, Role("sold_grams")), LOOSE, 5000))

    assert the_one("I8") == ["lot lot:1"]


@pytest.mark.parametrize(
    "falsification", ["UPDATE ledger_daily SET dr = dr + 1 WHERE {where}", "DELETE FROM ledger_daily WHERE {where}"]
)
def test_d1_finds_a_daily_sum_that_differs(falsification: str) -> None:
    sql(falsification.format(where="role = 'stock' AND kind = 'test.ordered'"))

    assert the_one("D1") == ["stock of 141125100 on 2025-12-20 of test.ordered"]


def test_d1_finds_a_daily_sum_that_nothing_posted() -> None:
    sql(
        "INSERT INTO ledger_daily (role, commodity_id, township, effective_on, kind, dr, cr, debits, credits) "
        "SELECT 'stock', id, '141125100', '2025-12-25', 'x', 1, 0, 1, 0 FROM ledger_commodities WHERE code = :code",
        code="pack:gift",
    )

    assert the_one("D1") == ["stock of 141125100 on 2025-12-25 of x"]

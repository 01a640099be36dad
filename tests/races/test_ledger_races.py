"""Many at once at the books; beside each race, the twin without the guard, which loses."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from datetime import date, timedelta

import pytest
from psycopg.errors import DeadlockDetected
from sqlalchemy import text

from app.kernel.db import Busy, Database, session, transaction
from app.ledger.books import queries, seals
from app.ledger.books.models import Seal
from app.ledger.books.movements import Hold, Post, Recorded
from tests import bare
from tests.ledger.cast import a_key, findings, free, held, made, post, settle, sold, stock, stocked, undo, void, write
from tests.races import naive
from tests.races.crowd import tally, together

pytestmark = [pytest.mark.durable, pytest.mark.timeout(120)]

Act = Callable[[], object]
BUYERS = 16
db = bare.db


@pytest.fixture
def crowd(db: Database, database_url: str) -> Iterator[Callable[[list[Act]], list[object]]]:
    """Run acts together, each thread in a unit of work of its own."""
    wide = Database(database_url, pool_size=24)

    def alone(act: Act) -> Callable[[], object]:
        def run() -> object:
            with wide.unit_of_work():
                return act()

        return run

    def run_all(acts: list[Act]) -> list[object]:
        session().rollback()
        return list(together([alone(act) for act in acts]))

    yield run_all
    wide.dispose()


Crowd = Callable[[list[Act]], list[object]]


def asking(times: int, act: Act) -> Act:
    """The same act again and again, each outcome kept."""

    def run() -> list[object]:
        outcomes: list[object] = []
        for _ in range(times):
            try:
                outcomes.append(act())
            except Exception as error:  # noqa: BLE001  (every kind of outcome is what the race is about)
                outcomes.append(error)
        return outcomes

    return run


def flat(lists: list[object]) -> list[object]:
    return [outcome for outcomes in lists for outcome in (outcomes if isinstance(outcomes, list) else [outcomes])]


def test_sixteen_buyers_ask_for_more_than_there_is_and_get_exactly_what_there_is(crowd: Crowd) -> None:
    stocked(1000)

    outcomes = flat(crowd([asking(100, lambda: held(1))] * BUYERS))

    assert tally(outcomes) == {"FloorBroken": 600, "done": 1000}
    assert free() == 0
    assert findings() == {}


@pytest.mark.corrupts
def test_without_the_guard_the_same_buyers_get_more_than_there_is(crowd: Crowd) -> None:
    stocked(50)

    outcomes = flat(crowd([asking(10, lambda: naive.check_then_take(stock(), 1))] * BUYERS))

    assert tally(outcomes)["done"] > 50


@pytest.mark.corrupts
@pytest.mark.only("postgresql")
def test_with_a_plain_read_alone_the_last_box_is_sold_more_than_once(crowd: Crowd) -> None:
    names = [f"P{n}" for n in range(25)]
    stocked(1, *names)
    with transaction() as current:
        current.execute(text("ALTER TABLE ledger_accounts DROP CONSTRAINT ck_ledger_accounts_floor_debit"))

    for name in names:
        crowd([lambda name=name: held(1, name)] * BUYERS)  # type: ignore[misc]

    assert "I5" in findings()


def test_the_last_box_goes_to_one_of_many(crowd: Crowd) -> None:
    names = [f"P{n}" for n in range(20)]
    stocked(1, *names)

    for name in names:
        outcomes = crowd([lambda name=name: held(1, name)] * BUYERS)  # type: ignore[misc]
        assert tally(outcomes) == {"FloorBroken": BUYERS - 1, "done": 1}


def cart(*names: str) -> Recorded:
    return post(*(Hold(sold(name), stock(name), 1, None) for name in names))


def test_carts_that_cross_never_deadlock(crowd: Crowd) -> None:
    stocked(1000, "A", "B")
    acts: list[Act] = [asking(10, lambda: cart("A", "B")), asking(10, lambda: cart("B", "A"))] * 10

    outcomes = flat(crowd(acts))

    assert tally(outcomes) == {"done": 200}
    assert (free("A"), free("B")) == (800, 800)


@pytest.mark.corrupts
@pytest.mark.only("postgresql")
def test_carts_that_cross_in_their_own_order_deadlock(crowd: Crowd) -> None:
    stocked(1000, "A", "B")
    both_have_one = threading.Barrier(2)

    def take(*names: str) -> Act:
        after_the_first_line = iter([lambda: both_have_one.wait(10)])
        return lambda: naive.take_in_the_order_of_the_cart(
            [stock(name) for name in names], between=lambda: next(after_the_first_line, int)()
        )

    outcomes = crowd([take("A", "B"), take("B", "A")])

    busy = [outcome for outcome in outcomes if isinstance(outcome, Busy)]
    assert len(busy) == 1
    assert isinstance(getattr(busy[0].__cause__, "orig", None), DeadlockDetected)


def test_accounts_that_many_need_first_are_born_once(crowd: Crowd) -> None:
    acts: list[Act] = [lambda: stocked(1, "A", "B", "C"), lambda: stocked(1, "C", "B", "A")] * 8

    outcomes = crowd(acts)

    assert tally(outcomes) == {"done": 16}
    assert queries.balance(stock("B")).dr == 16
    session().rollback()


def test_a_hold_is_settled_by_one_of_many(crowd: Crowd) -> None:
    stocked(100)
    for hold in [held(2) for _ in range(5)]:
        outcomes = crowd([lambda hold=hold: settle(hold)] * 8)  # type: ignore[misc]

        assert tally(outcomes) == {"HoldGone": 7, "done": 1}
    assert queries.balance(stock()).cr == 10


def test_a_hold_is_settled_or_given_up_or_reversed_but_one_of_them(crowd: Crowd) -> None:
    stocked(100)
    for _ in range(10):
        order = post(Hold(sold(), stock(), 2, None), Post(sold(), stock(), 1))
        hold = order.transfers[0]
        acts: list[Act] = [
            lambda hold=hold: settle(hold),  # type: ignore[misc]
            lambda hold=hold: void(hold),  # type: ignore[misc]
            lambda event=order.event_id: undo(event),  # type: ignore[misc]
        ]

        settled, given_up, undone = crowd(acts)

        won = [
            name for name, outcome in (("S", settled), ("V", given_up), ("R", undone)) if isinstance(outcome, Recorded)
        ]
        # Whoever gave up the hold leaves the rest of the order to be reversed.
        assert won in (["S"], ["R"], ["V", "R"])
    assert findings() == {}


def test_an_event_is_reversed_by_one_of_many(crowd: Crowd) -> None:
    for _ in range(5):
        event = post(Post(sold(), made(), 3), Hold(sold(), made(), 2, None)).event_id

        outcomes = crowd([lambda event=event: undo(event)] * 8)  # type: ignore[misc]

        assert tally(outcomes) == {"AlreadyReversed": 7, "done": 1}
    assert findings() == {}


def test_a_key_that_comes_many_times_at_once_is_recorded_once(crowd: Crowd) -> None:
    stocked(100)
    for _ in range(5):
        key = a_key()

        outcomes = crowd([lambda key=key: post(Post(sold(), stock(), 1), key=key)] * 8)  # type: ignore[misc]

        assert tally(outcomes) == {"AlreadyRecorded": 7, "done": 1}
    assert free() == 95


def test_nothing_slips_under_a_seal(crowd: Crowd) -> None:
    stocked(10_000)
    days = iter(date(2020, 1, 1) + timedelta(days=n) for n in range(1000))

    def seal() -> None:
        with transaction():
            seals.seal(next(days))
            seals.feed_daily()

    posters: list[Act] = [asking(40, lambda: post(Post(sold(), stock(), 1)))] * 8

    outcomes = flat(crowd([*posters, asking(12, seal)]))

    assert tally(outcomes) == {"done": 8 * 40 + 12}
    assert findings() == {}
    assert snapshots_that_are_not_the_sums_up_to_their_seal() == []


def snapshots_that_are_not_the_sums_up_to_their_seal() -> list[object]:
    wrong = session().execute(
        text(
            "SELECT s.seal_day, s.account_id FROM ledger_snapshots s JOIN ledger_seals e ON e.day = s.seal_day "
            "WHERE s.dr + s.cr <> (SELECT sum(t.amount) FROM ledger_transfers t WHERE t.event_id <= e.last_event_id "
            "AND t.phase IN ('P', 'S') AND s.account_id IN (t.debit_id, t.credit_id))"
        )
    )
    return [tuple(row) for row in wrong]


def post_late_while_sealing(crowd: Crowd) -> None:
    """A poster takes its number, another takes the next and is done, the books are sealed, then the first commits."""
    numbered, overtaken = threading.Event(), threading.Event()
    post(Post(sold("A"), sold("B"), 1), Post(sold("C"), sold("D"), 1))

    def slow() -> None:
        with transaction():
            write(Post(sold("A"), sold("B"), 1))
            numbered.set()
            overtaken.wait(10)

    def fast() -> Seal:
        numbered.wait(10)
        post(Post(sold("C"), sold("D"), 1))
        threading.Timer(0.3, overtaken.set).start()
        with transaction():
            return seals.seal(date(2020, 1, 1))

    outcomes = crowd([slow, fast])
    assert tally(outcomes) == {"done": 2}


@pytest.mark.only("postgresql")
def test_the_sealer_waits_for_who_has_a_number_already(crowd: Crowd) -> None:
    post_late_while_sealing(crowd)

    assert findings() == {}


@pytest.mark.corrupts
@pytest.mark.only("postgresql")
def test_a_sealer_who_does_not_wait_leaves_events_out(crowd: Crowd, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(seals, "wait_for_posters", lambda: None)

    post_late_while_sealing(crowd)

    assert "I7" in findings()

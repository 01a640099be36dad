"""Many at once at the desk for payouts, with real threads, on both databases; beside each race the desk unguarded."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from app.kernel.db import Database, transaction
from app.kernel.permissions import Viewer
from app.ledger.books.movements import Balance
from app.office.payouts import files, returns
from app.office.payouts.models import Payout, PayoutFile
from app.office.payouts.returns import Slip, Taken
from app.people.accounts import sealing
from app.people.purse.states import Bank
from tests.cast import answer, findings
from tests.office.payouts.paying import (
    a_payout,
    an_account,
    an_order,
    balance,
    done,
    hear,
    owed,
    refused,
    said,
    sent,
    set_aside,
)
from tests.people.purse import purses
from tests.races import naive_payouts
from tests.races.crowd import Act, Crowd, crowd_in, meeting, tally

pytestmark = [pytest.mark.durable, pytest.mark.timeout(120)]


@pytest.fixture
def crowd(county: Database, database_url: str) -> Iterator[Crowd]:
    """Run acts together on the same database, each thread in a unit of work of its own."""
    room = Database(database_url, pool_size=24)
    sealing.use(sealing.vault(), on=room)
    yield crowd_in(room)
    room.dispose()


@pytest.fixture
def waiting(wang: Viewer, zhao: Viewer) -> list[Payout]:
    """Twelve payouts of Wang's."""
    an_account(wang, zhao)
    return set_aside([an_order(wang, 100 + n) for n in range(12)])


def making(by: Viewer) -> Act:
    def run() -> PayoutFile | None:
        with transaction():
            return files.make(Bank.RURAL, "", by=by)

    return run


def taking(data: bytes, by: Viewer) -> Act:
    def run() -> Taken:
        with transaction():
            return returns.take(returns.read(data, Slip()), bank=Bank.RURAL, bank_name="", by=by)

    return run


def booked(kind: str) -> int:
    """How often such a thing is in the books."""
    return answer("SELECT count(*) FROM ledger_events WHERE kind = :kind", kind=kind)


def test_eight_officials_who_make_the_file_at_once_make_one(crowd: Crowd, qian: Viewer, waiting: list[Payout]) -> None:
    outcomes = crowd([making(qian)] * 8)

    assert tally(outcomes) == {"NothingWaits": 7, "done": 1}
    assert answer("SELECT count(*) FROM payouts WHERE file_id IS NOT NULL") == 12
    assert findings() == {}


@pytest.mark.corrupts
def test_a_desk_that_looks_before_it_makes_sends_everybodys_money_twice(crowd: Crowd, waiting: list[Payout]) -> None:
    met = meeting(2)

    outcomes = crowd([lambda: naive_payouts.look_then_make(between=met)] * 2)

    assert outcomes == [[one.number for one in waiting]] * 2
    assert "V9-files" in findings()


def test_one_answer_that_is_uploaded_eight_times_at_once_is_booked_once(
    crowd: Crowd, wang: Viewer, qian: Viewer, waiting: list[Payout]
) -> None:
    sent(*waiting, by=qian)
    data = said(*[done(one) for one in waiting])

    outcomes = crowd([taking(data, qian)] * 8)

    assert tally(outcomes) == {"done": 8}
    assert sum(isinstance(one, Taken) and one.is_new for one in outcomes) == 1
    assert (booked("payout.paid"), answer("SELECT count(*) FROM bank_return_lines")) == (12, 12)
    assert balance(owed(wang)).net == 0
    assert findings() == {}


@pytest.mark.corrupts
def test_a_desk_that_looks_before_it_books_pays_once_for_each_upload(
    crowd: Crowd, wang: Viewer, waiting: list[Payout]
) -> None:
    place, met = owed(wang), meeting(8)

    outcomes = crowd([lambda: naive_payouts.look_then_pay("sha", place, 100, between=met)] * 8)

    assert tally(outcomes) == {"done": 8}
    assert balance(place).dr == 800


def test_answers_with_the_same_lines_in_other_orders_wait_for_each_other(
    crowd: Crowd, wang: Viewer, qian: Viewer, waiting: list[Payout]
) -> None:
    sent(*waiting, by=qian)
    lines = [done(one) if n % 2 else refused(one) for n, one in enumerate(waiting)]
    answers = [said(*lines[n:], *lines[:n]) for n in range(6)]

    outcomes = crowd([taking(one, qian) for one in answers])

    assert tally(outcomes) == {"done": 6}
    assert (booked("payout.paid"), booked("payout.failed")) == (6, 6)
    assert answer("SELECT count(*) FROM bank_return_lines WHERE sort = 'repeated'") == 60
    assert findings() == {}


def test_an_account_that_ends_while_its_file_is_made_is_either_in_it_or_withheld(
    crowd: Crowd, wang: Viewer, zhao: Viewer, qian: Viewer
) -> None:
    an_account(wang, zhao)
    a_payout(wang, 6800)

    outcomes = crowd([making(qian), lambda: purses.withdraw(wang)])

    assert tally(outcomes) == {"done": 2}
    state = "exported" if answer("SELECT count(*) FROM payout_files") else "withheld"
    assert answer("SELECT count(*) FROM payouts WHERE state = :state", state=state) == 1
    assert balance(owed(wang)) == Balance(cr=6800, dr_held=6800 if state == "exported" else 0)
    assert findings() == {}


def test_an_answer_taken_while_money_is_set_aside_leaves_no_deadlock(
    crowd: Crowd, wang: Viewer, qian: Viewer, waiting: list[Payout]
) -> None:
    sent(*waiting, by=qian)
    orders = [[an_order(wang, 10 + n)] for n in range(6)]

    outcomes = crowd(
        [
            taking(said(*[done(one) for one in waiting]), qian),
            *[lambda one=one: set_aside(one) for one in orders],
        ]
    )

    assert tally(outcomes) == {"done": 7}
    hear(said(*[done(one) for one in reversed(waiting)]), by=qian)
    assert findings() == {}

"""Buying while a lot is recalled, with real threads, on both databases; beside it a recall that only marks the lot."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator

import pytest

from app.kernel.db import Database, session, transaction
from app.kernel.permissions import Viewer
from app.ledger.books import queries as books
from app.ledger.books.errors import FloorBroken
from app.people.accounts import sealing
from app.trade.catalog import media
from app.trade.catalog.models import Pack
from app.trade.lots import queries as lots
from app.trade.lots.models import Lot
from app.trade.orders.states import PayBy
from app.trade.recalls import service
from app.trade.recalls.states import Level
from app.trade.stock import blocking, rush
from tests.cast import a_pack, a_viewer, answer, fill, findings, more_of, place_within, terms
from tests.races import naive_recalls
from tests.races.crowd import Crowd, crowd_in, tally
from tests.trade.recalls.cast import lot_of, recall_it

pytestmark = [pytest.mark.durable, pytest.mark.timeout(180)]

BUYERS = 24
_checkouts = itertools.count(1)


@pytest.fixture
def crowd(county: Database, database_url: str) -> Iterator[Crowd]:
    """Run acts together, each thread in a unit of work of its own."""
    wide = Database(database_url, pool_size=BUYERS + 2)
    sealing.use(sealing.vault(), on=wide)
    media.use(media.store(), on=wide)
    yield crowd_in(wide)
    wide.dispose()


def recalling(code: str, by: Viewer) -> Callable[[], object]:
    def act() -> object:
        with transaction():
            return service.make(lots.by_code(code), level=Level.FIRST, because="抽检不合格", by=by)

    return act


def test_who_buys_during_a_recall_gets_other_fruit_or_none(crowd: Crowd, wang: Viewer, qian: Viewer) -> None:
    box = a_pack(wang, pieces=BUYERS)
    bad = lot_of(box)
    more_of(box, pieces=BUYERS // 2, keeps_days=300)
    buyers = [a_viewer(f"买家{'甲乙丙丁'[n % 4]}") for n in range(BUYERS)]
    acts: list[Callable[[], object]] = []
    for buyer in buyers:
        fill(buyer, {box.slug: 1})
        agreed = terms(buyer, pay_by=PayBy.ONLINE)
        checkout = f"race-{next(_checkouts)}"
        acts.append(lambda b=buyer, a=agreed, c=checkout: rush.carry_out(lambda: place_within(b, a, checkout=c)))  # type: ignore[misc]
    acts.insert(BUYERS // 3, recalling(bad.code, qian))

    outcomes = crowd(acts)

    counts = tally(outcomes)
    assert set(counts) <= {"done", "SoldOut"}
    held, blocked = held_and_blocked(bad, box)
    assert held + blocked == BUYERS
    assert answer("SELECT sum(amount) FROM ledger_open_holds") == counts["done"] - 1
    assert holds_after_the_recall(bad) == 0
    assert findings() == {}


def held_and_blocked(lot: Lot, box: Pack) -> tuple[int, int]:
    session().rollback()
    (one,) = [one for one in blocking.in_store(lot) if one.pack.id == box.id]
    there = books.balances([one.stock, blocking.blocked(one.stock)])
    assert there[one.stock].free == 0
    return there[one.stock].cr_held, there[blocking.blocked(one.stock)].net


def holds_after_the_recall(lot: Lot) -> int:
    """How many holds on the lot's pieces came into the books after what took them out of sale."""
    return answer(
        "SELECT count(*) FROM ledger_transfers h JOIN packed_lots p ON p.account_id = h.credit_id "
        "WHERE p.lot_id = :lot AND h.phase = 'H' AND h.id > (SELECT min(t.id) FROM ledger_transfers t "
        "JOIN ledger_events e ON e.id = t.event_id WHERE e.kind = 'lot.recalled' AND t.credit_id = p.account_id)",
        lot=lot.id,
    )


def test_who_chose_his_lot_before_the_recall_is_refused_after_it(qian: Viewer, gift_box: Pack) -> None:
    bad = lot_of(gift_box)

    with pytest.raises(FloorBroken):
        naive_recalls.buy(gift_box, checkout="late", between=lambda: recall_it(bad, by=qian))

    assert answer("SELECT count(*) FROM ledger_open_holds") == 0


@pytest.mark.corrupts
def test_a_recall_that_only_marks_the_lot_lets_him_have_it(gift_box: Pack) -> None:
    bad = lot_of(gift_box)

    naive_recalls.buy(gift_box, checkout="late", between=lambda: naive_recalls.mark_alone(bad))

    assert answer("SELECT sum(amount) FROM ledger_open_holds") == 1
    assert "M45-free" in findings()


def test_two_recalls_of_one_line_make_one(crowd: Crowd, wang: Viewer, qian: Viewer, zhao: Viewer) -> None:
    box = a_pack(wang)
    code = lot_of(box).code

    outcomes = crowd([recalling(code, who) for who in (qian, zhao) * 3])

    assert tally(outcomes) == {"AlreadyRecalled": 5, "done": 1}
    assert findings() == {}

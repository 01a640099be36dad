"""Stock: fruit comes in and is packed, pieces are promised to orders, and leave again."""

from __future__ import annotations

from datetime import timedelta

import pytest

from app.kernel import clock
from app.kernel.db import session, transaction
from app.kernel.permissions import Viewer
from app.ledger.books import queries as books
from app.ledger.books.movements import Place
from app.people.growers.models import Seller
from app.trade.catalog.models import Pack
from app.trade.lots.errors import BadBestBefore, BadHarvest
from app.trade.lots.models import Lot
from app.trade.lots.service import Harvest
from app.trade.orders import service as orders
from app.trade.orders.states import PayBy
from app.trade.stock import accounts, blocking, queries, service
from app.trade.stock.errors import NotThatMany, SoldOut
from app.trade.stock.service import Wish
from tests.cast import (
    a_pack,
    an_order_of,
    answer,
    at,
    available,
    described,
    findings,
    later,
    more_of,
    shop_of,
    today,
)


def take_out(pack: Pack, pieces: int, *, key: str = "out") -> None:
    with transaction():
        service.take_out(pack, pieces=pieces, by="test", because="自家留用", key=key)


def left_by_lot(pack: Pack) -> list[int]:
    """Pieces in store by lot, the lot that goes bad first first."""
    session().rollback()
    return [row.free for row in queries.in_store_by_lot([pack.id])]


def packed_grams(pack: Pack, lot: Lot) -> int:
    return books.balance(service.packed_grams_place(pack, lot_id=lot.id)).net


def test_what_is_weighed_in_is_packed_to_the_gram(wang: Viewer, gift_box: Pack) -> None:
    lot = more_of(gift_box, pieces=7)

    assert lot.weight_in.grams == 7 * 2500
    assert packed_grams(gift_box, lot) == 7 * 2500
    loose = Place(
        accounts.fruit(lot.variety_key, lot.grade_key),
        accounts.LOOSE,
        accounts.seller_party(lot.seller_id),
        lot.township_code,
        subject=f"lot:{lot.id}",
    )
    assert (books.balance(loose).dr, books.balance(loose).net) == (17_500, 0)
    assert available(gift_box) == 17


@pytest.mark.parametrize(("pieces", "net"), [(1, 1), (3, 333), (999, 70), (100_000, 2500)])
def test_pieces_times_net_weight_lie_packed(wang: Viewer, pieces: int, net: int) -> None:
    pack = a_pack(wang, pieces=pieces, said=described(net=net))

    assert available(pack) == pieces
    assert answer("SELECT sum(dr - cr) FROM ledger_accounts WHERE role = 'packed_grams'") == pieces * net


@pytest.mark.parametrize("years", [-3, 1])
def test_a_harvest_of_long_ago_or_to_come_is_refused(wang: Viewer, gift_box: Pack, years: int) -> None:
    day = today()
    harvest = Harvest("南垣村", "muzao", gift_box.grade_key, day.year + years, day + timedelta(days=90))

    with pytest.raises(BadHarvest) as refused, transaction():
        service.pack_lot(gift_box, session().get_one(Seller, gift_box.seller_id), harvest, pieces=1, by="test")

    assert refused.value.field == "harvest_year"
    assert available(gift_box) == 10


@pytest.mark.parametrize("days", [0, -1, 3 * 366 + 1])
def test_fruit_that_does_not_keep_or_keeps_for_ever_is_refused(wang: Viewer, gift_box: Pack, days: int) -> None:
    with pytest.raises(BadBestBefore):
        more_of(gift_box, pieces=1, keeps_days=days)

    assert available(gift_box) == 10


def test_the_lot_that_goes_bad_first_is_sold_first(li: Viewer, wang: Viewer) -> None:
    pack = a_pack(wang, pieces=5, keeps_days=100)
    more_of(pack, pieces=5, keeps_days=50)
    more_of(pack, pieces=5, keeps_days=75)

    an_order_of(7, pack, buyer=li)

    assert left_by_lot(pack) == [0, 3, 5]


def test_an_expired_lot_is_not_for_sale(li: Viewer, wang: Viewer) -> None:
    pack = a_pack(wang, pieces=5, keeps_days=10)
    more_of(pack, pieces=2, keeps_days=20)

    with at(later(days=10)):
        assert available(pack) == 2
        with pytest.raises(SoldOut):
            an_order_of(3, pack, buyer=li)

    with at(later(days=20)):
        assert available(pack) == 0
        assert queries.lots_on_sale(pack.id) == []


def test_a_hold_that_is_over_is_free_by_time_alone(li: Viewer, hu: Viewer, gift_box: Pack) -> None:
    an_order_of(10, gift_box, buyer=li, pay_by=PayBy.ONLINE)
    assert available(gift_box) == 0

    with at(later(seconds=901)):
        assert available(gift_box) == 10
        an_order_of(9, gift_box, buyer=hu)
        assert available(gift_box) == 1
        assert findings() == {}


def test_a_hold_stands_until_its_last_second(li: Viewer, hu: Viewer, gift_box: Pack) -> None:
    order = an_order_of(10, gift_box, buyer=li, pay_by=PayBy.ONLINE)
    assert order.hold_until is not None

    with at(order.hold_until - timedelta(seconds=1)):
        assert available(gift_box) == 0
        with pytest.raises(SoldOut):
            an_order_of(1, gift_box, buyer=hu)
    with at(order.hold_until):
        assert available(gift_box) == 10


def test_more_holds_than_are_freed_at_once_do_not_hide_pieces(
    hu: Viewer, li: Viewer, wang: Viewer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(service, "_FREED_AT_ONCE", 2)
    monkeypatch.setattr(orders, "MOST_UNPAID", 99)
    pack = a_pack(wang, pieces=6)
    for _ in range(6):
        an_order_of(1, pack, buyer=li, pay_by=PayBy.ONLINE)

    with at(later(seconds=901)):
        an_order_of(6, pack, buyer=hu)
        assert available(pack) == 0


def test_holds_that_nobody_needs_are_left_to_the_worker(li: Viewer, hu: Viewer, gift_box: Pack) -> None:
    an_order_of(4, gift_box, buyer=li, pay_by=PayBy.ONLINE)

    with at(later(seconds=901)):
        an_order_of(6, gift_box, buyer=hu)
        assert answer("SELECT count(*) FROM ledger_open_holds") == 2
        with transaction():
            assert blocking.free_expired(by="worker") == 1
        with transaction():
            assert blocking.free_expired(by="worker") == 0
        assert available(gift_box) == 4


def test_two_wishes_for_one_pack_count_together(wang: Viewer) -> None:
    pack = a_pack(wang, pieces=3)
    before = answer("SELECT count(*) FROM ledger_events")

    with pytest.raises(SoldOut) as refused, transaction():
        service.keep([Wish(pack, 2), Wish(pack, 2)], until=None)

    assert refused.value.values["left"] == 1
    assert answer("SELECT count(*) FROM ledger_events") == before
    with transaction():
        kept = service.keep([Wish(pack, 2), Wish(pack, 1)], until=None)
    assert [hold.amount for hold in kept.holds] == [3]


def test_a_refused_order_writes_nothing(li: Viewer, gift_box: Pack) -> None:
    with pytest.raises(SoldOut):
        an_order_of(11, gift_box, buyer=li)

    assert answer("SELECT count(*) FROM orders") == 0
    assert answer("SELECT count(*) FROM ledger_open_holds") == 0
    assert answer("SELECT count(*) FROM cart_lines") == 1


def test_what_is_taken_out_is_the_last_to_go_bad(wang: Viewer) -> None:
    pack = a_pack(wang, pieces=5, keeps_days=50)
    more_of(pack, pieces=5, keeps_days=100)

    take_out(pack, 7)

    assert left_by_lot(pack) == [3, 0]
    assert answer("SELECT sum(dr - cr) FROM ledger_accounts WHERE role = 'loss_grams'") == 7 * 2500


def test_fruit_past_its_day_is_taken_out_first(wang: Viewer) -> None:
    pack = a_pack(wang, pieces=5, keeps_days=10)
    more_of(pack, pieces=5, keeps_days=100)

    with at(later(days=11)):
        take_out(pack, 6)
        assert left_by_lot(pack) == [0, 4]


def test_what_is_held_cannot_be_taken_out(li: Viewer, gift_box: Pack) -> None:
    an_order_of(4, gift_box, buyer=li)

    with pytest.raises(NotThatMany) as refused:
        take_out(gift_box, 7)

    assert (refused.value.values["left"], refused.value.field) == (6, "pieces")
    assert available(gift_box) == 6


def test_pieces_under_a_hold_that_is_over_can_be_taken_out(li: Viewer, gift_box: Pack) -> None:
    an_order_of(4, gift_box, buyer=li, pay_by=PayBy.ONLINE)

    with at(later(seconds=901)):
        take_out(gift_box, 8)
        assert available(gift_box) == 2


def test_the_seller_sees_what_lies_there_and_what_is_promised(li: Viewer, gift_box: Pack) -> None:
    an_order_of(4, gift_box, buyer=li)

    assert queries.on_hand([gift_box.id, 0]) == {gift_box.id: (10, 4), 0: (0, 0)}


def test_a_box_is_told_the_lots_that_it_may_come_from(wang: Viewer) -> None:
    pack = a_pack(wang, pieces=2, keeps_days=50)
    more_of(pack, pieces=2, keeps_days=20)

    lots = queries.lots_on_sale(pack.id)

    assert [lot.best_before for lot in lots] == [clock.today() + timedelta(days=days) for days in (20, 50)]
    assert {lot.village_name for lot in lots} == {"南垣村"}
    assert shop_of(wang).township_code == "141125107"

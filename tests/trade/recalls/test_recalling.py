"""A recall stops a lot and all that was made of it, in one transaction; what follows is done order by order."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from app.kernel.db import session, transaction
from app.kernel.errors import NotFound
from app.kernel.permissions import Viewer
from app.kernel.states import IllegalMove
from app.ledger.books import queries as books
from app.ledger.books.movements import Place
from app.people.messages.models import Message
from app.trade.catalog.models import Pack
from app.trade.lots.errors import LotRecalled
from app.trade.lots.models import Lot
from app.trade.orders.states import OrderState
from app.trade.payments import refunds
from app.trade.recalls import queries, service
from app.trade.recalls.errors import AlreadyRecalled, MadeItHimself, OwnLot, ReasonMissing
from app.trade.recalls.states import RecallState
from app.trade.stock import blocking
from app.trade.stock import service as stock
from app.trade.stock.errors import NotThatMany, SoldOut
from tests.cast import (
    an_order_of,
    at,
    available,
    cancel,
    fresh,
    later,
    more_of,
    pack,
    pay,
    receive,
    seen_anew,
    ship,
    shop_of,
)
from tests.trade.recalls.cast import WHY, afterwards, fresh_lot, loose_lot, lot_of, made_of, recall_it


def blocked_of(lot: Lot) -> tuple[int, int]:
    """Pieces and grams that lie blocked of a lot."""
    session().rollback()
    places = [(blocking.blocked(one.stock), blocking.blocked(one.grams)) for one in blocking.in_store(lot)]
    loose = blocking.blocked(stock.loose_place(lot))
    pieces = sum(net(pieces) for pieces, _ in places)
    return pieces, net(loose) + sum(net(grams) for _, grams in places)


def net(place: Place) -> int:
    return books.balance(place).net


def told(who: Viewer) -> list[str]:
    session().rollback()
    return list(session().scalars(select(Message.words).where(Message.person_id == who.person_id).order_by(Message.id)))


def test_nothing_of_a_recalled_lot_can_be_ordered(li: Viewer, zhao: Viewer, gift_box: Pack) -> None:
    recall_it(lot_of(gift_box), by=zhao)

    assert available(gift_box) == 0
    with pytest.raises(SoldOut):
        an_order_of(1, gift_box, buyer=li)


def test_what_is_free_is_blocked_and_what_is_held_stays_held(li: Viewer, zhao: Viewer, gift_box: Pack) -> None:
    an_order_of(3, gift_box, buyer=li)

    recall_it(lot_of(gift_box), by=zhao)

    assert blocked_of(lot_of(gift_box)) == (7, 7 * 2500)


def test_holds_whose_time_is_over_are_given_up_in_the_recall(li: Viewer, zhao: Viewer, gift_box: Pack) -> None:
    an_order_of(3, gift_box, buyer=li)

    with at(later(hours=49)):
        recall_it(lot_of(gift_box), by=zhao)

        assert blocked_of(lot_of(gift_box)) == (10, 25_000)


def test_an_order_that_is_called_off_later_gives_nothing_back_to_the_shelf(
    li: Viewer, zhao: Viewer, gift_box: Pack
) -> None:
    order = an_order_of(3, gift_box, buyer=li)
    recall_it(lot_of(gift_box), by=zhao)

    cancel(order, by=li)

    assert available(gift_box) == 0
    assert blocked_of(lot_of(gift_box)) == (10, 25_000)


def test_what_a_worker_frees_later_is_blocked_too(li: Viewer, zhao: Viewer, gift_box: Pack) -> None:
    an_order_of(3, gift_box, buyer=li)
    recall_it(lot_of(gift_box), by=zhao)

    with at(later(hours=49)):
        with transaction():
            blocking.free_expired(by="worker")

        assert blocked_of(lot_of(gift_box)) == (10, 25_000)


def test_the_next_lot_goes_on_being_sold(li: Viewer, zhao: Viewer, gift_box: Pack) -> None:
    first = lot_of(gift_box)
    more_of(gift_box, pieces=4)

    recall_it(first, by=zhao)

    assert available(gift_box) == 4
    an_order_of(4, gift_box, buyer=li)


def test_everything_made_of_the_lot_is_recalled_with_it(wang: Viewer, zhao: Viewer) -> None:
    first = loose_lot(wang)
    second = made_of(first, wang)
    third = made_of(second, wang, grams=1_000)
    other = loose_lot(wang)

    recall_it(second, by=zhao)

    assert [fresh_lot(lot).is_recalled for lot in (first, second, third, other)] == [False, True, True, False]
    assert [blocked_of(lot)[1] for lot in (first, second, third, other)] == [0, 3_000, 1_000, 0]


def test_nobody_packs_from_a_recalled_lot(wang: Viewer, zhao: Viewer, gift_box: Pack) -> None:
    lot = loose_lot(wang)
    recall_it(lot, by=zhao)

    with pytest.raises(LotRecalled), transaction():
        stock.pack(gift_box, fresh_lot(lot), pieces=1, by="test", key="test")


def test_a_seller_takes_nothing_out_of_a_recalled_lot(zhao: Viewer, gift_box: Pack) -> None:
    recall_it(lot_of(gift_box), by=zhao)

    with pytest.raises(NotThatMany), transaction():
        stock.take_out(gift_box, pieces=1, by="test", because="吃了", key="test")


def test_nobody_ships_what_was_recalled(li: Viewer, wang: Viewer, qian: Viewer, zhao: Viewer, gift_box: Pack) -> None:
    order = an_order_of(2, gift_box, buyer=li)
    pay(order, by=qian)
    pack(order, by=wang)
    recall_it(lot_of(gift_box), by=zhao)

    with pytest.raises(LotRecalled):
        ship(order, by=wang)


def test_orders_that_are_not_sent_are_called_off_and_their_money_goes_back(
    li: Viewer, hu: Viewer, wang: Viewer, qian: Viewer, zhao: Viewer, gift_box: Pack
) -> None:
    paid, placed = an_order_of(2, gift_box, buyer=li), an_order_of(1, gift_box, buyer=hu)
    pay(paid, by=qian)
    pack(paid, by=wang)
    recall_it(lot_of(gift_box), by=zhao)

    afterwards()

    assert {fresh(one).state for one in (paid, placed)} == {OrderState.CANCELLED}
    (refund,) = refunds.of_order(fresh(paid))
    assert refund.refund.amount == paid.total
    assert f"您的订单 {paid.number} 取消了：里面的枣被召回（{WHY}）。付过的钱会退给您。" in told(li)
    assert blocked_of(lot_of(gift_box)) == (10, 25_000)


def test_who_has_the_fruit_already_is_told_not_to_eat_it(
    li: Viewer, wang: Viewer, qian: Viewer, zhao: Viewer, gift_box: Pack
) -> None:
    order = an_order_of(2, gift_box, buyer=li)
    pay(order, by=qian)
    pack(order, by=wang)
    ship(order, by=wang)
    receive(order, by=li)
    recall_it(lot_of(gift_box), by=zhao)

    afterwards()

    assert fresh(order).state is OrderState.RECEIVED
    assert any("请不要吃" in words for words in told(li))


def test_seller_township_and_county_are_told(wang: Viewer, zhao: Viewer, qian: Viewer, gift_box: Pack) -> None:
    lot = lot_of(gift_box)
    recall_it(lot, by=zhao)

    afterwards()

    assert all(any(lot.code in words for words in told(who)) for who in (wang, zhao, qian))


def test_the_list_names_every_order_with_its_pieces(
    li: Viewer, hu: Viewer, wang: Viewer, qian: Viewer, zhao: Viewer, gift_box: Pack
) -> None:
    sent, held, gone = (an_order_of(n, gift_box, buyer=who) for n, who in ((2, li), (3, hu), (1, li)))
    cancel(gone, by=li)
    pay(sent, by=qian)
    pack(sent, by=wang)
    ship(sent, by=wang)
    pay(held, by=qian)
    lot = lot_of(gift_box)

    found = {one.number: (one.pieces, one.is_sent) for one in queries.affected([lot.id])}

    assert found == {sent.number: (2, True), held.number: (3, False)}


def test_a_lifted_recall_puts_the_packs_back_on_the_shelf(zhao: Viewer, qian: Viewer, gift_box: Pack) -> None:
    lot = lot_of(gift_box)
    recall = recall_it(lot, by=zhao)

    with transaction():
        service.lift(recall.number, because="复检合格", by=qian)

    assert available(gift_box) == 10
    assert blocked_of(lot) == (0, 0)


def test_a_lifted_recall_frees_what_was_made_of_the_lot(wang: Viewer, zhao: Viewer, qian: Viewer) -> None:
    lot = loose_lot(wang)
    child = made_of(lot, wang)
    recall = recall_it(lot, by=zhao)

    with transaction():
        service.lift(recall.number, because="复检合格", by=qian)

    assert [fresh_lot(one).is_recalled for one in (lot, child)] == [False, False]
    assert net(stock.loose_place(child)) == 4_000


def test_nobody_lifts_what_he_made(zhao: Viewer, gift_box: Pack) -> None:
    recall = recall_it(lot_of(gift_box), by=zhao)

    with pytest.raises(MadeItHimself), transaction():
        service.lift(recall.number, because="复检合格", by=zhao)


def test_nobody_lifts_the_recall_of_his_own_lot(wang: Viewer, zhao: Viewer, gift_box: Pack) -> None:
    recall = recall_it(lot_of(gift_box), by=zhao)

    with pytest.raises(OwnLot), transaction():
        service.lift(recall.number, because="复检合格", by=seen_anew(wang.person_id))


def test_a_recall_is_lifted_once(zhao: Viewer, qian: Viewer, gift_box: Pack) -> None:
    recall = recall_it(lot_of(gift_box), by=zhao)
    with transaction():
        service.lift(recall.number, because="复检合格", by=qian)

    with pytest.raises(IllegalMove), transaction():
        service.lift(recall.number, because="复检合格", by=qian)


def test_a_lot_stays_stopped_while_what_it_was_made_of_is_recalled(wang: Viewer, zhao: Viewer, qian: Viewer) -> None:
    parent = loose_lot(wang)
    child = made_of(parent, wang)
    of_child = recall_it(child, by=zhao)
    of_parent = recall_it(parent, by=zhao)

    with transaction():
        service.lift(of_child.number, because="复检合格", by=qian)

    assert fresh_lot(child).recall_id == of_parent.id
    assert blocked_of(child) == (0, 4_000)


def test_what_was_destroyed_is_lost_and_stays_recalled(zhao: Viewer, qian: Viewer, gift_box: Pack) -> None:
    lot = lot_of(gift_box)
    recall = recall_it(lot, by=zhao)

    with transaction():
        service.finish(recall.number, because="在镇政府监督下掩埋", by=qian)

    assert blocked_of(lot) == (0, 0)
    assert fresh_lot(lot).is_recalled
    assert queries.recall(recall.id).state is RecallState.DONE


def test_a_lot_is_recalled_once(zhao: Viewer, qian: Viewer, gift_box: Pack) -> None:
    lot = lot_of(gift_box)
    recall_it(lot, by=zhao)

    with pytest.raises(AlreadyRecalled):
        recall_it(fresh_lot(lot), by=qian)


def test_a_recall_needs_a_reason(zhao: Viewer, gift_box: Pack) -> None:
    with pytest.raises(ReasonMissing):
        recall_it(lot_of(gift_box), by=zhao, because="")


def test_an_unknown_recall_is_not_found(zhao: Viewer) -> None:
    with pytest.raises(NotFound), transaction():
        service.lift("Z-nothing", because="复检合格", by=zhao)


def test_a_seller_recalls_his_own_lot_and_an_official_lifts_it(wang: Viewer, zhao: Viewer, gift_box: Pack) -> None:
    recall = recall_it(lot_of(gift_box), by=wang)

    with transaction():
        service.lift(recall.number, because="复检合格", by=zhao)

    assert shop_of(wang).id == recall.seller_id
    assert available(gift_box) == 10

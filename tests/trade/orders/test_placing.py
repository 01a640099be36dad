"""Placing orders: what a basket becomes, and everything that may be said against it."""

from __future__ import annotations

import random
from dataclasses import replace

import pytest

from app.kernel.db import transaction
from app.kernel.errors import NotFound
from app.kernel.money import Money
from app.kernel.permissions import Viewer
from app.people.growers import service as growers
from app.trade.cart import service as cart
from app.trade.catalog import service as catalog
from app.trade.catalog.models import Pack
from app.trade.catalog.states import PackState
from app.trade.freight.service import NotServed
from app.trade.orders import service as orders
from app.trade.orders.errors import EmptyBasket, NotOnSale, PriceChanged, TooManyUnpaid
from app.trade.orders.states import OrderState, PayBy
from tests.cast import (
    GUANGDONG,
    a_pack,
    an_order_of,
    answer,
    at,
    available,
    basket_of,
    cancel,
    described,
    fill,
    fresh,
    later,
    pay,
    place,
    sql,
    terms,
)


def reprice(pack: Pack, fen: int) -> None:
    with transaction() as current:
        now = current.get_one(Pack, pack.id)
        catalog.reprice(now, price=Money(fen), version=now.version, by="test")


def written() -> int:
    """How many rows a refused order could have left behind."""
    return sum(
        answer(f"SELECT count(*) FROM {table}")
        for table in ("orders", "order_lines", "ledger_open_holds", "ledger_events")
    )


def test_a_basket_becomes_one_order_for_each_seller(li: Viewer, wang: Viewer, gao: Viewer) -> None:
    one, two, three = a_pack(wang), a_pack(gao), a_pack(wang, said=described(net=500, price=1990))
    fill(li, {one.slug: 1, two.slug: 2, three.slug: 3})

    placed = place(li)

    assert {order.seller_id: order.goods.fen for order in placed} == {
        one.seller_id: 6800 + 3 * 1990,
        two.seller_id: 2 * 6800,
    }
    assert {order.checkout for order in placed} == {placed[0].checkout}
    assert cart.lines_of(basket_of(li)) == []


@pytest.mark.only("sqlite")
def test_parts_of_any_basket_add_up_to_the_whole(li: Viewer, wang: Viewer, gao: Viewer) -> None:
    chance = random.Random(5)
    shelf = [
        a_pack(grower, pieces=999, said=described(net=chance.randrange(1, 9000), price=chance.randrange(1, 50_000)))
        for grower in (wang, gao)
        for _ in range(3)
    ]
    for _ in range(12):
        fill(li, {pack.slug: chance.randrange(1, 20) for pack in chance.sample(shelf, chance.randrange(1, 7))})
        agreed = terms(li, province=GUANGDONG)
        lines = cart.lines_of(basket_of(li))

        placed = place(li, agreed)

        assert sum(order.total.fen for order in placed) == agreed.total.fen
        assert sum(order.goods.fen for order in placed) == sum(line.amount.fen for line in lines)
        assert sum(order.weight.grams for order in placed) == sum(line.pack.net.grams * line.pieces for line in lines)
        for order in placed:
            cancel(order, by=li)


def test_another_total_than_the_buyer_saw_is_refused(li: Viewer, gift_box: Pack) -> None:
    fill(li, {gift_box.slug: 1})
    agreed, before = terms(li), written()
    reprice(gift_box, 6900)

    with pytest.raises(PriceChanged) as refused:
        place(li, agreed)

    assert refused.value.values["total"] == str(agreed.total + Money(100))
    assert written() == before
    assert len(cart.lines_of(basket_of(li))) == 1


def test_an_order_keeps_the_price_and_title_of_its_moment(li: Viewer, gift_box: Pack) -> None:
    order = an_order_of(2, gift_box, buyer=li)
    reprice(gift_box, 9900)
    sql("UPDATE packs SET title = 'otherwise'")

    (line,) = fresh(order).lines

    assert (line.title, line.price.fen, line.amount.fen) == ("柳林木枣 五斤装", 6800, 13_600)
    assert fresh(order).goods.fen == 13_600


def test_what_is_off_the_shelf_cannot_be_ordered(li: Viewer, gift_box: Pack) -> None:
    fill(li, {gift_box.slug: 1})
    agreed, before = terms(li), written()
    with transaction() as current:
        catalog.become(current.get_one(Pack, gift_box.id), PackState.OFF, by="test")

    with pytest.raises(NotOnSale) as refused:
        place(li, agreed)

    assert refused.value.values["title"] == gift_box.title
    assert written() == before


def test_fruit_of_a_suspended_seller_cannot_be_ordered_or_put_into_a_basket(
    li: Viewer, hu: Viewer, zhao: Viewer, gift_box: Pack
) -> None:
    fill(li, {gift_box.slug: 1})
    agreed = terms(li)
    with transaction():
        growers.suspend(gift_box.seller_id, by=zhao, because="正在检查中")

    with pytest.raises(NotOnSale):
        place(li, agreed)
    with pytest.raises(NotFound):
        fill(hu, {gift_box.slug: 1})


def test_an_empty_basket_is_refused(li: Viewer) -> None:
    with pytest.raises(EmptyBasket):
        place(li)


def test_where_nobody_delivers_nothing_is_ordered(li: Viewer, gift_box: Pack) -> None:
    fill(li, {gift_box.slug: 1})
    agreed = terms(li)
    sql("UPDATE provinces SET is_served = :no WHERE code = '44'", no=False)

    for province in (GUANGDONG, "99", ""):
        with pytest.raises((NotServed, PriceChanged)):
            place(li, replace(agreed, province_code=province))

    assert answer("SELECT count(*) FROM orders") == 0


def test_a_fourth_unpaid_order_is_refused_until_one_is_paid_called_off_or_over(
    li: Viewer, qian: Viewer, gift_box: Pack
) -> None:
    first, second, _third = (an_order_of(1, gift_box, buyer=li) for _ in range(3))

    with pytest.raises(TooManyUnpaid) as refused:
        an_order_of(1, gift_box, buyer=li)
    assert refused.value.values["count"] == 3

    pay(first, by=qian)
    place(li)
    fill(li, {gift_box.slug: 1})
    with pytest.raises(TooManyUnpaid):
        place(li)
    cancel(second, by=li)
    place(li)
    with at(later(hours=49)):
        fill(li, {gift_box.slug: 1})
        place(li)


def test_unpaid_orders_of_others_do_not_count(li: Viewer, hu: Viewer, gift_box: Pack) -> None:
    for _ in range(3):
        an_order_of(1, gift_box, buyer=li)

    an_order_of(1, gift_box, buyer=hu)

    assert available(gift_box) == 6


@pytest.mark.parametrize(
    ("pay_by", "seconds"), [(PayBy.ONLINE, 900), (PayBy.BANK_TRANSFER, 48 * 3600), (PayBy.CASH_ON_DELIVERY, None)]
)
def test_each_way_of_paying_holds_the_goods_for_its_time(
    li: Viewer, gift_box: Pack, pay_by: PayBy, seconds: int | None
) -> None:
    order = an_order_of(1, gift_box, buyer=li, pay_by=pay_by)

    span = order.hold_until - order.placed_at if order.hold_until else None
    assert (span.total_seconds() if span else None) == seconds
    assert order.state is OrderState.PLACED


def test_numbers_of_orders_cannot_be_counted(li: Viewer, wang: Viewer, gao: Viewer) -> None:
    one, two = a_pack(wang), a_pack(gao)
    fill(li, {one.slug: 1, two.slug: 1})

    numbers = [order.number for order in place(li)]

    assert len(set(numbers)) == 2
    assert all(len(number) == len("D23456-789AB-CDEFG") and number.startswith("D") for number in numbers)


def test_the_same_pack_put_in_twice_is_one_line(li: Viewer, gift_box: Pack) -> None:
    fill(li, {gift_box.slug: 2})
    fill(li, {gift_box.slug: 3})

    (line,) = cart.lines_of(basket_of(li))

    assert (line.pieces, line.amount.fen) == (5, 5 * 6800)


@pytest.mark.parametrize(("first", "second"), [(1, 999), (999, 1), (500, 500)])
def test_a_basket_holds_at_most_999_of_a_pack(li: Viewer, gift_box: Pack, first: int, second: int) -> None:
    fill(li, {gift_box.slug: first})

    with pytest.raises(cart.CartFull):
        fill(li, {gift_box.slug: second})

    assert cart.pieces_in(basket_of(li)) == first


def test_a_basket_holds_at_most_so_many_lines(
    li: Viewer, wang: Viewer, gift_box: Pack, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(cart, "MOST_LINES", 1)
    fill(li, {gift_box.slug: 1})

    with pytest.raises(cart.CartFull):
        fill(li, {a_pack(wang).slug: 1})

    fill(li, {gift_box.slug: 1})
    assert cart.pieces_in(basket_of(li)) == 2


def test_the_basket_is_changed_and_emptied_line_by_line(li: Viewer, wang: Viewer, gift_box: Pack) -> None:
    other = a_pack(wang)
    fill(li, {gift_box.slug: 2, other.slug: 1})

    with transaction():
        cart.change(basket_of(li), gift_box.slug, pieces=7)
        cart.remove(basket_of(li), other.slug)

    assert [(line.pack.id, line.pieces) for line in cart.lines_of(basket_of(li))] == [(gift_box.id, 7)]
    with pytest.raises(NotFound), transaction():
        cart.change(basket_of(li), other.slug, pieces=1)


def test_goods_and_carriage_are_quoted_for_each_seller(li: Viewer, wang: Viewer, gao: Viewer) -> None:
    one, two = a_pack(wang), a_pack(gao, said=described(net=500, price=100))
    fill(li, {one.slug: 2, two.slug: 1})

    parts = orders.quotes(cart.lines_of(basket_of(li)), province_code=GUANGDONG)

    assert sorted((part.goods.fen, part.freight.fen, part.weight.grams) for part in parts) == [
        (100, 1200, 500),
        (13_600, 1200 + 4 * 800, 5000),
    ]

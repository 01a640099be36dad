"""Who may see and move an order, and what lies sealed."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from sqlalchemy import text

from app.kernel.db import Base, session
from app.kernel.errors import NotFound
from app.kernel.permissions import Viewer
from app.people.accounts.states import Role
from app.trade.catalog.models import Pack
from app.trade.orders import queries
from app.trade.orders.permissions import ORDERS_READ
from app.trade.orders.states import OrderState, PayBy
from tests.cast import (
    HOME,
    SANJIAO,
    a_viewer,
    an_order_of,
    at,
    cancel,
    fresh,
    later,
    pack,
    pay,
    receive,
    ship,
)


def test_nothing_of_an_address_lies_in_clear_in_any_column(li: Viewer, qian: Viewer, gift_box: Pack) -> None:
    order = an_order_of(1, gift_box, buyer=li)
    pay(order, by=qian)
    cancel(order, by=li)

    session().rollback()
    for table in Base.metadata.sorted_tables:
        for row in session().execute(text(f"SELECT * FROM {table.name}")):
            for value in row:
                told = value.decode("utf-8", "replace") if isinstance(value, bytes) else str(value)
                assert HOME.phone not in told, table.name
                assert HOME.address not in told, table.name
                assert HOME.address[3:9] not in told, table.name


def test_the_address_opens_for_its_order_alone(li: Viewer, hu: Viewer, gift_box: Pack) -> None:
    mine, other = an_order_of(1, gift_box, buyer=li), an_order_of(1, gift_box, buyer=hu)

    assert queries.ship_to(mine) == HOME
    assert mine.address_sealed != other.address_sealed


def test_the_seller_knows_where_a_parcel_goes_only_while_he_needs_it(
    li: Viewer, wang: Viewer, qian: Viewer, gift_box: Pack
) -> None:
    order = an_order_of(1, gift_box, buyer=li)
    seen = [queries.seller_sees_address(fresh(order))]
    for act, person in ((pay, qian), (pack, wang), (ship, wang), (receive, li)):
        act(order, by=person)
        seen.append(queries.seller_sees_address(fresh(order)))
    assert seen == [False, True, True, True, True]

    with at(later(days=29)):
        assert queries.seller_sees_address(fresh(order))
    with at(later(days=31)):
        assert not queries.seller_sees_address(fresh(order))


def test_the_seller_of_goods_on_delivery_knows_at_once_and_no_longer_when_it_is_off(li: Viewer, gift_box: Pack) -> None:
    order = an_order_of(1, gift_box, buyer=li, pay_by=PayBy.CASH_ON_DELIVERY)
    assert queries.seller_sees_address(fresh(order))

    cancel(order, by=li)

    assert not queries.seller_sees_address(fresh(order))


def test_a_strangers_order_is_not_found(
    li: Viewer, hu: Viewer, wang: Viewer, gao: Viewer, zhao: Viewer, qian: Viewer, sun: Viewer, gift_box: Pack
) -> None:
    number = an_order_of(1, gift_box, buyer=li).number
    elsewhere = a_viewer("冯文书", (Role.TOWNSHIP, f"township:{SANJIAO}"))

    mine: list[Callable[[], object]] = [
        lambda: queries.order_of(li, number),
        lambda: queries.order_to_ship(wang, number),
        lambda: queries.order_in_scope(zhao, number, ORDERS_READ),
        lambda: queries.order_in_scope(qian, number, ORDERS_READ),
        lambda: queries.order_in_scope(sun, number, ORDERS_READ),
    ]
    for ask in mine:
        ask()
    strangers: list[Callable[[], object]] = [
        lambda: queries.order_of(hu, number),
        lambda: queries.order_of(wang, number),
        lambda: queries.order_to_ship(gao, number),
        lambda: queries.order_to_ship(li, number),
        lambda: queries.order_in_scope(elsewhere, number, ORDERS_READ),
        lambda: queries.order_in_scope(li, number, ORDERS_READ),
        lambda: queries.order_of(li, "D00000-00000-00000"),
    ]
    for ask in strangers:
        with pytest.raises(NotFound):
            ask()


@pytest.mark.parametrize("act", [cancel, receive])
def test_nobody_but_the_buyer_calls_off_or_receives(
    act: Callable[..., None], li: Viewer, hu: Viewer, wang: Viewer, gift_box: Pack
) -> None:
    order = an_order_of(1, gift_box, buyer=li)

    for stranger in (hu, wang):
        with pytest.raises(NotFound):
            act(order, by=stranger)
    assert fresh(order).state is OrderState.PLACED


@pytest.mark.parametrize("act", [pack, ship])
def test_nobody_but_the_seller_packs_or_ships(
    act: Callable[..., None], li: Viewer, gao: Viewer, qian: Viewer, gift_box: Pack
) -> None:
    order = an_order_of(1, gift_box, buyer=li, pay_by=PayBy.CASH_ON_DELIVERY)

    for stranger in (li, gao, qian):
        with pytest.raises(NotFound):
            act(order, by=stranger)
    assert fresh(order).state is OrderState.PLACED


def test_lists_show_each_side_its_own_orders_newest_first(
    li: Viewer, hu: Viewer, wang: Viewer, gao: Viewer, zhao: Viewer, gift_box: Pack
) -> None:
    first, second = an_order_of(1, gift_box, buyer=li), an_order_of(2, gift_box, buyer=li)
    third = an_order_of(1, gift_box, buyer=hu)

    def numbers(page: object) -> list[str]:
        return [row.order.number for row in page.items]  # type: ignore[attr-defined]

    assert numbers(queries.of_buyer(li)) == [second.number, first.number]
    assert numbers(queries.of_seller(wang)) == [third.number, second.number, first.number]
    assert numbers(queries.of_seller(gao)) == []
    assert numbers(queries.in_scope(zhao)) == [third.number, second.number, first.number]
    assert queries.of_buyer(li).items[0].title == gift_box.title


def test_a_seller_counts_what_waits_for_him(li: Viewer, wang: Viewer, qian: Viewer, gift_box: Pack) -> None:
    on_delivery = an_order_of(1, gift_box, buyer=li, pay_by=PayBy.CASH_ON_DELIVERY)
    pay(an_order_of(1, gift_box, buyer=li), by=qian)
    assert queries.cash_orders_to_pack(wang) == 1
    pack(on_delivery, by=wang)

    assert queries.counts_by_state(wang) == {OrderState.PAID: 1, OrderState.PACKED: 1}
    assert queries.cash_orders_to_pack(wang) == 0

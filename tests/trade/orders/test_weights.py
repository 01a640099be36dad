"""Ordered, weighed, settled: what is not in the box is not paid for, to the gram and the fen."""

from __future__ import annotations

import itertools

import pytest
from flask import Flask
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from app.kernel import events
from app.kernel.db import session, transaction
from app.kernel.errors import DomainError
from app.kernel.money import Money
from app.kernel.permissions import Viewer
from app.kernel.weight import Weight
from app.people.messages.models import Message
from app.trade.catalog.models import Pack
from app.trade.orders import pricing
from app.trade.orders import service as orders
from app.trade.orders.errors import WeighedTooFar
from app.trade.orders.models import Order
from app.trade.orders.states import OrderState, PayBy
from app.trade.payments.models import Refund, RefundReason, RefundState
from tests.cast import (
    a_pack,
    an_order_of,
    answer,
    cancel,
    described,
    fill,
    findings,
    fresh,
    more_of,
    pay,
    place,
    receive,
    ship,
    sql,
    terms,
)
from tests.trade.payments.test_refunds import owed, send
from tests.web.browsing import form_to, signed_in


@given(amount=st.integers(1, 10**9), promised=st.integers(1, 10**7), data=st.data())
def test_the_price_of_missing_weight_is_never_more_than_the_line_and_grows_with_it(
    amount: int, promised: int, data: st.DataObject
) -> None:
    less, more = sorted(data.draw(st.tuples(st.integers(0, promised), st.integers(0, promised))))

    def price(missing: int) -> int:
        return pricing.price_of_missing(Money(amount), promised=Weight(promised), missing=Weight(missing)).fen

    assert 0 == price(0) <= price(less) <= price(more) <= price(promised) == amount
    assert abs(2 * price(less) * promised - 2 * amount * less) <= promised


@given(whole=st.integers(0, 10**9), of=st.integers(1, 500), cuts=st.lists(st.integers(0, 500), max_size=6))
def test_the_shares_of_all_pieces_add_up_to_the_whole(whole: int, of: int, cuts: list[int]) -> None:
    edges = [0, *sorted(cut for cut in cuts if cut <= of), of]

    parts = [pricing.share(whole, of=of, first=a, count=b - a) for a, b in itertools.pairwise(edges)]

    assert sum(parts) == whole
    assert min(parts) >= 0


@given(goods=st.integers(1, 10**9), freight=st.integers(0, 10**6), data=st.data())
def test_what_is_earned_and_what_goes_back_make_the_price(goods: int, freight: int, data: st.DataObject) -> None:
    back = data.draw(st.integers(0, goods + freight))

    of_goods, of_freight = pricing.earned(goods=Money(goods), freight=Money(freight), given_back=Money(back))

    assert (of_goods + of_freight).fen == goods + freight - back
    assert min(of_goods.fen, of_freight.fen) >= 0
    assert of_goods == Money(0) or of_freight == Money(freight)


@pytest.fixture
def ten_kilos(li: Viewer, wang: Viewer, qian: Viewer) -> Order:
    """Four boxes of 2.5 kg at 68.00 each, out of two lots, paid by transfer."""
    box = a_pack(wang, pieces=3)
    more_of(box, pieces=3)
    order = an_order_of(4, box, buyer=li)
    pay(order, by=qian)
    return order


def weigh(order: Order, grams: int, *, by: Viewer) -> None:
    (line,) = fresh(order).lines
    with transaction():
        orders.pack(order.number, weighed={line.id: Weight(grams)}, by=by)


def grams_in(role: str) -> int:
    return answer("SELECT coalesce(sum(dr - cr), 0) FROM ledger_accounts WHERE role = :role", role=role)


def test_ten_kilos_ordered_and_nine_point_four_weighed_agree_to_the_gram_and_the_fen(
    ten_kilos: Order, li: Viewer, wang: Viewer, qian: Viewer
) -> None:
    weigh(ten_kilos, 9_400, by=wang)

    refund = session().query(Refund).one()
    # 272.00 × 600 / 10,000
    assert (refund.amount, refund.reason, refund.state) == (Money(1_632), RefundReason.SHORT_WEIGHT, RefundState.DUE)
    assert findings() == {}

    ship(ten_kilos, by=wang)
    assert (grams_in("on_road"), grams_in("loss_grams"), grams_in("packed_grams")) == (9_400, 600, 5_000)
    assert findings() == {}

    receive(ten_kilos, by=li)
    assert (grams_in("on_road"), grams_in("sold_grams"), grams_in("loss_grams")) == (0, 9_400, 600)
    assert owed("payable", ten_kilos) == 27_200 - 1_632
    send(refund, by=qian)
    assert (owed("prepaid", ten_kilos), owed("money_in", ten_kilos)) == (0, 0)
    assert owed("payable", ten_kilos) + owed("freight", ten_kilos) + 1_632 == ten_kilos.total.fen
    assert findings() == {}


def test_all_as_promised_is_one_tap_and_books_nothing(ten_kilos: Order, wang: Viewer, app: Flask) -> None:
    seller, page = signed_in(app, wang), f"/grower/orders/{ten_kilos.number}"
    form = form_to(seller, page, f"{page}/packing")

    assert seller.post(form.action, data=form.fields).status_code == 303

    assert fresh(ten_kilos).state is OrderState.PACKED
    assert answer("SELECT count(*) FROM refunds") == 0
    assert fresh(ten_kilos).lines[0].weighed is None


def test_more_than_promised_is_kept_and_books_nothing(ten_kilos: Order, li: Viewer, wang: Viewer) -> None:
    weigh(ten_kilos, 10_300, by=wang)
    ship(ten_kilos, by=wang)
    receive(ten_kilos, by=li)

    (line,) = fresh(ten_kilos).lines
    assert (line.weighed, line.missing, line.short) == (Weight(10_300), Weight(0), Money(0))
    assert (grams_in("sold_grams"), grams_in("loss_grams")) == (10_000, 0)
    assert owed("payable", ten_kilos) == 27_200
    assert findings() == {}


@pytest.mark.parametrize("grams", [5_000, 15_000])
def test_half_and_half_as_much_again_are_still_believed(ten_kilos: Order, wang: Viewer, grams: int) -> None:
    weigh(ten_kilos, grams, by=wang)

    assert fresh(ten_kilos).lines[0].weighed == Weight(grams)
    assert findings() == {}


@pytest.mark.parametrize("grams", [0, 94, 4_999, 15_001, 94_000])
def test_a_weight_that_nobody_packs_is_a_typing_error_and_nothing_is_packed(
    ten_kilos: Order, wang: Viewer, grams: int
) -> None:
    with pytest.raises(WeighedTooFar, match="20 斤"):
        weigh(ten_kilos, grams, by=wang)

    assert fresh(ten_kilos).state is OrderState.PAID
    assert answer("SELECT count(*) FROM refunds") == 0


def test_the_table_itself_refuses_such_a_weight(ten_kilos: Order) -> None:
    with pytest.raises(IntegrityError):
        sql("UPDATE order_lines SET weighed = 94")


def test_each_line_is_weighed_by_itself(li: Viewer, wang: Viewer, qian: Viewer) -> None:
    boxes = [a_pack(wang), a_pack(wang, said=described(title="柳林骏枣 四斤装", net=2_000, price=9_999))]
    fill(li, {boxes[0].slug: 1, boxes[1].slug: 3})
    (order,) = place(li, terms(li))
    pay(order, by=qian)
    first, second = fresh(order).lines
    with transaction():
        weighed = {first.id: Weight(2_600), second.id: Weight(5_995)}
        orders.pack(order.number, weighed=weighed, by=wang)
    ship(order, by=wang)
    receive(order, by=li)

    # 299.97 × 5 / 6,000 is 24.9975 fen.
    assert session().query(Refund).one().amount == Money(25)
    assert (grams_in("sold_grams"), grams_in("loss_grams")) == (2_500 + 5_995, 5)
    assert findings() == {}


def test_an_order_that_is_paid_on_delivery_costs_less_at_the_door_instead(
    li: Viewer, wang: Viewer, gift_box: Pack
) -> None:
    order = an_order_of(4, gift_box, buyer=li, pay_by=PayBy.CASH_ON_DELIVERY)

    weigh(order, 9_400, by=wang)

    assert answer("SELECT count(*) FROM refunds") == 0
    assert fresh(order).due == order.total - Money(1_632)
    ship(order, by=wang)
    receive(order, by=li)
    assert owed("payable", order) == 27_200 - 1_632
    assert grams_in("due_from_courier") == order.total.fen - 1_632
    assert findings() == {}


def test_a_light_box_that_is_called_off_sends_back_exactly_what_was_paid(
    ten_kilos: Order, li: Viewer, wang: Viewer, qian: Viewer
) -> None:
    weigh(ten_kilos, 9_400, by=wang)
    cancel(ten_kilos, by=li)

    for refund in session().query(Refund).all():
        send(refund, by=qian)

    assert answer("SELECT sum(amount) FROM refunds") == ten_kilos.total.fen
    assert (owed("prepaid", ten_kilos), grams_in("packed_grams"), findings()) == (0, 15_000, {})


def test_more_than_five_thousand_yuan_of_missing_weight_waits_for_an_official(
    li: Viewer, wang: Viewer, qian: Viewer
) -> None:
    order = an_order_of(1, a_pack(wang, said=described(price=1_100_000)), buyer=li)
    pay(order, by=qian)

    weigh(order, 1_300, by=wang)

    refund = session().query(Refund).one()
    assert (refund.state, refund.asked_by) == (RefundState.ASKED, wang.actor)
    assert findings() == {}


def test_the_buyer_is_told_how_much_is_missing_and_what_it_costs(ten_kilos: Order, li: Viewer, wang: Viewer) -> None:
    weigh(ten_kilos, 9_400, by=wang)
    with transaction():
        events.drain()

    told = session().scalars(select(Message.words).where(Message.person_id == li.person_id)).all()
    assert any("1.2 斤" in words and "16.32" in words for words in told)


def test_nobody_else_weighs_his_order(ten_kilos: Order, gao: Viewer, li: Viewer, qian: Viewer) -> None:
    for other in (gao, li, qian):
        with pytest.raises(DomainError):
            weigh(ten_kilos, 9_400, by=other)


def test_a_check_finds_grams_on_the_road_that_were_not_weighed(ten_kilos: Order, wang: Viewer) -> None:
    weigh(ten_kilos, 9_400, by=wang)
    ship(ten_kilos, by=wang)

    sql("UPDATE order_lines SET weighed = weighed + 1")

    assert set(findings()) == {"V3-road"}
    sql("UPDATE order_lines SET weighed = weighed - 1")


def test_the_seller_writes_what_it_weighed_and_both_see_what_goes_back(
    app: Flask, ten_kilos: Order, li: Viewer, wang: Viewer, zhao: Viewer
) -> None:
    seller, page = signed_in(app, wang), f"/grower/orders/{ten_kilos.number}"
    form = form_to(seller, page, f"{page}/packing")
    (field,) = [name for name in form.fields if name.startswith("weighed_")]
    for wrong in ("1.88", "188", "-1", "0", "NaN", "1e3", "十八"):
        refused = seller.post(form.action, data={**form.fields, field: wrong})
        assert refused.status_code == 422, wrong
        assert f'id="{field}-error"' in refused.text
    assert fresh(ten_kilos).state is OrderState.PAID

    assert seller.post(form.action, data={**form.fields, field: "１８.８"}).status_code == 303

    for who, url in ((li, "/orders"), (wang, "/grower/orders"), (zhao, "/desk/orders")):
        text = signed_in(app, who).get(f"{url}/{ten_kilos.number}").text
        assert "应有 20斤，实称 18.8斤" in text
        assert "¥16.32" in text
        assert f'value="{ten_kilos.total.fen - 1_632}"' in text


def test_the_seller_sees_how_much_the_courier_must_collect(
    app: Flask, li: Viewer, wang: Viewer, gift_box: Pack
) -> None:
    order = an_order_of(4, gift_box, buyer=li, pay_by=PayBy.CASH_ON_DELIVERY)
    weigh(order, 9_400, by=wang)

    page = signed_in(app, wang).get(f"/grower/orders/{order.number}").text

    assert "请快递代收" in page
    assert f'value="{order.total.fen - 1_632}"' in page

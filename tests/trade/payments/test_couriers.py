"""Money that a courier took at the door: his debt until he hands it over, the seller's from receipt, and refundable."""

from __future__ import annotations

from datetime import date

import pytest
from flask import Flask

from app.kernel.db import session, transaction
from app.kernel.errors import NotFound
from app.kernel.money import Money
from app.kernel.permissions import Viewer
from app.ledger.figures import Scope, Span
from app.trade.catalog.models import Pack
from app.trade.orders import queries as orders_queries
from app.trade.orders.figures import MONEY_RECEIVED, SOLD_AMOUNT
from app.trade.orders.models import Order
from app.trade.orders.states import PayBy
from app.trade.payments import service as payments
from app.trade.payments.models import Payment, PaymentState
from app.trade.payments.permissions import PAYMENTS_CONFIRM
from app.trade.payments.refunds import NothingToRefund, TooMuch
from app.trade.payments.service import NotWithCourier, WrongAmount
from tests.cast import an_order_of, answer, findings, pack, receive, ship, sql
from tests.trade.payments.test_refunds import ask, owed, payment_of, send
from tests.web.browsing import form_to, signed_in

EVER = Span(None, date(2999, 12, 31))


@pytest.fixture
def on_road(li: Viewer, wang: Viewer, gift_box: Pack) -> Order:
    """Two boxes of 68.00 with freight, to be paid at the door."""
    order = an_order_of(2, gift_box, buyer=li, pay_by=PayBy.CASH_ON_DELIVERY)
    pack(order, by=wang)
    ship(order, by=wang)
    return order


@pytest.fixture
def at_door(on_road: Order, li: Viewer) -> Order:
    """The same, received."""
    receive(on_road, by=li)
    return on_road


def hand_over(order: Order, *, by: Viewer, amount: Money | None = None, reference: str = "C-1") -> Payment:
    with transaction():
        locked = orders_queries.order_in_scope(by, order.number, PAYMENTS_CONFIRM, lock=True)
        said = amount or payment_of_locked(locked)
        return payments.handed_over(locked, reference=reference, amount=said, by=by.actor)


def payment_of_locked(order: Order) -> Money:
    return session().query(Payment).filter_by(order_id=order.id).one().amount


def with_couriers() -> int:
    return answer("SELECT coalesce(sum(dr - cr), 0) FROM ledger_accounts WHERE role = 'due_from_courier'")


def test_receiving_says_that_the_courier_has_the_money(at_door: Order) -> None:
    payment = payment_of(at_door)

    assert (payment.channel, payment.reference) == ("cash_on_delivery", at_door.number)
    assert (payment.state, payment.amount) == (PaymentState.COLLECTED, at_door.total)
    assert with_couriers() == at_door.total.fen
    assert findings() == {}


def test_what_the_courier_hands_over_is_with_us_and_he_owes_nothing(at_door: Order, qian: Viewer) -> None:
    hand_over(at_door, by=qian)

    payment = payment_of(at_door)
    assert (payment.state, payment.reference, payment.confirmed_by) == (PaymentState.CONFIRMED, "C-1", qian.actor)
    assert (with_couriers(), owed("money_in", at_door)) == (0, 0)
    assert answer("SELECT sum(dr - cr) FROM ledger_accounts WHERE role = 'money_in'") == at_door.total.fen
    assert findings() == {}


def test_he_hands_over_exactly_what_he_took_and_once(at_door: Order, qian: Viewer) -> None:
    with pytest.raises(WrongAmount):
        hand_over(at_door, by=qian, amount=at_door.total - Money(1))
    hand_over(at_door, by=qian)

    with pytest.raises(NotWithCourier):
        hand_over(at_door, by=qian, amount=at_door.total)
    assert findings() == {}


def test_nothing_is_handed_over_of_an_order_on_the_road(on_road: Order, qian: Viewer) -> None:
    with pytest.raises(NotWithCourier):
        hand_over(on_road, by=qian, amount=on_road.total)
    with pytest.raises(NothingToRefund):
        ask(on_road, 100, by=qian)


@pytest.mark.parametrize("handed_over", [False, True])
def test_a_part_of_what_was_paid_at_the_door_goes_back_and_the_seller_bears_it(
    at_door: Order, qian: Viewer, handed_over: bool
) -> None:
    if handed_over:
        hand_over(at_door, by=qian)

    send(ask(at_door, 1_000, by=qian), by=qian)

    assert owed("payable", at_door) == at_door.goods.fen - 1_000
    assert findings() == {}
    if not handed_over:
        hand_over(at_door, by=qian)
    assert answer("SELECT sum(dr - cr) FROM ledger_accounts WHERE role = 'money_in'") == at_door.total.fen - 1_000
    assert findings() == {}


def test_no_more_goes_back_than_was_paid_at_the_door(at_door: Order, qian: Viewer) -> None:
    ask(at_door, at_door.total.fen, by=qian)

    with pytest.raises(TooMuch):
        ask(at_door, 1, by=qian)


def test_only_the_county_says_that_a_courier_has_paid(at_door: Order, zhao: Viewer, wang: Viewer, sun: Viewer) -> None:
    for other in (zhao, wang, sun):
        with pytest.raises(NotFound):
            hand_over(at_door, by=other, amount=at_door.total)


def test_the_county_counts_the_money_when_it_is_handed_over_and_less_what_goes_back(
    at_door: Order, qian: Viewer
) -> None:
    assert MONEY_RECEIVED.total(Scope(EVER)) == 0
    hand_over(at_door, by=qian)
    send(ask(at_door, 1_000, by=qian), by=qian)

    assert MONEY_RECEIVED.total(Scope(EVER)) == at_door.total.fen - 1_000
    assert SOLD_AMOUNT.total(Scope(EVER)) == at_door.goods.fen - 1_000


def test_a_check_finds_money_that_no_courier_owes(at_door: Order) -> None:
    sql("UPDATE payments SET state = 'confirmed'")

    assert set(findings()) == {"V5-courier"}
    sql("UPDATE payments SET state = 'collected'")


def test_an_official_enters_at_his_desk_what_the_courier_brought(app: Flask, at_door: Order, qian: Viewer) -> None:
    desk, page = signed_in(app, qian), f"/desk/payments/{at_door.number}"
    assert at_door.number in desk.get("/desk/payments").text
    form = form_to(desk, page, f"{page}/courier")

    for wrong in ("1", "NaN", "-5", ""):
        refused = desk.post(form.action, data={**form.fields, "amount": wrong, "reference": "C-9"})
        assert refused.status_code == 422, wrong
    said = {**form.fields, "amount": str(at_door.total), "reference": "C-9"}
    assert desk.post(form.action, data=said).status_code == 303
    assert desk.post(form.action, data=said).status_code == 409

    assert payment_of(at_door).reference == "C-9"
    assert "已经交来" in desk.get(page).text
    assert at_door.number not in desk.get("/desk/payments").text


def test_the_refund_of_money_paid_at_the_door_says_that_there_is_no_way_back_to_take(
    app: Flask, at_door: Order, qian: Viewer
) -> None:
    refund = ask(at_door, 500, by=qian)
    desk, sheet = signed_in(app, qian), f"/desk/payments/refunds/{refund.id}"
    form = form_to(desk, sheet, sheet)

    assert "货到付款，没有原路可退" in desk.get(sheet).text
    assert desk.post(sheet, data={**form.fields, "reference": "R-1"}).status_code == 303

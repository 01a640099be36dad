"""Money that comes in time, late, wrong or twice, and money that goes back."""

from __future__ import annotations

from datetime import timedelta

import pytest

from app.kernel.db import session, transaction
from app.kernel.errors import NotFound
from app.kernel.money import Money
from app.kernel.permissions import Viewer
from app.trade.catalog.models import Pack
from app.trade.orders import queries as orders_queries
from app.trade.orders.models import Order
from app.trade.orders.states import OrderState, PayBy
from app.trade.payments import refunds
from app.trade.payments.models import Payment, PaymentState, Refund
from app.trade.payments.refunds import NothingToRefund
from app.trade.payments.service import AlreadyConfirmed, NotPaidThisWay, ReferenceUsed, WrongAmount
from tests.cast import (
    a_pack,
    an_order_of,
    answer,
    at,
    available,
    cancel,
    fill,
    findings,
    fresh,
    later,
    more_of,
    pack,
    pay,
    place,
    ship,
)


def give_back(payment: Payment, *, by: Viewer, reference: str = "R1") -> Payment:
    number = refund_of(payment).id
    with transaction():
        refunds.send(number, reference=reference, by=by)
    return session().get_one(Payment, payment.id)


def refund_of(payment: Payment) -> Refund:
    session().rollback()
    return session().query(Refund).filter_by(payment_id=payment.id).one()


def money(role: str) -> int:
    return answer("SELECT sum(dr - cr) FROM ledger_accounts WHERE role = :role", role=role)


def payment_of(order: Order) -> Payment:
    session().rollback()
    return session().query(Payment).filter_by(order_id=order.id).one()


def test_a_transfer_in_time_pays_the_order_and_keeps_the_goods_without_end(
    li: Viewer, qian: Viewer, gift_box: Pack
) -> None:
    order = an_order_of(4, gift_box, buyer=li)

    payment = pay(order, by=qian)

    assert payment.state is PaymentState.CONFIRMED
    with at(later(days=30)):
        assert available(gift_box) == 6
        assert fresh(order).state is OrderState.PAID


def test_a_late_transfer_pays_when_the_goods_are_still_there(li: Viewer, qian: Viewer, gift_box: Pack) -> None:
    order = an_order_of(4, gift_box, buyer=li)

    with at(later(hours=49)):
        payment = pay(order, by=qian)

        assert payment.state is PaymentState.CONFIRMED
        assert available(gift_box) == 6
    assert fresh(order).state is OrderState.PAID


def test_a_late_transfer_takes_another_lot_when_its_own_is_gone(
    li: Viewer, hu: Viewer, qian: Viewer, wang: Viewer
) -> None:
    goods = a_pack(wang, pieces=4, keeps_days=20)
    order = an_order_of(4, goods, buyer=li)
    with at(later(hours=49)):
        an_order_of(2, goods, buyer=hu)
        more_of(goods, pieces=5, keeps_days=50)

        payment = pay(order, by=qian)

        assert payment.state is PaymentState.CONFIRMED
        assert available(goods) == 3


def test_a_late_transfer_after_the_job_has_said_so_revives_the_order(
    li: Viewer, qian: Viewer, wang: Viewer, gift_box: Pack
) -> None:
    order = an_order_of(4, gift_box, buyer=li)
    with at(later(hours=49)):
        pass
    assert fresh(order).state is OrderState.EXPIRED
    assert fresh(order).ended_at is not None

    pay(order, by=qian)

    assert (fresh(order).state, fresh(order).ended_at) == (OrderState.PAID, None)
    pack(order, by=wang)
    ship(order, by=wang)


def test_a_late_transfer_without_goods_waits_to_go_back(li: Viewer, hu: Viewer, qian: Viewer, gift_box: Pack) -> None:
    order = an_order_of(4, gift_box, buyer=li)
    with at(later(hours=49)):
        an_order_of(7, gift_box, buyer=hu)

        payment = pay(order, by=qian)

        assert payment.state is PaymentState.REFUND_DUE
        assert fresh(order).paid_at is None
        assert [one.payment.id for one in refunds.to_send(qian, besides="", tried=0)] == [payment.id]
        assert money("prepaid") == -order.total.fen
        give_back(payment, by=qian)
        assert (money("prepaid"), money("money_in")) == (0, 0)
        assert findings() == {}


def test_money_for_an_order_that_was_called_off_waits_to_go_back(li: Viewer, qian: Viewer, gift_box: Pack) -> None:
    order = an_order_of(4, gift_box, buyer=li)
    cancel(order, by=li)

    payment = pay(order, by=qian)

    assert payment.state is PaymentState.REFUND_DUE
    assert available(gift_box) == 10


def test_calling_off_a_paid_order_sends_its_money_back_and_the_books_return_to_nothing(
    li: Viewer, qian: Viewer, gift_box: Pack
) -> None:
    order = an_order_of(4, gift_box, buyer=li)
    pay(order, by=qian)
    cancel(order, by=li)
    assert payment_of(order).state is PaymentState.REFUND_DUE

    payment = give_back(payment_of(order), by=qian)

    refund = refund_of(payment)
    assert (payment.state, refund.reference, refund.sent_by) == (
        PaymentState.REFUNDED,
        "R1",
        qian.actor,
    )
    assert [money(role) for role in ("prepaid", "money_in", "payable", "freight")] == [0, 0, 0, 0]
    assert answer("SELECT sum(cr_held) FROM ledger_accounts") == 0


def test_money_goes_back_once(li: Viewer, qian: Viewer, gift_box: Pack) -> None:
    order = an_order_of(4, gift_box, buyer=li)
    pay(order, by=qian)
    assert refunds.to_send(qian, besides="", tried=0) == []
    cancel(order, by=li)
    give_back(payment_of(order), by=qian)

    with pytest.raises(NothingToRefund):
        give_back(payment_of(order), by=qian)

    assert money("money_in") == 0


@pytest.mark.parametrize("off_by", [-1, 1, -6800])
def test_another_amount_than_the_order_costs_is_refused(li: Viewer, qian: Viewer, gift_box: Pack, off_by: int) -> None:
    order = an_order_of(4, gift_box, buyer=li)

    with pytest.raises(WrongAmount) as refused:
        pay(order, by=qian, amount=order.total + Money(off_by))

    assert (refused.value.field, refused.value.values["due"]) == ("amount", str(order.total))
    assert fresh(order).state is OrderState.PLACED
    assert answer("SELECT count(*) FROM payments") == 0


def test_an_order_is_paid_once(li: Viewer, qian: Viewer, gift_box: Pack) -> None:
    order = an_order_of(1, gift_box, buyer=li)
    pay(order, by=qian, reference="T-1")

    for reference in ("T-1", "T-2"):
        with pytest.raises(AlreadyConfirmed):
            pay(order, by=qian, reference=reference)

    assert money("money_in") == order.total.fen


def test_one_transfer_pays_all_orders_of_one_checkout_but_none_of_another(
    li: Viewer, hu: Viewer, qian: Viewer, wang: Viewer, gao: Viewer
) -> None:
    one, two = a_pack(wang), a_pack(gao)
    fill(li, {one.slug: 1, two.slug: 1})
    for order in place(li):
        pay(order, by=qian, reference="T-1")

    with pytest.raises(ReferenceUsed) as refused:
        pay(an_order_of(1, one, buyer=hu), by=qian, reference="T-1")

    assert refused.value.field == "reference"
    assert answer("SELECT count(*) FROM payments") == 2


def test_goods_on_delivery_are_not_paid_by_transfer(li: Viewer, qian: Viewer, gift_box: Pack) -> None:
    order = an_order_of(1, gift_box, buyer=li, pay_by=PayBy.CASH_ON_DELIVERY)

    with pytest.raises(NotPaidThisWay):
        pay(order, by=qian)


def test_money_is_confirmed_and_sent_back_by_the_county_alone(
    li: Viewer, wang: Viewer, zhao: Viewer, sun: Viewer, qian: Viewer, gift_box: Pack
) -> None:
    order = an_order_of(1, gift_box, buyer=li)

    for other in (li, wang, zhao, sun):
        with pytest.raises(NotFound):
            pay(order, by=other)
    pay(order, by=qian)
    cancel(order, by=li)
    for other in (li, wang, zhao, sun):
        with pytest.raises(NotFound):
            give_back(payment_of(order), by=other)
        assert refunds.to_send(other, besides="", tried=0) == []


def test_a_transfer_at_the_last_second_is_in_time(li: Viewer, hu: Viewer, qian: Viewer, gift_box: Pack) -> None:
    order = an_order_of(10, gift_box, buyer=li)
    assert order.hold_until is not None

    with at(order.hold_until - timedelta(seconds=1)):
        assert pay(order, by=qian).state is PaymentState.CONFIRMED
    with at(order.hold_until + timedelta(days=1)):
        assert available(gift_box) == 0
        assert orders_queries.unpaid_checkouts(li.person_id) == 0

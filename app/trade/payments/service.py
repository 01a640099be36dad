"""Acts on payments: money has come, for an order that still stands or for one that does not; money has gone back.

The same `Notice` serves every channel: an official who read it off the bank's statement, and a gateway that was told.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import BigInteger, func, select, type_coerce

from app import audit
from app.kernel import clock
from app.kernel.db import session
from app.kernel.errors import BadValue, Conflict
from app.kernel.events import emit
from app.kernel.money import Money
from app.kernel.permissions import Permission, Viewer
from app.ledger import books
from app.ledger.books.movements import Movement, Post, Void
from app.people.townships import queries as townships
from app.trade.orders import service as orders
from app.trade.orders.events import OrderCancelled, OrderPaid, OrderReceived, PackedShort
from app.trade.orders.models import Order
from app.trade.orders.states import OrderState, PayBy
from app.trade.payments import refunds
from app.trade.payments.models import Payment, PaymentState, RefundReason
from app.trade.stock import accounts, blocking
from app.trade.stock import service as stock
from app.trade.stock.errors import SoldOut

BANK_TRANSFER = "bank_transfer"
CASH_ON_DELIVERY = "cash_on_delivery"
SYSTEM = "system"
"""Who asks for a refund that follows from a rule."""


class WrongAmount(BadValue):
    """What came is not what the order costs."""

    code = "wrong_amount"
    sentence = "金额与订单不符，应收 {due} 元。请核对转账附言后再确认。"


class AlreadyConfirmed(Conflict):
    """The order's money has come already."""

    code = "already_confirmed"
    sentence = "这笔订单已经确认到账，不用再确认。"


class ReferenceUsed(Conflict):
    """The bank's reference is booked for another purchase."""

    code = "reference_used"
    sentence = "这个流水号已经记在另一笔订单上了，请核对银行流水。"


class NotWithCourier(Conflict):
    """No courier has money of this order."""

    code = "not_with_courier"
    sentence = "这笔订单没有快递代收的款要交，或者已经登记过了。"


class NotPaidThisWay(Conflict):
    """The order is not one that is paid through this channel."""

    code = "not_paid_this_way"
    sentence = "这笔订单是货到付款，不需要确认转账。"


@dataclass(frozen=True, slots=True)
class Notice:
    """That money came: through which channel, under which reference of the bank's or gateway's, and how much."""

    channel: str
    reference: str
    amount: Money


def confirm(order: Order, notice: Notice, *, by: str) -> Payment:
    """A locked order's money has come.

    A standing order is paid and keeps its goods until it is shipped. One whose hold is over gets goods anew if there
    are any; otherwise, and when it was called off, the money is booked and waits to be sent back.
    Raises `WrongAmount`, `AlreadyConfirmed`, `NotPaidThisWay`, and `ReferenceUsed` when the same money was booked for
    another checkout; the orders of one checkout may share it.
    """
    if order.pay_by is PayBy.CASH_ON_DELIVERY:
        raise NotPaidThisWay()
    if notice.amount != order.total:
        raise WrongAmount(due=str(order.total), field="amount")
    if order.paid_at is not None or _payments_of(order):
        raise AlreadyConfirmed()
    if _is_used(notice, not_by=order):
        raise ReferenceUsed(field="reference")
    payment, movements = _taken(order, notice, by=by)
    books.record(
        accounts.PAYMENT_CONFIRMED,
        movements,
        by=by,
        subject=f"checkout:{order.checkout}",
        key=f"payment.confirmed:{order.number}",
    )
    return payment


def arrived(orders_paid: Sequence[Order], *, channel: str, reference: str, by: str) -> list[Payment]:
    """Money for these locked orders of one checkout has come, whatever became of them since, in one ledger event.

    One that stands, or whose goods are still there, is paid. For every other, and for one that is paid already, the
    money waits to be sent back. Nothing that has come is refused.
    """
    taken = [_taken(order, Notice(channel, reference, order.total), by=by) for order in orders_paid]
    books.record(
        accounts.PAYMENT_CONFIRMED,
        [movement for _payment, movements in taken for movement in movements],
        by=by,
        subject=f"checkout:{orders_paid[0].checkout}",
        key=f"payment.confirmed:{channel}:{reference}",
    )
    return [payment for payment, _movements in taken]


def _taken(order: Order, notice: Notice, *, by: str) -> tuple[Payment, list[Movement]]:
    is_paid = order.paid_at is not None or any(one.state is PaymentState.CONFIRMED for one in _payments_of(order))
    kept = None if is_paid else _goods_for(order)
    state = PaymentState.REFUND_DUE if kept is None else PaymentState.CONFIRMED
    payment = Payment(
        order_id=order.id,
        channel=notice.channel,
        reference=notice.reference,
        amount=notice.amount,
        state=state,
        confirmed_at=clock.now(),
        confirmed_by=by,
    )
    session().add(payment)
    if kept is not None:
        order.pay(at=clock.now())
        emit(OrderPaid(number=order.number, seller_id=order.seller_id, buyer_id=order.buyer_id))
    session().flush()
    if kept is None:
        refunds.whole(payment, RefundReason.PAID_TWICE if is_paid else RefundReason.TOO_LATE, by=SYSTEM)
    audit.note("payments.confirmed", order.subject, by=by, amount=notice.amount.fen, state=state.value)
    channel = refunds.channel_of(order, notice.channel)
    return payment, [*(kept or []), Post(channel, orders.prepaid(order), notice.amount.fen)]


def _payments_of(order: Order) -> list[Payment]:
    return list(session().scalars(select(Payment).where(Payment.order_id == order.id)))


def _is_used(notice: Notice, *, not_by: Order) -> bool:
    elsewhere = (
        select(Payment.id)
        .join(Order, Order.id == Payment.order_id)
        .where(Payment.channel == notice.channel, Payment.reference == notice.reference)
        .where(Order.checkout != not_by.checkout)
    )
    return session().scalars(elsewhere.limit(1)).first() is not None


def _goods_for(order: Order) -> list[Movement] | None:
    """What keeps the goods from now on without an end, or None when there are none for it."""
    if order.state not in (OrderState.PLACED, OrderState.EXPIRED):
        return None
    mine = orders.holds_of(order)
    if order.is_expired(clock.now()) or order.state is OrderState.EXPIRED:
        try:
            kept = stock.keep(orders.wishes_of(order), until=None)
        except SoldOut:
            return None
        own = blocking.given_up([hold.transfer_id for hold in mine])
        voids = [void for void in kept.voids if void not in own]
        return [*voids, *own, *kept.holds]
    packs = {wish.pack.id: wish.pack for wish in orders.wishes_of(order)}
    held: list[Movement] = []
    for hold in mine:
        pack = packs[int(hold.goods.removeprefix("pack:"))]
        lot = stock.lot_of(hold.subject)
        held.append(stock.hold(pack, lot_id=lot, pieces=hold.amount, until=None))
    return [*(Void(hold.transfer_id) for hold in mine), *held]


def collected(fact: OrderReceived) -> None:
    """An order that is paid on delivery was received: the courier has its money, under the order's own number."""
    order = session().scalars(select(Order).where(Order.number == fact.number)).one()
    if order.pay_by is not PayBy.CASH_ON_DELIVERY:
        return
    payment = Payment(
        order_id=order.id,
        channel=CASH_ON_DELIVERY,
        reference=order.number,
        amount=order.due,
        state=PaymentState.COLLECTED,
        confirmed_at=clock.now(),
        confirmed_by=SYSTEM,
    )
    session().add(payment)
    session().flush()


def handed_over(order: Order, *, reference: str, amount: Money, by: str) -> Payment:
    """The courier has handed over what he took for a locked order, under the bank's reference, which may be of many.

    Raises `NotWithCourier`, `WrongAmount`.
    """
    payment = refunds.standing(order)
    if payment is None or payment.state is not PaymentState.COLLECTED:
        raise NotWithCourier()
    if amount != payment.amount:
        raise WrongAmount(due=str(payment.amount), field="amount")
    payment.state, payment.reference = PaymentState.CONFIRMED, reference
    payment.confirmed_at, payment.confirmed_by = clock.now(), by
    session().flush()
    audit.note("payments.handed_over", order.subject, by=by, amount=amount.fen, courier=order.courier)
    books.record(
        accounts.COURIER_PAID,
        [Post(refunds.channel_of(order, CASH_ON_DELIVERY), orders.with_courier(order), amount.fen)],
        by=by,
        subject=order.subject,
        key=f"courier.paid:{order.number}",
    )
    return payment


def with_couriers(who: Viewer, permission: Permission) -> list[tuple[Payment, Order]]:
    """What couriers took for orders in the official's townships and have not handed over, oldest first."""
    statement = (
        select(Payment, Order)
        .join(Order, Order.id == Payment.order_id)
        .where(Payment.state == PaymentState.COLLECTED)
        .order_by(Payment.id)
        .limit(200)
    )
    codes = who.townships(permission)
    if codes is not None:
        statement = statement.where(Order.township_code.in_(townships.lineages(codes)))
    return [(payment, order) for payment, order in session().execute(statement)]


def with_couriers_for(seller_ids: Sequence[int], *, through: date) -> dict[int, Money]:
    """Seller → what couriers took for his orders received up to that day and still have; others are missing."""
    statement = (
        select(Order.seller_id, func.sum(type_coerce(Payment.amount, BigInteger)))
        .join(Payment, Payment.order_id == Order.id)
        .where(Order.seller_id.in_(seller_ids), Payment.state == PaymentState.COLLECTED)
        .where(Order.received_at < clock.end_of(through))
        .group_by(Order.seller_id)
    )
    return {seller: Money(int(fen)) for seller, fen in session().execute(statement)}


def short_weight(fact: PackedShort) -> None:
    """A paid order was packed with less than promised: the price of what is missing goes back."""
    if fact.was_paid:
        order = session().scalars(select(Order).where(Order.number == fact.number)).one()
        refunds.follow(order, amount=Money(fact.fen), reason=RefundReason.SHORT_WEIGHT, note="", by=fact.by)


def refund_due(fact: OrderCancelled) -> None:
    """A paid order was called off: its money waits to be sent back."""
    if not fact.was_paid:
        return
    order = session().scalars(select(Order).where(Order.number == fact.number)).one()
    payment = refunds.standing(order)
    if payment is not None:
        refunds.whole(payment, RefundReason.CALLED_OFF, by=SYSTEM)

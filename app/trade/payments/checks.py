"""Proving that orders, payments and the ledger's money agree."""

from __future__ import annotations

from collections.abc import Iterator

from sqlalchemy import func, select

from app.kernel.checks import Check, Finding
from app.kernel.db import session
from app.kernel.money import ZERO, Money
from app.ledger.books.models import Account
from app.trade.orders.models import Order
from app.trade.orders.states import OrderState, PayBy
from app.trade.payments.models import Payment, PaymentState
from app.trade.stock import accounts


def _paid() -> Iterator[Finding]:
    """V5: an order is paid exactly when confirmed payments make up its total."""
    paid: dict[int, Money] = {}
    for payment in session().scalars(select(Payment).where(Payment.state != PaymentState.REFUNDED)):
        paid[payment.order_id] = paid.get(payment.order_id, ZERO) + payment.amount
    for order in session().scalars(select(Order)):
        received = paid.get(order.id, ZERO)
        is_standing = order.paid_at is not None and order.state is not OrderState.CANCELLED
        if is_standing and received != order.total:
            yield Finding(f"order {order.number}", f"paid, but {received} of {order.total} confirmed")


def _prepaid() -> Iterator[Finding]:
    """V5: the ledger keeps a buyer's money until he has the goods or got it back."""
    kept = {
        subject: int(amount)
        for subject, amount in session().execute(
            select(Account.subject, func.sum(Account.cr - Account.dr))
            .where(Account.role == accounts.PREPAID.name)
            .group_by(Account.subject)
        )
    }
    paid: dict[int, Money] = {}
    for payment in session().scalars(select(Payment).where(Payment.state != PaymentState.REFUNDED)):
        paid[payment.order_id] = paid.get(payment.order_id, ZERO) + payment.amount
    for order in session().scalars(select(Order)):
        earned = order.received_at is not None and order.pay_by is not PayBy.CASH_ON_DELIVERY
        wanted = ZERO if earned else paid.get(order.id, ZERO)
        if kept.get(order.subject, 0) != wanted.fen:
            yield Finding(f"order {order.number}", f"{kept.get(order.subject, 0)} fen kept, {wanted.fen} due")


def _refunds() -> Iterator[Finding]:
    """V6: no more went back than had come."""
    rows = select(Payment).where(Payment.state == PaymentState.REFUNDED, Payment.refund_reference.is_(None))
    for payment in session().scalars(rows):
        yield Finding(f"payment {payment.id}", "sent back without a reference")
    for order, payment in session().execute(
        select(Order, Payment)
        .join(Payment, Payment.order_id == Order.id)
        .where(Order.state == OrderState.CANCELLED, Payment.state == PaymentState.CONFIRMED)
    ):
        yield Finding(f"order {order.number}", f"called off, but payment {payment.id} does not wait to go back")


CHECKS = (
    Check("V5", "已付款订单与到账一致", _paid),
    Check("V5-ledger", "预收款与账上一致", _prepaid),
    Check("V6", "退款不超过到账，取消的订单都退款", _refunds),
)

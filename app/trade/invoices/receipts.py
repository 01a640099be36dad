"""What the books say was paid for an order and what went back: each line is an event of the ledger."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import BigInteger, and_, func, or_, select, type_coerce
from sqlalchemy.orm import aliased

from app.kernel.db import locked, session
from app.kernel.money import ZERO, Money
from app.ledger.books.models import Account, Event, Transfer
from app.trade.orders.models import Order
from app.trade.orders.states import OrderState, PayBy
from app.trade.payments.models import STANDING, Payment, Refund, RefundState
from app.trade.stock import accounts

_BACK = (accounts.PAYMENT_REFUNDED.name, accounts.REFUND_CAME_BACK.name)


@dataclass(frozen=True, slots=True)
class Entry:
    """Money of an order that came (`amount` above zero) or went (below), as one event of the ledger."""

    event_id: int
    at: datetime
    kind: str
    amount: Money


@dataclass(frozen=True, slots=True)
class Paid:
    """What was paid for an order, and how much of it has gone back."""

    paid: Money = ZERO
    gone_back: Money = ZERO

    @property
    def left(self) -> Money:
        """What stays paid."""
        return self.paid - self.gone_back


def is_paid(order: Order) -> bool:
    """Whether the order's money has come and is not on its way back: to us, or to the courier at the door."""
    if order.state in (OrderState.CANCELLED, OrderState.EXPIRED):
        return False
    return order.paid_at is not None or (order.pay_by is PayBy.CASH_ON_DELIVERY and order.received_at is not None)


def entries(order: Order) -> list[Entry]:
    """The order's money in the ledger, oldest first; one query."""
    debit, credit = aliased(Account), aliased(Account)
    came = and_(
        Event.kind == accounts.PAYMENT_CONFIRMED.name,
        credit.role == accounts.PREPAID.name,
        credit.subject == order.subject,
    )
    at_door = and_(
        Event.kind == accounts.ORDER_RECEIVED.name,
        Event.subject == order.subject,
        debit.role == accounts.DUE_FROM_COURIER.name,
    )
    went = and_(Event.kind.in_(_BACK), Event.subject == order.subject)
    rows = session().execute(
        select(Event.id, Event.recorded_at, Event.kind, func.sum(Transfer.amount))
        .join(Transfer, Transfer.event_id == Event.id)
        .join(debit, debit.id == Transfer.debit_id)
        .join(credit, credit.id == Transfer.credit_id)
        # By subject, so that both databases find the few events by their indexes.
        .where(Event.subject.in_((order.subject, f"checkout:{order.checkout}")), or_(came, at_door, went))
        .group_by(Event.id, Event.recorded_at, Event.kind)
        .order_by(Event.id)
    )
    return [
        Entry(number, at, kind, Money(-int(fen) if kind == accounts.PAYMENT_REFUNDED.name else int(fen)))
        for number, at, kind, fen in rows
    ]


def paid_of(orders: Sequence[Order]) -> dict[int, Paid]:
    """Order id → what was paid for it and went back; payments that no order needs do not count. Two queries."""
    numbers = [order.id for order in orders]
    stands = (Payment.order_id.in_(numbers), Payment.state.in_(STANDING))
    paid = {
        order: int(fen)
        for order, fen in session().execute(
            select(Payment.order_id, func.sum(type_coerce(Payment.amount, BigInteger)))
            .where(*stands)
            .group_by(Payment.order_id)
        )
    }
    back = {
        order: int(fen)
        for order, fen in session().execute(
            select(Payment.order_id, func.sum(type_coerce(Refund.amount, BigInteger)))
            .join(Refund, Refund.payment_id == Payment.id)
            .where(*stands, Refund.state == RefundState.SENT)
            .group_by(Payment.order_id)
        )
    }
    return {number: Paid(Money(paid.get(number, 0)), Money(back.get(number, 0))) for number in numbers}


def paid_now(order: Order) -> tuple[Paid, int]:
    """What was paid and went back, while no refund of the order can move, and its newest event of money going back."""
    session().scalars(locked(select(Payment).where(Payment.order_id == order.id).order_by(Payment.id))).all()
    newest = session().scalar(select(func.max(Event.id)).where(Event.subject == order.subject, Event.kind.in_(_BACK)))
    return paid_of([order])[order.id], int(newest or 0)

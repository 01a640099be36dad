"""What everybody writes first: a till without its guards. It must pay, open and refund twice, or lose money."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

from sqlalchemy import select

from app.kernel import clock, ids
from app.kernel.db import session, transaction
from app.trade.orders.models import Order
from app.trade.payments import gateway
from app.trade.payments.models import Payment, PaymentState, PayPage
from app.trade.payments.online import STRIPE

Between = Callable[[], object]


def look_then_book(order_id: int, *, notice: str, between: Between) -> None:
    """Look whether the order is paid, and then write down that it is, under the name of the notice."""
    order = session().get_one(Order, order_id)
    amount = order.total
    known = session().scalars(select(Payment.id).where(Payment.order_id == order_id)).first()
    session().rollback()
    between()
    if known is None:
        with transaction() as current:
            current.add(
                Payment(
                    order_id=order_id,
                    channel=STRIPE,
                    reference=notice,
                    amount=amount,
                    state=PaymentState.CONFIRMED,
                    confirmed_at=clock.now(),
                    confirmed_by="naive",
                )
            )


def look_then_ask(checkout: str, order_id: int, *, between: Between) -> None:
    """Look whether there is a page for the checkout, and then ask Stripe for one."""
    known = session().scalars(select(PayPage.id).where(PayPage.checkout == checkout)).first()
    amount = session().get_one(Order, order_id).total
    session().rollback()
    between()
    if known is None:
        gateway.stripe().open_session(
            key=ids.public_number("P"),
            amount=amount,
            reference=checkout,
            words=checkout,
            until=clock.now() + timedelta(minutes=31),
            back="https://county.example/",
            away="https://county.example/",
        )


def send_without_a_key(payment_id: int, *, between: Between) -> None:
    """Look whether the payment waits to go back, and then send it, under a new name each time."""
    payment = session().get_one(Payment, payment_id)
    intent, amount, is_due = payment.reference, payment.amount, payment.state is PaymentState.REFUND_DUE
    session().rollback()
    between()
    if is_due:
        gateway.stripe().refund(key=ids.public_number("R"), intent=intent, amount=amount)

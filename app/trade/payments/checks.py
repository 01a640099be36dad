"""Proving that orders, payments and the ledger's money agree."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from datetime import timedelta

from sqlalchemy import BigInteger, ColumnElement, func, select, type_coerce

from app.kernel import clock
from app.kernel.checks import Check, Finding
from app.kernel.db import session
from app.ledger.books.models import Account
from app.trade.orders import service as orders
from app.trade.orders.models import Order, OrderLine
from app.trade.orders.states import OrderState, PayBy
from app.trade.payments.models import (
    STANDING,
    Payment,
    PaymentState,
    PayPage,
    PayPagePart,
    PayPageState,
    Refund,
    RefundState,
    StripeNotice,
)
from app.trade.payments.online import MOST_TRIES, STRIPE
from app.trade.stock import accounts

PATIENCE = timedelta(minutes=15)


def _paid() -> Iterator[Finding]:
    """V5: an order that was not called off is paid exactly when payments that stand make up its total.

    For one that is paid on delivery they make up what the courier had to collect, once it was received.
    """
    paid = _sums(Payment.state.in_(STANDING))
    for order in session().scalars(select(Order).where(Order.state != OrderState.CANCELLED)):
        received = paid.get(order.id, 0)
        at_door = order.due.fen if order.pay_by is PayBy.CASH_ON_DELIVERY and order.received_at is not None else 0
        wanted = order.total.fen if order.paid_at is not None else at_door
        if received != wanted:
            yield Finding(f"order {order.number}", f"{received} fen confirmed, {wanted} fen paid")


def _sums(which: ColumnElement[bool]) -> dict[int, int]:
    """Order id → fen of its payments."""
    sums = select(Payment.order_id, func.sum(type_coerce(Payment.amount, BigInteger))).where(which)
    return {order: int(fen) for order, fen in session().execute(sums.group_by(Payment.order_id))}


def _prepaid() -> Iterator[Finding]:
    """V5: the ledger keeps a buyer's money until he has the goods or got it back.

    Of an order that was received it keeps what was to go back before that and has not gone yet.
    """
    kept = {
        subject: int(amount)
        for subject, amount in session().execute(
            select(Account.subject, func.sum(Account.cr - Account.dr))
            .where(Account.role == accounts.PREPAID.name)
            .group_by(Account.subject)
        )
    }
    sent_back, set_aside = _gone_back(), _set_aside(RefundState.ASKED, RefundState.DUE)
    due: dict[int, int] = defaultdict(int)
    for payment, order in session().execute(select(Payment, Order).join(Order, Order.id == Payment.order_id)):
        is_sellers = order.received_at is not None and payment.state in STANDING
        rest = payment.amount.fen - sent_back.get(payment.id, 0)
        due[order.id] += set_aside.get(payment.id, 0) if is_sellers else rest
    for order in session().scalars(select(Order)):
        found = kept.get(order.subject, 0)
        if found != due[order.id]:
            yield Finding(f"order {order.number}", f"{found} fen kept, {due[order.id]} fen due")


def _gone_back() -> dict[int, int]:
    """Payment id → fen of it that have gone back before they were the seller's."""
    from_buyer = (
        type_coerce(Refund.amount, BigInteger)
        - type_coerce(Refund.from_goods, BigInteger)
        - type_coerce(Refund.from_freight, BigInteger)
    )
    sums = select(Refund.payment_id, func.sum(from_buyer)).where(Refund.state == RefundState.SENT)
    return {payment: int(fen) for payment, fen in session().execute(sums.group_by(Refund.payment_id))}


def _set_aside(*states: RefundState) -> dict[int, int]:
    """Payment id → fen that were asked back before they were the seller's, in these states."""
    sums = select(Refund.payment_id, func.sum(type_coerce(Refund.amount, BigInteger))).where(
        Refund.is_prepaid, Refund.state.in_(states)
    )
    return {payment: int(fen) for payment, fen in session().execute(sums.group_by(Refund.payment_id))}


def _given_back() -> Iterator[Finding]:
    """V6: what an order's seller does not earn of its price is what was set aside to go back.

    Of an order that is paid on delivery it is the price of what was missing when it was packed.
    """
    set_aside = _set_aside(RefundState.ASKED, RefundState.DUE, RefundState.SENT)
    wanted: dict[int, int] = defaultdict(int)
    for payment in session().scalars(select(Payment).where(Payment.state.in_(STANDING))):
        wanted[payment.order_id] += set_aside.get(payment.id, 0)
    short = (
        select(OrderLine)
        .join(Order, Order.id == OrderLine.order_id)
        .where(Order.pay_by == PayBy.CASH_ON_DELIVERY, OrderLine.weighed.is_not(None))
    )
    for line in session().scalars(short):
        wanted[line.order_id] += line.short.fen
    for order in session().scalars(select(Order).where(Order.state != OrderState.CANCELLED)):
        if order.given_back.fen != wanted[order.id]:
            yield Finding(f"order {order.number}", f"{order.given_back.fen} fen less, {wanted[order.id]} fen set aside")


def _refunds() -> Iterator[Finding]:
    """V6: what went back has its reference, and what must go back waits for it."""
    rows = select(Refund).where((Refund.state == RefundState.SENT) != Refund.reference.is_not(None))
    for refund in session().scalars(rows):
        yield Finding(f"refund {refund.id}", "gone without a reference, or a reference without having gone")
    asked = dict(
        session()
        .execute(
            select(Refund.payment_id, func.sum(type_coerce(Refund.amount, BigInteger)))
            .where(Refund.state != RefundState.REFUSED)
            .group_by(Refund.payment_id)
        )
        .all()
    )
    for payment in session().scalars(select(Payment)):
        wanted = asked.get(payment.id, 0)
        if payment.refunded.fen != wanted or wanted > payment.amount.fen:
            yield Finding(f"payment {payment.id}", f"{payment.refunded.fen} fen counted, {wanted} fen asked back")
    for order, payment in session().execute(
        select(Order, Payment)
        .join(Payment, Payment.order_id == Order.id)
        .where(Order.state == OrderState.CANCELLED, Payment.state == PaymentState.CONFIRMED)
    ):
        yield Finding(f"order {order.number}", f"called off, but payment {payment.id} does not wait to go back")


def _couriers() -> Iterator[Finding]:
    """V5: what a courier owes is what he took at the door and has not handed over, township by township."""
    wanted: dict[tuple[str, str], int] = defaultdict(int)
    for payment, order in session().execute(
        select(Payment, Order).join(Order, Order.id == Payment.order_id).where(Payment.state == PaymentState.COLLECTED)
    ):
        place = orders.with_courier(order)
        wanted[place.township, place.party] += payment.amount.fen
    for township, party, fen in session().execute(
        select(Account.township, Account.party, func.sum(Account.dr - Account.cr))
        .where(Account.role == accounts.DUE_FROM_COURIER.name)
        .group_by(Account.township, Account.party)
    ):
        owed = wanted.pop((township, party), 0)
        if int(fen) != owed:
            yield Finding(f"{party} in {township}", f"owes {fen} fen, {owed} fen collected")
    for (township, party), owed in wanted.items():
        yield Finding(f"{party} in {township}", f"owes nothing, {owed} fen collected")


def _pages() -> Iterator[Finding]:
    """V5: what was paid on a page is what its orders cost, and every fen of it is booked."""
    parts = dict(
        session()
        .execute(
            select(PayPagePart.page_id, func.sum(type_coerce(PayPagePart.amount, BigInteger))).group_by(
                PayPagePart.page_id
            )
        )
        .all()
    )
    booked = dict(
        session()
        .execute(
            select(Payment.reference, func.sum(type_coerce(Payment.amount, BigInteger)))
            .where(Payment.channel == STRIPE)
            .group_by(Payment.reference)
        )
        .all()
    )
    for page in session().scalars(select(PayPage)):
        if parts.get(page.id, 0) != page.amount.fen:
            yield Finding(f"page {page.reference}", f"its parts make {parts.get(page.id, 0)} fen of {page.amount.fen}")
        wanted = page.amount.fen if page.state is PayPageState.PAID else 0
        found = booked.get(page.intent, 0) if page.intent is not None else 0
        if found != wanted:
            yield Finding(f"page {page.reference}", f"{found} fen booked, {wanted} fen paid")


def _left_waiting() -> Iterator[Finding]:
    """0-9: nothing that was paid online waits for longer than a quarter of an hour."""
    before = clock.now() - PATIENCE
    for page in session().scalars(
        select(PayPage).where(PayPage.state.in_((PayPageState.ASKED, PayPageState.OPEN)), PayPage.hold_until <= before)
    ):
        yield Finding(f"page {page.reference}", "its hold is over and it is still open")
    for notice in session().scalars(
        select(StripeNotice).where(StripeNotice.done_at.is_(None), StripeNotice.received_at <= before)
    ):
        yield Finding(f"notice {notice.event}", f"not carried out after {notice.tries} tries")
    stuck = (
        select(Refund.id)
        .join(Payment, Payment.id == Refund.payment_id)
        .where(
            Refund.state == RefundState.DUE,
            Payment.channel == STRIPE,
            Refund.tries < MOST_TRIES,
            func.coalesce(Refund.decided_at, Refund.asked_at) <= before,
        )
    )
    for number in session().scalars(stuck):
        yield Finding(f"refund {number}", "waits to be sent back")


CHECKS = (
    Check("V5", "已付款订单与到账一致", _paid),
    Check("V5-ledger", "预收款与账上一致", _prepaid),
    Check("V5-courier", "快递代收的款与账上一致", _couriers),
    Check("V5-pages", "在线收款逐笔入账", _pages),
    Check("V5-age", "在线收的款一刻钟内都有着落", _left_waiting, by_age=True),
    Check("V6", "退款不超过到账，取消的订单都退款", _refunds),
    Check("V6-given", "收货前要退的钱不算卖家的", _given_back),
)

"""Proving that orders, holds and the road agree."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import Any

from sqlalchemy import BigInteger, ColumnElement, func, select, type_coerce
from sqlalchemy.orm import InstrumentedAttribute

from app.kernel import clock
from app.kernel.checks import Check, Finding
from app.kernel.db import session
from app.ledger.books.models import Account, OpenHold
from app.trade.orders.models import Order, OrderLine
from app.trade.orders.states import OrderState
from app.trade.stock import accounts

_KEEPS_GOODS = (OrderState.PLACED, OrderState.PAID, OrderState.PACKED)


def _sums() -> Iterator[Finding]:
    """M17: the lines of an order add up to its goods and its weight."""
    money, grams = (
        func.sum(_bare(OrderLine.price) * OrderLine.pieces),
        func.sum(_bare(OrderLine.net) * OrderLine.pieces),
    )
    sums = select(OrderLine.order_id, money.label("fen"), grams.label("grams")).group_by(OrderLine.order_id).subquery()
    wrong = (
        select(Order.number)
        .outerjoin(sums, sums.c.order_id == Order.id)
        .where((func.coalesce(sums.c.fen, 0) != Order.goods) | (func.coalesce(sums.c.grams, 0) != Order.weight))
    )
    for number in session().scalars(wrong.limit(50)):
        yield Finding(f"order {number}", "its lines do not add up")


def _bare(column: ColumnElement[Any] | InstrumentedAttribute[Any]) -> ColumnElement[int]:
    return type_coerce(column, BigInteger)


def _holds() -> Iterator[Finding]:
    """V4: an order holds what its lines ask for until it is shipped or its time is over, and nothing after."""
    held = {
        (subject, party): int(amount)
        for subject, party, amount in session().execute(
            select(OpenHold.subject, Account.party, func.sum(OpenHold.amount))
            .join(Account, Account.id == OpenHold.credit_id)
            .where(OpenHold.subject.startswith("checkout:"))
            .group_by(OpenHold.subject, Account.party)
        )
    }
    asked = select(OrderLine.order_id, func.sum(OrderLine.pieces)).group_by(OrderLine.order_id)
    pieces = {order: int(count) for order, count in session().execute(asked)}
    moment = clock.now()
    for order in session().scalars(select(Order)):
        amount = held.pop((f"checkout:{order.checkout}", accounts.seller_party(order.seller_id)), 0)
        # What is over is given up piece by piece, as others need it.
        is_over = order.state is OrderState.EXPIRED or order.is_expired(moment)
        most = pieces.get(order.id, 0) if is_over or order.state in _KEEPS_GOODS else 0
        if not (0 if is_over else most) <= amount <= most:
            yield Finding(f"order {order.number}", f"holds {amount}, wants {most}")
    for (subject, party), amount in held.items():
        yield Finding(f"hold {subject} {party}", f"{amount} held for no order")


def _road() -> Iterator[Finding]:
    """V3: what is on the road is what was shipped and has not arrived: what was promised, less what was missing."""
    road = {
        subject: int(grams)
        for subject, grams in session().execute(
            select(Account.subject, func.sum(Account.dr - Account.cr))
            .where(Account.role == accounts.ON_ROAD.name)
            .group_by(Account.subject)
        )
    }
    missing: Counter[int] = Counter()
    for line in session().scalars(select(OrderLine).where(OrderLine.weighed.is_not(None))):
        missing[line.order_id] += line.missing.grams
    for order in session().scalars(select(Order)):
        wanted = order.weight.grams - missing[order.id] if order.state is OrderState.SHIPPED else 0
        if road.get(order.subject, 0) != wanted:
            yield Finding(f"order {order.number}", f"{road.get(order.subject, 0)} g on the road, {wanted} g shipped")


CHECKS = (
    Check("M17", "订单明细之和等于订单货款", _sums),
    Check("V4", "预留与未发货的订单一致", _holds),
    Check("V3-road", "在途斤数与已发货订单一致", _road),
)

"""Proving that orders, holds and the road agree."""

from __future__ import annotations

from collections.abc import Iterator

from sqlalchemy import func, select

from app.kernel.checks import Check, Finding
from app.kernel.db import session
from app.kernel.money import ZERO
from app.ledger.books.models import Account, OpenHold
from app.trade.orders.models import Order, OrderLine
from app.trade.orders.states import OrderState
from app.trade.stock import accounts

_KEEPS_GOODS = (OrderState.PLACED, OrderState.PAID, OrderState.PACKED)


def _sums() -> Iterator[Finding]:
    """M17: the lines of an order add up to its goods and its weight."""
    lines: dict[int, list[OrderLine]] = {}
    for line in session().scalars(select(OrderLine)):
        lines.setdefault(line.order_id, []).append(line)
    for order in session().scalars(select(Order)):
        own = lines.get(order.id, [])
        if sum((line.amount for line in own), start=ZERO) != order.goods or (
            sum(line.net.grams * line.pieces for line in own) != order.weight.grams
        ):
            yield Finding(f"order {order.number}", "its lines do not add up")


def _holds() -> Iterator[Finding]:
    """V4: an order holds what its lines ask for until it is shipped or its time is over, and nothing after."""
    held = {
        (subject, party): int(amount)
        for subject, party, amount in session().execute(
            select(OpenHold.subject, Account.party, func.sum(OpenHold.amount))
            .join(Account, Account.id == OpenHold.credit_id)
            .group_by(OpenHold.subject, Account.party)
        )
    }
    pieces = dict(
        session().execute(select(OrderLine.order_id, func.sum(OrderLine.pieces)).group_by(OrderLine.order_id)).tuples()
    )
    for order in session().scalars(select(Order)):
        amount = held.pop((f"checkout:{order.checkout}", accounts.seller_party(order.seller_id)), 0)
        may_be_over = order.state is OrderState.PLACED and order.hold_until is not None
        wanted = int(pieces.get(order.id, 0)) if order.state in _KEEPS_GOODS else 0
        is_free_by_time = amount == 0 and may_be_over
        is_not_swept = order.state is OrderState.EXPIRED
        if amount != wanted and not is_free_by_time and not is_not_swept:
            yield Finding(f"order {order.number}", f"holds {amount}, wants {wanted}")
    for (subject, party), amount in held.items():
        yield Finding(f"hold {subject} {party}", f"{amount} held for no order")


def _road() -> Iterator[Finding]:
    """V3: what is on the road is what was shipped and has not arrived."""
    road = {
        subject: int(grams)
        for subject, grams in session().execute(
            select(Account.subject, func.sum(Account.dr - Account.cr))
            .where(Account.role == accounts.ON_ROAD.name)
            .group_by(Account.subject)
        )
    }
    for order in session().scalars(select(Order)):
        wanted = order.weight.grams if order.state is OrderState.SHIPPED else 0
        if road.get(order.subject, 0) != wanted:
            yield Finding(f"order {order.number}", f"{road.get(order.subject, 0)} g on the road, {wanted} g shipped")


CHECKS = (
    Check("M17", "订单明细之和等于订单货款", _sums),
    Check("V4", "预留与未发货的订单一致", _holds),
    Check("V3-road", "在途斤数与已发货订单一致", _road),
)

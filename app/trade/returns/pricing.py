"""What pieces that come back are worth, weigh, and until when they may, without a database.

Source of the days: 消费者权益保护法 art. 25; 网络购买商品七日无理由退货暂行办法.
"""

from __future__ import annotations

from datetime import date, timedelta

from app.kernel.money import ZERO, Money
from app.trade.orders.models import Order, OrderLine
from app.trade.orders.pricing import share

RETURN_DAYS = 7
REFUND_DAYS = 7


def last_day(received_on: date) -> date:
    """The last day on which goods received on a day can be sent back without a reason: the seventh after it."""
    return received_on + timedelta(days=RETURN_DAYS)


def worth(line: OrderLine, *, first: int, pieces: int) -> Money:
    """What the buyer paid for so many pieces of a line, missing weight left out; all pieces make exactly its price."""
    return Money(share((line.amount - line.short).fen, of=line.pieces, first=first, count=pieces))


def grams(line: OrderLine, *, first: int, pieces: int) -> int:
    """What so many pieces of a line weigh in the books; all pieces make exactly what arrived."""
    return share(line.promised.grams - line.missing.grams, of=line.pieces, first=first, count=pieces)


def freight_of(order: Order, value: Money) -> Money:
    """The freight that belongs to goods of this value: all of it for all goods, the rest rounded down."""
    whole = sum((line.amount - line.short for line in order.lines), start=ZERO)
    return Money(order.freight.fen * value.fen // whole.fen) if whole else ZERO

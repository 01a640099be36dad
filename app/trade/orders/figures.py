"""What a county asks about its sales: the money from the ledger, the orders from their register."""

from __future__ import annotations

from sqlalchemy import literal, or_, select

from app.kernel.clock import sql_now
from app.kernel.db import AnySelect
from app.ledger.figures import FigureUnit, LedgerFigure, RegisterFigure, Side
from app.trade.orders.models import Order
from app.trade.orders.states import OrderState
from app.trade.stock.accounts import (
    COURIER_PAID,
    MONEY_IN,
    ORDER_RECEIVED,
    PAYABLE,
    PAYMENT_CONFIRMED,
    PAYMENT_REFUNDED,
    REFUND_CAME_BACK,
)


def placed() -> AnySelect:
    """The orders that stand: not cancelled, and not past the time that their goods were held for."""
    is_past = (Order.state == OrderState.PLACED) & (Order.hold_until <= sql_now())
    return select(
        Order.id.label("id"),
        Order.township_code.label("township"),
        Order.placed_on.label("at"),
        literal("placed").label("kind"),
        literal(1).label("amount"),
    ).where(Order.state.not_in((OrderState.CANCELLED, OrderState.EXPIRED)), or_(Order.hold_until.is_(None), ~is_past))


SOLD_AMOUNT = LedgerFigure(
    key="sold_amount",
    title="卖出金额",
    words="买家收了货的货款，不含运费，收货那天算，记在卖家所在的乡镇。收货后退给买家的货款，退的那天减掉。",
    unit=FigureUnit.FEN,
    roles=(PAYABLE,),
    side=Side.CREDIT_LESS_DEBIT,
    kinds=(ORDER_RECEIVED, PAYMENT_REFUNDED, REFUND_CAME_BACK),
)
MONEY_RECEIVED = LedgerFigure(
    key="money_in",
    title="到账货款",
    words="买家付来并且已经到账的钱，连运费，减去退回给买家的钱。货到付款的，快递把代收的钱交来那天算。",
    unit=FigureUnit.FEN,
    roles=(MONEY_IN,),
    side=Side.DEBIT_LESS_CREDIT,
    kinds=(PAYMENT_CONFIRMED, COURIER_PAID, PAYMENT_REFUNDED, REFUND_CAME_BACK),
)
ORDERS = RegisterFigure(
    key="orders",
    title="订单",
    words="下了单、现在仍然有效的订单，按下单的日子算。后来取消或者过期没付钱的，不算。",
    unit=FigureUnit.COUNT,
    classifier="单",
    kinds={"placed": "下单"},
    lines=placed,
)

FIGURES = (SOLD_AMOUNT, MONEY_RECEIVED, ORDERS)

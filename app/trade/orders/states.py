"""The states of an order, how it is paid, and what may follow what."""

from __future__ import annotations

from enum import StrEnum

from app.kernel.states import State


class OrderState(State):
    """How far a promise between a buyer and a seller has come."""

    PLACED = "placed"
    PAID = "paid"
    PACKED = "packed"
    SHIPPED = "shipped"
    RECEIVED = "received"
    CLOSED = "closed"
    CANCELLED = "cancelled"
    EXPIRED = "expired"

    @property
    def words(self) -> str:
        """What people read."""
        return _WORDS[self]


_WORDS = {
    OrderState.PLACED: "已下单",
    OrderState.PAID: "已付款",
    OrderState.PACKED: "已装箱",
    OrderState.SHIPPED: "已发货",
    OrderState.RECEIVED: "已收货",
    OrderState.CLOSED: "已完成",
    OrderState.CANCELLED: "已取消",
    OrderState.EXPIRED: "已过期",
}

MOVES = {
    OrderState.PLACED: frozenset({OrderState.PAID, OrderState.PACKED, OrderState.CANCELLED, OrderState.EXPIRED}),
    OrderState.PAID: frozenset({OrderState.PACKED, OrderState.CANCELLED}),
    OrderState.PACKED: frozenset({OrderState.SHIPPED, OrderState.CANCELLED}),
    OrderState.SHIPPED: frozenset({OrderState.RECEIVED}),
    OrderState.RECEIVED: frozenset({OrderState.CLOSED}),
    OrderState.EXPIRED: frozenset({OrderState.PAID, OrderState.CANCELLED}),
}


class PayBy(StrEnum):
    """How the buyer pays; each way holds the goods as long as it needs."""

    ONLINE = "online"
    BANK_TRANSFER = "bank_transfer"
    CASH_ON_DELIVERY = "cash_on_delivery"

    @property
    def words(self) -> str:
        """What people read."""
        return {"online": "在线支付", "bank_transfer": "银行转账", "cash_on_delivery": "货到付款"}[self.value]

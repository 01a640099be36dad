"""Recalls on an order's pages: what of it may not be eaten or sent, and what to do."""

from __future__ import annotations

from dataclasses import dataclass

from app.kernel.permissions import Viewer
from app.trade.orders.models import Order
from app.trade.orders.states import OrderState
from app.trade.recalls import queries
from app.trade.recalls.models import Recall
from app.trade.recalls.permissions import RECALLS_READ
from app.web.panels import Panel

_OVER = (OrderState.CANCELLED, OrderState.EXPIRED)


@dataclass(frozen=True, slots=True)
class Shown:
    """The recalls that concern an order, and how far it is."""

    order_number: str
    recalls: list[Recall]
    is_received: bool
    is_sent: bool


def for_buyer(viewer: Viewer, order: Order) -> Panel | None:
    """What he must not eat, and how he gets his money back."""
    return _panel("trade/recalls/_on_order.html", order)


def for_seller(viewer: Viewer, order: Order) -> Panel | None:
    """That it may not be sent, or what its buyer was told."""
    return _panel("trade/recalls/_on_sold_order.html", order)


def for_official(viewer: Viewer, order: Order) -> Panel | None:
    """Which recalls concern it."""
    return _panel("trade/recalls/_on_order_at_desk.html", order) if viewer.may(RECALLS_READ) else None


def _panel(template: str, order: Order) -> Panel | None:
    found = [] if order.state in _OVER else queries.recalled_in(order)
    if not found:
        return None
    return Panel(template, Shown(order.number, found, order.received_at is not None, order.shipped_at is not None))

"""Returns on an order's pages."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from app.kernel.permissions import Viewer
from app.trade.orders.models import Order
from app.trade.orders.states import OrderState
from app.trade.returns import queries, service
from app.trade.returns.models import Return
from app.trade.returns.permissions import RETURNS_READ
from app.web.panels import Panel


@dataclass(frozen=True, slots=True)
class Shown:
    """The returns of an order, and whether its buyer may ask for another."""

    order_number: str
    returns: list[Return]
    may_ask: bool = False
    last_day: date | None = None


def for_buyer(viewer: Viewer, order: Order) -> Panel | None:
    """What he asked, and the way to ask; nothing before he has his goods."""
    if order.received_at is None:
        return None
    may_ask = order.state is OrderState.RECEIVED
    shown = Shown(order.number, queries.of_order(order), may_ask, service.last_day_of(order))
    return Panel("trade/returns/_on_order.html", shown) if may_ask or shown.returns else None


def for_seller(viewer: Viewer, order: Order) -> Panel | None:
    """What the buyer asked, once he has."""
    return _panel("trade/returns/_on_sold_order.html", order)


def for_official(viewer: Viewer, order: Order) -> Panel | None:
    """What the buyer asked, once he has."""
    return _panel("trade/returns/_on_order_at_desk.html", order) if viewer.may(RETURNS_READ) else None


def _panel(template: str, order: Order) -> Panel | None:
    found = queries.of_order(order) if order.received_at is not None else []
    return Panel(template, Shown(order.number, found)) if found else None

"""Money that goes back, on an order's pages."""

from __future__ import annotations

from dataclasses import dataclass

from app.kernel.permissions import Viewer
from app.trade.orders.models import Order
from app.trade.payments import refunds
from app.trade.payments.models import Refund, RefundState
from app.trade.payments.permissions import PAYMENTS_CONFIRM
from app.web.panels import Panel


@dataclass(frozen=True, slots=True)
class Shown:
    """The refunds of an order, and whether each leads to its own page."""

    refunds: list[Refund]
    has_pages: bool = False


def for_buyer(viewer: Viewer, order: Order) -> Panel | None:
    """What goes back to him; what was refused is not his business."""
    found = [one for one in _of(order) if one.state is not RefundState.REFUSED]
    return Panel("trade/payments/_on_order.html", Shown(found)) if found else None


def for_official(viewer: Viewer, order: Order) -> Panel | None:
    """Everything that was ever asked to go back."""
    found = _of(order)
    return Panel("trade/payments/_on_order.html", Shown(found, viewer.may(PAYMENTS_CONFIRM))) if found else None


def _of(order: Order) -> list[Refund]:
    # Only where money had come; two statements would be asked for nothing of most orders else.
    if order.paid_at is None and order.received_at is None and order.ended_at is None:
        return []
    return [one.refund for one in refunds.of_order(order)]

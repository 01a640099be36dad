"""Receipt and invoice on an order's pages."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import select

from app.kernel import clock
from app.kernel.db import session
from app.kernel.money import ZERO, Money
from app.kernel.permissions import Viewer
from app.trade.invoices import queries, receipts
from app.trade.invoices.models import Invoice
from app.trade.invoices.permissions import INVOICES_READ
from app.trade.orders.models import Order
from app.web.panels import Panel


@dataclass(frozen=True, slots=True)
class Shown:
    """The newest request for an order, whether its time is over, and what must be taken back of it."""

    order_number: str
    invoice: Invoice | None
    is_overdue: bool = False
    to_reverse: Money = ZERO


def for_buyer(viewer: Viewer, order: Order) -> Panel | None:
    """His receipt, and the way to an invoice; nothing before he has paid."""
    newest = queries.newest_of(order)
    if newest is None and not receipts.is_paid(order):
        return None
    return Panel("trade/invoices/_on_order.html", _shown(order, newest))


def for_seller(viewer: Viewer, order: Order) -> Panel | None:
    """What the buyer asks, once he has."""
    newest = queries.newest_of(order)
    return None if newest is None else Panel("trade/invoices/_on_sold_order.html", _shown(order, newest))


def for_official(viewer: Viewer, order: Order) -> Panel | None:
    """That an invoice was asked for and how it ended, without its title."""
    if not viewer.may(INVOICES_READ):
        return None
    statement = select(Invoice).where(Invoice.order_id == order.id).order_by(Invoice.id.desc()).limit(1)
    newest = session().scalars(queries.in_scope(statement, viewer, INVOICES_READ)).first()
    return None if newest is None else Panel("trade/invoices/_on_order_at_desk.html", _shown(order, newest))


def _shown(order: Order, newest: Invoice | None) -> Shown:
    if newest is None:
        return Shown(order.number, None)
    to_reverse = ZERO if newest.amount is None else queries.listed(newest).to_reverse
    return Shown(order.number, newest, newest.is_overdue(clock.now()), to_reverse)

"""A complaint on the pages of its order."""

from __future__ import annotations

from dataclasses import dataclass

from app.kernel.permissions import Viewer
from app.people.townships import queries as townships
from app.trade.complaints import pages, queries
from app.trade.complaints.models import Complaint
from app.trade.complaints.pages import Turn
from app.trade.complaints.permissions import COMPLAINTS_READ
from app.trade.complaints.states import Side
from app.trade.orders.models import Order
from app.web.panels import Panel


@dataclass(frozen=True, slots=True)
class Shown:
    """The newest complaint about an order, if there is one, and whose turn it is."""

    order_number: str
    complaint: Complaint | None
    turn: Turn | None
    holder: str


def for_buyer(viewer: Viewer, order: Order) -> Panel | None:
    """His complaint, or the way to one."""
    return Panel("trade/complaints/_on_order.html", _shown(order, queries.of_order(order), reader=Side.BUYER))


def for_seller(viewer: Viewer, order: Order) -> Panel | None:
    """What the buyer complains about, once he has."""
    found = queries.of_order(order)
    if found is None:
        return None
    return Panel("trade/complaints/_on_sold_order.html", _shown(order, found, reader=Side.SELLER))


def for_official(viewer: Viewer, order: Order) -> Panel | None:
    """That there is a complaint, and the way to it."""
    if not viewer.may(COMPLAINTS_READ):
        return None
    codes = viewer.townships(COMPLAINTS_READ)
    if codes is not None and order.township_code not in townships.lineages(codes):
        return None
    found = queries.of_order(order)
    if found is None:
        return None
    return Panel("trade/complaints/_on_order_at_desk.html", _shown(order, found, reader=Side.TOWNSHIP))


def _shown(order: Order, found: Complaint | None, *, reader: Side) -> Shown:
    if found is None:
        return Shown(order.number, None, None, "")
    turn = pages.turn_of(found)
    return Shown(order.number, found, turn, pages.holder_words(turn, reader=reader))

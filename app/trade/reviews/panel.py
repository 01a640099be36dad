"""Reviews on other pages: under a pack, and on the order that they belong to."""

from __future__ import annotations

from dataclasses import dataclass

from app.kernel.permissions import Viewer
from app.trade.catalog.models import Pack
from app.trade.orders.models import Order
from app.trade.reviews import queries, service
from app.trade.reviews.queries import Said, Summary
from app.web.panels import Panel

_ON_PACK = 3


@dataclass(frozen=True, slots=True)
class OnPack:
    """What buyers say of a pack: all in one number, and the newest in words."""

    slug: str
    summary: Summary
    newest: list[Said]


@dataclass(frozen=True, slots=True)
class OnOrder:
    """Whether the buyer still has something to judge."""

    order_number: str
    written: int
    lines: int


def on_pack(pack: Pack) -> Panel | None:
    """What buyers say, once one has."""
    found = queries.page_of_pack(pack.id, size=_ON_PACK)
    if not found.items:
        return None
    return Panel("trade/reviews/_on_pack.html", OnPack(pack.slug, queries.summary(pack.id), list(found.items)))


def for_buyer(viewer: Viewer, order: Order) -> Panel | None:
    """The way to judge what he received."""
    written = queries.count_of_lines([line.id for line in order.lines]) if order.received_at is not None else 0
    if not written and not service.may_review(order):
        return None
    return Panel("trade/reviews/_on_order.html", OnOrder(order.number, written, len(order.lines)))

"""What the radar says on pages of others: to a grower about his own fruit, to everybody about the county's."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from app.insight.radar import queries
from app.insight.radar.festival import next_dragon_boat
from app.insight.radar.links import stock_url
from app.insight.radar.outlook import BEFORE, Outlook, days_to_sell_out
from app.kernel import cache, clock
from app.kernel.permissions import Viewer
from app.ledger import figures
from app.ledger.figures import Scope, Span
from app.trade.stock.figures import SOLD_WEIGHT, STOCK_ON_HAND
from app.web.panels import Panel

_SECONDS = 30


@dataclass(frozen=True, slots=True)
class Own:
    """A grower's own fruit, and how far it is to the festival."""

    outlook: Outlook
    days_left: int


@dataclass(frozen=True, slots=True)
class County:
    """All fruit in store, in grams, and how many days it lasts; None where nothing was sold lately."""

    grams: int
    sold: int
    days: int | None
    days_left: int
    stock_url: str


def for_grower(viewer: Viewer, seller_ids: frozenset[int]) -> Panel | None:
    """How long his own fruit will last, if he has any."""
    own = queries.holding_of(seller_ids) if seller_ids else None
    if own is None or not own.grams:
        return None
    return Panel("insight/radar/_grower.html", Own(own, _days_left(clock.today())))


def on_county(last: date) -> Panel:
    """How long the county's fruit will last, as of today, whatever days the board shows."""
    today = clock.today()
    grams, sold = cache.kept("radar.county", lambda: _totals(today), seconds=_SECONDS)
    shown = County(grams, sold, days_to_sell_out(grams, sold), _days_left(today), stock_url("", today))
    return Panel("insight/radar/_county.html", shown)


def _totals(today: date) -> tuple[int, int]:
    """Grams in store and sold lately, as the figures have them."""
    sold = figures.totals((SOLD_WEIGHT,), Scope(Span(today - BEFORE, today)))
    there = figures.totals((STOCK_ON_HAND,), Scope(Span(None, today)))
    return there[STOCK_ON_HAND.key], sold[SOLD_WEIGHT.key]


def _days_left(today: date) -> int:
    return (next_dragon_boat(today) - today).days

"""Facts about reviews."""

from __future__ import annotations

from dataclasses import dataclass

from app.kernel.events import Fact


@dataclass(frozen=True)
class ReviewWritten(Fact):
    """A buyer has reviewed what he received."""

    number: str
    seller_id: int
    title: str
    stars: int


@dataclass(frozen=True)
class ReviewAnswered(Fact):
    """The seller has replied to a review."""

    number: str
    buyer_id: int
    order_number: str
    title: str


@dataclass(frozen=True)
class ReviewFolded(Fact):
    """The county has folded a review away; its buyer learns why."""

    number: str
    buyer_id: int
    order_number: str
    because: str

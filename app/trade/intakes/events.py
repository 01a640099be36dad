"""Facts about deliveries."""

from __future__ import annotations

from dataclasses import dataclass

from app.kernel.events import Fact


@dataclass(frozen=True)
class IntakeAccepted(Fact):
    """Fruit was taken in: `grams` net, for `fen`. `grower_id` is 0 for who is not of this county."""

    number: str
    seller_id: int
    grower_id: int
    grams: int
    fen: int


@dataclass(frozen=True)
class IntakeRefused(Fact):
    """Fruit was not taken."""

    number: str
    seller_id: int
    grower_id: int


@dataclass(frozen=True)
class IntakeObjected(Fact):
    """The grower does not agree with what was weighed, graded or priced."""

    number: str
    seller_id: int
    grower_id: int


@dataclass(frozen=True)
class IntakeAnswered(Fact):
    """The buyer has answered."""

    number: str
    seller_id: int
    grower_id: int

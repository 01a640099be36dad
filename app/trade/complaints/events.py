"""Facts about complaints."""

from __future__ import annotations

from dataclasses import dataclass

from app.kernel.events import Fact


@dataclass(frozen=True)
class ComplaintFact(Fact):
    """Something happened to a complaint about an order."""

    number: str
    order_number: str
    seller_id: int
    buyer_id: int
    township_code: str


@dataclass(frozen=True)
class ComplaintMade(ComplaintFact):
    """A buyer has complained; the seller is to answer."""


@dataclass(frozen=True)
class ComplaintAnswered(ComplaintFact):
    """The seller has answered; the buyer is to say whether that will do."""


@dataclass(frozen=True)
class ComplaintPassed(ComplaintFact):
    """The township holds it: the buyer was not satisfied, or (`by_clock`) the seller said nothing in his time."""

    by_clock: bool


@dataclass(frozen=True)
class ComplaintOverdue(ComplaintFact):
    """The township has let its time pass; the county may act."""


@dataclass(frozen=True)
class ComplaintSettled(ComplaintFact):
    """The buyer says that it is settled."""


@dataclass(frozen=True)
class ComplaintDecided(ComplaintFact):
    """An official has decided."""

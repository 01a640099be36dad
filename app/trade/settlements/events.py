"""Facts about settlements."""

from __future__ import annotations

from dataclasses import dataclass

from app.kernel.events import Fact


@dataclass(frozen=True)
class StatementClosed(Fact):
    """A seller's statement stands, and what it pays waits for the bank's file."""

    number: str
    seller_id: int

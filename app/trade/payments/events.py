"""Facts about money."""

from __future__ import annotations

from dataclasses import dataclass

from app.kernel.events import Fact


@dataclass(frozen=True)
class RefundSent(Fact):
    """Money of an order is on its way back to the buyer; `fen` of it."""

    number: str
    buyer_id: int
    fen: int

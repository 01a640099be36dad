"""Facts about returns."""

from __future__ import annotations

from dataclasses import dataclass

from app.kernel.events import Fact


@dataclass(frozen=True)
class ReturnMoved(Fact):
    """A return has come to a state; `fen` is what was asked to go back by it, 0 while nothing was."""

    number: str
    order_number: str
    buyer_id: int
    seller_id: int
    state: str
    fen: int

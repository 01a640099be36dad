"""Facts about recalls."""

from __future__ import annotations

from dataclasses import dataclass

from app.kernel.events import Fact


@dataclass(frozen=True)
class RecallMade(Fact):
    """A lot, and what was made of it, is stopped."""

    recall_id: int


@dataclass(frozen=True)
class OrderRecalled(Fact):
    """Something of a recalled lot is held for an order, or was sent with it."""

    recall_id: int
    order_id: int


@dataclass(frozen=True)
class RecallEnded(Fact):
    """A recall was lifted, or its fruit is gone."""

    recall_id: int

"""Facts about orders."""

from __future__ import annotations

from dataclasses import dataclass

from app.kernel.events import Fact


@dataclass(frozen=True)
class OrderPlaced(Fact):
    """A buyer has promised to pay, the goods are held."""

    number: str
    seller_id: int
    buyer_id: int


@dataclass(frozen=True)
class OrderPaid(Fact):
    """The money of an order has come."""

    number: str
    seller_id: int
    buyer_id: int


@dataclass(frozen=True)
class PackedShort(Fact):
    """An order was packed with less than promised: `grams` are missing, which cost `fen`; `by` whom it was weighed."""

    number: str
    seller_id: int
    buyer_id: int
    grams: int
    fen: int
    was_paid: bool
    by: str


@dataclass(frozen=True)
class OrderShipped(Fact):
    """An order is with the courier."""

    number: str
    seller_id: int
    buyer_id: int


@dataclass(frozen=True)
class OrderReceived(Fact):
    """The buyer has the goods; the money is the seller's."""

    number: str
    seller_id: int
    buyer_id: int


@dataclass(frozen=True)
class OrderCancelled(Fact):
    """An order was called off before it was shipped; `was_paid` says that money must go back."""

    number: str
    seller_id: int
    buyer_id: int
    was_paid: bool

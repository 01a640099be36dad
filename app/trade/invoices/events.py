"""Facts about invoices."""

from __future__ import annotations

from dataclasses import dataclass

from app.kernel.events import Fact


@dataclass(frozen=True)
class InvoiceAsked(Fact):
    """A buyer wants an invoice."""

    number: str
    order_number: str
    seller_id: int
    buyer_id: int


@dataclass(frozen=True)
class InvoiceWithdrawn(Fact):
    """The buyer wants it no more, or the order was called off."""

    number: str
    order_number: str
    seller_id: int
    buyer_id: int


@dataclass(frozen=True)
class InvoiceIssued(Fact):
    """The seller has made it out."""

    number: str
    order_number: str
    seller_id: int
    buyer_id: int


@dataclass(frozen=True)
class InvoiceDeclined(Fact):
    """The seller makes out none, and has said why."""

    number: str
    order_number: str
    seller_id: int
    buyer_id: int

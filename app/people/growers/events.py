"""What others may hear about sellers."""

from __future__ import annotations

from dataclasses import dataclass

from app.kernel.events import Fact


@dataclass(frozen=True)
class SellerVerified(Fact):
    """A township has verified a seller; its goods may be sold from now on."""

    seller_id: int
    township: str


@dataclass(frozen=True)
class SellerRefused(Fact):
    """A township has refused an application."""

    seller_id: int


@dataclass(frozen=True)
class SellerSuspended(Fact):
    """A seller may not sell for now; open orders stay."""

    seller_id: int


@dataclass(frozen=True)
class SellerResumed(Fact):
    """A suspended seller may sell again."""

    seller_id: int


@dataclass(frozen=True)
class SellerClosed(Fact):
    """A seller sells no more; open orders stay."""

    seller_id: int


@dataclass(frozen=True)
class SellerChangeApproved(Fact):
    """What a seller's people wanted changed about it is so from now on; the name may be another."""

    seller_id: int
    change_id: int


@dataclass(frozen=True)
class SellerChangeRefused(Fact):
    """What a seller's people wanted changed about it stays as it is."""

    seller_id: int
    change_id: int

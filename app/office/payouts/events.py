"""What others may hear about money on its way to people."""

from __future__ import annotations

from dataclasses import dataclass

from app.kernel.events import Fact


@dataclass(frozen=True)
class PayoutPaid(Fact):
    """The bank says that the money arrived; what was owed is owed no more. `purpose` is a `Purpose`'s value."""

    number: str
    subject: str
    purpose: str
    seller_id: int
    fen: int


@dataclass(frozen=True)
class PayoutFailed(Fact):
    """The bank did not pay, for its own reason: the money is owed as before."""

    number: str
    subject: str
    purpose: str
    seller_id: int
    fen: int
    because: str


@dataclass(frozen=True)
class PayoutReturned(Fact):
    """Money that had arrived came back later, for the bank's reason: it is owed again."""

    number: str
    subject: str
    purpose: str
    seller_id: int
    fen: int
    because: str


@dataclass(frozen=True)
class PayoutWithheld(Fact):
    """No bank was asked, because the account is in force no more: the money is owed as before."""

    number: str
    subject: str
    purpose: str
    seller_id: int
    fen: int
    because: str

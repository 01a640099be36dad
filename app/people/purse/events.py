"""What others may hear about bank accounts."""

from __future__ import annotations

from dataclasses import dataclass

from app.kernel.events import Fact


@dataclass(frozen=True)
class AccountGiven(Fact):
    """A new account waits for the township."""

    account_id: int


@dataclass(frozen=True)
class AccountVerified(Fact):
    """The township has compared an account: the seller is paid there from now on."""

    account_id: int


@dataclass(frozen=True)
class AccountRefused(Fact):
    """The township has refused an account; its number is gone."""

    account_id: int


@dataclass(frozen=True)
class AccountWithdrawn(Fact):
    """The account's owner took his consent back; its number is gone."""

    account_id: int

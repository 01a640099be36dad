"""The ledger's account for money that a bank pays out for us, and the kinds of events that move it."""

from __future__ import annotations

from app.ledger.books.movements import CNY, Kind, Place, Role
from app.people.purse.states import Bank

PAID_OUT = Role("paid_out")

PAYOUT_PAID = Kind("payout.paid", "付款到账")
PAYOUT_FAILED = Kind("payout.failed", "付款没付成")
PAYOUT_RETURNED = Kind("payout.returned", "付款到账后退回")
PAYOUT_WITHHELD = Kind("payout.withheld", "付款没有付出")

KINDS = (PAYOUT_PAID, PAYOUT_FAILED, PAYOUT_RETURNED, PAYOUT_WITHHELD)


def paid_out(bank: Bank, township: str) -> Place:
    """What that bank has paid for us to people of a township: split by township, so that no row is the county's."""
    return Place(CNY, PAID_OUT, f"bank:{bank.value}", township)

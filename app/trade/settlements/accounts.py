"""The ledger's accounts for what the county keeps of a sale, and the kind of event that moves it."""

from __future__ import annotations

from app.ledger.books.movements import Kind, Place, Role
from app.trade.stock.accounts import PAYABLE, money_place, seller_party

FEE = Role("fee")

SETTLEMENT_CLOSED = Kind("settlement.closed", "结算")

KINDS = (SETTLEMENT_CLOSED,)


def payable_place(*, seller_id: int, township: str) -> Place:
    """What is a seller's own, from which he is paid."""
    return money_place(PAYABLE, township=township, party=seller_party(seller_id))

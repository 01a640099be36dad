"""The books: append-only, balanced, with floors."""

from app.ledger.books.movements import (
    CNY,
    Balance,
    Goods,
    Hold,
    Kind,
    Movement,
    Place,
    Post,
    Recorded,
    Role,
    Settle,
    Void,
)
from app.ledger.books.service import ensure_accounts, record, reverse

__all__ = [
    "CNY",
    "Balance",
    "Goods",
    "Hold",
    "Kind",
    "Movement",
    "Place",
    "Post",
    "Recorded",
    "Role",
    "Settle",
    "Void",
    "ensure_accounts",
    "record",
    "reverse",
]

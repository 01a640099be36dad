"""The books: append-only, balanced, with floors."""

from app.ledger.books.movements import (
    CNY,
    Act,
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
    Undo,
    Void,
)
from app.ledger.books.service import Stilled, ensure_accounts, record, record_all, reverse, still

__all__ = [
    "CNY",
    "Act",
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
    "Stilled",
    "Undo",
    "Void",
    "ensure_accounts",
    "record",
    "record_all",
    "reverse",
    "still",
]

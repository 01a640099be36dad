"""A recall without its guard: it marks the lot and trusts that everybody looks. Somebody has looked before."""

from __future__ import annotations

from collections.abc import Callable

from app.kernel import clock
from app.kernel.db import session, transaction
from app.ledger import books
from app.trade.catalog.models import Pack
from app.trade.lots.models import Lot
from app.trade.stock import accounts
from app.trade.stock import service as stock
from app.trade.stock.service import Wish


def mark_alone(lot: Lot) -> None:
    """The lot says that it is recalled; the books know nothing of it."""
    with transaction() as current:
        current.get_one(Lot, lot.id).recalled_at = clock.now()


def buy(pack: Pack, *, checkout: str, between: Callable[[], object]) -> None:
    """Choose a lot for one piece, and then hold it; `between` is what others do meanwhile."""
    session().rollback()
    kept = stock.keep([Wish(pack, 1)], until=None)
    session().rollback()
    between()
    with transaction():
        books.record(accounts.ORDER_PLACED, kept.holds, by="test", subject=f"checkout:{checkout}", key=checkout)

"""What everybody writes first: a shop without its guards. It must oversell, or the race tests prove nothing."""

from __future__ import annotations

from collections.abc import Callable

from sqlalchemy import text

from app.kernel.db import session, transaction
from app.trade.catalog.models import Pack
from app.trade.stock import queries
from app.trade.stock.errors import SoldOut


def check_then_insert(pack: Pack, *, order_id: int, between: Callable[[], object]) -> None:
    """Look whether a piece is free, and then write down who got it; `between` is what others do meanwhile."""
    session().rollback()
    free = queries.available([pack.id])[pack.id]
    taken = session().execute(_TAKEN, {"pack": pack.id}).scalar_one()
    session().rollback()
    if free - taken < 1:
        raise SoldOut(title=pack.title, left=0)
    between()
    with transaction() as current:
        current.execute(_TAKE, {"order": order_id, "pack": pack.id})


_TAKEN = text("SELECT count(*) FROM order_lines WHERE pack_id = :pack")
_TAKE = text(
    "INSERT INTO order_lines (order_id, pack_id, title, net, price, pieces) VALUES (:order, :pack, 'naive', 1, 1, 1)"
)

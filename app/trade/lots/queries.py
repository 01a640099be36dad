"""Reading lots."""

from __future__ import annotations

from sqlalchemy import select

from app.kernel.db import session
from app.trade.lots.models import Lot


def newest_village(seller_id: int) -> str:
    """The village that the seller named for his newest lot; empty when he has none."""
    newest = select(Lot.village_name).where(Lot.seller_id == seller_id).order_by(Lot.id.desc()).limit(1)
    return session().scalars(newest).first() or ""

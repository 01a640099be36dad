"""The basket: what somebody means to buy; it promises nothing and holds nothing."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, PrimaryKeyConstraint
from sqlalchemy.orm import Mapped, mapped_column

from app.kernel.db import Base


class CartLine(Base):
    """Pieces of a pack in the basket that a cookie's key names; one line per pack."""

    __tablename__ = "cart_lines"
    __table_args__ = (
        PrimaryKeyConstraint("cart_key", "pack_id"),
        CheckConstraint("pieces BETWEEN 1 AND 999", name="pieces"),
    )

    cart_key: Mapped[str]
    pack_id: Mapped[int] = mapped_column(ForeignKey("packs.id"))
    pieces: Mapped[int]
    added_at: Mapped[datetime]

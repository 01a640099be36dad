"""Which lots a pack is filled from, and at which ledger account their pieces lie."""

from __future__ import annotations

from sqlalchemy import ForeignKey, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from app.kernel.db import Base


class PackedLot(Base):
    """Pieces of one pack from one lot; how many there are stands in the ledger alone."""

    __tablename__ = "packed_lots"
    __table_args__ = (UniqueConstraint("pack_id", "lot_id"),)

    id: Mapped[int] = mapped_column(init=False, primary_key=True)
    pack_id: Mapped[int] = mapped_column(ForeignKey("packs.id"), index=True)
    lot_id: Mapped[int] = mapped_column(ForeignKey("lots.id"), index=True)
    account_id: Mapped[int] = mapped_column(ForeignKey("ledger_accounts.id"), unique=True)

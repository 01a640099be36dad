"""Corrections of what is a seller's."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from app.kernel.db import Base
from app.kernel.money import Money


class Correction(Base):
    """An amount that one person wants to give to a seller or to take from him; another lets it into the books."""

    __tablename__ = "corrections"
    __table_args__ = (CheckConstraint("amount <> 0", name="amount"),)

    id: Mapped[int] = mapped_column(init=False, primary_key=True)
    number: Mapped[str] = mapped_column(unique=True)
    seller_id: Mapped[int] = mapped_column(ForeignKey("sellers.id"), index=True)
    amount: Mapped[Money]
    because: Mapped[str]
    made_at: Mapped[datetime]
    made_by: Mapped[int] = mapped_column(ForeignKey("people.id"))
    booked_at: Mapped[datetime | None] = mapped_column(default=None)

    @property
    def subject(self) -> str:
        """How ledger, audit and approvals name it."""
        return f"correction:{self.number}"

"""What the county keeps of a sale."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import CheckConstraint, ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from app.kernel.db import Base


class FeeRate(Base):
    """What the county keeps of the goods' price, in ten-thousandths, from a day on, once a second person has agreed."""

    __tablename__ = "fee_rates"
    __table_args__ = (CheckConstraint("rate >= 0 AND rate <= 1000", name="rate"),)

    id: Mapped[int] = mapped_column(init=False, primary_key=True)
    number: Mapped[str] = mapped_column(unique=True)
    rate: Mapped[int]
    valid_from: Mapped[date]
    because: Mapped[str]
    made_at: Mapped[datetime]
    made_by: Mapped[int] = mapped_column(ForeignKey("people.id"))
    approved_at: Mapped[datetime | None] = mapped_column(default=None)

    @property
    def subject(self) -> str:
        """How audit and approvals name it."""
        return f"fee_rate:{self.number}"

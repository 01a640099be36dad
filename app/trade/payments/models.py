"""Money that an official or a gateway says has come or gone, each notice once."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

from sqlalchemy import CheckConstraint, ForeignKey, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from app.kernel.db import Base, Chosen
from app.kernel.money import Money


class PaymentState(StrEnum):
    """Whether a payment stands, must go back, or has gone back."""

    CONFIRMED = "confirmed"
    REFUND_DUE = "refund_due"
    REFUNDED = "refunded"

    @property
    def words(self) -> str:
        """What people read."""
        return {"confirmed": "已到账", "refund_due": "待退款", "refunded": "已退款"}[self.value]


class Payment(Base):
    """Money for one order, through one channel, under the bank's own reference."""

    __tablename__ = "payments"
    __table_args__ = (
        UniqueConstraint("channel", "reference", "order_id"),
        CheckConstraint("amount > 0", name="amount"),
    )

    id: Mapped[int] = mapped_column(init=False, primary_key=True)
    order_id: Mapped[int] = mapped_column(ForeignKey("orders.id"), index=True)
    channel: Mapped[str]
    reference: Mapped[str]
    amount: Mapped[Money]
    state: Mapped[PaymentState] = mapped_column(Chosen(PaymentState))
    confirmed_at: Mapped[datetime]
    confirmed_by: Mapped[str]
    refunded_at: Mapped[datetime | None] = mapped_column(default=None)
    refunded_by: Mapped[str | None] = mapped_column(default=None)
    refund_reference: Mapped[str | None] = mapped_column(default=None)

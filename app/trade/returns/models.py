"""What buyers send back, or have amiss: who said what, and what came of it."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.kernel.db import Base, Chosen
from app.kernel.money import ZERO, Money
from app.kernel.states import move
from app.trade.returns.states import MOVES, ReturnState, Why


class Return(Base):
    """A buyer wants money back for a received order, with goods coming back or without.

    `amount` is what he asks, or what was agreed, where no goods come back; otherwise what they are worth is counted
    when they do. `refunded` is what was asked to go back in the end.
    """

    __tablename__ = "returns"
    __table_args__ = (
        CheckConstraint("with_goods = (amount IS NULL)", name="amount"),
        CheckConstraint("amount IS NULL OR amount > 0", name="amount_above_nothing"),
        CheckConstraint("(refund_id IS NULL) = (refunded = 0)", name="refunded"),
        Index("ix_returns_seller_id_id", "seller_id", "id"),
        Index("ix_returns_state_township_code", "state", "township_code"),
    )

    id: Mapped[int] = mapped_column(init=False, primary_key=True)
    number: Mapped[str] = mapped_column(unique=True)
    order_id: Mapped[int] = mapped_column(ForeignKey("orders.id"), index=True)
    buyer_id: Mapped[int] = mapped_column(ForeignKey("people.id"))
    seller_id: Mapped[int] = mapped_column(ForeignKey("sellers.id"))
    township_code: Mapped[str] = mapped_column(ForeignKey("townships.code"))
    why: Mapped[Why] = mapped_column(Chosen(Why))
    with_goods: Mapped[bool]
    amount: Mapped[Money | None]
    note: Mapped[str]
    asked_at: Mapped[datetime]
    state: Mapped[ReturnState] = mapped_column(Chosen(ReturnState), default=ReturnState.ASKED)
    answer: Mapped[str] = mapped_column(default="")
    answered_at: Mapped[datetime | None] = mapped_column(default=None)
    decision: Mapped[str] = mapped_column(default="")
    decided_at: Mapped[datetime | None] = mapped_column(default=None)
    decided_by: Mapped[str | None] = mapped_column(default=None)
    courier: Mapped[str] = mapped_column(default="")
    tracking: Mapped[str] = mapped_column(default="")
    sent_at: Mapped[datetime | None] = mapped_column(default=None)
    arrived_at: Mapped[datetime | None] = mapped_column(default=None)
    inspection: Mapped[str] = mapped_column(default="")
    inspected_at: Mapped[datetime | None] = mapped_column(default=None)
    inspected_by: Mapped[str | None] = mapped_column(default=None)
    refund_id: Mapped[int | None] = mapped_column(ForeignKey("refunds.id"), unique=True, default=None)
    refunded: Mapped[Money] = mapped_column(default=ZERO)
    ended_at: Mapped[datetime | None] = mapped_column(default=None)
    lines: Mapped[list[ReturnLine]] = relationship(
        default_factory=list, order_by="ReturnLine.id", lazy="raise", init=False
    )

    @property
    def subject(self) -> str:
        """How ledger and audit name it."""
        return f"return:{self.number}"

    def become(self, state: ReturnState) -> None:
        """Move to another state. Raises `IllegalMove`."""
        self.state = move(MOVES, self.state, state)


class ReturnLine(Base):
    """Pieces of an order's line that come back.

    `first` is the place of the first of them among the line's pieces, given when they arrive; from there on the first
    `sound` went to stock, the next `spoilt` are lost, and the last `sent_away` went to the buyer again.
    """

    __tablename__ = "return_lines"
    __table_args__ = (
        CheckConstraint("pieces > 0", name="pieces"),
        CheckConstraint("sound >= 0 AND spoilt >= 0 AND sent_away >= 0", name="parts"),
        CheckConstraint("sound + spoilt + sent_away = 0 OR sound + spoilt + sent_away = pieces", name="all_inspected"),
    )

    id: Mapped[int] = mapped_column(init=False, primary_key=True)
    return_id: Mapped[int] = mapped_column(ForeignKey("returns.id"), index=True)
    order_line_id: Mapped[int] = mapped_column(ForeignKey("order_lines.id"), index=True)
    pieces: Mapped[int]
    first: Mapped[int | None] = mapped_column(default=None)
    sound: Mapped[int] = mapped_column(default=0)
    spoilt: Mapped[int] = mapped_column(default=0)
    sent_away: Mapped[int] = mapped_column(default=0)

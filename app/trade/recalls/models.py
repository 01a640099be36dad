"""Recalls, and the lots that each of them stopped."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, PrimaryKeyConstraint
from sqlalchemy.orm import Mapped, mapped_column

from app.kernel.db import Base, Chosen
from app.kernel.states import move
from app.trade.recalls.states import MOVES, Level, RecallState


class Recall(Base):
    """That a lot, and all that was made of it, may not be sold or eaten: by an official, or by its own seller."""

    __tablename__ = "recalls"
    __table_args__ = (
        CheckConstraint("(state = 'in_force') = (ended_at IS NULL)", name="ended"),
        CheckConstraint("ended_by_id <> made_by_id OR state <> 'lifted'", name="two_people"),
    )

    id: Mapped[int] = mapped_column(init=False, primary_key=True)
    number: Mapped[str] = mapped_column(unique=True)
    lot_id: Mapped[int] = mapped_column(ForeignKey("lots.id"), index=True)
    seller_id: Mapped[int] = mapped_column(ForeignKey("sellers.id"))
    township_code: Mapped[str] = mapped_column(ForeignKey("townships.code"))
    level: Mapped[Level] = mapped_column(Chosen(Level))
    because: Mapped[str]
    made_by_id: Mapped[int] = mapped_column(ForeignKey("people.id"))
    made_at: Mapped[datetime]
    by_seller: Mapped[bool]
    is_sample: Mapped[bool] = mapped_column(default=False)
    state: Mapped[RecallState] = mapped_column(Chosen(RecallState), default=RecallState.IN_FORCE)
    ended_at: Mapped[datetime | None] = mapped_column(default=None)
    ended_by_id: Mapped[int | None] = mapped_column(ForeignKey("people.id"), default=None)
    ended_because: Mapped[str] = mapped_column(default="")

    @property
    def subject(self) -> str:
        """How ledger and audit name it."""
        return f"recall:{self.number}"

    @property
    def is_in_force(self) -> bool:
        """Whether its lots are stopped."""
        return self.state is RecallState.IN_FORCE

    def end(self, state: RecallState, *, because: str, by: int, at: datetime) -> None:
        """It is over, in one way or the other. Raises `IllegalMove`."""
        self.state = move(MOVES, self.state, state)
        self.ended_because, self.ended_by_id, self.ended_at = because, by, at


class RecallLot(Base):
    """A lot that a recall stopped: the one it is about, or one that was made of it."""

    __tablename__ = "recall_lots"
    __table_args__ = (PrimaryKeyConstraint("recall_id", "lot_id"),)

    recall_id: Mapped[int] = mapped_column(ForeignKey("recalls.id"))
    lot_id: Mapped[int] = mapped_column(ForeignKey("lots.id"), index=True)

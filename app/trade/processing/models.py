"""Runs of processing: what went in, what came out, what was lost."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.kernel.db import Base, Chosen
from app.kernel.states import move
from app.kernel.weight import Weight
from app.trade.processing.states import MOVES, RunState, Step


class Run(Base):
    """One step of processing: its inputs weigh exactly what its outputs and its loss weigh together.

    `event_id` is its event in the ledger.
    """

    __tablename__ = "processing_runs"
    __table_args__ = (
        CheckConstraint("loss >= 0", name="loss"),
        CheckConstraint("loss = 0 OR because <> ''", name="because"),
        CheckConstraint("(state = 'undone') = (undone_at IS NOT NULL)", name="undone"),
        Index("ix_processing_runs_seller_id", "seller_id", "id"),
        Index("ix_processing_runs_township_code", "township_code", "id"),
    )

    id: Mapped[int] = mapped_column(init=False, primary_key=True)
    number: Mapped[str] = mapped_column(unique=True)
    seller_id: Mapped[int] = mapped_column(ForeignKey("sellers.id"))
    township_code: Mapped[str] = mapped_column(ForeignKey("townships.code"))
    step: Mapped[Step] = mapped_column(Chosen(Step))
    done_on: Mapped[date]
    loss: Mapped[Weight]
    because: Mapped[str]
    created_at: Mapped[datetime]
    created_by: Mapped[str]
    event_id: Mapped[int | None] = mapped_column(default=None)
    state: Mapped[RunState] = mapped_column(Chosen(RunState), default=RunState.DONE)
    undone_at: Mapped[datetime | None] = mapped_column(default=None)
    undone_by: Mapped[str | None] = mapped_column(default=None)
    undone_because: Mapped[str] = mapped_column(default="")
    inputs: Mapped[list[RunInput]] = relationship(
        default_factory=list, order_by="RunInput.id", lazy="raise", init=False
    )
    outputs: Mapped[list[RunOutput]] = relationship(
        default_factory=list, order_by="RunOutput.id", lazy="raise", init=False
    )

    @property
    def used(self) -> Weight:
        """What went in."""
        return sum((one.used for one in self.inputs), start=Weight(0))

    @property
    def made(self) -> Weight:
        """What came out."""
        return sum((one.made for one in self.outputs), start=Weight(0))

    @property
    def is_undone(self) -> bool:
        """Whether it was taken back."""
        return self.state is RunState.UNDONE

    def undo(self, *, at: datetime, by: str, because: str) -> None:
        """It was a mistake. Raises `IllegalMove` the second time."""
        self.state = move(MOVES, self.state, RunState.UNDONE)
        self.undone_at, self.undone_by, self.undone_because = at, by, because


class RunInput(Base):
    """So much of a lot went into a run, and so much of that was lost."""

    __tablename__ = "processing_inputs"
    __table_args__ = (
        UniqueConstraint("run_id", "lot_id"),
        CheckConstraint("used > 0 AND lost >= 0 AND lost <= used", name="grams"),
    )

    id: Mapped[int] = mapped_column(init=False, primary_key=True)
    run_id: Mapped[int] = mapped_column(ForeignKey("processing_runs.id"))
    lot_id: Mapped[int] = mapped_column(ForeignKey("lots.id"), index=True)
    used: Mapped[Weight]
    lost: Mapped[Weight]


class RunOutput(Base):
    """A lot that came out of a run."""

    __tablename__ = "processing_outputs"
    __table_args__ = (CheckConstraint("made > 0", name="made"),)

    id: Mapped[int] = mapped_column(init=False, primary_key=True)
    run_id: Mapped[int] = mapped_column(ForeignKey("processing_runs.id"), index=True)
    lot_id: Mapped[int] = mapped_column(ForeignKey("lots.id"), unique=True)
    made: Mapped[Weight]
    product_key: Mapped[str | None] = mapped_column(ForeignKey("products.key"), default=None)

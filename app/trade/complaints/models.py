"""Complaints, what everybody said in them, and their pictures."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import CheckConstraint, ForeignKey, Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from app.kernel.db import Base, Chosen
from app.kernel.states import IllegalMove, move
from app.trade.complaints.states import MOVES, OPEN, Act, ComplaintState, Kind, Outcome, Side

SELLER_ANSWERS_WITHIN = timedelta(days=3)
BUYER_REPLIES_WITHIN = timedelta(days=7)
OFFICIAL_DECIDES_WITHIN = timedelta(days=7)
"""The platform's own promises; no law sets these three."""

_IS_OPEN = text("state IN ('waiting', 'answered', 'passed')")


class Complaint(Base):
    """A buyer's complaint about one order. `state` is what was last said; `state_at` is what is true by the clock.

    `decide_until`: until when the township decides, should the seller let his own time pass.
    """

    __tablename__ = "complaints"
    __table_args__ = (
        Index("uq_complaints_order_id", "order_id", unique=True, sqlite_where=_IS_OPEN, postgresql_where=_IS_OPEN),
        Index("ix_complaints_buyer_id", "buyer_id", "id"),
        Index("ix_complaints_seller_id", "seller_id", "id"),
        Index("ix_complaints_state", "state", "decide_until"),
        CheckConstraint("(state = 'decided') = (outcome IS NOT NULL)", name="decided"),
    )

    id: Mapped[int] = mapped_column(init=False, primary_key=True)
    number: Mapped[str] = mapped_column(unique=True)
    order_id: Mapped[int] = mapped_column(ForeignKey("orders.id"), index=True)
    buyer_id: Mapped[int] = mapped_column(ForeignKey("people.id"))
    seller_id: Mapped[int] = mapped_column(ForeignKey("sellers.id"))
    township_code: Mapped[str] = mapped_column(ForeignKey("townships.code"))
    kind: Mapped[Kind] = mapped_column(Chosen(Kind))
    made_at: Mapped[datetime]
    answer_until: Mapped[datetime]
    decide_until: Mapped[datetime]
    state: Mapped[ComplaintState] = mapped_column(Chosen(ComplaintState), default=ComplaintState.WAITING)
    buyer_until: Mapped[datetime | None] = mapped_column(default=None)
    ended_at: Mapped[datetime | None] = mapped_column(default=None)
    outcome: Mapped[Outcome | None] = mapped_column(Chosen(Outcome), default=None)
    is_overdue_told: Mapped[bool] = mapped_column(default=False)

    def state_at(self, at: datetime) -> ComplaintState:
        """The state by the clock: a seller's silence passes it on, a buyer's ends it, with no job running."""
        if self.state is ComplaintState.WAITING and self.answer_until <= at:
            return ComplaintState.PASSED
        if self.state is ComplaintState.ANSWERED and self.buyer_until is not None and self.buyer_until <= at:
            return ComplaintState.CLOSED
        return self.state

    def holder_at(self, at: datetime) -> Side | None:
        """Who is to act now; the county once the township's time is over; None once it has ended."""
        state = self.state_at(at)
        if state is ComplaintState.PASSED:
            return Side.COUNTY if self.is_overdue(at) else Side.TOWNSHIP
        return {ComplaintState.WAITING: Side.SELLER, ComplaintState.ANSWERED: Side.BUYER}.get(state)

    def until_at(self, at: datetime) -> datetime | None:
        """Until when he is to act."""
        return {
            ComplaintState.WAITING: self.answer_until,
            ComplaintState.ANSWERED: self.buyer_until,
            ComplaintState.PASSED: self.decide_until,
        }.get(self.state_at(at))

    def is_overdue(self, at: datetime) -> bool:
        """Whether the township has let its time pass."""
        return self.state_at(at) is ComplaintState.PASSED and self.decide_until <= at

    def pass_time(self, at: datetime) -> None:
        """Say in the row what the clock says."""
        state = self.state_at(at)
        if state is not self.state:
            self._become(state)
            if state not in OPEN:
                self.ended_at = self.buyer_until

    def answer(self, *, at: datetime) -> None:
        """The seller has answered in his time. Raises `IllegalMove`."""
        self._become(ComplaintState.ANSWERED)
        self.buyer_until = at + BUYER_REPLIES_WITHIN

    def dissent(self, *, at: datetime) -> None:
        """The answer will not do; the township's time begins. Raises `IllegalMove` before there is an answer."""
        if self.state is not ComplaintState.ANSWERED:
            raise IllegalMove()
        self._become(ComplaintState.PASSED)
        self.decide_until = at + OFFICIAL_DECIDES_WITHIN

    def end(self, state: ComplaintState, *, at: datetime, outcome: Outcome | None = None) -> None:
        """Settled or decided. Raises `IllegalMove`."""
        self._become(state)
        self.ended_at, self.outcome = at, outcome

    def _become(self, state: ComplaintState) -> None:
        self.state = move(MOVES, self.state, state)


class Entry(Base):
    """Words in a complaint, sealed, numbered without a gap; nobody can change or delete it in the database."""

    __tablename__ = "complaint_entries"
    __table_args__ = (UniqueConstraint("complaint_id", "position"),)

    id: Mapped[int] = mapped_column(init=False, primary_key=True)
    complaint_id: Mapped[int] = mapped_column(ForeignKey("complaints.id"))
    position: Mapped[int]
    at: Mapped[datetime]
    person_id: Mapped[int] = mapped_column(ForeignKey("people.id"))
    side: Mapped[Side] = mapped_column(Chosen(Side))
    act: Mapped[Act] = mapped_column(Chosen(Act))
    words_sealed: Mapped[bytes] = mapped_column(repr=False)


class Photo(Base):
    """A picture that came with a complaint, for its parties and officials alone."""

    __tablename__ = "complaint_photos"
    __table_args__ = (UniqueConstraint("complaint_id", "position"),)

    id: Mapped[int] = mapped_column(init=False, primary_key=True)
    complaint_id: Mapped[int] = mapped_column(ForeignKey("complaints.id"))
    position: Mapped[int]
    stem: Mapped[str]
    width: Mapped[int]
    height: Mapped[int]
    sha256: Mapped[str]

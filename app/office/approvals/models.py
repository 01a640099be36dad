"""What was asked, and each step of the decision: the table itself refuses that a person decides what he made."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import (
    CheckConstraint,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    PrimaryKeyConstraint,
    UniqueConstraint,
    text,
)
from sqlalchemy.orm import Mapped, mapped_column

from app.kernel.db import Base, Chosen
from app.kernel.states import move
from app.office.approvals.states import MOVES, ApprovalState


class Approval(Base):
    """Something that a person asks for and others must agree to, step by step, exactly as it was asked.

    `fingerprint` is the SHA-256 of all that is decided; `step` is the one that comes next, the first being 1.
    """

    __tablename__ = "approvals"
    __table_args__ = (
        UniqueConstraint("id", "asked_by", name="uq_approvals_id_asked_by"),
        Index(
            "uq_approvals_open",
            "kind",
            "subject",
            unique=True,
            sqlite_where=text("state = 'open'"),
            postgresql_where=text("state = 'open'"),
        ),
        Index("ix_approvals_state", "state", "kind", "step"),
        Index("ix_approvals_subject", "subject"),
        CheckConstraint("step > 0", name="step"),
    )

    id: Mapped[int] = mapped_column(init=False, primary_key=True)
    kind: Mapped[str]
    subject: Mapped[str]
    township: Mapped[str]
    words: Mapped[str]
    link: Mapped[str]
    fingerprint: Mapped[str]
    asked_at: Mapped[datetime]
    asked_by: Mapped[int] = mapped_column(ForeignKey("people.id"))
    step: Mapped[int] = mapped_column(default=1)
    state: Mapped[ApprovalState] = mapped_column(Chosen(ApprovalState), default=ApprovalState.OPEN)
    ended_at: Mapped[datetime | None] = mapped_column(default=None)

    def end(self, state: ApprovalState, *, at: datetime) -> None:
        """It is decided, or taken back. Raises `IllegalMove`."""
        self.state = move(MOVES, self.state, state)
        self.ended_at = at


class Decision(Base):
    """What one person decided at one step: not the one who asked, and nobody twice."""

    __tablename__ = "approval_decisions"
    __table_args__ = (
        PrimaryKeyConstraint("approval_id", "step"),
        UniqueConstraint("approval_id", "person_id", name="uq_approval_decisions_person"),
        ForeignKeyConstraint(["approval_id", "asked_by"], ["approvals.id", "approvals.asked_by"]),
        CheckConstraint("person_id <> asked_by", name="two_people"),
    )

    approval_id: Mapped[int]
    step: Mapped[int]
    asked_by: Mapped[int]
    person_id: Mapped[int] = mapped_column(ForeignKey("people.id"))
    agrees: Mapped[bool]
    because: Mapped[str]
    at: Mapped[datetime]

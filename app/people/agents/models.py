"""Who is an agent where, under which mandates he acts, and what was objected to."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import ForeignKey, Index, text
from sqlalchemy.orm import Mapped, mapped_column

from app.kernel.db import Base, Chosen
from app.kernel.states import move
from app.people.agents.states import MOVES, MandateState, Way


class Agent(Base):
    """That a township lets a person act for growers of a village, or of all of it, until a day."""

    __tablename__ = "agents"
    __table_args__ = (
        Index(
            "uq_agents_standing",
            "person_id",
            unique=True,
            sqlite_where=text("ended_at IS NULL"),
            postgresql_where=text("ended_at IS NULL"),
        ),
        Index("ix_agents_township_code", "township_code", "id"),
    )

    id: Mapped[int] = mapped_column(init=False, primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("people.id"))
    township_code: Mapped[str] = mapped_column(ForeignKey("townships.code"))
    named_by: Mapped[str]
    named_at: Mapped[datetime]
    until: Mapped[date]
    because: Mapped[str]
    village_id: Mapped[int | None] = mapped_column(ForeignKey("villages.id"), default=None)
    ended_at: Mapped[datetime | None] = mapped_column(default=None)
    ended_by: Mapped[str | None] = mapped_column(default=None)
    ended_because: Mapped[str | None] = mapped_column(default=None)

    def is_standing(self, today: date) -> bool:
        """Whether he is an agent on that day."""
        return self.ended_at is None and today <= self.until

    def end(self, *, by: str, because: str, at: datetime) -> None:
        """He is an agent no more."""
        self.ended_at, self.ended_by, self.ended_because = at, by, because


class Mandate(Base):
    """That a seller lets an agent act for it: in which wording, how it was given, until when, and how it ended."""

    __tablename__ = "mandates"
    __table_args__ = (
        Index(
            "uq_mandates_pending",
            "agent_id",
            "seller_id",
            unique=True,
            sqlite_where=text("state IN ('asked', 'waiting')"),
            postgresql_where=text("state IN ('asked', 'waiting')"),
        ),
        Index(
            "uq_mandates_in_force",
            "agent_id",
            "seller_id",
            unique=True,
            sqlite_where=text("state IN ('in_force')"),
            postgresql_where=text("state IN ('in_force')"),
        ),
        Index("ix_mandates_seller_id", "seller_id", "id"),
        Index("ix_mandates_state", "state", "id"),
    )

    id: Mapped[int] = mapped_column(init=False, primary_key=True)
    agent_id: Mapped[int] = mapped_column(ForeignKey("agents.id"))
    seller_id: Mapped[int] = mapped_column(ForeignKey("sellers.id"))
    way: Mapped[Way] = mapped_column(Chosen(Way))
    text_version: Mapped[str]
    recorded_by: Mapped[str]
    recorded_at: Mapped[datetime]
    expires_on: Mapped[date]
    state: Mapped[MandateState] = mapped_column(Chosen(MandateState))
    paper_stem: Mapped[str | None] = mapped_column(default=None)
    paper_sha256: Mapped[str | None] = mapped_column(default=None)
    code_key: Mapped[str | None] = mapped_column(default=None, repr=False)
    code_until: Mapped[datetime | None] = mapped_column(default=None)
    decided_at: Mapped[datetime | None] = mapped_column(default=None)
    decided_by: Mapped[str | None] = mapped_column(default=None)
    because: Mapped[str | None] = mapped_column(default=None)
    grant_id: Mapped[int | None] = mapped_column(ForeignKey("role_grants.id"), default=None)
    ended_at: Mapped[datetime | None] = mapped_column(default=None)
    ended_by: Mapped[str | None] = mapped_column(default=None)
    ended_because: Mapped[str | None] = mapped_column(default=None)

    @property
    def subject(self) -> str:
        """How the audit names it."""
        return f"mandate:{self.id}"

    def is_good(self, today: date) -> bool:
        """Whether the agent may act under it on that day."""
        return self.state is MandateState.IN_FORCE and today <= self.expires_on

    def give(self, grant_id: int, *, by: str, because: str, at: datetime) -> None:
        """It is in force, by the role that was given for it. Raises `IllegalMove`."""
        self.state = move(MOVES, self.state, MandateState.IN_FORCE)
        self._decide(by=by, because=because, at=at)
        self.grant_id = grant_id

    def refuse(self, *, by: str, because: str, at: datetime) -> None:
        """It gives no right. Raises `IllegalMove`."""
        self.state = move(MOVES, self.state, MandateState.REFUSED)
        self._decide(by=by, because=because, at=at)

    def end(self, state: MandateState, *, by: str, because: str, at: datetime) -> None:
        """It is withdrawn, or replaced by another. Raises `IllegalMove`."""
        self.state = move(MOVES, self.state, state)
        self._forget_code()
        self.ended_at, self.ended_by, self.ended_because = at, by, because

    def _decide(self, *, by: str, because: str, at: datetime) -> None:
        self._forget_code()
        self.decided_at, self.decided_by, self.because = at, by, because

    def _forget_code(self) -> None:
        self.code_key, self.code_until = None, None


class Objection(Base):
    """That something done in a seller's name was not right, as the seller says, and what its township answered."""

    __tablename__ = "objections"
    __table_args__ = (Index("ix_objections_seller_id", "seller_id", "id"),)

    id: Mapped[int] = mapped_column(init=False, primary_key=True)
    seller_id: Mapped[int] = mapped_column(ForeignKey("sellers.id"))
    audit_id: Mapped[int] = mapped_column(unique=True)
    words: Mapped[str]
    raised_by: Mapped[str]
    raised_at: Mapped[datetime]
    answered_at: Mapped[datetime | None] = mapped_column(default=None)
    answered_by: Mapped[str | None] = mapped_column(default=None)
    answer: Mapped[str | None] = mapped_column(default=None)

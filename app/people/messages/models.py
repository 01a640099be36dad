"""What people are told in their own inbox, and by text on their phones."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, Index, text
from sqlalchemy.orm import Mapped, mapped_column

from app.kernel.db import Base, Chosen
from app.kernel.states import move
from app.people.messages.states import MOVES, TextState


class Message(Base):
    """One sentence to one person, with the page on which he can do something about it."""

    __tablename__ = "messages"
    __table_args__ = (Index("ix_messages_person_id", "person_id", "id"),)

    id: Mapped[int] = mapped_column(init=False, primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("people.id"))
    words: Mapped[str]
    link: Mapped[str]
    at: Mapped[datetime]
    read_at: Mapped[datetime | None] = mapped_column(default=None)


_IS_DUE = text("state IN ('waiting', 'failed')")


class OutgoingText(Base):
    """One short sentence for one person's phone; the number is looked up when it is sent and never stands here.

    `reference` names it to the provider, who drops what comes twice under one name.
    """

    __tablename__ = "outgoing_texts"
    __table_args__ = (
        Index("ix_outgoing_texts_person_id", "person_id", "created_at"),
        Index("ix_outgoing_texts_state", "state", "id"),
        Index("ix_outgoing_texts_due", "run_after", postgresql_where=_IS_DUE, sqlite_where=_IS_DUE),
    )

    id: Mapped[int] = mapped_column(init=False, primary_key=True)
    reference: Mapped[str] = mapped_column(unique=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("people.id"))
    words: Mapped[str]
    created_at: Mapped[datetime]
    run_after: Mapped[datetime]
    state: Mapped[TextState] = mapped_column(Chosen(TextState), default=TextState.WAITING)
    tries: Mapped[int] = mapped_column(default=0)
    leased_until: Mapped[datetime | None] = mapped_column(default=None)
    sent_at: Mapped[datetime | None] = mapped_column(default=None)
    last_error: Mapped[str | None] = mapped_column(default=None)

    def become(self, new: TextState) -> None:
        """Move along `MOVES`; whoever held it lets go. Raises `IllegalMove`."""
        self.state = move(MOVES, self.state, new)
        self.leased_until = None

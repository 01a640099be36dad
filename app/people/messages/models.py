"""What people are told in their own inbox, by text on their phones and, who wants it, by mail."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, Index, text
from sqlalchemy.orm import Mapped, mapped_column

from app.kernel.db import Base, Chosen
from app.kernel.states import move
from app.people.messages.states import MOVES, Carries, TextState, Way


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
    """One short sentence for a person's phone, or a mail; where to is looked up when it is sent and never stands here.

    `reference` names it to the provider, who drops what comes twice under one name. `words` are the text, or the mail's
    subject. A mail says what the message in the inbox says; one without a message carries the code that confirms an
    address, which is nowhere kept. A text that `carries` a code has only a name for `words`; the code is made from the
    row `carried_id` when the text goes.
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
    way: Mapped[Way] = mapped_column(Chosen(Way), default=Way.TEXT)
    message_id: Mapped[int | None] = mapped_column(ForeignKey("messages.id"), default=None)
    carries: Mapped[Carries | None] = mapped_column(Chosen(Carries), default=None)
    carried_id: Mapped[int | None] = mapped_column(default=None)
    state: Mapped[TextState] = mapped_column(Chosen(TextState), default=TextState.WAITING)
    tries: Mapped[int] = mapped_column(default=0)
    leased_until: Mapped[datetime | None] = mapped_column(default=None)
    sent_at: Mapped[datetime | None] = mapped_column(default=None)
    last_error: Mapped[str | None] = mapped_column(default=None)

    def become(self, new: TextState) -> None:
        """Move along `MOVES`; whoever held it lets go. Raises `IllegalMove`."""
        self.state = move(MOVES, self.state, new)
        self.leased_until = None


class MailAddress(Base):
    """Where a person wants his messages mailed to as well; nothing but a code goes there until he has confirmed it.

    `code_key` is what the code is made from, together with the vault's key: who reads the row alone cannot tell it.
    """

    __tablename__ = "mail_addresses"

    id: Mapped[int] = mapped_column(init=False, primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("people.id"), unique=True)
    consent_id: Mapped[int] = mapped_column(ForeignKey("consents.id"))
    address_sealed: Mapped[bytes] = mapped_column(repr=False)
    given_at: Mapped[datetime]
    code_key: Mapped[str | None] = mapped_column(repr=False)
    code_until: Mapped[datetime | None]
    confirmed_at: Mapped[datetime | None] = mapped_column(default=None)

    def expect(self, code_key: str, *, until: datetime) -> None:
        """Nothing goes there any more until the code made from this key comes back in time."""
        self.code_key, self.code_until, self.confirmed_at = code_key, until, None

    def confirm(self, *, at: datetime) -> None:
        """The address is its owner's; the code is used up."""
        self.code_key, self.code_until, self.confirmed_at = None, None, at

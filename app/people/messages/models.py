"""What people are told in their own inbox."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from app.kernel.db import Base


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

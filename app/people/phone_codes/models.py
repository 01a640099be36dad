"""The codes that were asked for, and what became of them."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, Index, text
from sqlalchemy.orm import Mapped, mapped_column

from app.kernel.db import Base

_IS_LIVE = text("code_key IS NOT NULL")


class PhoneCode(Base):
    """That a code was asked for a number, known here or not.

    `code_key` is what the code is made from, together with the vault's key: who reads the row alone cannot tell it. It
    is erased when the code is used, or when a newer one is asked for, so a number has one code at most.
    """

    __tablename__ = "phone_codes"
    __table_args__ = (
        Index("uq_phone_codes_live", "phone_index", unique=True, postgresql_where=_IS_LIVE, sqlite_where=_IS_LIVE),
        Index("ix_phone_codes_asked_at", "asked_at"),
    )

    id: Mapped[int] = mapped_column(init=False, primary_key=True)
    phone_index: Mapped[str]
    code_key: Mapped[str | None] = mapped_column(repr=False)
    asked_at: Mapped[datetime]
    until: Mapped[datetime]
    used_at: Mapped[datetime | None] = mapped_column(default=None)
    sign_in_id: Mapped[int | None] = mapped_column(ForeignKey("sign_ins.id"), unique=True, default=None)

    def use(self, *, at: datetime, sign_in_id: int) -> None:
        """The code has opened this sign-in and opens no other."""
        self.code_key, self.used_at, self.sign_in_id = None, at, sign_in_id

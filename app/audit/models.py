"""Who did what to which thing: rows that never change, and the chain that links them."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from app.kernel.db import Base


class AuditRow(Base):
    """One act: who, what, to which thing, why, when, in which request; details as JSON without personal data."""

    __tablename__ = "audit_rows"

    id: Mapped[int] = mapped_column(init=False, primary_key=True)
    at: Mapped[datetime]
    actor: Mapped[str] = mapped_column(index=True)
    act: Mapped[str]
    thing: Mapped[str] = mapped_column(index=True)
    because: Mapped[str] = mapped_column(default="")
    details: Mapped[str] = mapped_column(default="{}")
    request_id: Mapped[str] = mapped_column(default="")


class AuditLink(Base):
    """One link of the chain: a row's digest over itself and the link before."""

    __tablename__ = "audit_links"

    seq: Mapped[int] = mapped_column(primary_key=True)
    audit_id: Mapped[int] = mapped_column(ForeignKey("audit_rows.id"), unique=True)
    digest: Mapped[str]
    prev: Mapped[str]

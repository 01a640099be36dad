"""The divisions of the county: keyed by code, because names repeat and change."""

from __future__ import annotations

from datetime import date

from sqlalchemy import ForeignKey, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from app.kernel.db import Base


class Township(Base):
    """A town or township under one code. A retired code keeps its row and names the code that took its place."""

    __tablename__ = "townships"

    code: Mapped[str] = mapped_column(primary_key=True)
    name: Mapped[str]
    kind: Mapped[str]
    along_river: Mapped[bool]
    successor_code: Mapped[str | None] = mapped_column(ForeignKey("townships.code"), default=None)
    from_day: Mapped[date | None] = mapped_column(default=None)
    to_day: Mapped[date | None] = mapped_column(default=None)
    note: Mapped[str] = mapped_column(default="")

    @property
    def is_present(self) -> bool:
        """Whether the code is in use now."""
        return self.successor_code is None


class Village(Base):
    """A village as some source lists it at some time; the lists are known for a few townships only."""

    __tablename__ = "villages"
    __table_args__ = (UniqueConstraint("township_code", "name"),)

    id: Mapped[int] = mapped_column(init=False, primary_key=True)
    township_code: Mapped[str] = mapped_column(ForeignKey("townships.code"))
    name: Mapped[str]
    as_of: Mapped[str]
    source: Mapped[str]
    status: Mapped[str]

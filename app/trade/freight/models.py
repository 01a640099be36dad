"""What carriage costs: rates by zone with the day from which they hold, and which province lies in which zone."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import CheckConstraint, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from app.kernel.db import Base
from app.kernel.money import Money


class Province(Base):
    """A province-level division by its GB/T 2260 code, its zone, and whether we send there."""

    __tablename__ = "provinces"

    code: Mapped[str] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(unique=True)
    zone: Mapped[str]
    is_served: Mapped[bool]


class FreightRate(Base):
    """The rate of a zone from a day on; a newer one takes its place, the old stays readable."""

    __tablename__ = "freight_rates"
    __table_args__ = (
        UniqueConstraint("zone", "valid_from"),
        CheckConstraint("first_kg >= 0 AND next_kg >= 0", name="not_negative"),
    )

    id: Mapped[int] = mapped_column(init=False, primary_key=True)
    zone: Mapped[str]
    valid_from: Mapped[date]
    first_kg: Mapped[Money]
    next_kg: Mapped[Money]
    free_from: Mapped[Money | None]
    set_by: Mapped[str]
    set_at: Mapped[datetime]
    is_sample: Mapped[bool] = mapped_column(default=False)

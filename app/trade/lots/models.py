"""Lots: fruit that came together, and where it came from."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import CheckConstraint, ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from app.kernel.db import Base
from app.kernel.weight import Weight


class Lot(Base):
    """Fruit of one grower, village, harvest, variety and grade, weighed in together."""

    __tablename__ = "lots"
    __table_args__ = (CheckConstraint("weight_in > 0", name="weight_in"),)

    id: Mapped[int] = mapped_column(init=False, primary_key=True)
    code: Mapped[str] = mapped_column(unique=True)
    seller_id: Mapped[int] = mapped_column(ForeignKey("sellers.id"), index=True)
    township_code: Mapped[str] = mapped_column(ForeignKey("townships.code"))
    village_name: Mapped[str]
    variety_key: Mapped[str] = mapped_column(ForeignKey("varieties.key"))
    grade_key: Mapped[str] = mapped_column(ForeignKey("grades.key"))
    harvest_year: Mapped[int]
    weight_in: Mapped[Weight]
    best_before: Mapped[date] = mapped_column(index=True)
    received_on: Mapped[date]
    created_at: Mapped[datetime]
    created_by: Mapped[str]

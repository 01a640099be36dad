"""Lots: fruit that came together, where it came from, and which lots went into which."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import CheckConstraint, ForeignKey, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from app.kernel.db import Base, Chosen
from app.kernel.weight import Weight
from app.trade.lots.states import LotOrigin


class Lot(Base):
    """Fruit of one seller, variety and grade that came together: picked, bought, or made of other lots.

    `grower_id` is the household that grew it, where it is one of this county.
    """

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
    origin: Mapped[LotOrigin] = mapped_column(Chosen(LotOrigin), default=LotOrigin.OWN)
    grower_id: Mapped[int | None] = mapped_column(ForeignKey("sellers.id"), default=None, index=True)
    store_place: Mapped[str] = mapped_column(default="")
    certificate_no: Mapped[str] = mapped_column(default="")
    certificate_key: Mapped[str | None] = mapped_column(default=None)
    certificate_sha256: Mapped[str | None] = mapped_column(default=None)
    recalled_at: Mapped[datetime | None] = mapped_column(default=None)
    recall_id: Mapped[int | None] = mapped_column(default=None)

    @property
    def is_recalled(self) -> bool:
        """Whether nobody may sell or use it any more."""
        return self.recalled_at is not None


class LotSource(Base):
    """So many grams of one lot went into another, by one step of processing."""

    __tablename__ = "lot_sources"
    __table_args__ = (UniqueConstraint("child_id", "parent_id"), CheckConstraint("grams > 0", name="grams"))

    id: Mapped[int] = mapped_column(init=False, primary_key=True)
    child_id: Mapped[int] = mapped_column(ForeignKey("lots.id"))
    parent_id: Mapped[int] = mapped_column(ForeignKey("lots.id"), index=True)
    grams: Mapped[Weight]
    step: Mapped[str]

"""That this database holds the demo county."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import CheckConstraint
from sqlalchemy.orm import Mapped, mapped_column

from app.kernel.db import Base


class DemoCounty(Base):
    """The one row that says so; a database with real people never has it."""

    __tablename__ = "demo_county"
    __table_args__ = (CheckConstraint("id = 1", name="one_row"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    seed: Mapped[int]
    made_at: Mapped[datetime]

"""The addresses that a buyer keeps for his next orders."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, Index, text
from sqlalchemy.orm import Mapped, mapped_column

from app.kernel.db import Base


class Address(Base):
    """Where one person may want his parcels, sealed; orders keep their own copy and never look here again."""

    __tablename__ = "addresses"
    __table_args__ = (
        Index(
            "uq_addresses_default",
            "person_id",
            unique=True,
            sqlite_where=text("is_default"),
            postgresql_where=text("is_default"),
        ),
    )

    id: Mapped[int] = mapped_column(init=False, primary_key=True)
    code: Mapped[str] = mapped_column(unique=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("people.id"), index=True)
    consignee_sealed: Mapped[bytes] = mapped_column(repr=False)
    phone_sealed: Mapped[bytes] = mapped_column(repr=False)
    street_sealed: Mapped[bytes] = mapped_column(repr=False)
    province_code: Mapped[str] = mapped_column(ForeignKey("provinces.code"))
    changed_at: Mapped[datetime]
    is_default: Mapped[bool] = mapped_column(default=False)

"""What buyers say of what they received, what sellers reply, and when a review is folded away."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from app.kernel.db import Base


class Review(Base):
    """A buyer's word on one line of an order he received; nobody can change or delete it, not in the database either.

    Source: 电子商务法 art. 39.
    """

    __tablename__ = "reviews"
    __table_args__ = (
        CheckConstraint("stars BETWEEN 1 AND 5", name="stars"),
        Index("ix_reviews_pack_id", "pack_id", "id"),
        Index("ix_reviews_seller_id", "seller_id", "id"),
    )

    id: Mapped[int] = mapped_column(init=False, primary_key=True)
    number: Mapped[str] = mapped_column(unique=True)
    order_line_id: Mapped[int] = mapped_column(ForeignKey("order_lines.id"), unique=True)
    pack_id: Mapped[int] = mapped_column(ForeignKey("packs.id"))
    seller_id: Mapped[int] = mapped_column(ForeignKey("sellers.id"))
    buyer_id: Mapped[int] = mapped_column(ForeignKey("people.id"))
    township_code: Mapped[str] = mapped_column(ForeignKey("townships.code"))
    at: Mapped[datetime]
    stars: Mapped[int]
    words: Mapped[str]
    is_sample: Mapped[bool] = mapped_column(default=False)


class Reply(Base):
    """What the seller says to a review, once."""

    __tablename__ = "review_replies"

    id: Mapped[int] = mapped_column(init=False, primary_key=True)
    review_id: Mapped[int] = mapped_column(ForeignKey("reviews.id"), unique=True)
    at: Mapped[datetime]
    by: Mapped[str]
    words: Mapped[str]


class Folding(Base):
    """That the county folded a review away or opened it again, and why; the newest one counts."""

    __tablename__ = "review_foldings"
    __table_args__ = (Index("ix_review_foldings_review_id", "review_id", "id"),)

    id: Mapped[int] = mapped_column(init=False, primary_key=True)
    review_id: Mapped[int] = mapped_column(ForeignKey("reviews.id"))
    at: Mapped[datetime]
    by: Mapped[str]
    is_folded: Mapped[bool]
    because: Mapped[str]

"""Varieties, grades and products as data with their source; packs as what is sold; their photos."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.kernel.db import Base, Chosen
from app.kernel.money import Money
from app.kernel.states import move
from app.kernel.weight import GRAMS_PER_JIN, Weight
from app.trade.catalog.states import MOVES, PackState

UNGRADED = "ungraded"


class Variety(Base):
    """A kind of jujube, by a stable key."""

    __tablename__ = "varieties"

    key: Mapped[str] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(unique=True)
    alias: Mapped[str] = mapped_column(default="")
    words: Mapped[str] = mapped_column(default="")
    source: Mapped[str] = mapped_column(default="")
    status: Mapped[str] = mapped_column(default="")
    position: Mapped[int] = mapped_column(default=0)


class Grade(Base):
    """A grade of one edition of one standard, in force between two days (None: open end)."""

    __tablename__ = "grades"
    __table_args__ = (UniqueConstraint("standard", "edition", "category", "name"),)

    key: Mapped[str] = mapped_column(primary_key=True)
    standard: Mapped[str]
    edition: Mapped[str]
    category: Mapped[str]
    name: Mapped[str]
    rank: Mapped[int]
    effective_from: Mapped[date | None] = mapped_column(default=None)
    effective_to: Mapped[date | None] = mapped_column(default=None)
    measures: Mapped[str] = mapped_column(default="{}")
    source: Mapped[str] = mapped_column(default="")
    status: Mapped[str] = mapped_column(default="")

    def is_in_force(self, day: date) -> bool:
        """Whether fruit may be graded by it on that day."""
        begun = self.effective_from is None or self.effective_from <= day
        return begun and (self.effective_to is None or day <= self.effective_to)


class Product(Base):
    """What is made of jujubes; some kinds need a production licence, some may not be sold to minors."""

    __tablename__ = "products"

    key: Mapped[str] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(unique=True)
    kind: Mapped[str]
    needs_licence: Mapped[bool]
    is_alcohol: Mapped[bool]
    shelf_life_days: Mapped[int | None] = mapped_column(default=None)
    source: Mapped[str] = mapped_column(default="")
    status: Mapped[str] = mapped_column(default="")
    position: Mapped[int] = mapped_column(default=0)


class Pack(Base):
    """What is sold: one seller's fruit in one net weight at one price."""

    __tablename__ = "packs"
    __table_args__ = (
        CheckConstraint("net > 0", name="net"),
        CheckConstraint("price > 0", name="price"),
    )

    id: Mapped[int] = mapped_column(init=False, primary_key=True)
    slug: Mapped[str] = mapped_column(unique=True)
    seller_id: Mapped[int] = mapped_column(ForeignKey("sellers.id"), index=True)
    township_code: Mapped[str] = mapped_column(ForeignKey("townships.code"))
    variety_key: Mapped[str] = mapped_column(ForeignKey("varieties.key"))
    grade_key: Mapped[str] = mapped_column(ForeignKey("grades.key"))
    product_key: Mapped[str] = mapped_column(ForeignKey("products.key"))
    title: Mapped[str]
    words: Mapped[str]
    net: Mapped[Weight]
    price: Mapped[Money]
    per_jin: Mapped[int]
    created_at: Mapped[datetime]
    state: Mapped[PackState] = mapped_column(Chosen(PackState), default=PackState.DRAFT)
    is_sample: Mapped[bool] = mapped_column(default=False)
    bears_mark: Mapped[bool] = mapped_column(default=False)
    stopped_because: Mapped[str] = mapped_column(default="")
    struck: Mapped[Money | None] = mapped_column(default=None)
    struck_until: Mapped[datetime | None] = mapped_column(default=None)
    version: Mapped[int] = mapped_column(default=1)
    photos: Mapped[list[PackPhoto]] = relationship(
        default_factory=list, order_by="PackPhoto.position", lazy="raise", init=False
    )

    __mapper_args__ = {"version_id_col": version}  # noqa: RUF012  (SQLAlchemy reads it so)

    def become(self, state: PackState) -> None:
        """Move to another state. Raises `IllegalMove`."""
        self.state = move(MOVES, self.state, state)

    @property
    def is_stopped(self) -> bool:
        """Whether an official has stopped its sale."""
        return self.state is PackState.STOPPED

    def struck_at(self, moment: datetime) -> Money | None:
        """The price that may stand struck through beside its own at that moment."""
        return self.struck if self.struck_until is not None and moment < self.struck_until else None

    def strike(self, deal: Money | None, *, until: datetime) -> None:
        """Compare its price with that of a deal, or with nothing where that would be no comparison."""
        is_lower = deal is not None and self.price < deal
        self.struck, self.struck_until = (deal, until) if is_lower else (None, None)

    def reprice(self, price: Money) -> None:
        """Sell at another price from now on; orders keep theirs."""
        self.price = price
        self.per_jin = fen_per_jin(price, self.net)


class PriceChange(Base):
    """That a pack was sold at another price from a moment on, and its lowest deal of the seven days before."""

    __tablename__ = "price_changes"
    __table_args__ = (
        CheckConstraint("old > 0 AND new > 0", name="amounts"),
        Index("ix_price_changes_pack_id", "pack_id", "id"),
    )

    id: Mapped[int] = mapped_column(init=False, primary_key=True)
    pack_id: Mapped[int] = mapped_column(ForeignKey("packs.id"))
    at: Mapped[datetime]
    by: Mapped[str]
    old: Mapped[Money]
    new: Mapped[Money]
    lowest_deal: Mapped[Money | None]


class PackPhoto(Base):
    """A picture of a pack in three sizes, without the camera's data."""

    __tablename__ = "pack_photos"
    __table_args__ = (UniqueConstraint("pack_id", "position"),)

    id: Mapped[int] = mapped_column(init=False, primary_key=True)
    pack_id: Mapped[int] = mapped_column(ForeignKey("packs.id"), index=True)
    position: Mapped[int]
    stem: Mapped[str]
    width: Mapped[int]
    height: Mapped[int]
    sha256: Mapped[str]
    alt: Mapped[str] = mapped_column(default="")

    def key(self, size: str) -> str:
        """Where the picture lies in the media store; `size` is list, page or full."""
        return f"packs/{self.stem}/{size}.{'jpg' if size == 'full' else 'webp'}"

    def url(self, size: str) -> str:
        """The path under which the shop serves it."""
        return f"/media/{self.key(size)}"


def fen_per_jin(price: Money, net: Weight) -> int:
    """The price of 500 g in whole fen, half up, for comparing packs of different weights."""
    return (2 * price.fen * GRAMS_PER_JIN + net.grams) // (2 * net.grams)


class MarkUser(Base):
    """A seller who may use the mark 柳林红枣 from one day to another, unless the county ends it before."""

    __tablename__ = "mark_users"
    __table_args__ = (
        CheckConstraint("valid_from <= valid_to", name="order"),
        CheckConstraint("(ended_at IS NULL) = (ended_by IS NULL)", name="ended"),
        Index(
            "uq_mark_users_number",
            "number",
            unique=True,
            sqlite_where=text("ended_at IS NULL"),
            postgresql_where=text("ended_at IS NULL"),
        ),
    )

    id: Mapped[int] = mapped_column(init=False, primary_key=True)
    seller_id: Mapped[int] = mapped_column(ForeignKey("sellers.id"), index=True)
    number: Mapped[str]
    valid_from: Mapped[date]
    valid_to: Mapped[date]
    recorded_at: Mapped[datetime]
    recorded_by: Mapped[str]
    ended_at: Mapped[datetime | None] = mapped_column(default=None)
    ended_by: Mapped[str | None] = mapped_column(default=None)
    because: Mapped[str] = mapped_column(default="")

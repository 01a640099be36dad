"""Tables: purchase points, posted prices, deliveries with their grades, payments, and objections."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import CheckConstraint, ForeignKey, Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.kernel.db import Base, Chosen
from app.kernel.money import ZERO, Money
from app.kernel.states import move
from app.kernel.weight import Weight
from app.trade.intakes.states import MOVES, TAKEN, IntakeState, Presence, ScaleUnit, Way

OBJECT_WITHIN = timedelta(days=7)
"""How long a grower can object; the platform's own promise, no law sets it."""


class PurchasePoint(Base):
    """Where a co-op or processor buys loose fruit from growers."""

    __tablename__ = "purchase_points"

    id: Mapped[int] = mapped_column(init=False, primary_key=True)
    slug: Mapped[str] = mapped_column(unique=True)
    seller_id: Mapped[int] = mapped_column(ForeignKey("sellers.id"), index=True)
    name: Mapped[str]
    township_code: Mapped[str] = mapped_column(ForeignKey("townships.code"))
    place: Mapped[str]
    opened_at: Mapped[datetime]
    opened_by: Mapped[str]
    closed_at: Mapped[datetime | None] = mapped_column(default=None)

    @property
    def is_open(self) -> bool:
        """Whether it buys now."""
        return self.closed_at is None


class PriceList(Base):
    """Posted prices 收购牌价: one version, from a moment on, never changed afterwards.

    In force is the list that began last, and of two that began together the later version.
    """

    __tablename__ = "price_lists"
    __table_args__ = (
        UniqueConstraint("point_id", "version"),
        CheckConstraint("effective_from >= posted_at", name="posted_before"),
    )

    id: Mapped[int] = mapped_column(init=False, primary_key=True)
    point_id: Mapped[int] = mapped_column(ForeignKey("purchase_points.id"))
    version: Mapped[int]
    effective_from: Mapped[datetime]
    posted_at: Mapped[datetime]
    posted_by: Mapped[str]
    note: Mapped[str] = mapped_column(default="")
    lines: Mapped[list[PriceLine]] = relationship(default_factory=list, order_by="PriceLine.id", lazy="raise")


class PriceLine(Base):
    """What a jin of one variety and grade costs, and of what size it is."""

    __tablename__ = "price_list_lines"
    __table_args__ = (
        UniqueConstraint(
            "list_id", "variety_key", "grade_key", name="uq_price_list_lines_list_id_variety_key_grade_key"
        ),
        CheckConstraint("per_jin > 0", name="per_jin"),
    )

    id: Mapped[int] = mapped_column(init=False, primary_key=True)
    list_id: Mapped[int] = mapped_column(ForeignKey("price_lists.id"), init=False)
    variety_key: Mapped[str] = mapped_column(ForeignKey("varieties.key"))
    grade_key: Mapped[str] = mapped_column(ForeignKey("grades.key"))
    per_jin: Mapped[Money]
    size: Mapped[str] = mapped_column(default="")


class Intake(Base):
    """One delivery of one grower, from the scale to the store. Weights in grams, shares in per mille.

    `net` = the lines' weights + `impurities` + `returned`, exactly, once it is graded.
    """

    __tablename__ = "intakes"
    __table_args__ = (
        UniqueConstraint("point_id", "ticket", name="uq_intakes_point_id_ticket"),
        CheckConstraint("tare >= 0 AND net > 0 AND net = gross - tare", name="net"),
        CheckConstraint("impurities >= 0 AND returned >= 0 AND total >= 0", name="parts"),
        CheckConstraint("(grower_id IS NULL) = (outside_name <> '')", name="supplier"),
        CheckConstraint(
            "state IN ('delivered', 'weighed') OR presence IS NOT NULL OR state = 'refused'", name="presence"
        ),
        CheckConstraint("(state IN ('accepted', 'in_store')) = (accepted_at IS NOT NULL)", name="accepted"),
        Index("ix_intakes_seller_id_id", "seller_id", "id"),
        Index("ix_intakes_grower_id", "grower_id", "id"),
        Index("ix_intakes_township_code", "township_code", "id"),
    )

    id: Mapped[int] = mapped_column(init=False, primary_key=True)
    number: Mapped[str] = mapped_column(unique=True)
    point_id: Mapped[int] = mapped_column(ForeignKey("purchase_points.id"))
    seller_id: Mapped[int] = mapped_column(ForeignKey("sellers.id"))
    township_code: Mapped[str] = mapped_column(ForeignKey("townships.code"))
    list_id: Mapped[int] = mapped_column(ForeignKey("price_lists.id"))
    ticket: Mapped[str]
    variety_key: Mapped[str] = mapped_column(ForeignKey("varieties.key"))
    village_name: Mapped[str]
    harvest_year: Mapped[int]
    unit: Mapped[ScaleUnit] = mapped_column(Chosen(ScaleUnit))
    gross: Mapped[Weight]
    tare: Mapped[Weight]
    net: Mapped[Weight]
    delivered_at: Mapped[datetime]
    grower_id: Mapped[int | None] = mapped_column(ForeignKey("sellers.id"), default=None)
    outside_name: Mapped[str] = mapped_column(default="")
    outside_place: Mapped[str] = mapped_column(default="")
    is_member: Mapped[bool] = mapped_column(default=False)
    state: Mapped[IntakeState] = mapped_column(Chosen(IntakeState), default=IntakeState.DELIVERED)
    presence: Mapped[Presence | None] = mapped_column(Chosen(Presence), default=None)
    present_name: Mapped[str] = mapped_column(default="")
    moisture: Mapped[int | None] = mapped_column(default=None)
    defects: Mapped[int | None] = mapped_column(default=None)
    impurities: Mapped[Weight] = mapped_column(default=Weight(0))
    returned: Mapped[Weight] = mapped_column(default=Weight(0))
    grading_note: Mapped[str] = mapped_column(default="")
    total: Mapped[Money] = mapped_column(default=ZERO)
    accepted_at: Mapped[datetime | None] = mapped_column(default=None, index=True)
    refused_because: Mapped[str] = mapped_column(default="")
    store_place: Mapped[str] = mapped_column(default="")

    @property
    def is_taken(self) -> bool:
        """Whether the fruit is the buyer's."""
        return self.state in TAKEN

    @property
    def subject(self) -> str:
        """How ledger and audit name it."""
        return f"intake:{self.number}"

    def become(self, new: IntakeState) -> None:
        """Move along `MOVES`. Raises `IllegalMove`."""
        self.state = move(MOVES, self.state, new)


class IntakeStep(Base):
    """That a delivery reached a state: when, and by whom. Never changed; one that is graded anew has more of them."""

    __tablename__ = "intake_steps"

    id: Mapped[int] = mapped_column(init=False, primary_key=True)
    intake_id: Mapped[int] = mapped_column(ForeignKey("intakes.id"), index=True)
    state: Mapped[IntakeState] = mapped_column(Chosen(IntakeState))
    at: Mapped[datetime]
    by: Mapped[str]


class IntakeLine(Base):
    """So much of a delivery has this grade, at this price for a jin; `posted` is what the board said."""

    __tablename__ = "intake_lines"
    __table_args__ = (
        UniqueConstraint("intake_id", "grade_key", name="uq_intake_lines_intake_id_grade_key"),
        CheckConstraint("weight > 0 AND amount >= 0", name="weight"),
        CheckConstraint("per_jin >= posted AND posted > 0", name="never_below"),
        CheckConstraint("per_jin = posted OR better_because <> ''", name="reason"),
    )

    id: Mapped[int] = mapped_column(init=False, primary_key=True)
    intake_id: Mapped[int] = mapped_column(ForeignKey("intakes.id"))
    grade_key: Mapped[str] = mapped_column(ForeignKey("grades.key"))
    weight: Mapped[Weight]
    posted: Mapped[Money]
    per_jin: Mapped[Money]
    amount: Mapped[Money]
    better_because: Mapped[str] = mapped_column(default="")
    lot_id: Mapped[int | None] = mapped_column(ForeignKey("lots.id"), default=None, unique=True)


class IntakePayment(Base):
    """Money that the buyer says he gave for a delivery, past this platform."""

    __tablename__ = "intake_payments"
    __table_args__ = (CheckConstraint("amount > 0", name="amount"),)

    id: Mapped[int] = mapped_column(init=False, primary_key=True)
    intake_id: Mapped[int] = mapped_column(ForeignKey("intakes.id"), index=True)
    amount: Mapped[Money]
    way: Mapped[Way] = mapped_column(Chosen(Way))
    reference: Mapped[str]
    at: Mapped[datetime]
    by: Mapped[str]


class IntakeObjection(Base):
    """That the grower does not agree, and what the buyer answered."""

    __tablename__ = "intake_objections"
    __table_args__ = (
        CheckConstraint("(answered_at IS NULL) = (answer = '')", name="answer"),
        Index(
            "uq_intake_objections_open",
            "intake_id",
            unique=True,
            sqlite_where=text("answered_at IS NULL"),
            postgresql_where=text("answered_at IS NULL"),
        ),
    )

    id: Mapped[int] = mapped_column(init=False, primary_key=True)
    intake_id: Mapped[int] = mapped_column(ForeignKey("intakes.id"))
    words: Mapped[str]
    at: Mapped[datetime]
    by: Mapped[str]
    answer: Mapped[str] = mapped_column(default="")
    answered_at: Mapped[datetime | None] = mapped_column(default=None)
    answered_by: Mapped[str | None] = mapped_column(default=None)

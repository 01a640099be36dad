"""Orders: one buyer's promise to pay one seller for packs held for them."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.kernel.db import Base, Chosen
from app.kernel.money import ZERO, Money
from app.kernel.states import IllegalMove, move
from app.kernel.weight import GRAMS_PER_JIN, Weight, decimal_text
from app.trade.catalog.returns import ReturnRule
from app.trade.orders import pricing
from app.trade.orders.errors import WeighedTooFar
from app.trade.orders.states import MOVES, OrderState, PayBy

MOST_OFF_PERCENT = 50
"""A line that weighs further from what was promised than this is a typing error."""


class Order(Base):
    """What was promised, at the prices of that moment; where the goods and the money are stands in the ledger.

    `adult_confirmed_at` is when the buyer of something with alcohol said that he is of age.
    `given_back` is what of its price the seller does not earn when the buyer receives it.
    """

    __tablename__ = "orders"
    __table_args__ = (
        CheckConstraint("goods > 0 AND freight >= 0", name="amounts"),
        CheckConstraint("given_back >= 0 AND given_back <= goods + freight", name="given_back"),
        Index("ix_orders_buyer_id_id", "buyer_id", "id"),
        Index("ix_orders_seller_id_id", "seller_id", "id"),
        Index("ix_orders_placed_on_township_code", "placed_on", "township_code"),
    )

    id: Mapped[int] = mapped_column(init=False, primary_key=True)
    number: Mapped[str] = mapped_column(unique=True)
    checkout: Mapped[str] = mapped_column(index=True)
    buyer_id: Mapped[int] = mapped_column(ForeignKey("people.id"))
    seller_id: Mapped[int] = mapped_column(ForeignKey("sellers.id"))
    township_code: Mapped[str] = mapped_column(ForeignKey("townships.code"))
    pay_by: Mapped[PayBy] = mapped_column(Chosen(PayBy))
    placed_at: Mapped[datetime]
    placed_on: Mapped[date]
    hold_until: Mapped[datetime | None]
    goods: Mapped[Money]
    freight: Mapped[Money]
    weight: Mapped[Weight]
    consignee_sealed: Mapped[bytes]
    phone_sealed: Mapped[bytes]
    address_sealed: Mapped[bytes]
    province_code: Mapped[str] = mapped_column(ForeignKey("provinces.code"))
    note: Mapped[str] = mapped_column(default="")
    state: Mapped[OrderState] = mapped_column(Chosen(OrderState), default=OrderState.PLACED)
    paid_at: Mapped[datetime | None] = mapped_column(default=None)
    packed_at: Mapped[datetime | None] = mapped_column(default=None)
    shipped_at: Mapped[datetime | None] = mapped_column(default=None)
    received_at: Mapped[datetime | None] = mapped_column(default=None)
    ended_at: Mapped[datetime | None] = mapped_column(default=None)
    courier: Mapped[str] = mapped_column(default="")
    tracking: Mapped[str] = mapped_column(default="")
    cancelled_because: Mapped[str] = mapped_column(default="")
    is_sample: Mapped[bool] = mapped_column(default=False)
    given_back: Mapped[Money] = mapped_column(default=ZERO)
    adult_confirmed_at: Mapped[datetime | None] = mapped_column(default=None)
    lines: Mapped[list[OrderLine]] = relationship(
        default_factory=list, order_by="OrderLine.id", lazy="raise", init=False
    )

    @property
    def total(self) -> Money:
        """Goods and freight."""
        return self.goods + self.freight

    @property
    def due(self) -> Money:
        """What the buyer pays in the end when he receives it."""
        return self.total - self.given_back

    @property
    def subject(self) -> str:
        """How the ledger names it."""
        return f"order:{self.number}"

    def is_expired(self, at: datetime) -> bool:
        """Whether its hold is over: by time alone, whether or not a job has said so."""
        return self.state is OrderState.PLACED and self.hold_until is not None and self.hold_until <= at

    def pay(self, *, at: datetime) -> None:
        """The money has come; an order that had ended without it goes on."""
        self._become(OrderState.PAID)
        self.paid_at, self.ended_at = at, None

    def pack(self, *, at: datetime) -> None:
        """The seller has packed it; only a paid order, or one that is paid on delivery."""
        if self.state is OrderState.PLACED and self.pay_by is not PayBy.CASH_ON_DELIVERY:
            raise IllegalMove()
        self._become(OrderState.PACKED)
        self.packed_at = at

    def ship(self, *, courier: str, tracking: str, at: datetime) -> None:
        """It is with the courier."""
        self._become(OrderState.SHIPPED)
        self.courier, self.tracking, self.shipped_at = courier, tracking, at

    def receive(self, *, at: datetime) -> None:
        """The buyer has it."""
        self._become(OrderState.RECEIVED)
        self.received_at = at

    def close(self, *, at: datetime) -> None:
        """The time to return it is over."""
        self._become(OrderState.CLOSED)
        self.ended_at = at

    def cancel(self, *, because: str, at: datetime) -> None:
        """Cancel, keeping the reason; a shipped order refuses."""
        self._become(OrderState.CANCELLED)
        self.cancelled_because, self.ended_at = because, at

    def expire(self, *, at: datetime) -> None:
        """Its hold has run out unpaid."""
        self._become(OrderState.EXPIRED)
        self.ended_at = at

    def _become(self, state: OrderState) -> None:
        self.state = move(MOVES, self.state, state)


class OrderLine(Base):
    """Pieces of one pack, as it was described and priced when the order was placed, and what was said of returning.

    What becomes of the pack or its product later changes none of it. `weighed` is what all its pieces weighed when they
    were packed; None: as promised. `asked_back` counts the pieces that come back or shall come back.
    """

    __tablename__ = "order_lines"
    __table_args__ = (
        CheckConstraint("pieces > 0 AND price > 0 AND net > 0", name="amounts"),
        CheckConstraint("(return_rule = 'excluded_confirmed') = (rule_confirmed_at IS NOT NULL)", name="rule"),
        CheckConstraint(
            "weighed IS NULL OR (2 * weighed >= net * pieces AND 2 * weighed <= 3 * net * pieces)", name="weighed"
        ),
        CheckConstraint("asked_back >= 0 AND asked_back <= pieces", name="asked_back"),
    )

    id: Mapped[int] = mapped_column(init=False, primary_key=True)
    order_id: Mapped[int] = mapped_column(ForeignKey("orders.id"), index=True)
    pack_id: Mapped[int] = mapped_column(ForeignKey("packs.id"), index=True)
    title: Mapped[str]
    net: Mapped[Weight]
    price: Mapped[Money]
    pieces: Mapped[int]
    return_rule: Mapped[ReturnRule] = mapped_column(Chosen(ReturnRule), default=ReturnRule.SEVEN_DAYS)
    rule_confirmed_at: Mapped[datetime | None] = mapped_column(default=None)
    weighed: Mapped[Weight | None] = mapped_column(default=None)
    asked_back: Mapped[int] = mapped_column(default=0)

    @property
    def amount(self) -> Money:
        """Price times pieces."""
        return self.price * self.pieces

    @property
    def promised(self) -> Weight:
        """Net weight times pieces."""
        return self.net * self.pieces

    @property
    def missing(self) -> Weight:
        """What was promised and is not in the boxes; more than promised is a gift."""
        return Weight(0) if self.weighed is None else max(Weight(0), self.promised - self.weighed)

    @property
    def short(self) -> Money:
        """The price of what is missing."""
        return pricing.price_of_missing(self.amount, promised=self.promised, missing=self.missing)

    def weigh(self, weighed: Weight) -> None:
        """Keep what its pieces weigh together. Raises `WeighedTooFar` below half and above one and a half times."""
        if abs(weighed.grams - self.promised.grams) * 100 > self.promised.grams * MOST_OFF_PERCENT:
            raise WeighedTooFar(promised=decimal_text(self.promised.grams, GRAMS_PER_JIN), field=f"weighed_{self.id}")
        self.weighed = weighed

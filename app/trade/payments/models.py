"""Money that an official or a gateway says has come or gone, each notice once."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

from sqlalchemy import CheckConstraint, ForeignKey, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from app.kernel.db import Base, Chosen
from app.kernel.money import Money
from app.kernel.states import State, move


class PaymentState(StrEnum):
    """Whether a payment stands, must go back, or has gone back."""

    CONFIRMED = "confirmed"
    REFUND_DUE = "refund_due"
    REFUNDED = "refunded"

    @property
    def words(self) -> str:
        """What people read."""
        return {"confirmed": "已到账", "refund_due": "待退款", "refunded": "已退款"}[self.value]


class ProblemKind(StrEnum):
    """What does not fit."""

    OTHER_AMOUNT = "other_amount"
    UNKNOWN_PAGE = "unknown_page"
    FOREIGN_REFUND = "foreign_refund"
    REFUND_REFUSED = "refund_refused"

    @property
    def words(self) -> str:
        """What people read."""
        return {
            "other_amount": "金额或币种和订单对不上",
            "unknown_page": "收到不认识的付款",
            "foreign_refund": "在支付公司后台退了款",
            "refund_refused": "自动退款没有成功",
        }[self.value]


class Payment(Base):
    """Money for one order, through one channel, under the bank's own reference."""

    __tablename__ = "payments"
    __table_args__ = (
        UniqueConstraint("channel", "reference", "order_id"),
        CheckConstraint("amount > 0", name="amount"),
    )

    id: Mapped[int] = mapped_column(init=False, primary_key=True)
    order_id: Mapped[int] = mapped_column(ForeignKey("orders.id"), index=True)
    channel: Mapped[str]
    reference: Mapped[str]
    amount: Mapped[Money]
    state: Mapped[PaymentState] = mapped_column(Chosen(PaymentState))
    confirmed_at: Mapped[datetime]
    confirmed_by: Mapped[str]
    refunded_at: Mapped[datetime | None] = mapped_column(default=None)
    refunded_by: Mapped[str | None] = mapped_column(default=None)
    refund_reference: Mapped[str | None] = mapped_column(default=None)
    refund_tries: Mapped[int] = mapped_column(default=0)


class PayPageState(State):
    """How far a hosted payment page has come."""

    ASKED = "asked"
    OPEN = "open"
    PAID = "paid"
    ENDED = "ended"
    DISPUTED = "disputed"

    @property
    def words(self) -> str:
        """What people read."""
        return {"asked": "正在准备", "open": "等待付款", "paid": "已付款", "ended": "已结束", "disputed": "待核"}[
            self.value
        ]


_MOVES = {
    PayPageState.ASKED: frozenset({PayPageState.OPEN, PayPageState.PAID, PayPageState.ENDED, PayPageState.DISPUTED}),
    PayPageState.OPEN: frozenset({PayPageState.PAID, PayPageState.ENDED, PayPageState.DISPUTED}),
    PayPageState.ENDED: frozenset({PayPageState.PAID, PayPageState.DISPUTED}),
}


class PayPage(Base):
    """A hosted page on which one checkout, or what is left of it, can be paid: our row first, then Stripe's page.

    `reference` names it to Stripe and is the key under which it is asked for, so that asking again gives the same page.
    """

    __tablename__ = "pay_pages"
    __table_args__ = (CheckConstraint("amount > 0", name="amount"), Index("ix_pay_pages_state", "state", "hold_until"))

    id: Mapped[int] = mapped_column(init=False, primary_key=True)
    reference: Mapped[str] = mapped_column(unique=True)
    checkout: Mapped[str] = mapped_column(index=True)
    buyer_id: Mapped[int] = mapped_column(ForeignKey("people.id"))
    amount: Mapped[Money]
    made_at: Mapped[datetime]
    open_until: Mapped[datetime]
    hold_until: Mapped[datetime]
    state: Mapped[PayPageState] = mapped_column(Chosen(PayPageState), default=PayPageState.ASKED)
    session: Mapped[str | None] = mapped_column(default=None, unique=True)
    url: Mapped[str] = mapped_column(default="")
    intent: Mapped[str | None] = mapped_column(default=None, unique=True)
    ended_at: Mapped[datetime | None] = mapped_column(default=None)
    fee: Mapped[Money | None] = mapped_column(default=None)

    def become(self, state: PayPageState) -> None:
        """Move to another state. Raises `IllegalMove`."""
        self.state = move(_MOVES, self.state, state)


class PayPagePart(Base):
    """Which order a page pays, and how much of its amount."""

    __tablename__ = "pay_page_parts"
    __table_args__ = (CheckConstraint("amount > 0", name="amount"),)

    page_id: Mapped[int] = mapped_column(ForeignKey("pay_pages.id"), primary_key=True)
    order_id: Mapped[int] = mapped_column(ForeignKey("orders.id"), primary_key=True)
    amount: Mapped[Money]


class StripeNotice(Base):
    """A notice of Stripe's, stored before it is answered, carried out once; it says where to look, not what is true."""

    __tablename__ = "stripe_notices"
    __table_args__ = (Index("ix_stripe_notices_done_at", "done_at", "run_after"),)

    id: Mapped[int] = mapped_column(init=False, primary_key=True)
    event: Mapped[str] = mapped_column(unique=True)
    kind: Mapped[str]
    object_kind: Mapped[str]
    object_id: Mapped[str]
    intent: Mapped[str]
    received_at: Mapped[datetime]
    run_after: Mapped[datetime]
    tries: Mapped[int] = mapped_column(default=0)
    done_at: Mapped[datetime | None] = mapped_column(default=None)


class PaymentProblem(Base):
    """Money that does not fit what we know, until a person has looked at it and said how it ended."""

    __tablename__ = "payment_problems"
    __table_args__ = (UniqueConstraint("kind", "reference"),)

    id: Mapped[int] = mapped_column(init=False, primary_key=True)
    kind: Mapped[ProblemKind] = mapped_column(Chosen(ProblemKind))
    reference: Mapped[str]
    checkout: Mapped[str]
    amount: Mapped[Money | None]
    details: Mapped[str]
    at: Mapped[datetime]
    resolved_at: Mapped[datetime | None] = mapped_column(default=None)
    resolved_by: Mapped[str | None] = mapped_column(default=None)
    because: Mapped[str | None] = mapped_column(default=None)

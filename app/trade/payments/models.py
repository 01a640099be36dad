"""Money that an official or a gateway says has come or gone, each notice once."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

from sqlalchemy import CheckConstraint, ForeignKey, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from app.kernel.db import Base, Chosen
from app.kernel.money import ZERO, Money
from app.kernel.states import IllegalMove, State, move


class PaymentState(StrEnum):
    """Whether a payment is with us, still with the courier who took it, must go back, or has gone back."""

    COLLECTED = "collected"
    CONFIRMED = "confirmed"
    REFUND_DUE = "refund_due"
    REFUNDED = "refunded"

    @property
    def words(self) -> str:
        """What people read."""
        return {"collected": "快递代收", "confirmed": "已到账", "refund_due": "待退款", "refunded": "已退款"}[
            self.value
        ]


STANDING = (PaymentState.COLLECTED, PaymentState.CONFIRMED)
"""A payment that its order lives on."""


class ProblemKind(StrEnum):
    """What does not fit."""

    OTHER_AMOUNT = "other_amount"
    UNKNOWN_PAGE = "unknown_page"
    FOREIGN_REFUND = "foreign_refund"
    REFUND_REFUSED = "refund_refused"
    DISPUTE = "dispute"

    @property
    def words(self) -> str:
        """What people read."""
        return {
            "other_amount": "金额或币种和订单对不上",
            "unknown_page": "收到不认识的付款",
            "foreign_refund": "在支付公司后台退了款",
            "refund_refused": "自动退款没有成功",
            "dispute": "买家向银行提出了争议",
        }[self.value]


class Payment(Base):
    """Money for one order, through one channel, under the bank's own reference; `refunded`: asked back or gone."""

    __tablename__ = "payments"
    __table_args__ = (
        UniqueConstraint("channel", "reference", "order_id"),
        CheckConstraint("amount > 0", name="amount"),
        CheckConstraint("refunded >= 0 AND refunded <= amount", name="refunded"),
    )

    id: Mapped[int] = mapped_column(init=False, primary_key=True)
    order_id: Mapped[int] = mapped_column(ForeignKey("orders.id"), index=True)
    channel: Mapped[str]
    reference: Mapped[str]
    amount: Mapped[Money]
    state: Mapped[PaymentState] = mapped_column(Chosen(PaymentState))
    confirmed_at: Mapped[datetime]
    confirmed_by: Mapped[str]
    refunded: Mapped[Money] = mapped_column(default=ZERO)


class RefundReason(StrEnum):
    """Why money goes back."""

    CALLED_OFF = "called_off"
    TOO_LATE = "too_late"
    PAID_TWICE = "paid_twice"
    QUALITY = "quality"
    SHORT_WEIGHT = "short_weight"
    RETURNED = "returned"
    AGREED = "agreed"

    @property
    def words(self) -> str:
        """What people read."""
        return {
            "called_off": "订单取消了",
            "too_late": "付款时已经没有货",
            "paid_twice": "多付了一次",
            "quality": "货有质量问题",
            "short_weight": "斤两不足",
            "returned": "买家退了货",
            "agreed": "和买家商量好的",
        }[self.value]


class RefundState(State):
    """How far a refund has come."""

    ASKED = "asked"
    DUE = "due"
    SENT = "sent"
    REFUSED = "refused"

    @property
    def words(self) -> str:
        """What people read."""
        return {"asked": "等复核", "due": "待退", "sent": "已退", "refused": "不退"}[self.value]


_REFUND_MOVES = {
    RefundState.ASKED: frozenset({RefundState.DUE, RefundState.REFUSED}),
    RefundState.DUE: frozenset({RefundState.SENT}),
    RefundState.SENT: frozenset({RefundState.DUE}),
}


class Refund(Base):
    """Money of a payment that goes back.

    `is_prepaid`: asked before it was the seller's, so it lies with the prepaid money until it is sent. Otherwise
    `from_goods` and `from_freight` are what the seller gave back of his own when it was sent.
    """

    __tablename__ = "refunds"
    __table_args__ = (
        CheckConstraint("amount > 0", name="amount"),
        CheckConstraint(
            "from_goods >= 0 AND from_freight >= 0 AND from_goods + from_freight <= amount", name="sources"
        ),
        CheckConstraint("NOT is_prepaid OR from_goods + from_freight = 0", name="prepaid"),
        CheckConstraint("decided_by IS NULL OR decided_by <> asked_by", name="two_people"),
    )

    id: Mapped[int] = mapped_column(init=False, primary_key=True)
    payment_id: Mapped[int] = mapped_column(ForeignKey("payments.id"), index=True)
    amount: Mapped[Money]
    reason: Mapped[RefundReason] = mapped_column(Chosen(RefundReason))
    note: Mapped[str]
    state: Mapped[RefundState] = mapped_column(Chosen(RefundState), index=True)
    asked_at: Mapped[datetime]
    asked_by: Mapped[str]
    is_prepaid: Mapped[bool]
    decided_at: Mapped[datetime | None] = mapped_column(default=None)
    decided_by: Mapped[str | None] = mapped_column(default=None)
    sent_at: Mapped[datetime | None] = mapped_column(default=None)
    sent_by: Mapped[str | None] = mapped_column(default=None)
    reference: Mapped[str | None] = mapped_column(default=None)
    tries: Mapped[int] = mapped_column(default=0)
    from_goods: Mapped[Money] = mapped_column(default=ZERO)
    from_freight: Mapped[Money] = mapped_column(default=ZERO)

    def become(self, state: RefundState, *, only_from: RefundState | None = None) -> None:
        """Move to another state. Raises `IllegalMove`."""
        if only_from is not None and self.state is not only_from:
            raise IllegalMove()
        self.state = move(_REFUND_MOVES, self.state, state)


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
    `fee` is what Stripe kept in yuan; None until it is booked, nothing where the account settles in another currency.
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

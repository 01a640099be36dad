"""Requests for invoices, what was issued, and what was taken back of it."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, text
from sqlalchemy.orm import Mapped, mapped_column

from app.kernel.db import Base, Chosen
from app.kernel.money import Money
from app.kernel.states import move
from app.trade.invoices.states import LIVE, MOVES, InvoiceState, Reason, TitleKind

_LIVE = text("state IN ('asked', 'issued')")


class Invoice(Base):
    """That a buyer wants an invoice for an order; title and tax number lie sealed while the request lives.

    `paid`, `gone_back`, `amount`: the books when it was issued, up to the ledger's event `upto_event` of the order.
    """

    __tablename__ = "invoices"
    __table_args__ = (
        Index("uq_invoices_order_id", "order_id", unique=True, sqlite_where=_LIVE, postgresql_where=_LIVE),
        Index("ix_invoices_seller_id_state", "seller_id", "state", "answer_until"),
        Index("ix_invoices_state", "state", "answer_until"),
        CheckConstraint(
            "amount IS NULL OR (amount > 0 AND gone_back >= 0 AND amount = paid - gone_back)", name="amount"
        ),
    )

    id: Mapped[int] = mapped_column(init=False, primary_key=True)
    number: Mapped[str] = mapped_column(unique=True)
    order_id: Mapped[int] = mapped_column(ForeignKey("orders.id"), index=True)
    buyer_id: Mapped[int] = mapped_column(ForeignKey("people.id"))
    seller_id: Mapped[int] = mapped_column(ForeignKey("sellers.id"))
    township_code: Mapped[str] = mapped_column(ForeignKey("townships.code"))
    kind: Mapped[TitleKind] = mapped_column(Chosen(TitleKind))
    title_sealed: Mapped[bytes | None] = mapped_column(repr=False)
    tax_no_sealed: Mapped[bytes | None] = mapped_column(repr=False)
    asked_at: Mapped[datetime]
    answer_until: Mapped[datetime]
    state: Mapped[InvoiceState] = mapped_column(Chosen(InvoiceState), default=InvoiceState.ASKED)
    ended_at: Mapped[datetime | None] = mapped_column(default=None)
    ended_by: Mapped[str | None] = mapped_column(default=None)
    declined_because: Mapped[Reason | None] = mapped_column(Chosen(Reason), default=None)
    words: Mapped[str] = mapped_column(default="")
    document: Mapped[str | None] = mapped_column(default=None)
    issued_on: Mapped[date | None] = mapped_column(default=None)
    paid: Mapped[Money | None] = mapped_column(default=None)
    gone_back: Mapped[Money | None] = mapped_column(default=None)
    amount: Mapped[Money | None] = mapped_column(default=None)
    upto_event: Mapped[int | None] = mapped_column(default=None)

    def is_overdue(self, at: datetime) -> bool:
        """Whether the seller has said nothing in his time: by time alone."""
        return self.state is InvoiceState.ASKED and self.answer_until <= at

    def end(self, state: InvoiceState, *, by: str, at: datetime) -> None:
        """Issued, declined or withdrawn; where none was issued, title and tax number are gone. Raises `IllegalMove`."""
        self.state = move(MOVES, self.state, state)
        self.ended_by, self.ended_at = by, at
        if state not in LIVE:
            self.title_sealed = self.tax_no_sealed = None


class Reversal(Base):
    """A red invoice: part of an issued one, or all of it, is taken back because money went back."""

    __tablename__ = "invoice_reversals"
    __table_args__ = (CheckConstraint("amount > 0", name="amount"),)

    id: Mapped[int] = mapped_column(init=False, primary_key=True)
    invoice_id: Mapped[int] = mapped_column(ForeignKey("invoices.id"), index=True)
    amount: Mapped[Money]
    document: Mapped[str]
    issued_on: Mapped[date]
    at: Mapped[datetime]
    by: Mapped[str]

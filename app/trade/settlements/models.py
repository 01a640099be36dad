"""Settlements, their statements, and the ledger's entries in each."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from app.kernel.db import Base, Chosen
from app.kernel.money import ZERO, Money
from app.kernel.states import move
from app.trade.settlements.states import MOVES, Line, SettlementState


class Settlement(Base):
    """One look at what belongs to every seller up to a day, made by one person and let go by another.

    `cursor` is the last seller, later the last statement, that the work in hand has come to. `count`, `closing` and
    `pays` are the sums of its statements once it is made.
    """

    __tablename__ = "settlements"
    __table_args__ = (
        Index(
            "uq_settlements_live",
            "is_live",
            unique=True,
            sqlite_where=text("is_live"),
            postgresql_where=text("is_live"),
        ),
        CheckConstraint("fee_rate >= 0 AND fee_rate <= 1000", name="fee_rate"),
    )

    id: Mapped[int] = mapped_column(init=False, primary_key=True)
    number: Mapped[str] = mapped_column(unique=True)
    starts_on: Mapped[date | None]
    through: Mapped[date]
    fee_rate: Mapped[int]
    made_at: Mapped[datetime]
    made_by: Mapped[int] = mapped_column(ForeignKey("people.id"))
    state: Mapped[SettlementState] = mapped_column(Chosen(SettlementState), default=SettlementState.MAKING)
    is_live: Mapped[bool] = mapped_column(default=True)
    cursor: Mapped[int] = mapped_column(default=0)
    count: Mapped[int] = mapped_column(default=0)
    closing: Mapped[Money] = mapped_column(default=ZERO)
    pays: Mapped[Money] = mapped_column(default=ZERO)
    ended_at: Mapped[datetime | None] = mapped_column(default=None)

    @property
    def subject(self) -> str:
        """How ledger, audit and approvals name it."""
        return f"settlement:{self.number}"

    def become(self, new: SettlementState, *, at: datetime) -> None:
        """Move along `MOVES`; what was counted so far counts anew. Raises `IllegalMove`."""
        self.state, self.cursor = move(MOVES, self.state, new), 0
        if new in (SettlementState.CLOSED, SettlementState.DROPPED):
            self.is_live, self.ended_at = False, at


class Statement(Base):
    """What belongs to one seller at the end of a period, and how that came about; every amount as it changes his own.

    `brought` is the closing of his statement before, `awaited` what couriers took for him at the door and have not
    handed over, `in_flight` what the bank has been told to pay and has not
    answered, `pays` what this statement tells it to pay.
    """

    __tablename__ = "statements"
    __table_args__ = (
        UniqueConstraint("settlement_id", "seller_id", name="uq_statements_settlement_seller"),
        Index("ix_statements_seller_id_id", "seller_id", "id"),
        CheckConstraint("brought + paid + sales + freight + refunds + fees + corrections = closing", name="adds_up"),
        CheckConstraint("pays >= 0 AND in_flight >= 0 AND awaited >= 0", name="amounts"),
    )

    id: Mapped[int] = mapped_column(init=False, primary_key=True)
    number: Mapped[str] = mapped_column(unique=True)
    settlement_id: Mapped[int] = mapped_column(ForeignKey("settlements.id"))
    seller_id: Mapped[int] = mapped_column(ForeignKey("sellers.id"))
    township_code: Mapped[str] = mapped_column(ForeignKey("townships.code"))
    brought: Mapped[Money]
    paid: Mapped[Money]
    sales: Mapped[Money]
    freight: Mapped[Money]
    refunds: Mapped[Money]
    fees: Mapped[Money]
    corrections: Mapped[Money]
    closing: Mapped[Money]
    in_flight: Mapped[Money]
    awaited: Mapped[Money]
    pays: Mapped[Money] = mapped_column(default=ZERO)
    bank_account_id: Mapped[int | None] = mapped_column(ForeignKey("bank_accounts.id"), default=None)
    closed_at: Mapped[datetime | None] = mapped_column(default=None)

    @property
    def opening(self) -> Money:
        """What was left over from before."""
        return self.brought + self.paid

    @property
    def payable(self) -> Money:
        """What there is to pay: nothing while the seller owes something back, nor what has not come in."""
        return max(ZERO, self.closing - self.in_flight - self.awaited)

    @property
    def subject(self) -> str:
        """How ledger and payouts name it."""
        return f"statement:{self.number}"


class StatementEntry(Base):
    """That a transfer of the ledger stands in a statement, and in no other."""

    __tablename__ = "statement_entries"
    __table_args__ = (Index("ix_statement_entries_statement_id_line", "statement_id", "line", "transfer_id"),)

    transfer_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    statement_id: Mapped[int] = mapped_column(ForeignKey("statements.id"))
    line: Mapped[Line] = mapped_column(Chosen(Line))
    amount: Mapped[Money]

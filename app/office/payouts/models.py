"""Money on its way to people's accounts: payouts, the files that tell a bank of them, and what the bank answers."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from app.kernel.db import Base, Chosen
from app.kernel.money import Money
from app.kernel.states import move
from app.office.payouts.states import BOOKED, LIVE, MOVES, Oddity, Outcome, PayoutState, Purpose, Sort
from app.people.purse import numbers
from app.people.purse.states import Bank


def bank_words(bank: Bank, bank_name: str) -> str:
    """A bank as people read it: the name that was given for another one than those of the list."""
    return bank_name or bank.words


class Payout(Base):
    """An amount that one person's account at one bank is to receive for one thing, once.

    Whose account it is stands here as it was when the money was set aside; the number itself stays in the purse.
    """

    __tablename__ = "payouts"
    __table_args__ = (
        CheckConstraint("amount > 0", name="amount"),
        CheckConstraint("(state IN ('held', 'withheld')) = (file_id IS NULL)", name="file"),
        CheckConstraint("(file_id IS NULL) = (line_no IS NULL)", name="line"),
        CheckConstraint("(state IN ('paid', 'returned')) = (paid_event_id IS NOT NULL)", name="paid"),
        UniqueConstraint("file_id", "line_no"),
        Index(
            "uq_payouts_live",
            "subject",
            unique=True,
            sqlite_where=text(f"state IN ({', '.join(repr(one.value) for one in LIVE)})"),
            postgresql_where=text(f"state IN ({', '.join(repr(one.value) for one in LIVE)})"),
        ),
        Index("ix_payouts_state", "state", "bank", "bank_name", "id"),
    )

    id: Mapped[int] = mapped_column(init=False, primary_key=True)
    number: Mapped[str] = mapped_column(unique=True)
    subject: Mapped[str] = mapped_column(index=True)
    purpose: Mapped[Purpose] = mapped_column(Chosen(Purpose))
    seller_id: Mapped[int] = mapped_column(ForeignKey("sellers.id"), index=True)
    account_id: Mapped[int] = mapped_column(ForeignKey("bank_accounts.id"), index=True)
    holder: Mapped[str]
    bank: Mapped[Bank] = mapped_column(Chosen(Bank))
    bank_name: Mapped[str]
    tail: Mapped[str]
    amount: Mapped[Money]
    words: Mapped[str]
    hold_id: Mapped[int] = mapped_column(unique=True)
    registered_at: Mapped[datetime]
    registered_by: Mapped[str]
    replaces_id: Mapped[int | None] = mapped_column(ForeignKey("payouts.id"), default=None)
    state: Mapped[PayoutState] = mapped_column(Chosen(PayoutState), default=PayoutState.HELD)
    file_id: Mapped[int | None] = mapped_column(ForeignKey("payout_files.id"), default=None)
    line_no: Mapped[int | None] = mapped_column(default=None)
    ended_at: Mapped[datetime | None] = mapped_column(default=None)
    because: Mapped[str] = mapped_column(default="")
    paid_event_id: Mapped[int | None] = mapped_column(default=None)

    @property
    def masked(self) -> str:
        """****1234."""
        return numbers.masked(self.tail)

    @property
    def bank_words(self) -> str:
        """The bank as people read it."""
        return bank_words(self.bank, self.bank_name)

    def become(self, state: PayoutState) -> None:
        """Move along `MOVES`. Raises `IllegalMove`."""
        self.state = move(MOVES, self.state, state)

    def enter(self, file_id: int, line_no: int) -> None:
        """In a bank's file, on that line. Raises `IllegalMove` unless it waits for one."""
        self.become(PayoutState.EXPORTED)
        self.file_id, self.line_no = file_id, line_no

    def leave_file(self) -> None:
        """Waiting for a file again, because the one it was in is void. Raises `IllegalMove`."""
        self.become(PayoutState.HELD)
        self.file_id = self.line_no = None

    def withhold(self, *, because: str, at: datetime) -> None:
        """Not paid, before any bank heard of it. Raises `IllegalMove`."""
        self.become(PayoutState.WITHHELD)
        self.ended_at, self.because = at, because


class PayoutFile(Base):
    """One list of payouts for one bank. Its bytes hold account numbers, so they are made anew and never stored."""

    __tablename__ = "payout_files"
    __table_args__ = (
        CheckConstraint("count > 0 AND total > 0", name="not_empty"),
        CheckConstraint("(called_off_at IS NULL) = (called_off_by IS NULL)", name="called_off"),
    )

    id: Mapped[int] = mapped_column(init=False, primary_key=True)
    number: Mapped[str] = mapped_column(unique=True)
    bank: Mapped[Bank] = mapped_column(Chosen(Bank))
    bank_name: Mapped[str]
    count: Mapped[int]
    total: Mapped[Money]
    sha256: Mapped[str]
    made_at: Mapped[datetime]
    made_by: Mapped[str]
    called_off_at: Mapped[datetime | None] = mapped_column(default=None)
    called_off_by: Mapped[str | None] = mapped_column(default=None)
    called_off_because: Mapped[str] = mapped_column(default="")

    @property
    def bank_words(self) -> str:
        """The bank as people read it."""
        return bank_words(self.bank, self.bank_name)


class FileDownload(Base):
    """That somebody took a file with him; every time after the first with a reason."""

    __tablename__ = "payout_file_downloads"
    __table_args__ = (
        Index(
            "uq_payout_file_downloads_first",
            "file_id",
            unique=True,
            sqlite_where=text("because = ''"),
            postgresql_where=text("because = ''"),
        ),
    )

    id: Mapped[int] = mapped_column(init=False, primary_key=True)
    file_id: Mapped[int] = mapped_column(ForeignKey("payout_files.id"), index=True)
    at: Mapped[datetime]
    by: Mapped[str]
    because: Mapped[str]


class BankReturn(Base):
    """A bank's answer, known by its bytes: the same file is taken once."""

    __tablename__ = "bank_returns"
    __table_args__ = (UniqueConstraint("sha256", "bank", "bank_name"),)

    id: Mapped[int] = mapped_column(init=False, primary_key=True)
    number: Mapped[str] = mapped_column(unique=True)
    bank: Mapped[Bank] = mapped_column(Chosen(Bank))
    bank_name: Mapped[str]
    sha256: Mapped[str]
    uploaded_at: Mapped[datetime]
    uploaded_by: Mapped[str]
    lines: Mapped[int]
    settled: Mapped[int] = mapped_column(default=0)
    failed: Mapped[int] = mapped_column(default=0)
    late_return: Mapped[int] = mapped_column(default=0)
    repeated: Mapped[int] = mapped_column(default=0)
    mismatch: Mapped[int] = mapped_column(default=0)
    unknown: Mapped[int] = mapped_column(default=0)

    @property
    def bank_words(self) -> str:
        """The bank as people read it."""
        return bank_words(self.bank, self.bank_name)

    @property
    def counts(self) -> dict[Sort, int]:
        """How many lines were of each sort."""
        return {one: getattr(self, one.value) for one in Sort}

    def count(self, counted: dict[Sort, int]) -> None:
        """Keep how many lines were of each sort."""
        for one in Sort:
            setattr(self, one.value, counted.get(one, 0))


class BankReturnLine(Base):
    """One line of a bank's answer, and what was made of it."""

    __tablename__ = "bank_return_lines"
    __table_args__ = (
        UniqueConstraint("return_id", "line_no"),
        CheckConstraint("(event_id IS NOT NULL) = (sort IN ('settled', 'failed', 'late_return'))", name="booked"),
        CheckConstraint("(resolved_at IS NULL) = (resolved_by IS NULL)", name="resolved"),
        Index("ix_bank_return_lines_sort", "sort", "resolved_at", "id"),
        *(
            Index(
                f"uq_bank_return_lines_{one.value}",
                "payout_id",
                unique=True,
                sqlite_where=text(f"sort = '{one.value}'"),
                postgresql_where=text(f"sort = '{one.value}'"),
            )
            for one in BOOKED
        ),
    )

    id: Mapped[int] = mapped_column(init=False, primary_key=True)
    return_id: Mapped[int] = mapped_column(ForeignKey("bank_returns.id"))
    line_no: Mapped[int]
    number: Mapped[str]
    tail: Mapped[str]
    amount: Mapped[Money]
    outcome: Mapped[Outcome] = mapped_column(Chosen(Outcome))
    reference: Mapped[str]
    reason: Mapped[str]
    sort: Mapped[Sort] = mapped_column(Chosen(Sort))
    oddity: Mapped[Oddity | None] = mapped_column(Chosen(Oddity), default=None)
    payout_id: Mapped[int | None] = mapped_column(ForeignKey("payouts.id"), index=True, default=None)
    event_id: Mapped[int | None] = mapped_column(default=None)
    resolved_at: Mapped[datetime | None] = mapped_column(default=None)
    resolved_by: Mapped[str | None] = mapped_column(default=None)
    note: Mapped[str] = mapped_column(default="")

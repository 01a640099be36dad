"""The tables of the ledger. Only `service.py` and `seals.py` write them; events and transfers never change."""

from __future__ import annotations

from datetime import date, datetime
from enum import StrEnum

from sqlalchemy import (
    CheckConstraint,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    PrimaryKeyConstraint,
    UniqueConstraint,
)
from sqlalchemy.orm import Mapped, mapped_column

from app.kernel.db import Base, Chosen


class CommodityKind(StrEnum):
    """What is counted: money, goods, or a limit that may be used up."""

    MONEY = "money"
    GOODS = "goods"
    LIMIT = "limit"


class Unit(StrEnum):
    """In what it is counted, always whole."""

    FEN = "fen"
    GRAM = "g"
    MILLILITRE = "ml"
    PIECE = "piece"
    MU4 = "mu4"


class Phase(StrEnum):
    """Posted; held; settled (the hold became a posting); void (the hold was given up)."""

    POSTED = "P"
    HOLD = "H"
    SETTLED = "S"
    VOID = "V"


class Floor(StrEnum):
    """Which side may never outgrow the other, holds included."""

    NONE = "-"
    DEBIT = "D"
    CREDIT = "C"


class Commodity(Base):
    """Something that is counted and conserved."""

    __tablename__ = "ledger_commodities"

    id: Mapped[int] = mapped_column(init=False, primary_key=True)
    code: Mapped[str] = mapped_column(unique=True)
    kind: Mapped[CommodityKind] = mapped_column(Chosen(CommodityKind))
    unit: Mapped[Unit] = mapped_column(Chosen(Unit))


class Account(Base):
    """A place where a commodity can be, with its dimensions; '' in a dimension means none."""

    __tablename__ = "ledger_accounts"
    __table_args__ = (
        UniqueConstraint(
            "commodity_id",
            "role",
            "party",
            "township",
            "programme",
            "subject",
            name="uq_ledger_accounts_identity",
        ),
        UniqueConstraint("id", "commodity_id", name="uq_ledger_accounts_id_commodity"),
        CheckConstraint("dr >= 0 AND cr >= 0 AND dr_held >= 0 AND cr_held >= 0", name="counters"),
        CheckConstraint("floor <> 'D' OR cr + cr_held <= dr", name="floor_debit"),
        CheckConstraint("floor <> 'C' OR dr + dr_held <= cr", name="floor_credit"),
        CheckConstraint("floor IN ('-', 'D', 'C')", name="floor"),
    )

    id: Mapped[int] = mapped_column(init=False, primary_key=True)
    commodity_id: Mapped[int] = mapped_column(ForeignKey("ledger_commodities.id"))
    role: Mapped[str] = mapped_column(index=True)
    party: Mapped[str] = mapped_column(default="")
    township: Mapped[str] = mapped_column(default="")
    programme: Mapped[str] = mapped_column(default="")
    subject: Mapped[str] = mapped_column(default="")
    floor: Mapped[Floor] = mapped_column(Chosen(Floor), default=Floor.NONE)
    dr: Mapped[int] = mapped_column(default=0)
    cr: Mapped[int] = mapped_column(default=0)
    dr_held: Mapped[int] = mapped_column(default=0)
    cr_held: Mapped[int] = mapped_column(default=0)


class Period(Base):
    """A month of the books; closed once, and then for ever."""

    __tablename__ = "ledger_periods"
    __table_args__ = (CheckConstraint("starts_on <= ends_on", name="order"),)

    id: Mapped[int] = mapped_column(init=False, primary_key=True)
    starts_on: Mapped[date] = mapped_column(unique=True)
    ends_on: Mapped[date] = mapped_column(unique=True)
    closed_at: Mapped[datetime | None] = mapped_column(default=None)
    seal_day: Mapped[date | None] = mapped_column(default=None)


class Event(Base):
    """One thing that happened: dated, recorded once, never changed."""

    __tablename__ = "ledger_events"

    id: Mapped[int] = mapped_column(init=False, primary_key=True)
    kind: Mapped[str] = mapped_column(index=True)
    effective_on: Mapped[date]
    recorded_at: Mapped[datetime]
    period_id: Mapped[int] = mapped_column(ForeignKey("ledger_periods.id"))
    idem_key: Mapped[str] = mapped_column(unique=True)
    actor: Mapped[str]
    request_id: Mapped[str]
    subject: Mapped[str] = mapped_column(index=True)
    reverses_id: Mapped[int | None] = mapped_column(ForeignKey("ledger_events.id"), unique=True, default=None)


class Transfer(Base):
    """A whole balanced movement of one commodity from the credit account to the debit account."""

    __tablename__ = "ledger_transfers"
    __table_args__ = (
        CheckConstraint("amount > 0", name="amount"),
        CheckConstraint("debit_id <> credit_id", name="two_accounts"),
        CheckConstraint("phase IN ('P', 'H', 'S', 'V')", name="phase"),
        CheckConstraint("(phase IN ('S', 'V')) = (resolves_id IS NOT NULL)", name="resolves"),
        CheckConstraint("phase = 'H' OR expires_at IS NULL", name="expires"),
        Index("ix_ledger_transfers_effective_on_id", "effective_on", "id"),
        ForeignKeyConstraint(["debit_id", "commodity_id"], ["ledger_accounts.id", "ledger_accounts.commodity_id"]),
        ForeignKeyConstraint(["credit_id", "commodity_id"], ["ledger_accounts.id", "ledger_accounts.commodity_id"]),
    )

    id: Mapped[int] = mapped_column(init=False, primary_key=True)
    event_id: Mapped[int] = mapped_column(ForeignKey("ledger_events.id"), index=True)
    commodity_id: Mapped[int]
    debit_id: Mapped[int] = mapped_column(index=True)
    credit_id: Mapped[int] = mapped_column(index=True)
    amount: Mapped[int]
    phase: Mapped[Phase] = mapped_column(Chosen(Phase))
    effective_on: Mapped[date]
    resolves_id: Mapped[int | None] = mapped_column(ForeignKey("ledger_transfers.id"), unique=True, default=None)
    expires_at: Mapped[datetime | None] = mapped_column(default=None)


class OpenHold(Base):
    """A hold that is neither settled nor void; born and deleted with its transfers."""

    __tablename__ = "ledger_open_holds"

    transfer_id: Mapped[int] = mapped_column(ForeignKey("ledger_transfers.id"), primary_key=True)
    debit_id: Mapped[int]
    credit_id: Mapped[int] = mapped_column(ForeignKey("ledger_accounts.id"), index=True)
    amount: Mapped[int]
    subject: Mapped[str] = mapped_column(index=True)
    expires_at: Mapped[datetime | None] = mapped_column(index=True, default=None)


class Seal(Base):
    """The books up to an event, chained to the seal before."""

    __tablename__ = "ledger_seals"

    day: Mapped[date] = mapped_column(primary_key=True)
    last_event_id: Mapped[int]
    digest: Mapped[str]
    prev_digest: Mapped[str]
    sealed_at: Mapped[datetime]


class Snapshot(Base):
    """The posted counters of an account at a seal; only accounts that moved since the seal before have one."""

    __tablename__ = "ledger_snapshots"
    __table_args__ = (PrimaryKeyConstraint("seal_day", "account_id"),)

    seal_day: Mapped[date] = mapped_column(ForeignKey("ledger_seals.day"))
    account_id: Mapped[int] = mapped_column(ForeignKey("ledger_accounts.id"), index=True)
    dr: Mapped[int]
    cr: Mapped[int]


class Daily(Base):
    """What one kind of event moved on one day in all accounts of a role in a township, up to the watermark.

    Boards add it to the tail. As coarse as boards ask, so that it does not grow with lots, orders and sellers.
    `debits` and `credits` say in how many transfers, so that a list of them knows beforehand how long it is.
    """

    __tablename__ = "ledger_daily"
    __table_args__ = (PrimaryKeyConstraint("role", "commodity_id", "effective_on", "township", "kind"),)

    role: Mapped[str]
    commodity_id: Mapped[int] = mapped_column(ForeignKey("ledger_commodities.id"))
    township: Mapped[str]
    effective_on: Mapped[date]
    kind: Mapped[str]
    dr: Mapped[int]
    cr: Mapped[int]
    debits: Mapped[int]
    credits: Mapped[int]


class Watermark(Base):
    """Up to which event the daily sums are fed; one row."""

    __tablename__ = "ledger_watermark"
    __table_args__ = (CheckConstraint("id = 1", name="one_row"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    event_id: Mapped[int]

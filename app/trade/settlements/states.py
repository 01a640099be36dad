"""How far a settlement has come, and what the lines of a statement are."""

from __future__ import annotations

from enum import StrEnum

from app.kernel.states import State


class SettlementState(State):
    """From collecting the entries to paying them out."""

    MAKING = "making"
    MADE = "made"
    ASKED = "asked"
    APPROVED = "approved"
    CLOSED = "closed"
    DROPPED = "dropped"

    @property
    def words(self) -> str:
        """What people read."""
        return _WORDS[self]


_WORDS = {
    SettlementState.MAKING: "正在算",
    SettlementState.MADE: "等核对",
    SettlementState.ASKED: "等复核",
    SettlementState.APPROVED: "正在入账",
    SettlementState.CLOSED: "已结算",
    SettlementState.DROPPED: "已作废",
}

MOVES: dict[SettlementState, frozenset[SettlementState]] = {
    SettlementState.MAKING: frozenset({SettlementState.MADE, SettlementState.DROPPED}),
    SettlementState.MADE: frozenset({SettlementState.ASKED, SettlementState.DROPPED}),
    SettlementState.ASKED: frozenset({SettlementState.APPROVED, SettlementState.DROPPED}),
    SettlementState.APPROVED: frozenset({SettlementState.CLOSED}),
}

LIVE = (SettlementState.MAKING, SettlementState.MADE, SettlementState.ASKED, SettlementState.APPROVED)
"""The states of which there is at most one settlement at a time."""


class Line(StrEnum):
    """A line of a statement: what brought its money to the seller, or took it from him."""

    PAID = "paid"
    SALES = "sales"
    FREIGHT = "freight"
    REFUNDS = "refunds"
    FEES = "fees"
    CORRECTIONS = "corrections"

    @property
    def words(self) -> str:
        """What people read."""
        return _LINE_WORDS[self]


_LINE_WORDS = {
    Line.PAID: "已打到银行",
    Line.SALES: "卖枣货款",
    Line.FREIGHT: "买家付的运费",
    Line.REFUNDS: "退给买家",
    Line.FEES: "平台服务费",
    Line.CORRECTIONS: "更正",
}

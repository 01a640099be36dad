"""The states of a delivery, who stood by when it was graded, and how it was paid."""

from __future__ import annotations

from enum import StrEnum

from app.kernel.states import State


class IntakeState(State):
    """How far a delivery has come."""

    DELIVERED = "delivered"
    WEIGHED = "weighed"
    GRADED = "graded"
    PRICED = "priced"
    ACCEPTED = "accepted"
    IN_STORE = "in_store"
    REFUSED = "refused"

    @property
    def words(self) -> str:
        """What people read."""
        return _STATE_WORDS[self]


_STATE_WORDS = {
    IntakeState.DELIVERED: "送到",
    IntakeState.WEIGHED: "过了秤",
    IntakeState.GRADED: "分了级",
    IntakeState.PRICED: "算好价",
    IntakeState.ACCEPTED: "收下了",
    IntakeState.IN_STORE: "已入库",
    IntakeState.REFUSED: "没有收",
}

MOVES: dict[IntakeState, frozenset[IntakeState]] = {
    IntakeState.DELIVERED: frozenset({IntakeState.WEIGHED}),
    IntakeState.WEIGHED: frozenset({IntakeState.GRADED, IntakeState.REFUSED}),
    IntakeState.GRADED: frozenset({IntakeState.PRICED}),
    IntakeState.PRICED: frozenset({IntakeState.GRADED, IntakeState.ACCEPTED, IntakeState.REFUSED}),
    IntakeState.ACCEPTED: frozenset({IntakeState.IN_STORE}),
}

TAKEN = (IntakeState.ACCEPTED, IntakeState.IN_STORE)
"""The fruit is the buyer's, and owed for or paid."""


class Presence(StrEnum):
    """Who stood by for the grower when his fruit was graded."""

    SELF = "self"
    FAMILY = "family"
    AGENT = "agent"

    @property
    def words(self) -> str:
        """What people read."""
        return _PRESENCE_WORDS[self]


_PRESENCE_WORDS = {Presence.SELF: "本人在场", Presence.FAMILY: "家人在场", Presence.AGENT: "代办在场"}


class ScaleUnit(StrEnum):
    """In what the ticket of the scale is written."""

    KG = "kg"
    JIN = "jin"

    @property
    def words(self) -> str:
        """What people read."""
        return "公斤" if self is ScaleUnit.KG else "斤"

    @property
    def grams(self) -> int:
        """How many grams one is."""
        return 1000 if self is ScaleUnit.KG else 500


class Way(StrEnum):
    """How the buyer paid, outside this platform."""

    CASH = "cash"
    TRANSFER = "transfer"

    @property
    def words(self) -> str:
        """What people read."""
        return "现金" if self is Way.CASH else "转账"

"""How far a mandate has come, how it was given, and the words that people read."""

from __future__ import annotations

from enum import StrEnum

from app.kernel.states import State


class MandateState(State):
    """Where a mandate stands; an agent may act under one in force alone, and until its last day."""

    ASKED = "asked"
    WAITING = "waiting"
    IN_FORCE = "in_force"
    REFUSED = "refused"
    WITHDRAWN = "withdrawn"
    REPLACED = "replaced"

    @property
    def words(self) -> str:
        """What people read."""
        return _STATE_WORDS[self]


MOVES: dict[MandateState, frozenset[MandateState]] = {
    MandateState.ASKED: frozenset(
        {MandateState.IN_FORCE, MandateState.REFUSED, MandateState.WITHDRAWN, MandateState.REPLACED}
    ),
    MandateState.WAITING: frozenset(
        {MandateState.IN_FORCE, MandateState.REFUSED, MandateState.WITHDRAWN, MandateState.REPLACED}
    ),
    MandateState.IN_FORCE: frozenset({MandateState.WITHDRAWN, MandateState.REPLACED}),
}

PENDING = (MandateState.ASKED, MandateState.WAITING)
LIVE = (*PENDING, MandateState.IN_FORCE)

_STATE_WORDS: dict[MandateState, str] = {
    MandateState.ASKED: "等枣农答应",
    MandateState.WAITING: "等乡镇核对",
    MandateState.IN_FORCE: "可以代办",
    MandateState.REFUSED: "没有答应",
    MandateState.WITHDRAWN: "已经停了",
    MandateState.REPLACED: "换了新的",
}


class Way(StrEnum):
    """How a grower gave his consent."""

    BY_PHONE_CODE = "by_phone_code"
    ON_PAPER = "on_paper"
    IN_PERSON = "in_person"

    @property
    def words(self) -> str:
        """What people read."""
        return _WAY_WORDS[self]


_WAY_WORDS: dict[Way, str] = {
    Way.BY_PHONE_CODE: "手机验证码",
    Way.ON_PAPER: "纸质委托书",
    Way.IN_PERSON: "枣农自己在手机上办的",
}

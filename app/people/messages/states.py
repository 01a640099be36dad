"""Which ways lead out of the house, and where a text or a mail stands on its way."""

from __future__ import annotations

from enum import StrEnum

from app.kernel.states import State


class Way(StrEnum):
    """By what somebody is told outside his inbox."""

    TEXT = "text"
    MAIL = "mail"

    @property
    def words(self) -> str:
        """What people read."""
        return _WAY_WORDS[self]


_WAY_WORDS: dict[Way, str] = {Way.TEXT: "短信", Way.MAIL: "邮件"}


class Carries(StrEnum):
    """What a text carries that stands nowhere in the database."""

    SIGN_IN_CODE = "sign_in_code"
    MANDATE_CODE = "mandate_code"


class TextState(State):
    """How far a text or a mail has come."""

    WAITING = "waiting"
    FAILED = "failed"
    SENT = "sent"
    GIVEN_UP = "given_up"
    HELD_BACK = "held_back"

    @property
    def words(self) -> str:
        """What people read."""
        return _STATE_WORDS[self]


MOVES: dict[TextState, frozenset[TextState]] = {
    TextState.WAITING: frozenset({TextState.SENT, TextState.FAILED, TextState.GIVEN_UP}),
    TextState.FAILED: frozenset({TextState.SENT, TextState.FAILED, TextState.GIVEN_UP}),
    TextState.GIVEN_UP: frozenset({TextState.WAITING}),
    TextState.HELD_BACK: frozenset({TextState.WAITING}),
}

DUE = (TextState.WAITING, TextState.FAILED)
"""The states from which the worker sends."""

AGAIN = (TextState.GIVEN_UP, TextState.HELD_BACK)
"""The states from which a person may let it go after all."""

_STATE_WORDS: dict[TextState, str] = {
    TextState.WAITING: "等着发",
    TextState.FAILED: "没发出去，会再试",
    TextState.SENT: "已发出",
    TextState.GIVEN_UP: "不再试了",
    TextState.HELD_BACK: "当天太多，压下了",
}

"""States: an enum of names and one table of moves per thing."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from typing import TypeVar

from app.kernel.errors import Conflict


class State(StrEnum):
    """Base of every set of states; the value is what is stored and what programs read."""


S = TypeVar("S", bound=State)


class IllegalMove(Conflict):
    """The thing is not in a state from which this move is allowed."""

    code = "illegal_move"
    sentence = "当前状态不能这样办，请刷新页面查看最新状态。"


def move(moves: Mapping[S, frozenset[S]], old: S, new: S) -> S:
    """`new`, if the table allows it from `old`. Raises `IllegalMove`."""
    if new not in moves.get(old, frozenset()):
        raise IllegalMove()
    return new

"""How far an import has come, and what a row of it does."""

from __future__ import annotations

from enum import StrEnum

from app.kernel.states import State


class ImportState(State):
    """How far a file has come. Nothing of it is in the product before `DONE`."""

    READING = "reading"
    FAULTY = "faulty"
    READY = "ready"
    CONFIRMED = "confirmed"
    DONE = "done"
    WITHDRAWN = "withdrawn"

    @property
    def words(self) -> str:
        """What people read."""
        return _WORDS[self]


_WORDS = {
    ImportState.READING: "正在试读",
    ImportState.FAULTY: "有错，没有写入",
    ImportState.READY: "试读通过，等您确认",
    ImportState.CONFIRMED: "正在写入",
    ImportState.DONE: "已写入",
    ImportState.WITHDRAWN: "已收回",
}

MOVES: dict[ImportState, frozenset[ImportState]] = {
    ImportState.READING: frozenset({ImportState.READY, ImportState.FAULTY, ImportState.WITHDRAWN}),
    ImportState.READY: frozenset({ImportState.CONFIRMED, ImportState.WITHDRAWN}),
    ImportState.CONFIRMED: frozenset({ImportState.DONE, ImportState.FAULTY}),
    ImportState.FAULTY: frozenset({ImportState.WITHDRAWN}),
}

LIVE = (ImportState.READING, ImportState.READY, ImportState.CONFIRMED, ImportState.DONE)
"""The states of which one file of one owner has at most one import."""

ENDED = (ImportState.DONE, ImportState.WITHDRAWN)


class Outcome(StrEnum):
    """What a good row does to the product."""

    MADE = "made"
    CHANGED = "changed"
    SAME = "same"

    @property
    def words(self) -> str:
        """What people read."""
        return {"made": "新建", "changed": "改动", "same": "不变"}[self.value]

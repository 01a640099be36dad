"""The steps of processing, why fruit is lost, and what becomes of a run."""

from __future__ import annotations

from enum import StrEnum

from app.kernel.states import State


class Step(StrEnum):
    """What is done to loose fruit before it is packed."""

    SORT = "sort"
    WASH = "wash"
    DRY = "dry"
    MIX = "mix"

    @property
    def words(self) -> str:
        """What people read."""
        return {"sort": "分选", "wash": "清洗", "dry": "烘干", "mix": "拼配"}[self.value]

    @property
    def explained(self) -> str:
        """What it does, in a few words."""
        return {
            "sort": "一批分成几个等级",
            "wash": "洗净，去掉泥沙和杂质",
            "dry": "烘干或晒干，去掉水分",
            "mix": "几批并成一批",
        }[self.value]

    @property
    def most_inputs(self) -> int:
        """How many lots may go in."""
        return 1 if self is Step.SORT else MOST_PARTS

    @property
    def least_inputs(self) -> int:
        """How many lots must go in."""
        return 2 if self is Step.MIX else 1

    @property
    def most_outputs(self) -> int:
        """How many lots may come out."""
        return 1 if self is Step.MIX else MOST_PARTS

    @property
    def renews(self) -> bool:
        """Whether the fruit keeps as long afterwards as the product that it has become."""
        return self in (Step.WASH, Step.DRY)


MOST_PARTS = 8
LOSSES = ("水分", "杂质", "坏果", "洒落", "几种都有")
SPOILT = ("坏了", "虫蛀", "受潮发霉", "过了保质期", "自家留用", "喂了牲口")


class RunState(State):
    """A run stands, or was taken back as a mistake."""

    DONE = "done"
    UNDONE = "undone"

    @property
    def words(self) -> str:
        """What people read."""
        return {"done": "已入账", "undone": "已撤销"}[self.value]


MOVES = {RunState.DONE: frozenset({RunState.UNDONE})}

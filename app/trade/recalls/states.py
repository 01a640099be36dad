"""How grave a recall is, and how it goes."""

from __future__ import annotations

from enum import StrEnum

from app.kernel.states import State


class Level(StrEnum):
    """What may come of eating it. Source: 食品召回管理办法 art. 13."""

    FIRST = "first"
    SECOND = "second"
    THIRD = "third"

    @property
    def words(self) -> str:
        """What people read."""
        return {"first": "一级：可能严重伤身", "second": "二级：可能一般伤身", "third": "三级：标签标识有问题"}[
            self.value
        ]


class RecallState(State):
    """In force; lifted, so that the fruit is for sale again; or done, and the fruit is gone."""

    IN_FORCE = "in_force"
    LIFTED = "lifted"
    DONE = "done"

    @property
    def words(self) -> str:
        """What people read."""
        return {"in_force": "召回中", "lifted": "已解除", "done": "已处理完"}[self.value]


MOVES = {RecallState.IN_FORCE: frozenset({RecallState.LIFTED, RecallState.DONE})}

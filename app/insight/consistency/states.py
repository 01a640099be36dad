"""How a check stands."""

from __future__ import annotations

from enum import StrEnum


class Verdict(StrEnum):
    """Whether a check holds; the value names the tone of its badge."""

    BROKEN = "bad"
    UNKNOWN = "plain"
    HOLDS = "good"

    @property
    def words(self) -> str:
        """What people read."""
        return {"bad": "有问题", "plain": "没查过", "good": "成立"}[self.value]

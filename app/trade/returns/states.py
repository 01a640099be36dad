"""Why something is sent back, and how far that has come."""

from __future__ import annotations

from enum import StrEnum

from app.kernel.states import State


class Why(StrEnum):
    """What a buyer says: the law's seven days, or something wrong with the goods."""

    NO_REASON = "no_reason"
    QUALITY = "quality"
    SHORT_WEIGHT = "short_weight"

    @property
    def words(self) -> str:
        """What people read."""
        return {"no_reason": "七日无理由退货", "quality": "质量有问题", "short_weight": "斤两不足"}[self.value]


class ReturnState(State):
    """How far a return has come."""

    ASKED = "asked"
    DISPUTED = "disputed"
    AGREED = "agreed"
    SENT_BACK = "sent_back"
    ARRIVED = "arrived"
    DONE = "done"
    REJECTED = "rejected"
    WITHDRAWN = "withdrawn"

    @property
    def words(self) -> str:
        """What people read."""
        return {
            "asked": "等卖家答复",
            "disputed": "等乡镇决定",
            "agreed": "同意退，等寄回",
            "sent_back": "买家已寄回",
            "arrived": "退货到了，等验货",
            "done": "办完了",
            "rejected": "决定不退",
            "withdrawn": "买家不退了",
        }[self.value]


OPEN = (
    ReturnState.ASKED,
    ReturnState.DISPUTED,
    ReturnState.AGREED,
    ReturnState.SENT_BACK,
    ReturnState.ARRIVED,
)
"""Somebody still has to do something."""
OVER_WITHOUT_GOODS = (ReturnState.REJECTED, ReturnState.WITHDRAWN)
"""Nothing comes back any more, so it can be asked for again."""

MOVES = {
    ReturnState.ASKED: frozenset({ReturnState.DISPUTED, ReturnState.AGREED, ReturnState.DONE, ReturnState.WITHDRAWN}),
    ReturnState.DISPUTED: frozenset(
        {ReturnState.AGREED, ReturnState.DONE, ReturnState.REJECTED, ReturnState.WITHDRAWN}
    ),
    ReturnState.AGREED: frozenset({ReturnState.SENT_BACK, ReturnState.ARRIVED, ReturnState.WITHDRAWN}),
    ReturnState.SENT_BACK: frozenset({ReturnState.ARRIVED}),
    ReturnState.ARRIVED: frozenset({ReturnState.DONE}),
}

"""How far something has come that one person asks and others decide."""

from __future__ import annotations

from app.kernel.states import State


class ApprovalState(State):
    """Whether it still waits, and how it ended."""

    OPEN = "open"
    APPROVED = "approved"
    REFUSED = "refused"
    WITHDRAWN = "withdrawn"

    @property
    def words(self) -> str:
        """What people read."""
        return _WORDS[self]


_WORDS = {
    ApprovalState.OPEN: "等审批",
    ApprovalState.APPROVED: "已批准",
    ApprovalState.REFUSED: "没有批准",
    ApprovalState.WITHDRAWN: "已撤回",
}

MOVES: dict[ApprovalState, frozenset[ApprovalState]] = {
    ApprovalState.OPEN: frozenset({ApprovalState.APPROVED, ApprovalState.REFUSED, ApprovalState.WITHDRAWN}),
}

"""The states of a pack, and what may follow what."""

from __future__ import annotations

from app.kernel.states import State


class PackState(State):
    """Where a pack stands between being written and being sold."""

    DRAFT = "draft"
    ON_SALE = "on_sale"
    OFF = "off"
    STOPPED = "stopped"

    @property
    def words(self) -> str:
        """What people read."""
        return {"draft": "草稿", "on_sale": "在售", "off": "已下架", "stopped": "已停售"}[self.value]


MOVES = {
    PackState.DRAFT: frozenset({PackState.ON_SALE}),
    PackState.ON_SALE: frozenset({PackState.OFF, PackState.STOPPED}),
    PackState.OFF: frozenset({PackState.ON_SALE, PackState.STOPPED}),
    PackState.STOPPED: frozenset({PackState.OFF}),
}

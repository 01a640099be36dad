"""What is still to happen, in the order in which it will."""

from __future__ import annotations

import heapq
from collections.abc import Callable
from datetime import datetime

from app.kernel import clock

Act = Callable[[], object]


class Diary:
    """Acts with their moments; each is carried out at its own moment, inside the one open transaction."""

    def __init__(self) -> None:
        self._waiting: list[tuple[datetime, int, Act]] = []
        self._entered = 0

    def enter(self, at: datetime, act: Act) -> None:
        """It will happen then; of two at one moment the earlier entered comes first."""
        self._entered += 1
        heapq.heappush(self._waiting, (at, self._entered, act))

    def live(self) -> None:
        """Everything has happened, also what was entered on the way."""
        while self._waiting:
            at, _, act = heapq.heappop(self._waiting)
            with clock.living_at(at):
                act()

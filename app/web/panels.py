"""Places on a page where slices above it show what is theirs; `wiring.py` says which slice draws where."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Generic, TypeVar

from app.kernel.permissions import Viewer

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Panel:
    """A part of a page: its template, and what that template calls `panel.shown`."""

    template: str
    shown: object


class Panels(Generic[T]):
    """The parts that others draw on the pages of one kind of thing."""

    def __init__(self) -> None:
        self._draws: list[Callable[[Viewer, T], Panel | None]] = []

    def add(self, draw: Callable[[Viewer, T], Panel | None]) -> None:
        """From here on `draw` has its place on each such page. Saying it twice changes nothing."""
        if draw not in self._draws:
            self._draws.append(draw)

    def of(self, viewer: Viewer, thing: T) -> list[Panel]:
        """The parts that the viewer may see, in the order in which they were added."""
        drawn = (draw(viewer, thing) for draw in self._draws)
        return [panel for panel in drawn if panel is not None]


class PublicPanels(Generic[T]):
    """The parts that others draw on a page that is the same for everybody."""

    def __init__(self) -> None:
        self._draws: list[Callable[[T], Panel | None]] = []

    def add(self, draw: Callable[[T], Panel | None]) -> None:
        """From here on `draw` has its place on each such page. Saying it twice changes nothing."""
        if draw not in self._draws:
            self._draws.append(draw)

    def of(self, thing: T) -> list[Panel]:
        """The parts, in the order in which they were added."""
        drawn = (draw(thing) for draw in self._draws)
        return [panel for panel in drawn if panel is not None]

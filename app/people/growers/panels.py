"""What slices above the register show on a seller's page at the desk; `wiring.py` says which."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from app.kernel.permissions import Viewer
from app.people.growers.models import Seller


@dataclass(frozen=True, slots=True)
class Panel:
    """A part of the page: its template, and what that template calls `panel.shown`."""

    template: str
    shown: object


Draw = Callable[[Viewer, Seller], Panel | None]
_draws: list[Draw] = []


def add(draw: Draw) -> None:
    """From here on `draw` has its place on the page of every seller. Saying it twice changes nothing."""
    if draw not in _draws:
        _draws.append(draw)


def of(viewer: Viewer, seller: Seller) -> list[Panel]:
    """The parts that the viewer may see, in the order in which they were added."""
    drawn = (draw(viewer, seller) for draw in _draws)
    return [panel for panel in drawn if panel is not None]

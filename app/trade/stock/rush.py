"""When many want the same goods at once: an act that lost a race is tried again, on what the winner left."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from app.kernel.db import transaction
from app.ledger.books.errors import FloorBroken, HoldGone

T = TypeVar("T")
MOST_TRIES = 6


def carry_out(act: Callable[[], T]) -> T:
    """The act in a transaction of its own, and anew in another one when somebody else took its lot or hold first.

    Goods are chosen by a plain read, so of many who chose the last pieces of one lot all but the winner are refused,
    though the next lot may be full. Whoever tries again sees what is left. Raises what the act raises; after the last
    try also `FloorBroken` and `HoldGone`.
    """
    for _ in range(MOST_TRIES - 1):
        try:
            with transaction():
                return act()
        except (FloorBroken, HoldGone):
            continue
    with transaction():
        return act()

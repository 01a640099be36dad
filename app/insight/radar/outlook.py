"""How long fruit in store lasts at the speed at which it was sold, and how much of it will be in trouble by when."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

WINDOW = 30
"""The speed is that of so many days up to and with the day of the question."""
BEFORE = timedelta(days=WINDOW - 1)
"""From the first of them to the last."""


@dataclass(frozen=True, slots=True)
class Batch:
    """Grams in store that came on one day and are good until before another."""

    grams: int
    received_on: date
    best_before: date


@dataclass(frozen=True, slots=True)
class Outlook:
    """What becomes of fruit in store if it goes on selling as in the last `WINDOW` days. Grams and days.

    `days`: until the last of it is sold; None where nothing was sold. `left`: what will not be sold by the festival.
    `spoilt`: what will be past its best before it is sold.
    """

    grams: int
    sold: int
    days: int | None
    left: int
    spoilt: int
    oldest: int
    first_ends: date | None

    @property
    def at_risk(self) -> int:
        """What will go into cold store or go bad; never more than there is."""
        return max(self.left, self.spoilt)

    @property
    def rank(self) -> tuple[int, int, int]:
        """Sorts whom to help first: the most at risk, then the slowest, then the most in store."""
        return (-self.at_risk, -(self.days if self.days is not None else 10**9), -self.grams)


def days_to_sell_out(grams: int, sold: int, *, window: int = WINDOW) -> int | None:
    """In how many days the last gram is sold, a begun day counted whole; 0 where there is nothing, None where nothing
    sells."""
    if grams <= 0:
        return 0
    return None if sold <= 0 else -(-grams * window // sold)


def left_after(grams: int, sold: int, days: int, *, window: int = WINDOW) -> int:
    """What is left after so many days; never less than nothing, and never more than there is now."""
    return max(0, max(0, grams) - max(0, sold) * max(0, days) // window)


def spoilt(batches: Iterable[Batch], sold: int, day: date, *, window: int = WINDOW) -> int:
    """Grams that reach their best-before day unsold, when what goes bad first is sold first."""
    taken = lost = 0
    for batch in sorted(batches, key=lambda one: one.best_before):
        can = max(0, sold) * max(0, (batch.best_before - day).days) // window
        goes = min(batch.grams, max(0, can - taken))
        taken += goes
        lost += batch.grams - goes
    return lost


def outlook(batches: Sequence[Batch], sold: int, day: date, festival: date) -> Outlook:
    """The outlook of fruit in store on a day; returns may make `sold` less than nothing."""
    grams = sum(one.grams for one in batches)
    return Outlook(
        grams=grams,
        sold=max(0, sold),
        days=days_to_sell_out(grams, sold),
        left=left_after(grams, sold, (festival - day).days),
        spoilt=spoilt(batches, sold, day),
        oldest=max(((day - one.received_on).days for one in batches), default=0),
        first_ends=min((one.best_before for one in batches), default=None),
    )

"""Whether the radar would have been right: what it foresaw on a past day, beside what had been sold by another."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import combinations

from app.insight.radar import queries
from app.insight.radar.outlook import left_after
from app.trade.stock.accounts import seller_party


@dataclass(frozen=True, slots=True)
class Fate:
    """A seller's grams on the day, what was foreseen to be left of them later, and what was."""

    grams: int
    foreseen: int
    left: int


@dataclass(frozen=True, slots=True)
class Score:
    """Of pairs of sellers whose shares left differ, in how many the radar had put the right one first.

    A tie in what was foreseen counts half, so whoever guesses has half of the pairs.
    """

    pairs: int
    right_halves: int

    @property
    def is_better_than_chance(self) -> bool:
        """Whether more than half were right."""
        return self.right_halves > self.pairs


def score(fates: Sequence[Fate]) -> Score:
    """How often of two sellers the one foreseen to keep the greater share did keep the greater share."""
    pairs = halves = 0
    for one, other in combinations(fates, 2):
        was = _sign(one.left * other.grams - other.left * one.grams)
        said = _sign(one.foreseen * other.grams - other.foreseen * one.grams)
        if was:
            pairs += 1
            halves += 2 if said == was else 1 if said == 0 else 0
    return Score(pairs, halves)


def fates(day: date, *, days: int) -> list[Fate]:
    """Everybody with fruit in store on a past day, and how he stood so many days later, by the books as of then."""
    sold = queries.sold_between(day + timedelta(days=1), day + timedelta(days=days))
    return [
        Fate(
            one.outlook.grams,
            left_after(one.outlook.grams, one.outlook.sold, days),
            max(0, one.outlook.grams - max(0, sold.get(seller_party(one.seller_id), 0))),
        )
        for one in queries.holdings(day)
    ]


def _sign(number: int) -> int:
    return (number > 0) - (number < 0)

"""What fruit costs by the jin; arithmetic without a database."""

from __future__ import annotations

from collections.abc import Iterable

from app.kernel.money import ZERO, Money
from app.kernel.weight import GRAMS_PER_JIN, Weight


def amount(weight: Weight, per_jin: Money) -> Money:
    """What so much costs at so much for 500 g, in whole fen, half up: the one rounding, once for each line."""
    return Money((2 * weight.grams * per_jin.fen + GRAMS_PER_JIN) // (2 * GRAMS_PER_JIN))


def total(amounts: Iterable[Money]) -> Money:
    """The lines of a delivery together."""
    return sum(amounts, start=ZERO)

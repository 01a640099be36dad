"""Weight: whole grams. One jin is 500 g, one kilogram 1,000 g."""

from __future__ import annotations

from dataclasses import dataclass

from app.kernel.numbers import fixed_point

GRAMS_PER_JIN = 500
GRAMS_PER_KG = 1000
MOST_GRAMS = 10**12


@dataclass(frozen=True, slots=True, order=True)
class Weight:
    """A weight in grams; may be negative where a difference is meant."""

    grams: int

    def __add__(self, other: Weight) -> Weight:
        return Weight(self.grams + other.grams)

    def __sub__(self, other: Weight) -> Weight:
        return Weight(self.grams - other.grams)

    def __mul__(self, times: int) -> Weight:
        return Weight(self.grams * times)

    def __neg__(self) -> Weight:
        return Weight(-self.grams)

    def __bool__(self) -> bool:
        return self.grams != 0

    @classmethod
    def parse_jin(cls, text: str) -> Weight:
        """Read jin with at most two decimals (5 g steps). Raises `BadNumber`."""
        return cls(fixed_point(text, decimals=2, most=MOST_GRAMS // 5) * 5)

    @classmethod
    def parse_kg(cls, text: str) -> Weight:
        """Read kilograms with at most three decimals. Raises `BadNumber`."""
        return cls(fixed_point(text, decimals=3, most=MOST_GRAMS))


def decimal_text(amount: int, per_unit: int) -> str:
    """`amount / per_unit` written out exactly where it ends within three decimals, else rounded half up to three."""
    sign = "-" if amount < 0 else ""
    thousandths = (abs(amount) * 2000 + per_unit) // (2 * per_unit)
    fraction = f"{thousandths % 1000:03d}".rstrip("0")
    return f"{sign}{thousandths // 1000}" + (f".{fraction}" if fraction else "")

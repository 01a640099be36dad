"""Land: whole ten-thousandths of a mu."""

from __future__ import annotations

from dataclasses import dataclass

from app.kernel.numbers import fixed_point

PER_MU = 10_000
MOST_MU4 = 10**11


@dataclass(frozen=True, slots=True, order=True)
class Area:
    """An area in 1/10000 mu."""

    mu4: int

    def __add__(self, other: Area) -> Area:
        return Area(self.mu4 + other.mu4)

    def __sub__(self, other: Area) -> Area:
        return Area(self.mu4 - other.mu4)

    def __bool__(self) -> bool:
        return self.mu4 != 0

    @classmethod
    def parse(cls, text: str) -> Area:
        """Read mu with at most four decimals. Raises `BadNumber`."""
        return cls(fixed_point(text, decimals=4, most=MOST_MU4))

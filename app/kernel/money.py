"""Money: whole fen of CNY, never a fraction of one."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from app.kernel.numbers import fixed_point

MOST_FEN = 10**13


@dataclass(frozen=True, slots=True, order=True)
class Money:
    """An amount in fen; may be negative where a difference is meant."""

    fen: int

    def __add__(self, other: Money) -> Money:
        return Money(self.fen + other.fen)

    def __sub__(self, other: Money) -> Money:
        return Money(self.fen - other.fen)

    def __mul__(self, times: int) -> Money:
        return Money(self.fen * times)

    def __neg__(self) -> Money:
        return Money(-self.fen)

    def __bool__(self) -> bool:
        return self.fen != 0

    def __str__(self) -> str:
        sign = "-" if self.fen < 0 else ""
        return f"{sign}{abs(self.fen) // 100}.{abs(self.fen) % 100:02d}"

    @classmethod
    def parse(cls, text: str) -> Money:
        """Read yuan such as `12.80`; full-width digits are accepted, more than two decimals are not.

        Raises `BadNumber`.
        """
        return cls(fixed_point(text, decimals=2, most=MOST_FEN))


ZERO = Money(0)


def split(whole: Money, weights: Sequence[int]) -> list[Money]:
    """Share `whole` in proportion to `weights` so that the parts add up to it exactly.

    The fen that do not divide go to the largest remainders, the earlier part first. All weights zero: equal shares.
    """
    if not weights:
        return []
    shares = list(weights) if any(weights) else [1] * len(weights)
    total = sum(shares)
    floors = [whole.fen * share // total for share in shares]
    remainders = [whole.fen * share % total for share in shares]
    left = whole.fen - sum(floors)
    for index in sorted(range(len(shares)), key=lambda i: (-remainders[i], i))[:left]:
        floors[index] += 1
    return [Money(fen) for fen in floors]

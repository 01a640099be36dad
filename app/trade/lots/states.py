"""Where the fruit of a lot came from."""

from __future__ import annotations

from enum import StrEnum


class LotOrigin(StrEnum):
    """How a lot came to its seller."""

    OWN = "own"
    BOUGHT = "bought"
    OUTSIDE = "outside"
    MADE = "made"

    @property
    def words(self) -> str:
        """What people read."""
        return _WORDS[self]


_WORDS = {
    LotOrigin.OWN: "自家种的",
    LotOrigin.BOUGHT: "从枣农收购",
    LotOrigin.OUTSIDE: "外县收购",
    LotOrigin.MADE: "加工而成",
}

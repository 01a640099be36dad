"""The Dragon Boat Festival, the fifth day of the fifth lunar month; after it jujubes must lie in cold store."""

from __future__ import annotations

from datetime import date
from functools import cache

from lunar_python import Lunar

_MONTH, _DAY = 5, 5


@cache
def dragon_boat(year: int) -> date:
    """The day of the festival that falls into the solar year."""
    solar = Lunar.fromYmd(year, _MONTH, _DAY).getSolar()
    return date(solar.getYear(), solar.getMonth(), solar.getDay())


def next_dragon_boat(day: date) -> date:
    """The festival on that day or the first one after it."""
    this_year = dragon_boat(day.year)
    return this_year if day <= this_year else dragon_boat(day.year + 1)

"""How big the demo county is, when its people buy, and what things cost; all of it is example data.

Sources: sizes, seasons and price ranges follow what is published about the county and its fruit; every price is an
estimate and is shown as 示例数据.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from enum import StrEnum
from random import Random
from typing import Final

from app.kernel.clock import SHANGHAI
from app.kernel.money import Money
from app.kernel.weight import Weight

OPENS: Final = date(2025, 9, 10)
HARVEST: Final = date(2025, 10, 8)
FIRST_ORDER: Final = date(2025, 10, 15)
LAST_ORDER: Final = date(2026, 3, 15)
LAST_DAY: Final = date(2026, 4, 10)
YEAR_GOODS: Final = (date(2026, 1, 19), date(2026, 2, 11))
COURIERS_REST: Final = (date(2026, 2, 13), date(2026, 2, 22))

HALF_KILO: Final = Weight(500)
FIVE_JIN: Final = Weight(2_500)
TWENTY_FIVE_JIN: Final = Weight(12_500)


@dataclass(frozen=True, slots=True)
class Size:
    """How many of each there are."""

    households: int
    coops: int
    processors: int
    buyers: int
    packs: int
    checkouts: int
    pictures: int

    @classmethod
    def of(cls, scale: float) -> Size:
        """1 is the whole county; a small one still has every township and every fate of an order."""

        def part(whole: int, *, least: int) -> int:
            return max(least, round(whole * scale))

        return cls(
            households=part(298, least=16),
            coops=part(12, least=2),
            processors=part(10, least=1),
            buyers=part(260, least=12),
            packs=part(480, least=24),
            checkouts=part(1_000, least=40),
            pictures=part(12, least=2),
        )


class Fate(StrEnum):
    """What becomes of a checkout."""

    PREPAID = "prepaid"
    ON_DELIVERY = "on delivery"
    EXPIRES = "expires"
    PAID_LATE = "paid late"
    CALLED_OFF = "called off"
    SENT_BACK = "sent back"
    REFUND_WAITS = "refund waits"
    STAYS_PAID = "stays paid"
    STAYS_PACKED = "stays packed"
    STAYS_PLACED = "stays placed"
    WANTS_INVOICE = "wants invoice"
    IN_DISPUTE = "in dispute"


DAYS_BEFORE_THE_END: Final = {
    Fate.REFUND_WAITS: 3,
    Fate.STAYS_PAID: 3,
    Fate.STAYS_PACKED: 3,
    Fate.STAYS_PLACED: 3,
    Fate.WANTS_INVOICE: 3,
    Fate.IN_DISPUTE: 9,
}
"""When those are ordered that are still open on the last day."""
_OF_A_THOUSAND: Final = {
    Fate.EXPIRES: 25,
    Fate.PAID_LATE: 3,
    Fate.CALLED_OFF: 20,
    Fate.SENT_BACK: 8,
    Fate.REFUND_WAITS: 1,
    Fate.STAYS_PAID: 10,
    Fate.STAYS_PACKED: 7,
    Fate.STAYS_PLACED: 6,
    Fate.WANTS_INVOICE: 1,
    Fate.IN_DISPUTE: 1,
    Fate.ON_DELIVERY: 300,
}


def fates(count: int, chance: Random) -> list[Fate]:
    """A fate for each checkout, every one of them at least once, in no order; most are paid and arrive."""
    special = [fate for fate, share in _OF_A_THOUSAND.items() for _ in range(max(1, count * share // 1000))]
    every = [*special, *[Fate.PREPAID] * (count - len(special))]
    chance.shuffle(every)
    return every


def order_days() -> tuple[list[date], list[int]]:
    """The days of the season and how much is bought on each: most before the Spring Festival, 17 Feb 2026.

    Source: 全国网上年货节 19 Jan to 4 Mar 2026.
    """
    days = [FIRST_ORDER + timedelta(days=n) for n in range((LAST_ORDER - FIRST_ORDER).days + 1)]
    return days, [_demand(day) for day in days]


def _demand(day: date) -> int:
    if YEAR_GOODS[0] <= day <= YEAR_GOODS[1]:
        return 40
    if COURIERS_REST[0] <= day <= COURIERS_REST[1]:
        return 3
    if day < date(2025, 12, 1):
        return 9
    return 12 if day < YEAR_GOODS[0] else 8


def moment(day: date, chance: Random, *, hours: tuple[int, int] = (8, 21)) -> datetime:
    """A whole second of that day between these hours."""
    hour = chance.randrange(hours[0], hours[1])
    return datetime.combine(day, time(hour, chance.randrange(60), chance.randrange(60)), tzinfo=SHANGHAI)


def after_the_rest(day: date) -> date:
    """The day itself, or the first one on which couriers drive again."""
    return COURIERS_REST[1] + timedelta(days=1) if COURIERS_REST[0] <= day <= COURIERS_REST[1] else day


_DRIED: Final[dict[int, dict[str, tuple[int, int]]]] = {
    500: {"特等": (16, 19), "一等": (13, 16), "二等": (11, 13), "三等": (9, 10), "统货": (9, 11)},
    2_500: {"特等": (62, 68), "一等": (52, 61), "二等": (45, 52), "三等": (39, 43), "统货": (39, 48)},
    12_500: {"特等": (228, 258), "一等": (198, 228), "二等": (168, 198), "三等": (138, 158), "统货": (128, 168)},
}
"""Yuan, from and to, by net grams and grade. Estimates; source: the fact sheet's list for demo data."""


def dried_price(net: Weight, grade: str, chance: Random) -> Money:
    """An example price of dried fruit, ending in nine tenths of a yuan where the pack is small."""
    low, high = _DRIED[net.grams][grade]
    return Money(chance.randint(low, high) * 100 + (90 if net.grams == HALF_KILO.grams else 0))


def dried_pieces(net: Weight, chance: Random) -> int:
    """How many of a pack come in together."""
    low, high = {500: (60, 260), 2_500: (30, 160), 12_500: (12, 60)}[net.grams]
    return chance.randint(low, high)

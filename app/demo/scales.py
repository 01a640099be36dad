"""Now and then a seller of the demo winter packs a little less than he promised, and says so."""

from __future__ import annotations

from collections import Counter
from random import Random
from typing import Final

from app.demo.money_back import MoneyBack
from app.demo.plan import Fate
from app.demo.purchase import Purchase
from app.kernel.weight import Weight
from app.trade.orders import queries as order_queries
from app.trade.orders import service as orders

_ONE_IN: Final = 40
_FIRST: Final = 8
"""Early, so that a small county has one of each fate too."""


class Scales:
    """What packed orders weigh."""

    def __init__(self, money_back: MoneyBack, *, chance: Random) -> None:
        self.money_back = money_back
        self.chance = chance
        self._packed: Counter[Fate] = Counter()

    def pack(self, one: Purchase) -> None:
        """It is packed; of one in forty a line weighs up to four per cent less, and the price of that goes back."""
        self._packed[one.fate] += 1
        if self._packed[one.fate] % _ONE_IN != _FIRST:
            orders.pack(one.number, by=one.seller)
            return
        line = order_queries.order_to_ship(one.seller, one.number).lines[0]
        missing = max(1, line.promised.grams * self.chance.randint(10, 40) // 10_000) * 10
        orders.pack(one.number, by=one.seller, weighed={line.id: Weight(line.promised.grams - missing)})
        self.money_back.tomorrow(one.number)

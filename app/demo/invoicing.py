"""Buyers of the demo winter ask for invoices; firms issue them, households must send them to the tax office."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from functools import partial
from random import Random

from app.demo import plan
from app.demo.diary import Act, Diary
from app.demo.purchase import Purchase
from app.kernel import clock
from app.trade.invoices import service, taxno
from app.trade.invoices.service import Asked, Document
from app.trade.invoices.states import Reason, TitleKind


class Invoicing:
    """Invoices, asked by the buyer and answered by the seller."""

    def __init__(self, diary: Diary, *, chance: Random) -> None:
        self.diary = diary
        self.chance = chance
        self._asked = 0
        self._issued = 0

    def be_issued(self, one: Purchase) -> None:
        """The seller makes it out a few days later."""
        self._in((1, 3), partial(self._ask, one, then=self._issue))

    def be_declined(self, one: Purchase) -> None:
        """The household cannot, and says who can."""
        self._in((1, 3), partial(self._ask, one, then=self._decline))

    def wait(self, one: Purchase) -> None:
        """The seller has not answered yet; no time moves that on."""
        self._in((1, 1), partial(self._ask, one, then=None))

    def _in(self, days: tuple[int, int], act: Act) -> None:
        day = clock.today() + timedelta(days=self.chance.randint(*days))
        self.diary.enter(plan.moment(day, self.chance, hours=(9, 18)), act)

    def _ask(self, one: Purchase, *, then: Callable[[Purchase, str], None] | None) -> None:
        self._asked += 1
        number = service.ask(one.number, _title(one, self._asked), by=one.buyer.viewer).number
        if then is not None:
            self._in((1, 4), partial(then, one, number))

    def _issue(self, one: Purchase, number: str) -> None:
        self._issued += 1
        document = Document(f"SHILI{self._issued:010d}", clock.today())
        service.issue(number, document, words="发到收货人的邮箱（示例数据）", by=one.seller)

    def _decline(self, one: Purchase, number: str) -> None:
        service.decline(number, because=Reason.SELF_GROWN, words="可以代您去办（示例数据）", by=one.seller)


def _title(one: Purchase, nth: int) -> Asked:
    """Every second is for a firm; no real one's code begins with nought."""
    if nth % 2:
        return Asked(TitleKind.PERSONAL, one.buyer.viewer.name)
    first = f"{nth:017d}"
    return Asked(TitleKind.FIRM, f"示例单位{nth}（示例数据）", first + taxno.check_sign(first))

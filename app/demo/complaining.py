"""What buyers of the demo winter complain of, and how it ends."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from functools import partial
from random import Random
from typing import Final

from app.demo import plan
from app.demo.cast import Cast
from app.demo.diary import Act, Diary
from app.demo.purchase import Purchase
from app.kernel import clock
from app.trade.complaints import service
from app.trade.complaints.models import Complaint
from app.trade.complaints.states import Kind, Outcome

_WORDS: Final = (
    (Kind.SPOILT, "底下一层有点潮，有几颗坏的（示例数据）"),
    (Kind.WRONG_GOODS, "等级好像不对，和页面写的不一样（示例数据）"),
    (Kind.NO_ANSWER, "打了两次电话没有人接（示例数据）"),
)
_OVERDUE_FROM: Final = plan.LAST_DAY - timedelta(days=16)
"""So early that the township's days are over, and told, on the last night."""
_ANSWERED_FROM: Final = plan.LAST_DAY - timedelta(days=2)


class Complaining:
    """Complaints, each up to where its story ends."""

    def __init__(self, cast: Cast, diary: Diary, *, chance: Random) -> None:
        self.cast = cast
        self.diary = diary
        self.chance = chance

    def be_content(self, one: Purchase) -> None:
        """The seller answers, and the buyer says that it is settled."""
        self._on(self._tomorrow(), partial(self._make, one, then=self._settle))

    def go_to_the_township(self, one: Purchase) -> None:
        """The answer will not do, and the township decides."""
        self._on(self._tomorrow(), partial(self._make, one, then=partial(self._dissent, is_decided=True)))

    def be_left_alone(self, one: Purchase) -> None:
        """The answer will not do, and the township lets its time pass: it waits for the county to the end."""
        self._on(_OVERDUE_FROM, partial(self._make, one, then=partial(self._dissent, is_decided=False)))

    def wait_for_the_buyer(self, one: Purchase) -> None:
        """At the end there is an answer to which the buyer has not said anything."""
        self._on(_ANSWERED_FROM, partial(self._make, one, then=None))

    def _tomorrow(self) -> date:
        return clock.today() + timedelta(days=1)

    def _on(self, day: date, act: Act) -> None:
        self.diary.enter(plan.moment(day, self.chance, hours=(9, 20)), act)

    def _make(self, one: Purchase, *, then: Callable[[Purchase, str], None] | None) -> None:
        kind, words = self.chance.choice(_WORDS)
        made = service.make(one.number, kind, words, by=one.buyer.viewer)
        self._on(self._tomorrow(), partial(self._answer, one, made.number, then=then))

    def _answer(self, one: Purchase, number: str, *, then: Callable[[Purchase, str], None] | None) -> None:
        service.answer(number, "对不住，给您补发一袋，请留意快递（示例数据）", by=one.seller)
        if then is not None:
            self._on(self._tomorrow(), partial(then, one, number))

    def _settle(self, one: Purchase, number: str) -> None:
        service.settle(one.number, "补发的收到了，解决了（示例数据）", by=one.buyer.viewer)

    def _dissent(self, one: Purchase, number: str, *, is_decided: bool) -> None:
        service.dissent(one.number, "说了补发，一直没有寄来（示例数据）", by=one.buyer.viewer)
        if is_decided:
            day = clock.today() + timedelta(days=self.chance.randint(2, 4))
            self._on(day, partial(self._decide, one, number))

    def _decide(self, one: Purchase, number: str) -> Complaint:
        official = self.cast.officials[one.township]
        return service.decide(number, Outcome.FOR_BUYER, "三天内补发，已电话通知双方（示例数据）", by=official)

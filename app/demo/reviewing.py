"""What buyers of the demo winter say of the fruit that came, and what sellers reply."""

from __future__ import annotations

from datetime import timedelta
from functools import partial
from random import Random
from typing import Final

from app.demo import plan
from app.demo.diary import Diary
from app.demo.purchase import Purchase
from app.kernel import clock
from app.trade.orders import queries as orders
from app.trade.reviews import service

_EVERY: Final = 3
_SEED: Final = 141_125_39
"""Of their own, so that other stories stay as they are."""
_SAID: Final = (
    (5, "肉厚，甜，家里老人爱吃。"),
    (5, "和页面写的一样，箱子没有破。"),
    (5, ""),
    (4, "甜是甜，有几颗小的。"),
    (4, "熬粥好吃，快递慢了两天。"),
    (3, "一般，比去年的干一些。"),
    (2, "有几颗裂口的，卖家说下回注意。"),
)
_WEIGHTS: Final = (30, 25, 20, 10, 8, 5, 2)
_REPLIES: Final = ("谢谢您，明年新枣下来再来。", "谢谢照顾，放阴凉处能多存些日子。", "对不住，下回挑得更仔细。")


class Reviewing:
    """Every third order that arrives is judged some days later, and half of the words get a reply."""

    def __init__(self, diary: Diary) -> None:
        self.diary = diary
        self.chance = Random(_SEED)
        self._arrived = 0

    def arrived(self, one: Purchase) -> None:
        """The buyer has just received it."""
        self._arrived += 1
        day = clock.today() + timedelta(days=1 + self._arrived % 5)
        if self._arrived % _EVERY == 0 and day < plan.LAST_DAY - timedelta(days=2):
            self.diary.enter(plan.moment(day, self.chance), partial(self._write, one))

    def _write(self, one: Purchase) -> None:
        order = orders.order_of(one.buyer.viewer, one.number)
        (stars, words), *_rest = self.chance.choices(_SAID, _WEIGHTS)
        said = service.write(order.number, order.lines[0].id, stars=stars, words=words, by=one.buyer.viewer)
        if words and self.chance.random() < 0.5:
            reply = _REPLIES[2] if stars < 4 else _REPLIES[self.chance.randrange(2)]
            day = clock.today() + timedelta(days=1)
            self.diary.enter(plan.moment(day, self.chance), partial(self._reply, one, said.number, reply))

    def _reply(self, one: Purchase, number: str, words: str) -> None:
        service.reply(number, words, by=one.seller)

"""What buyers of the demo winter send back or have amiss, and what sellers and officials say to it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import timedelta
from functools import partial
from random import Random
from typing import Final, TypeAlias

from app.demo import plan
from app.demo.cast import Cast
from app.demo.diary import Act, Diary
from app.demo.money_back import MoneyBack
from app.demo.purchase import Purchase
from app.kernel import clock
from app.kernel.money import Money
from app.trade.orders import queries as order_queries
from app.trade.orders.models import Order
from app.trade.returns import queries, service
from app.trade.returns.permissions import RETURNS_DECIDE
from app.trade.returns.service import Seen, Wanted
from app.trade.returns.states import Why

_Step: TypeAlias = Callable[[Purchase, str], None]

_NOTES: Final[Mapping[Why, str]] = {
    Why.NO_REASON: "买多了，没有拆封（示例数据）",
    Why.QUALITY: "有几颗发霉，请退货（示例数据）",
}
_SEEN: Final[Mapping[Why, str]] = {
    Why.NO_REASON: "没有拆封，可以再卖（示例数据）",
    Why.QUALITY: "确实发霉，不能再卖（示例数据）",
}


class SendingBack:
    """Returns, each from the first word to its end but one."""

    def __init__(self, cast: Cast, diary: Diary, money_back: MoneyBack, *, chance: Random) -> None:
        self.cast = cast
        self.diary = diary
        self.money_back = money_back
        self.chance = chance

    def change_mind(self, one: Purchase) -> None:
        """A piece or two come back within the seven days, and go back to stock."""
        self._in((1, 4), partial(self._ask, one, Why.NO_REASON))

    def keep_after_all(self, one: Purchase) -> None:
        """He asks, and on the next day keeps what he has."""
        self._in((1, 4), partial(self._ask, one, Why.NO_REASON, withdraws=True))

    def find_spoilt(self, one: Purchase) -> None:
        """A whole line comes back and is lost."""
        self._in((1, 3), partial(self._ask, one, Why.QUALITY))

    def get_part_back(self, one: Purchase) -> None:
        """He keeps the goods, and the seller agrees to give part of the price back."""
        self._in((1, 3), partial(self._ask_money, one, then=self._agree_to_pay))

    def go_to_the_township(self, one: Purchase) -> None:
        """The seller refuses, and the township gives the buyer half of what he asks."""
        self._in((1, 3), partial(self._ask_money, one, then=partial(self._refuse, then=self._decide)))

    def leave_in_dispute(self, one: Purchase) -> None:
        """The seller refuses, and it waits for the township: no job and no time moves that on."""
        self._in((1, 1), partial(self._ask_money, one, then=self._refuse))

    def _in(self, days: tuple[int, int], act: Act, *, by_courier: bool = False) -> None:
        day = clock.today() + timedelta(days=self.chance.randint(*days))
        day = plan.after_the_rest(day) if by_courier else day
        self.diary.enter(plan.moment(day, self.chance, hours=(9, 20)), act)

    def _ask(self, one: Purchase, why: Why, *, withdraws: bool = False) -> None:
        buyer = one.buyer.viewer
        order = order_queries.order_of(buyer, one.number)
        line = next(line for line in order.lines if why is Why.QUALITY or service.may_be_sold_again(line))
        pieces = line.pieces if why is Why.QUALITY else min(line.pieces, self.chance.randint(1, 2))
        number = service.ask(one.number, Wanted(why, {line.id: pieces}, note=_NOTES[why]), by=buyer).number
        if withdraws:
            self._in((1, 1), partial(self._withdraw, one, number))
        else:
            self._in((1, 2), partial(self._agree, one, number))

    def _withdraw(self, one: Purchase, number: str) -> None:
        service.withdraw(queries.of_buyer(one.buyer.viewer, one.number, number), by=one.buyer.viewer)

    def _agree(self, one: Purchase, number: str) -> None:
        service.agree(queries.of_seller(one.seller, number), by=one.seller)
        self._in((1, 2), partial(self._send, one, number), by_courier=True)

    def _send(self, one: Purchase, number: str) -> None:
        found = queries.of_buyer(one.buyer.viewer, one.number, number)
        service.send_back(found, courier="中国邮政", tracking=f"示例{number}", by=one.buyer.viewer)
        self._in((2, 3), partial(self._arrive, one, number), by_courier=True)

    def _arrive(self, one: Purchase, number: str) -> None:
        service.arrive(queries.of_seller(one.seller, number), by=one.seller)
        self._in((1, 2), partial(self._inspect, one, number))

    def _inspect(self, one: Purchase, number: str) -> None:
        found = queries.of_seller(one.seller, number)
        seen = {line.id: Seen(sound=line.pieces if found.why is Why.NO_REASON else 0) for line in found.lines}
        service.inspect(found, seen, words=_SEEN[found.why], by=one.seller)
        self.money_back.tomorrow(one.number)

    def _ask_money(self, one: Purchase, *, then: _Step) -> None:
        buyer = one.buyer.viewer
        wanted = Wanted(
            Why.QUALITY,
            amount=_part(order_queries.order_of(buyer, one.number)),
            note="有一些虫眼果，想退一部分钱（示例数据）",
        )
        number = service.ask(one.number, wanted, by=buyer).number
        self._in((1, 1), partial(then, one, number))

    def _agree_to_pay(self, one: Purchase, number: str) -> None:
        service.agree(queries.of_seller(one.seller, number), by=one.seller)
        self.money_back.tomorrow(one.number)

    def _refuse(self, one: Purchase, number: str, *, then: _Step | None = None) -> None:
        because = "统货里有少量虫眼，上架时写明了（示例数据）"
        service.refuse(queries.of_seller(one.seller, number), because=because, by=one.seller)
        if then is not None:
            self._in((1, 3), partial(then, one, number))

    def _decide(self, one: Purchase, number: str) -> None:
        official = self.cast.officials[one.township]
        found = queries.in_scope(official, number, RETURNS_DECIDE)
        asked = found.amount or Money(0)
        service.decide(
            found,
            agrees=True,
            because="双方各让一步，退一半（示例数据）",
            amount=Money((asked.fen + 1) // 2),
            by=official,
        )
        self.money_back.tomorrow(one.number)


def _part(order: Order) -> Money:
    """Three tenths of the goods' price, in whole tenths of a yuan."""
    return Money(order.goods.fen * 3 // 100 * 10)

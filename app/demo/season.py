"""The demand side: buyers order, pay, call off and receive; sellers pack and ship; nights are swept and sealed."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from functools import partial
from random import Random
from typing import Final

from app.audit import service as audit
from app.demo import goods, plan
from app.demo.cast import BY, Buyer
from app.demo.diary import Act
from app.demo.market import Market, OnSale
from app.demo.plan import OPEN_TO_THE_END, Fate, Size
from app.kernel import clock, events, ids
from app.kernel.permissions import Viewer
from app.ledger.books import seals
from app.trade.cart import service as cart
from app.trade.cart.service import BasketLine
from app.trade.orders import queries as order_queries
from app.trade.orders import service as orders
from app.trade.orders.models import Order
from app.trade.orders.queries import ShipTo
from app.trade.orders.service import MOST_UNPAID, HoldTimes, Terms
from app.trade.orders.states import PayBy
from app.trade.payments import refunds
from app.trade.payments import service as payments
from app.trade.payments.models import Payment, PaymentState
from app.trade.payments.permissions import PAYMENTS_CONFIRM
from app.trade.payments.service import BANK_TRANSFER, Notice
from app.trade.returns import queries as returns
from app.trade.stock import queries as stock
from app.trade.stock import service as stock_service

# Of their own, so that a county's settings do not change the demo county's books.
_HOLDS: Final = HoldTimes(online=timedelta(minutes=15), bank_transfer=timedelta(hours=48))
_COURIERS: Final = ("中国邮政", "中国邮政", "顺丰", "中通", "圆通", "韵达")
_CASH: Final = frozenset({Fate.ON_DELIVERY, Fate.STAYS_PLACED})
_REASONS: Final = ("不想要了", "地址或数量写错了", "等得太久", "价格不合适")
_TRIES: Final = 12


@dataclass(slots=True)
class _Placed:
    """An order on its way, with the people whom it concerns."""

    number: str
    buyer: Buyer
    seller: Viewer


class Season:
    """One winter of orders over a market."""

    def __init__(self, market: Market, *, chance: Random, say: Callable[[str], None]) -> None:
        self.market = market
        self.diary = market.diary
        self.chance = chance
        self.say = say
        self.placed = 0
        self._counted = 0
        self._stays = 0
        self._told = (0, 0)

    def prepare(self, size: Size) -> None:
        """All checkouts and all nights of the season stand in the diary."""
        days, demand = plan.order_days()
        for fate in plan.fates(size.checkouts, self.chance):
            day = self.chance.choices(days, demand)[0]
            if fate in OPEN_TO_THE_END:
                day = plan.LAST_DAY - timedelta(days=3)
            self.diary.enter(plan.moment(day, self.chance), partial(self._check_out, fate))
        for n in range((plan.LAST_DAY - plan.HARVEST).days + 1):
            day = plan.HARVEST + timedelta(days=n)
            self.diary.enter(clock.end_of(day) - timedelta(minutes=10), self._sweep)
            if (day + timedelta(days=1)).day == 1:
                self.diary.enter(clock.end_of(day) + timedelta(minutes=20), partial(self._end_the_month, day))

    def _check_out(self, fate: Fate) -> None:
        for _ in range(_TRIES):
            buyer = self._buyer()
            wishes = self._wishes(fate, self._shelf(fate))
            if wishes and order_queries.unpaid_checkouts(buyer.viewer.person_id) < MOST_UNPAID:
                for order in self._place(buyer, wishes, fate):
                    self.placed += 1
                    seller = next(one.shop.viewer for one, _ in wishes if one.shop.seller.id == order.seller_id)
                    self._follow(_Placed(order.number, buyer, seller), fate)
                return

    def _buyer(self) -> Buyer:
        buyers = self.market.cast.buyers
        return self.chance.choices(buyers, [one.eagerness for one in buyers])[0]

    def _shelf(self, fate: Fate) -> list[OnSale]:
        """Every second order that stays open goes to a seller whom a visitor can play, so that he has work."""
        shelf = self.market.on_sale
        if fate not in OPEN_TO_THE_END:
            return shelf
        self._stays += 1
        return [one for one in shelf if one.shop.applicant.is_played] if self._stays % 2 else shelf

    def _wishes(self, fate: Fate, shelf: Sequence[OnSale]) -> list[tuple[OnSale, int]]:
        """One to three packs that are there, and how many of each."""
        first = self.chance.choices(shelf, [one.popularity for one in shelf])[0]
        wanted = [first]
        if self.chance.random() < 0.3:
            wanted += [one for one in shelf if one.shop is first.shop and one is not first][:1]
        if fate in (Fate.PREPAID, Fate.ON_DELIVERY) and self.chance.random() < 0.12:
            wanted += [one for one in self.chance.sample(list(shelf), min(2, len(shelf))) if one not in wanted][:1]
        free = stock.available([one.pack.id for one in wanted])
        found = [(one, min(self._pieces(one), free[one.pack.id])) for one in wanted]
        return [(one, pieces) for one, pieces in found if pieces]

    def _pieces(self, one: OnSale) -> int:
        if one.offer.net.grams >= plan.TWENTY_FIVE_JIN.grams:
            return self.chance.choice((1, 1, 1, 2))
        if one.offer.net == plan.FIVE_JIN:
            # A unit that buys for its canteen or its staff.
            is_unit = one.offer.product == goods.DRIED and self.chance.random() < 0.03
            return self.chance.randint(10, 30) if is_unit else self.chance.choice((1, 1, 1, 2, 2, 4))
        return self.chance.choice((1, 2, 2, 3, 5))

    def _place(self, buyer: Buyer, wishes: Sequence[tuple[OnSale, int]], fate: Fate) -> list[Order]:
        basket = f"demo:{ids.code()}"
        for one, pieces in wishes:
            cart.add(basket, one.pack.slug, pieces=pieces)
        seen = [BasketLine(one.pack, one.shop.seller, pieces) for one, pieces in wishes]
        quotes = orders.quotes(sorted(seen, key=lambda line: line.seller.id), province_code=buyer.province)
        terms = Terms(
            pay_by=PayBy.CASH_ON_DELIVERY if fate in _CASH else PayBy.BANK_TRANSFER,
            ship_to=ShipTo(buyer.viewer.name, buyer.phone, buyer.address),
            province_code=buyer.province,
            total=orders.total_of(quotes),
            confirms_return_rule=True,
        )
        return orders.place(ids.code(), terms, cart_key=basket, by=buyer.viewer, holds=_HOLDS, is_sample=True)

    def _follow(self, one: _Placed, fate: Fate) -> None:
        today = clock.today()
        match fate:
            case Fate.PREPAID:
                self._on(today, 1, (9, 17), partial(self._pay, one))
                self._send(one, from_day=today + timedelta(days=2))
            case Fate.ON_DELIVERY:
                self._send(one, from_day=today + timedelta(days=1))
            case Fate.EXPIRES | Fate.STAYS_PLACED:
                pass
            case Fate.PAID_LATE:
                self._on(today, 4, (9, 17), partial(self._pay_late, one))
            case Fate.CALLED_OFF:
                self._on(today, 1, (8, 20), partial(self._call_off, one))
            case Fate.STAYS_PAID:
                self._on(today, 1, (9, 17), partial(self._pay, one))
            case Fate.STAYS_PACKED:
                self._on(today, 1, (9, 17), partial(self._pay, one))
                self._on(today, 2, (8, 20), partial(orders.pack, one.number, by=one.seller))
            case Fate.REFUND_WAITS | Fate.SENT_BACK:
                self._on(today, 1, (9, 17), partial(self._pay, one))
                self._on(today, 2, (8, 12), partial(self._call_off, one))
                if fate is Fate.SENT_BACK:
                    self._on(today, 3, (9, 17), partial(self._send_back, one))

    def _on(self, day: date, later: int, hours: tuple[int, int], act: Act) -> None:
        self.diary.enter(plan.moment(day + timedelta(days=later), self.chance, hours=hours), act)

    def _send(self, one: _Placed, *, from_day: date) -> None:
        day = plan.after_the_rest(from_day)
        self._on(day, 0, (8, 12), partial(orders.pack, one.number, by=one.seller))
        self._on(day, 0, (13, 19), partial(self._ship, one))
        # Some never say that it came: their orders count as received by time.
        if self.chance.random() < 0.9:
            days = self.chance.randint(2, 7)
            self._on(day, days, (9, 21), partial(orders.receive, one.number, by=one.buyer.viewer))

    def _ship(self, one: _Placed) -> None:
        self._counted += 1
        courier = self.chance.choice(_COURIERS)
        orders.ship(one.number, courier=courier, tracking=f"示例{self._counted:08d}", by=one.seller)

    def _pay(self, one: _Placed) -> Payment:
        county = self.market.cast.county
        self._counted += 1
        order = order_queries.order_in_scope(county, one.number, PAYMENTS_CONFIRM, lock=True)
        notice = Notice(BANK_TRANSFER, f"示例流水{self._counted:08d}", order.total)
        return payments.confirm(order, notice, by=county.actor)

    def _pay_late(self, one: _Placed) -> None:
        """The money comes when the hold is over: the goods are held anew, or the money goes back."""
        payment = self._pay(one)
        if payment.state is PaymentState.REFUND_DUE:
            self._on(clock.today(), 1, (9, 17), partial(self._send_back, one))
            return
        tomorrow = plan.after_the_rest(clock.today() + timedelta(days=1))
        self._on(tomorrow, 0, (8, 12), partial(orders.pack, one.number, by=one.seller))
        self._on(tomorrow, 0, (13, 19), partial(self._ship, one))
        self._on(tomorrow, 4, (9, 21), partial(orders.receive, one.number, by=one.buyer.viewer))

    def _call_off(self, one: _Placed) -> None:
        orders.cancel(one.number, because=self.chance.choice(_REASONS), by=one.buyer.viewer)

    def _send_back(self, one: _Placed) -> None:
        county = self.market.cast.county
        waiting = {each.order.number: each.refund for each in refunds.to_send(county, besides="", tried=0)}
        self._counted += 1
        refunds.send(waiting[one.number].id, reference=f"示例退款{self._counted:08d}", by=county)

    def _sweep(self) -> None:
        """What the worker does, once a night.

        Nothing is left for the real one on the last night: every hold is settled, given up or without an end; no order
        is on the road or waits to be closed; so a worker that starts years later leaves the books as they are.
        """
        while orders.expire_due(by=BY):
            pass
        while stock_service.free_expired(by=BY):
            pass
        while orders.receive_due(by=BY):
            pass
        while orders.close_due(by=BY, besides=returns.orders_with_open_ones()):
            pass
        events.drain()

    def _end_the_month(self, day: date) -> None:
        seals.seal(day)
        self._tell(day)

    def _tell(self, day: date) -> None:
        lots, placed = self.market.lots - self._told[0], self.placed - self._told[1]
        self._told = (self.market.lots, self.placed)
        self.say(f"{day.year} 年 {day.month} 月：入库 {lots} 批，下单 {placed} 单")

    def close_the_books(self) -> None:
        """The last day is told and sealed, the daily sums hold everything, and every act is linked."""
        self._end_the_month(plan.LAST_DAY)
        while seals.feed_daily():
            pass
        while audit.link():
            pass

"""The demand side: buyers order, pay, call off and receive; sellers pack and ship; nights are swept and sealed."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date, timedelta
from functools import partial
from random import Random
from typing import Final

from app.audit import service as audit
from app.demo import goods, plan
from app.demo.cast import BY, Buyer
from app.demo.diary import Act
from app.demo.market import Market, OnSale
from app.demo.money_back import MoneyBack
from app.demo.plan import DAYS_BEFORE_THE_END, Fate, Size
from app.demo.purchase import Purchase
from app.demo.scales import Scales
from app.demo.stories import Stories
from app.kernel import clock, events, ids
from app.ledger.books import seals
from app.trade.cart import service as cart
from app.trade.cart.service import BasketLine
from app.trade.complaints import service as complaints
from app.trade.orders import queries as order_queries
from app.trade.orders import service as orders
from app.trade.orders.models import Order
from app.trade.orders.queries import ShipTo
from app.trade.orders.service import MOST_UNPAID, HoldTimes, Terms
from app.trade.orders.states import PayBy
from app.trade.payments import service as payments
from app.trade.payments.models import Payment, PaymentState
from app.trade.payments.permissions import PAYMENTS_CONFIRM
from app.trade.payments.service import BANK_TRANSFER, Notice
from app.trade.returns import queries as return_queries
from app.trade.returns import service as returns
from app.trade.stock import blocking
from app.trade.stock import queries as stock

# Of their own, so that a county's settings do not change the demo county's books.
_HOLDS: Final = HoldTimes(online=timedelta(minutes=15), bank_transfer=timedelta(hours=48))
_COURIERS: Final = ("中国邮政", "中国邮政", "顺丰", "中通", "圆通", "韵达")
_FOR_PLAYED: Final = frozenset({Fate.WANTS_INVOICE, Fate.IN_DISPUTE})
_CASH: Final = frozenset({Fate.ON_DELIVERY, Fate.STAYS_PLACED})
_REASONS: Final = ("不想要了", "地址或数量写错了", "等得太久", "价格不合适")
_TRIES: Final = 12


class Season:
    """One winter of orders over a market."""

    def __init__(self, market: Market, size: Size, *, chance: Random, say: Callable[[str], None]) -> None:
        self.market = market
        self.size = size
        self.diary = market.diary
        self.chance = chance
        self.say = say
        self.money_back = MoneyBack(market.cast, market.diary, chance=chance)
        self.scales = Scales(self.money_back, chance=chance)
        self.stories = Stories(size.checkouts, market.cast, market.diary, self.money_back, chance=chance)
        self.placed = 0
        self._counted = 0
        self._stays = 0
        self._told = (0, 0)

    def prepare(self) -> None:
        """All checkouts and all nights of the season stand in the diary."""
        days, demand = plan.order_days()
        for fate in plan.fates(self.size.checkouts, self.chance):
            day = self.chance.choices(days, demand)[0]
            if fate in DAYS_BEFORE_THE_END:
                day = plan.LAST_DAY - timedelta(days=DAYS_BEFORE_THE_END[fate])
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
                    shop = next(one.shop for one, _ in wishes if one.shop.seller.id == order.seller_id)
                    self._follow(Purchase(order.number, buyer, shop, fate))
                return

    def _buyer(self) -> Buyer:
        buyers = self.market.cast.buyers
        return self.chance.choices(buyers, [one.eagerness for one in buyers])[0]

    def _shelf(self, fate: Fate) -> list[OnSale]:
        """Every second order that stays open goes to a seller whom a visitor can play, so that he has work.

        So does every one that leaves him something to answer.
        """
        shelf = self.market.on_sale
        if fate not in DAYS_BEFORE_THE_END:
            return shelf
        self._stays += fate not in _FOR_PLAYED
        is_for_played = fate in _FOR_PLAYED or self._stays % 2
        return [one for one in shelf if one.shop.applicant.is_played] if is_for_played else shelf

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

    def _follow(self, one: Purchase) -> None:
        today = clock.today()
        match one.fate:
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
            case Fate.STAYS_PAID | Fate.WANTS_INVOICE:
                self._on(today, 1, (9, 17), partial(self._pay, one))
            case Fate.STAYS_PACKED:
                self._on(today, 1, (9, 17), partial(self._pay, one))
                self._on(today, 2, (8, 20), partial(orders.pack, one.number, by=one.seller))
            case Fate.IN_DISPUTE:
                self._on(today, 1, (9, 17), partial(self._pay, one))
                self._send_by_express(one, day=today + timedelta(days=2))
            case Fate.REFUND_WAITS | Fate.SENT_BACK:
                self._on(today, 1, (9, 17), partial(self._pay, one))
                self._on(today, 2, (8, 12), partial(self._call_off, one))
                if one.fate is Fate.SENT_BACK:
                    self._on(today, 3, (9, 17), partial(self.money_back.send, one.number))

    def _on(self, day: date, later: int, hours: tuple[int, int], act: Act) -> None:
        self.diary.enter(plan.moment(day + timedelta(days=later), self.chance, hours=hours), act)

    def _send(self, one: Purchase, *, from_day: date) -> None:
        day = plan.after_the_rest(from_day)
        self._on(day, 0, (8, 12), partial(self.scales.pack, one))
        self._on(day, 0, (13, 19), partial(self._ship, one))
        # Some never say that it came: their orders count as received by time.
        if self.chance.random() < 0.9:
            days = self.chance.randint(2, 7)
            self._on(day, days, (9, 21), partial(self._receive, one))

    def _send_by_express(self, one: Purchase, *, day: date) -> None:
        self._on(day, 0, (8, 12), partial(orders.pack, one.number, by=one.seller))
        self._on(day, 0, (13, 19), partial(self._ship, one))
        self._on(day, 4, (9, 21), partial(self._receive, one))

    def _receive(self, one: Purchase) -> None:
        orders.receive(one.number, by=one.buyer.viewer)
        self.stories.arrived(one)

    def _ship(self, one: Purchase) -> None:
        self._counted += 1
        courier = self.chance.choice(_COURIERS)
        orders.ship(one.number, courier=courier, tracking=f"示例{self._counted:08d}", by=one.seller)

    def _pay(self, one: Purchase) -> Payment:
        county = self.market.cast.county
        self._counted += 1
        order = order_queries.order_in_scope(county, one.number, PAYMENTS_CONFIRM, lock=True)
        notice = Notice(BANK_TRANSFER, f"示例流水{self._counted:08d}", order.total)
        payment = payments.confirm(order, notice, by=county.actor)
        self.stories.paid(one)
        return payment

    def _pay_late(self, one: Purchase) -> None:
        """The money comes when the hold is over: the goods are held anew, or the money goes back."""
        payment = self._pay(one)
        if payment.state is PaymentState.REFUND_DUE:
            self.money_back.tomorrow(one.number)
            return
        self._send_by_express(one, day=plan.after_the_rest(clock.today() + timedelta(days=1)))

    def _call_off(self, one: Purchase) -> None:
        orders.cancel(one.number, because=self.chance.choice(_REASONS), by=one.buyer.viewer)

    def _sweep(self) -> None:
        """What the worker does, once a night.

        Nothing is left for the real one on the last night: every hold is settled, given up or without an end; no order
        is on the road or waits to be closed, and a return that is open is one that a person must decide; so a worker
        that starts years later leaves the books as they are.
        """
        while orders.expire_due(by=BY):
            pass
        while blocking.free_expired(by=BY):
            pass
        while orders.receive_due(by=BY):
            pass
        for due in (complaints.pass_due, returns.put_before_officials_due, returns.lapse_due, returns.refund_due):
            while due(by=BY):
                pass
        while orders.close_due(by=BY, besides=return_queries.orders_with_open_ones()):
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

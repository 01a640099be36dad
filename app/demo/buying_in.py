"""A co-op of the demo county buys loose fruit from its neighbours in the last days of the winter."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from random import Random
from typing import Final

from app.demo import plan
from app.demo.diary import Diary
from app.demo.market import Shop
from app.kernel.money import Money
from app.kernel.weight import Weight
from app.people.growers.states import SellerKind
from app.trade.catalog.models import UNGRADED
from app.trade.intakes import objections, paying, prices, service, storing
from app.trade.intakes.prices import Posted, Spot
from app.trade.intakes.service import Delivery, Grading, Part, Supplier
from app.trade.intakes.states import Presence, ScaleUnit, Way

_OPENS: Final = plan.LAST_DAY - timedelta(days=9)
_FIRST: Final = "fef96adb965c"
_SECOND: Final = "7a6913539e68"
"""First and second of the grades of large dried fruit, which no newer edition has replaced."""
_VARIETY: Final = "muzao"
_PRICES: Final = (
    Posted(_VARIETY, _FIRST, Money(420), "每公斤 110 粒以内（示例数据）"),
    Posted(_VARIETY, _SECOND, Money(320), "每公斤 140 粒以内（示例数据）"),
    Posted(_VARIETY, UNGRADED, Money(220), "不限（示例数据）"),
)


@dataclass(frozen=True, slots=True)
class _Cart:
    """What one neighbour brings: grams gross, tare, of the first and second grade, impurities and returned."""

    gross: int
    tare: int
    first: int
    second: int
    impurities: int
    returned: int


_CARTS: Final[Sequence[_Cart]] = (
    _Cart(942_000, 410_000, 300_000, 180_000, 12_000, 40_000),
    _Cart(618_500, 205_000, 250_500, 140_000, 8_000, 15_000),
    _Cart(388_000, 120_000, 96_000, 150_000, 6_000, 16_000),
    _Cart(455_000, 120_000, 0, 0, 0, 0),
)


class BuyingIn:
    """The co-op that a visitor can play: its point, its prices, and four carts, of which it sends one back."""

    def __init__(self, diary: Diary) -> None:
        self.diary = diary
        # Of its own, so that nothing else of the winter changes with it.
        self.chance = Random("buying in")
        self.households: list[Shop] = []

    def meet(self, shop: Shop) -> None:
        """A seller whom the township has verified: the buyer, or one who may bring fruit, the played one first."""
        if shop.seller.kind is SellerKind.HOUSEHOLD:
            self.households.insert(0 if shop.applicant.is_played else len(self.households), shop)
        elif shop.applicant.is_played:
            self.diary.enter(plan.moment(_OPENS, self.chance, hours=(8, 9)), partial(self._open, shop))

    def _open(self, buyer: Shop) -> None:
        spot = Spot("孟门示例收购点", buyer.seller.township_code, "渡口大磅旁（示例数据）")
        point = prices.open_point(buyer.seller, spot, by=buyer.viewer)
        prices.post(point, _PRICES, note="示例数据", by=buyer.viewer)
        for n, (cart, grower) in enumerate(zip(_CARTS, self.households, strict=False)):
            moment = plan.moment(_OPENS + timedelta(days=1 + 2 * n), self.chance, hours=(9, 16))
            self.diary.enter(moment, partial(self._bring, point.slug, n, cart, buyer=buyer, grower=grower))

    def _bring(self, slug: str, n: int, cart: _Cart, *, buyer: Shop, grower: Shop) -> None:
        ticket = Delivery(
            ticket=f"示例{n + 1:04d}",
            variety_key=_VARIETY,
            gross=Weight(cart.gross),
            tare=Weight(cart.tare),
            unit=ScaleUnit.KG,
            harvest_year=plan.HARVEST.year,
            village_name=grower.applicant.village,
        )
        supplier = Supplier(grower_id=grower.seller.id, is_member=n == 0)
        number = service.deliver(slug, ticket, supplier, by=buyer.viewer).number
        if not cart.first:
            service.refuse(number, because="含水太高，晒干再来（示例数据）", by=buyer.viewer)
            return
        parts = [Part(_FIRST, Weight(cart.first)), Part(_SECOND, Weight(cart.second))]
        found = Grading(
            Presence.SELF,
            grower.applicant.person.name,
            parts,
            impurities=Weight(cart.impurities),
            returned=Weight(cart.returned),
            moisture=232,
        )
        service.grade(number, found, by=buyer.viewer)
        total = service.accept(number, by=buyer.viewer).total
        storing.store(number, place=f"一号库 {n + 1} 排（示例）", by=buyer.viewer)
        if n == 0:
            paying.pay(number, amount=total, way=Way.CASH, reference="示例", by=buyer.viewer)
        else:
            paying.pay(number, amount=Money(total.fen // 2), way=Way.TRANSFER, reference="示例", by=buyer.viewer)
        if n == 1:
            objections.make(number, words="退回的太多了，我想再看一遍（示例数据）", by=grower.viewer)

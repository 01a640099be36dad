"""The supply side of the demo county: sellers apply and are verified, publish packs and bring in lots."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, timedelta
from functools import partial
from random import Random
from typing import Final

from sqlalchemy import select

from app.demo import goods, plan
from app.demo.cast import Applicant, Cast, viewer_of
from app.demo.diary import Diary
from app.demo.goods import Offer
from app.demo.plan import Size
from app.kernel import clock
from app.kernel.db import session
from app.kernel.permissions import Grant, Viewer
from app.people.accounts.states import Role
from app.people.growers import service as growers
from app.people.growers.models import Seller
from app.people.growers.states import SellerKind
from app.trade.catalog import service as catalog
from app.trade.catalog.models import UNGRADED, Grade, Pack
from app.trade.catalog.service import Description
from app.trade.catalog.states import PackState
from app.trade.lots.service import Harvest
from app.trade.stock import queries as stock_queries
from app.trade.stock import service as stock

_STANDARD: Final = ("GB/T 5835", "2009")
_POPULARITY: Final = (1, 1, 1, 2, 2, 3, 5)


@dataclass(frozen=True, slots=True)
class Shop:
    """A verified seller and the person who acts for it."""

    seller: Seller
    viewer: Viewer
    applicant: Applicant


@dataclass(eq=False, slots=True)
class OnSale:
    """A pack that buyers can see."""

    pack: Pack
    shop: Shop
    offer: Offer
    popularity: int


@dataclass(slots=True)
class Market:
    """What is on sale at the moment, and how much has come in."""

    cast: Cast
    diary: Diary
    chance: Random
    on_sale: list[OnSale] = field(default_factory=list)
    published: list[OnSale] = field(default_factory=list)
    shops: list[Shop] = field(default_factory=list)
    lots: int = 0
    met: Callable[[Shop], None] = lambda shop: None
    _grades: dict[str, str] = field(default_factory=dict)

    def prepare(self, size: Size) -> None:
        """All applications, openings and losses of the season stand in the diary."""
        standard, edition = _STANDARD
        in_force = select(Grade).where(Grade.standard == standard, Grade.edition == edition).order_by(Grade.rank)
        self._grades = {grade.name: grade.key for grade in session().scalars(in_force)} | {"统货": UNGRADED}
        for applicant, count in zip(self.cast.applicants, self._pack_counts(size), strict=True):
            day = plan.OPENS + timedelta(days=self.chance.randint(1, 14))
            self.diary.enter(plan.moment(day, self.chance), partial(self._apply, applicant, packs=count))
        self._prepare_the_end(size)

    def _pack_counts(self, size: Size) -> list[int]:
        """One pack for each household, more for the others, and what is left over spread among households."""
        more = {SellerKind.HOUSEHOLD: 1, SellerKind.COOP: 4, SellerKind.PROCESSOR: 5}
        counts = [more[one.application.kind] for one in self.cast.applicants]
        for n in range(max(0, size.packs - sum(counts))):
            counts[n % size.households] += 1
        return counts

    def _apply(self, applicant: Applicant, *, packs: int) -> None:
        seller = growers.apply(applicant.application, person_id=applicant.person.id, by=applicant.person.actor)
        day = clock.today() + timedelta(days=self.chance.randint(1, 4))
        at = plan.moment(day, self.chance, hours=(9, 17))
        self.diary.enter(at, partial(self._verify, seller, applicant, packs=packs))

    def _verify(self, seller: Seller, applicant: Applicant, *, packs: int) -> None:
        official = self.cast.officials[seller.township_code]
        growers.verify(seller.id, by=official, because="上门看过枣园和存枣的地方")
        shop = Shop(seller, viewer_of(applicant.person, Grant(Role.SELLER.value, f"seller:{seller.id}")), applicant)
        self.shops.append(shop)
        self.met(shop)
        for offer in goods.offers(
            seller.kind,
            town=applicant.town,
            code=seller.township_code,
            by_river=applicant.by_river,
            count=packs,
            chance=self.chance,
        ):
            at = plan.moment(self._opening_day(offer, seller.kind), self.chance, hours=(8, 19))
            self.diary.enter(at, partial(self._open, shop, offer))

    def _opening_day(self, offer: Offer, kind: SellerKind) -> date:
        if offer.product == goods.GREENHOUSE:
            return plan.HARVEST + timedelta(days=self.chance.randint(0, 10))
        latest = 50 if kind is SellerKind.HOUSEHOLD else 35
        return plan.HARVEST + timedelta(days=self.chance.randint(0, latest))

    def _open(self, shop: Shop, offer: Offer) -> None:
        said = Description(
            variety_key=offer.variety,
            grade_key=self._grades[offer.grade],
            product_key=offer.product,
            net=offer.net,
            price=offer.price,
            title=offer.title,
            words=offer.words,
        )
        pack = catalog.publish(shop.seller, said, graded_on=clock.today(), by=shop.viewer.actor, is_sample=True)
        one = OnSale(pack, shop, offer, self.chance.choice(_POPULARITY) * (4 if shop.applicant.is_played else 1))
        self.on_sale.append(one)
        self.published.append(one)
        self._bring_in(one, pieces=self._first_pieces(one))
        self._prepare_more(one)

    def _first_pieces(self, one: OnSale) -> int:
        if self.chance.random() < 0.08:
            one.popularity += 8
            return self.chance.randint(3, 8)
        if one.offer.product == goods.DRIED:
            return plan.dried_pieces(one.offer.net, self.chance)
        return self.chance.randint(20, 45) if one.offer.product == goods.GREENHOUSE else self.chance.randint(60, 240)

    def _prepare_more(self, one: OnSale) -> None:
        """Fresh fruit leaves the shelf before it spoils; processors bring a second lot in spring, few growers one."""
        if one.offer.product == goods.GREENHOUSE:
            day = clock.today() + timedelta(days=goods.FRESH_KEEPS_DAYS - 4)
            self.diary.enter(plan.moment(day, self.chance), partial(self._end_of_fresh, one))
        elif one.shop.seller.kind is SellerKind.PROCESSOR:
            day = date(2026, 3, 5) + timedelta(days=self.chance.randint(0, 15))
            pieces = self.chance.randint(80, 200)
            self.diary.enter(plan.moment(day, self.chance), partial(self._bring_in, one, pieces=pieces))
        elif self.chance.random() < 0.05:
            day = date(2026, 1, 4) + timedelta(days=self.chance.randint(0, 20))
            pieces = plan.dried_pieces(one.offer.net, self.chance) // 2
            self.diary.enter(plan.moment(day, self.chance), partial(self._bring_in, one, pieces=pieces))

    def _bring_in(self, one: OnSale, *, pieces: int) -> None:
        harvest = Harvest(
            village_name=one.shop.applicant.village,
            variety_key=one.offer.variety,
            grade_key=one.pack.grade_key,
            year=2025,
            best_before=clock.today() + timedelta(days=one.offer.keeps_days),
        )
        stock.pack_lot(one.pack, one.shop.seller, harvest, pieces=pieces, by=one.shop.viewer.actor)
        self.lots += 1

    def _end_of_fresh(self, one: OnSale) -> None:
        left = stock_queries.available([one.pack.id])[one.pack.id]
        if left:
            self._lose(one, pieces=left, because="鲜枣放久了，不卖了")
        catalog.become(one.pack, PackState.OFF, by=one.shop.viewer.actor)
        self.on_sale.remove(one)

    def _lose(self, one: OnSale, *, pieces: int, because: str) -> None:
        key = f"demo.out:{one.pack.slug}:{clock.now().isoformat()}"
        stock.take_out(one.pack, pieces=pieces, by=one.shop.viewer.actor, because=because, key=key)

    def _prepare_the_end(self, size: Size) -> None:
        """Small losses through the winter; in April a few more apply, and where there are many one stops."""
        for _ in range(max(2, size.packs // 25)):
            day = date(2025, 12, 1) + timedelta(days=self.chance.randint(0, 100))
            self.diary.enter(plan.moment(day, self.chance), self._small_loss)
        for n, applicant in enumerate(self.cast.late_applicants):
            at = plan.moment(plan.LAST_DAY - timedelta(days=n + 1), self.chance)
            self.diary.enter(at, partial(self._apply_late, applicant, refuses=n == 0))
        if size.households > 100:
            day = plan.LAST_DAY - timedelta(days=8)
            self.diary.enter(plan.moment(day, self.chance), partial(self._stop, nth=-1, closes=True))
            self.diary.enter(plan.moment(day, self.chance), partial(self._stop, nth=-9, closes=False))

    def _small_loss(self) -> None:
        one = self.chance.choice(self.on_sale)
        if stock_queries.available([one.pack.id])[one.pack.id] > 6:
            self._lose(one, pieces=self.chance.randint(1, 3), because="受潮，挑出来不卖了")

    def _apply_late(self, applicant: Applicant, *, refuses: bool) -> None:
        seller = growers.apply(applicant.application, person_id=applicant.person.id, by=applicant.person.actor)
        if refuses:
            official = self.cast.officials[seller.township_code]
            growers.refuse(seller.id, by=official, because="枣园不在本镇，请到所在乡镇申请")

    def _stop(self, *, nth: int, closes: bool) -> None:
        plain = [one for one in self.shops if one.seller.kind is SellerKind.HOUSEHOLD and not one.applicant.is_played]
        shop = plain[nth]
        official = self.cast.officials[shop.seller.township_code]
        if closes:
            growers.close(shop.seller.id, by=official, because="进城住了，不再种枣")
        else:
            growers.suspend(shop.seller.id, by=official, because="电话联系不上，先暂停接单")
        self.on_sale = [one for one in self.on_sale if one.shop is not shop]

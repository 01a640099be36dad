"""Making the demo county: one seed, one winter, one transaction."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date
from functools import partial
from random import Random
from typing import Final

from sqlalchemy import delete, select, text

from app.demo import address_book, album, cast, plan
from app.demo.album import Album
from app.demo.buying_in import BuyingIn
from app.demo.cast import BY, MENGMEN
from app.demo.county_office import CountyOffice
from app.demo.diary import Diary
from app.demo.helping import Helping
from app.demo.market import Market, Shop
from app.demo.milling import Milling
from app.demo.models import DemoCounty
from app.demo.plan import Size
from app.demo.season import Season
from app.kernel import cache, clock, ids, logs
from app.kernel.db import database, session, transaction
from app.kernel.errors import Conflict
from app.kernel.money import Money
from app.people.accounts.models import Person
from app.people.messages.models import OutgoingText
from app.people.townships import service as townships
from app.trade.catalog import service as catalog
from app.trade.freight import service as freight

SEED: Final = 141_125
_FREIGHT: Final = (
    ("near", Money(600), Money(100), Money(9_900)),
    ("far", Money(900), Money(250), Money(19_900)),
    ("remote", Money(1_500), Money(800), None),
)


class RealPeople(Conflict):
    """Somebody is registered here who does not belong to a demo county."""

    code = "real_people"
    sentence = "这个数据库里已经有真实的人员，不能载入示例县。请换一个空的数据库。"


def is_made() -> bool:
    """Whether this database holds the demo county, looked up anew."""
    return session().get(DemoCounty, 1) is not None


def make(
    passwords: Mapping[str, str], *, seed: int = SEED, scale: float = 1, say: Callable[[str], None] = lambda line: None
) -> None:
    """The demo county is there as a whole, with its people, stock and a winter of orders, closed and sealed.

    Everything happens in one transaction, so a run that is interrupted leaves nothing behind but pictures, which the
    next run overwrites. Numbers, codes and times follow from `seed` and `scale` alone: two counties of one seed have
    the same ledger checksum, on either database. `passwords` has one for each of `cast.PARTS`. A smaller `scale` makes
    a smaller county for tests. Raises `RealPeople`, and `AlreadyThere` when it is made by another process.
    """
    size = Size.of(scale)
    before = logs.request_id()
    logs.set_request_id(BY)
    try:
        with ids.seeded(seed), album.begun(size.pictures) as photos, transaction():
            _wait_as_long_as_it_takes()
            _refuse_real_people()
            session().add(DemoCounty(id=1, seed=seed, made_at=clock.now()))
            session().flush()
            _live(size, passwords, photos, chance=Random(seed), say=say)
    finally:
        logs.set_request_id(before)
    cache.forget()


def _wait_as_long_as_it_takes() -> None:
    """The pictures are drawn beside the season and may be ready later than it."""
    if not database().is_sqlite:
        session().execute(text("SET LOCAL idle_in_transaction_session_timeout = 0"))


def _refuse_real_people() -> None:
    if session().scalars(select(Person.id).limit(1)).first() is not None:
        raise RealPeople()


def _live(
    size: Size, passwords: Mapping[str, str], photos: Album, *, chance: Random, say: Callable[[str], None]
) -> None:
    with clock.living_at(clock.start_of(plan.OPENS)):
        _load_facts(plan.OPENS)
        people = cast.gather(size, passwords, provinces=freight.served_provinces(), chance=chance)
        market = Market(people, Diary(), chance)
        office = CountyOffice(people, market.diary, chance=chance)
        buying_in = BuyingIn(market.diary)
        milling = Milling(market.diary, county=people.county, township=people.officials[MENGMEN])
        helping = Helping(market.diary, township=people.officials[MENGMEN])

        def meet(shop: Shop) -> None:
            office.meet(shop)
            buying_in.meet(shop)
            milling.meet(shop)
            helping.meet(shop)

        market.met = meet
        market.prepare(size)
        office.prepare()
        season = Season(market, size, chance=chance, say=say)
        season.prepare()
        market.diary.enter(plan.moment(plan.FIRST_ORDER, chance), partial(address_book.fill, people.buyers[0]))
    market.diary.live()
    say("正在把画好的图片存起来…")
    photos.store()
    with clock.living_at(clock.end_of(plan.LAST_DAY)):
        for one in market.published:
            photos.hang(one.pack, one.offer.picture, by=one.shop.viewer.actor)
        for pack, seller in milling.filled:
            photos.hang(pack, "box", by=seller.actor)
        season.close_the_books()
    _ring_nobody()


def _ring_nobody() -> None:
    """The winter is an example, its numbers may be somebody's: no phone rings for it."""
    session().execute(delete(OutgoingText))


def _load_facts(day: date) -> None:
    townships.load(BY)
    catalog.load_facts(by=BY)
    freight.load_provinces(by=BY)
    for zone, first_kg, next_kg, free_from in _FREIGHT:
        freight.set_rate(
            zone, first_kg=first_kg, next_kg=next_kg, free_from=free_from, valid_from=day, by=BY, is_sample=True
        )

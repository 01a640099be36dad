"""A village agent of the demo county lists for two old growers who agreed, under both names."""

from __future__ import annotations

from datetime import timedelta
from functools import partial
from random import Random
from typing import Final

from app.demo import plan
from app.demo.cast import MENGMEN, PARTS, viewer_of
from app.demo.diary import Diary
from app.demo.market import Shop
from app.kernel.permissions import Grant, Viewer
from app.people.accounts import queries as accounts
from app.people.accounts.models import Person
from app.people.accounts.states import Role
from app.people.agents import mandates, service
from app.people.agents.models import Agent
from app.people.agents.service import Naming
from app.people.growers.states import SellerKind
from app.trade.catalog import queries as catalog
from app.trade.stock import queries as stock_queries
from app.trade.stock import service as stock

_NAMED: Final = plan.LAST_DAY - timedelta(days=20)
_GROWERS: Final = 2


class Helping:
    """Named by the township, trusted by two growers; and for each of them he takes a spoilt box off the shelf."""

    def __init__(self, diary: Diary, *, township: Viewer) -> None:
        self.diary, self.township = diary, township
        # Of its own, so that nothing else of the winter changes with it.
        self.chance = Random("helping")
        self.households: list[Shop] = []

    def meet(self, shop: Shop) -> None:
        """A seller whom the township has verified; the first two households of Mengmen will be helped."""
        is_fitting = shop.seller.kind is SellerKind.HOUSEHOLD and shop.seller.township_code == MENGMEN
        if not is_fitting or shop.applicant.is_played or len(self.households) == _GROWERS:
            return
        self.households.append(shop)
        if len(self.households) == 1:
            self.diary.enter(plan.moment(_NAMED, self.chance, hours=(8, 9)), self._name)

    def _name(self) -> None:
        (part,) = (part for part in PARTS if part.key == "agent")
        naming = Naming(part.phone, MENGMEN, None, _NAMED + timedelta(days=364))
        agent = service.name(naming, because="村里都信得过他（示例数据）", by=self.township)
        for n, shop in enumerate(self.households):
            moment = plan.moment(_NAMED + timedelta(days=1 + n), self.chance, hours=(9, 16))
            self.diary.enter(moment, partial(self._agree, shop, agent))

    def _agree(self, shop: Shop, agent: Agent) -> None:
        mandates.give(shop.seller.id, agent.id, 180, by=shop.viewer)
        moment = plan.moment(plan.LAST_DAY - timedelta(days=10), self.chance, hours=(9, 16))
        self.diary.enter(moment, partial(self._sort_out, shop, accounts.person(agent.person_id)))

    def _sort_out(self, shop: Shop, person: Person) -> None:
        viewer = viewer_of(person, Grant(Role.AGENT.value, f"seller:{shop.seller.id}"))
        packs = catalog.all_of_seller(shop.seller.id)
        free = stock_queries.available([pack.id for pack in packs])
        left = next((pack for pack in packs if free[pack.id]), None)
        if left is not None:
            by = viewer.acting_for(shop.seller.id)
            stock.take_out(left, pieces=1, by=by, because="坏了", key=f"demo.agent:{left.slug}")

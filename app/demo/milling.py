"""What the co-op of the demo county makes of loose fruit that it bought: sorted, dried, and packed under the mark.

And a small lot of its own that the township recalls.
"""

from __future__ import annotations

from datetime import timedelta
from functools import partial
from random import Random
from typing import Final

from app.demo import plan
from app.demo.diary import Diary
from app.demo.market import Shop
from app.kernel.money import Money
from app.kernel.permissions import Viewer
from app.kernel.weight import Weight
from app.people.growers.states import SellerKind
from app.trade.catalog import mark
from app.trade.catalog import service as packs
from app.trade.catalog.mark import Authorisation
from app.trade.catalog.models import UNGRADED, Pack
from app.trade.catalog.service import Description
from app.trade.lots.service import Harvest
from app.trade.processing import queries, service
from app.trade.processing.queries import LooseLot
from app.trade.processing.service import Coming, Going, Wanted
from app.trade.processing.states import Step
from app.trade.recalls import service as recalls
from app.trade.recalls.states import Level

_DAY: Final = plan.LAST_DAY - timedelta(days=1)
_DRIED: Final = "ganzhi-hongzao"


class Milling:
    """One sorting and one drying of bought fruit, and boxes under the mark, the day before the winter's last."""

    def __init__(self, diary: Diary, *, county: Viewer, township: Viewer) -> None:
        self.diary, self.county, self.township = diary, county, township
        # Of its own, so that nothing else of the winter changes with it.
        self.chance = Random("milling")
        self.filled: list[tuple[Pack, Viewer]] = []

    def meet(self, shop: Shop) -> None:
        """A seller whom the township has verified; the co-op that a visitor can play goes to work."""
        if shop.seller.kind is not SellerKind.HOUSEHOLD and shop.applicant.is_played:
            self.diary.enter(plan.moment(_DAY, self.chance, hours=(8, 9)), partial(self._authorise, shop))
            self.diary.enter(plan.moment(_DAY, self.chance, hours=(10, 11)), partial(self._sort, shop))
            self.diary.enter(plan.moment(_DAY, self.chance, hours=(14, 15)), partial(self._dry_and_pack, shop))
            self.diary.enter(plan.moment(_DAY, self.chance, hours=(16, 17)), partial(self._be_recalled, shop))

    def _authorise(self, shop: Shop) -> None:
        said = Authorisation("示例-LLHZ-001", _DAY, _DAY + timedelta(days=730))
        mark.record(shop.seller.id, said, by=self.county)

    def _sort(self, shop: Shop) -> None:
        lots = _loose(shop)
        if len(lots) < 2:
            return
        first, second = lots[0], lots[1]
        spoilt = Weight(first.loose.grams // 50)
        good = first.loose - spoilt
        outputs = [
            Coming(first.lot.grade_key, Weight(good.grams * 3 // 4), store_place="分选间（示例）"),
            Coming(second.lot.grade_key, good - Weight(good.grams * 3 // 4), store_place="分选间（示例）"),
        ]
        wanted = Wanted(Step.SORT, _DAY, [Going(first.lot.code, None)], outputs, spoilt, "坏果")
        service.make(shop.seller, wanted, by=shop.viewer.actor)

    def _dry_and_pack(self, shop: Shop) -> None:
        lots = _loose(shop)
        if not lots:
            return
        lot = max(lots, key=lambda one: (one.loose.grams, -one.lot.id))
        moisture = Weight(lot.loose.grams // 10)
        output = Coming(lot.lot.grade_key, lot.loose - moisture, _DRIED, store_place="烘干房（示例）")
        wanted = Wanted(Step.DRY, _DAY, [Going(lot.lot.code, None)], [output], moisture, "水分")
        made = service.make(shop.seller, wanted, by=shop.viewer.actor)
        dried = next(one for one in _loose(shop) if one.lot.store_place == output.store_place)
        said = Description(
            dried.lot.variety_key,
            dried.lot.grade_key,
            _DRIED,
            Weight(2_500),
            Money(5_800),
            "柳林木枣 地理标志 5斤装",
            "合作社从邻近枣农手里收来，分选、烘干以后装箱（示例数据）。",
            bears_mark=True,
        )
        pack = packs.publish(shop.seller, said, graded_on=dried.lot.received_on, by=shop.viewer.actor, is_sample=True)
        service.fill(dried.lot.code, pack.slug, pieces=20, key=made.number, by=shop.viewer)
        self.filled.append((pack, shop.viewer))

    def _be_recalled(self, shop: Shop) -> None:
        harvest = Harvest("示例村", "muzao", UNGRADED, plan.HARVEST.year, _DAY + timedelta(days=200))
        place = "隔离间（示例）"
        lot = service.take_in_own(shop.seller, harvest, weight=Weight(60_000), place=place, by=shop.viewer.actor)
        why = "抽检时发现标签上的采摘年份写错（示例数据）"
        recalls.make(lot, level=Level.THIRD, because=why, by=self.township, is_sample=True)


def _loose(shop: Shop) -> list[LooseLot]:
    return [one for one in queries.loose_lots_of(shop.seller.id) if one.is_usable]

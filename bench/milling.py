"""Loose fruit and runs of processing, so that their pages have something to show."""

from __future__ import annotations

from datetime import timedelta

from app.kernel import clock
from app.kernel.db import session, transaction
from app.kernel.permissions import Viewer
from app.kernel.weight import Weight
from app.people.growers.models import Seller
from app.trade.catalog.models import UNGRADED
from app.trade.lots.service import Harvest
from app.trade.processing import service
from app.trade.processing.permissions import PROCESSING_MAKE
from app.trade.processing.service import Coming, Going, Wanted
from app.trade.processing.states import Step


def mill(who: Viewer, *, count: int) -> None:
    """So many loose lots of his seller more, each sorted into two."""
    (seller_id,) = who.sellers(PROCESSING_MAKE)
    for _ in range(count):
        with transaction():
            day = clock.today()
            seller = session().get_one(Seller, seller_id)
            harvest = Harvest("示例村", "muzao", UNGRADED, day.year, day + timedelta(days=300))
            lot = service.take_in_own(seller, harvest, weight=Weight(10_000), place="示例库", by=who.actor)
            outputs = [Coming(UNGRADED, Weight(6_000)), Coming(UNGRADED, Weight(3_900))]
            wanted = Wanted(Step.SORT, day, [Going(lot.code, None)], outputs, Weight(100), "坏果")
            service.make(seller, wanted, by=who.actor)

"""Lots, what was made of them, and recalls, asked of the services."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import select

from app.kernel import clock, events
from app.kernel.db import session, transaction
from app.kernel.permissions import Viewer
from app.kernel.weight import Weight
from app.trade.catalog.models import UNGRADED, Pack
from app.trade.lots import service as lots
from app.trade.lots.models import Lot
from app.trade.lots.service import Harvest
from app.trade.processing import service as processing
from app.trade.processing.service import Coming, Going, Wanted
from app.trade.processing.states import Step
from app.trade.recalls import service
from app.trade.recalls.models import Recall
from app.trade.recalls.states import Level
from app.trade.stock import service as stock
from app.trade.stock.models import PackedLot
from tests.cast import shop_of

WHY = "抽检发现霉变"


def lot_of(pack: Pack) -> Lot:
    """The first lot of a pack."""
    session().rollback()
    session().expire_all()
    of_pack = select(Lot).join(PackedLot, PackedLot.lot_id == Lot.id).where(PackedLot.pack_id == pack.id)
    return session().scalars(of_pack.order_by(Lot.id)).first() or _none()


def _none() -> Lot:
    raise AssertionError("the pack has no lot")


def fresh_lot(lot: Lot) -> Lot:
    """The lot as it is in the database now."""
    session().rollback()
    session().expire_all()
    return session().get_one(Lot, lot.id)


def recall_it(lot: Lot, *, by: Viewer, because: str = WHY) -> Recall:
    with transaction():
        return service.make(lot, level=Level.SECOND, because=because, by=by)


def afterwards() -> None:
    """The worker comes by until nothing waits."""
    session().rollback()
    while True:
        with transaction():
            if not events.drain():
                return


def loose_lot(grower: Viewer, *, grams: int = 10_000) -> Lot:
    """A lot that lies loose at its grower's."""
    with transaction():
        day = clock.today()
        harvest = Harvest("南垣村", "muzao", UNGRADED, day.year, day + timedelta(days=180))
        lot = lots.take_in(shop_of(grower), harvest, weight=Weight(grams), by="test")
        stock.receive(lot, by="test")
    return lot


def made_of(parent: Lot, grower: Viewer, *, grams: int = 4_000) -> Lot:
    """A lot that came out of drying so much of another, without loss."""
    parent = fresh_lot(parent)
    with transaction():
        wanted = Wanted(
            Step.DRY, clock.today(), [Going(parent.code, Weight(grams))], [Coming(UNGRADED, Weight(grams))], Weight(0)
        )
        processing.make(shop_of(grower), wanted, by="test")
        return session().scalars(select(Lot).order_by(Lot.id.desc()).limit(1)).one()

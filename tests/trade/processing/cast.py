"""Loose fruit for tests of processing, and runs told briefly."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, timedelta

from sqlalchemy import select

from app.kernel import clock
from app.kernel.db import session, transaction
from app.kernel.permissions import Viewer
from app.kernel.weight import Weight
from app.ledger.books import queries as books
from app.people.growers.models import Seller
from app.trade.catalog import mark
from app.trade.catalog import service as catalog
from app.trade.catalog.mark import Authorisation
from app.trade.catalog.models import UNGRADED, MarkUser, Pack
from app.trade.lots import service as lots
from app.trade.lots.models import Lot
from app.trade.lots.service import Harvest
from app.trade.lots.states import LotOrigin
from app.trade.processing import service
from app.trade.processing.models import Run, RunOutput
from app.trade.processing.service import Coming, Going, Wanted
from app.trade.processing.states import Step
from app.trade.stock import origin
from app.trade.stock import service as stock
from tests.cast import described, shop_of


def loose_lot(
    grower: Viewer,
    grams: int,
    *,
    variety: str = "muzao",
    grade: str = UNGRADED,
    keeps_days: int = 180,
    came_from: LotOrigin = LotOrigin.OWN,
    years_old: int = 0,
) -> Lot:
    """Fruit that lies loose in his store, taken in today."""
    with transaction():
        day = clock.today()
        harvest = Harvest("南垣村", variety, grade, day.year - years_old, day + timedelta(days=keeps_days))
        lot = lots.take_in(shop_of(grower), harvest, weight=Weight(grams), by="test", origin=came_from)
        stock.receive(lot, by="test")
    return lot


def run(
    grower: Viewer,
    step: Step,
    going: Sequence[tuple[Lot, int | None]],
    coming: Sequence[int | Coming],
    *,
    loss: int = 0,
    because: str = "水分",
    done_on: date | None = None,
) -> Run:
    """A step of processing in a transaction: grams in, grams out, grams lost."""
    with transaction():
        return run_within(grower, step, going, coming, loss=loss, because=because, done_on=done_on)


def run_within(
    grower: Viewer,
    step: Step,
    going: Sequence[tuple[Lot, int | None]],
    coming: Sequence[int | Coming],
    *,
    loss: int = 0,
    because: str = "水分",
    done_on: date | None = None,
) -> Run:
    """The same inside the open transaction."""
    outputs = [one if isinstance(one, Coming) else Coming(UNGRADED, Weight(one)) for one in coming]
    inputs = [Going(lot.code, None if grams is None else Weight(grams)) for lot, grams in going]
    wanted = Wanted(step, done_on or clock.today(), inputs, outputs, Weight(loss), because)
    return service.make(shop_of(grower), wanted, by=grower.actor)


def made_by(made: Run) -> list[Lot]:
    """The lots that came out of a run, in the order of its outputs."""
    session().rollback()
    numbers = (
        session().scalars(select(RunOutput.lot_id).where(RunOutput.run_id == made.id).order_by(RunOutput.id)).all()
    )
    return [session().get_one(Lot, number) for number in numbers]


def loose(lot: Lot) -> int:
    """Grams of the lot that lie loose."""
    session().rollback()
    return books.balance(stock.loose_place(lot)).net


def right(lot: Lot) -> int:
    """Grams of the lot that may still be packed under the mark."""
    session().rollback()
    return books.balance(origin.local_place(lot)).net


def authorised(grower: Viewer, *, by: Viewer, days: int = 365, number: str = "LLHZ-2026-001") -> MarkUser:
    """The county lets him use the mark from today on."""
    with transaction():
        today = clock.today()
        said = Authorisation(number, today, today + timedelta(days=days))
        return mark.record(shop_of(grower).id, said, by=by)


def marked_pack(grower: Viewer, *, net: int = 2500, variety: str = "muzao", bears_mark: bool = True) -> Pack:
    """A pack on sale of which there are no pieces yet."""
    with transaction():
        seller = session().get_one(Seller, shop_of(grower).id)
        said = replace(described(net=net, variety=variety), bears_mark=bears_mark)
        return catalog.publish(seller, said, graded_on=clock.today(), by=grower.actor)

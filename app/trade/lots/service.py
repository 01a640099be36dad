"""Taking lots in."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from app import audit
from app.kernel import clock, ids
from app.kernel.db import session
from app.kernel.weight import Weight
from app.people.growers.models import Seller
from app.people.growers.states import SellerKind
from app.trade.lots.errors import BadBestBefore, BadHarvest
from app.trade.lots.models import Lot, LotSource
from app.trade.lots.states import LotOrigin


@dataclass(frozen=True, slots=True)
class Harvest:
    """Where and when fruit was picked, and what it is."""

    village_name: str
    variety_key: str
    grade_key: str
    year: int
    best_before: date


@dataclass(frozen=True, slots=True)
class Source:
    """So much of an earlier lot that went into a new one, and by which step of processing."""

    parent_id: int
    weight: Weight
    step: str


def take_in(
    seller: Seller,
    harvest: Harvest,
    *,
    weight: Weight,
    by: str,
    origin: LotOrigin = LotOrigin.OWN,
    grower_id: int | None = None,
    store_place: str = "",
    sources: Sequence[Source] = (),
) -> Lot:
    """A new lot of the seller, with a code that cannot be guessed; the books learn of it by `stock.service.receive`.

    What a household sells as its own, it grew. Raises `BadHarvest` for a year that no fruit in store can be of,
    `BadBestBefore`.
    """
    refuse_unless_plausible(harvest, origin=origin)
    today = clock.today()
    if origin is LotOrigin.OWN and grower_id is None and seller.kind is SellerKind.HOUSEHOLD:
        grower_id = seller.id
    lot = Lot(
        code=ids.code(),
        seller_id=seller.id,
        township_code=seller.township_code,
        village_name=harvest.village_name,
        variety_key=harvest.variety_key,
        grade_key=harvest.grade_key,
        harvest_year=harvest.year,
        weight_in=weight,
        best_before=harvest.best_before,
        received_on=today,
        created_at=clock.now(),
        created_by=by,
        origin=origin,
        grower_id=grower_id,
        store_place=store_place,
    )
    current = session()
    current.add(lot)
    current.flush()
    current.add_all(
        LotSource(child_id=lot.id, parent_id=source.parent_id, grams=source.weight, step=source.step)
        for source in sources
    )
    current.flush()
    audit.note("lots.received", f"lot:{lot.code}", by=by, grams=weight.grams, origin=origin.value)
    return lot


def refuse_unless_plausible(harvest: Harvest, *, origin: LotOrigin = LotOrigin.OWN) -> None:
    """Raises `BadHarvest`, `BadBestBefore`, as taking it in would."""
    today = clock.today()
    # What is made of other lots may be as old as they are.
    least = today.year - (2 if origin is not LotOrigin.MADE else 4)
    if not least <= harvest.year <= today.year:
        raise BadHarvest(field="harvest_year", least=least, most=today.year)
    if not today < harvest.best_before <= today + timedelta(days=3 * 366):
        raise BadBestBefore(field="best_before")

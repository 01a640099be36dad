"""Taking lots in."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

from app import audit
from app.kernel import clock, ids
from app.kernel.db import session
from app.kernel.errors import BadValue
from app.kernel.weight import Weight
from app.people.growers.models import Seller
from app.trade.lots.models import Lot


class BadHarvest(BadValue):
    """The year of harvest lies in the future or long ago."""

    code = "bad_harvest"
    sentence = "采摘年份应在 {least} 年到 {most} 年之间。"


class BadBestBefore(BadValue):
    """Fruit that is not good any more, or longer than any jujube keeps."""

    code = "bad_best_before"
    sentence = "保质期应在明天以后、三年以内。"


@dataclass(frozen=True, slots=True)
class Harvest:
    """Where and when fruit was picked, and what it is."""

    village_name: str
    variety_key: str
    grade_key: str
    year: int
    best_before: date


def take_in(seller: Seller, harvest: Harvest, *, weight: Weight, by: str) -> Lot:
    """A new lot of the seller's fruit, with a code that cannot be guessed. Raises `BadHarvest`, `BadBestBefore`."""
    today = clock.today()
    if not today.year - 2 <= harvest.year <= today.year:
        raise BadHarvest(field="harvest_year", least=today.year - 2, most=today.year)
    if not today < harvest.best_before <= today + timedelta(days=3 * 366):
        raise BadBestBefore(field="best_before")
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
    )
    current = session()
    current.add(lot)
    current.flush()
    audit.note("lots.received", f"lot:{lot.code}", by=by, grams=weight.grams)
    return lot

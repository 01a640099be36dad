"""Acts on purchase points and their posted prices. What was posted is never changed; a new list takes its place."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlalchemy import func, select

from app import audit
from app.kernel import clock, ids
from app.kernel.db import session
from app.kernel.money import Money
from app.kernel.permissions import Viewer
from app.people.growers.models import Seller
from app.people.townships import queries as townships
from app.trade.catalog.errors import UnknownChoice
from app.trade.catalog.models import Grade, Variety
from app.trade.intakes import queries
from app.trade.intakes.errors import BadEffective, BadPriceList, OnlyBuyers, PointClosed
from app.trade.intakes.models import Intake, PriceLine, PriceList, PurchasePoint

_AHEAD = timedelta(days=30)
_AT_ONCE = timedelta(microseconds=1)


@dataclass(frozen=True, slots=True)
class Posted:
    """A line of a price list: so much for a jin of this variety and grade, of this size in words."""

    variety_key: str
    grade_key: str
    per_jin: Money
    size: str = ""


@dataclass(frozen=True, slots=True)
class Spot:
    """What a purchase point is called, and where it is."""

    name: str
    township_code: str
    place: str


def open_point(seller: Seller, spot: Spot, *, by: Viewer) -> PurchasePoint:
    """The seller has a purchase point, which buys as soon as it has posted prices.

    Raises `OnlyBuyers` unless the seller is a verified co-op or processor, `UnknownChoice` for a strange township.
    """
    refuse_unless_buyer(seller)
    if spot.township_code not in {one.code for one in townships.present()}:
        raise UnknownChoice(field="township")
    actor = by.acting_for(seller.id)
    point = PurchasePoint(
        slug=ids.code(8).lower(),
        seller_id=seller.id,
        name=spot.name,
        township_code=spot.township_code,
        place=spot.place,
        opened_at=clock.now(),
        opened_by=actor,
    )
    session().add(point)
    session().flush()
    audit.note("points.opened", f"point:{point.slug}", by=actor, name=spot.name, place=spot.place)
    return point


def refuse_unless_buyer(seller: Seller) -> None:
    """Raises `OnlyBuyers` unless the seller is a co-op or processor that its township has verified."""
    if seller.kind not in queries.BUYERS or not seller.is_active:
        raise OnlyBuyers()


def close_point(point: PurchasePoint, *, by: Viewer) -> None:
    """The locked point buys nothing any more. Raises `PointClosed` when it already did not."""
    if not point.is_open:
        raise PointClosed()
    point.closed_at = clock.now()
    audit.note("points.closed", f"point:{point.slug}", by=by.acting_for(point.seller_id))


def reopen_point(point: PurchasePoint, *, by: Viewer) -> None:
    """The locked point buys again, at the prices that are in force."""
    point.closed_at = None
    audit.note("points.opened", f"point:{point.slug}", by=by.acting_for(point.seller_id))


def post(
    point: PurchasePoint, lines: Sequence[Posted], *, since: date | None = None, note: str = "", by: Viewer
) -> PriceList:
    """The locked point has a new price list, in force from now, or from the beginning of a later day.

    Source: 明码标价和禁止价格欺诈规定 10 (variety, size, grade and price stand there before buying).
    Raises `PointClosed`, `BadPriceList`, `UnknownChoice`, `BadEffective`.
    """
    if not point.is_open:
        raise PointClosed()
    start = _start(point, since)
    _refuse_lines(lines, day=clock.day_of(start))
    newest = session().scalar(select(func.max(PriceList.version)).where(PriceList.point_id == point.id)) or 0
    actor = by.acting_for(point.seller_id)
    posted = PriceList(
        point_id=point.id,
        version=newest + 1,
        effective_from=start,
        posted_at=clock.now(),
        posted_by=actor,
        note=note,
        lines=[
            PriceLine(variety_key=a.variety_key, grade_key=a.grade_key, per_jin=a.per_jin, size=a.size) for a in lines
        ],
    )
    session().add(posted)
    session().flush()
    audit.note("points.priced", f"point:{point.slug}", by=actor, version=posted.version, lines=len(lines))
    return posted


def _start(point: PurchasePoint, since: date | None) -> datetime:
    """When it begins: after everything that was delivered, so that no delivery's prices change behind it."""
    today = clock.today()
    if since is not None and not today <= since <= today + _AHEAD:
        raise BadEffective(field="since")
    start = clock.now() if since is None or since == today else clock.start_of(since)
    delivered = session().scalar(select(func.max(Intake.delivered_at)).where(Intake.point_id == point.id))
    return start if delivered is None or delivered < start else delivered + _AT_ONCE


def _refuse_lines(lines: Sequence[Posted], *, day: date) -> None:
    if not lines or len({(line.variety_key, line.grade_key) for line in lines}) < len(lines):
        raise BadPriceList()
    varieties = set(session().scalars(select(Variety.key)))
    grades = {grade.key: grade for grade in session().scalars(select(Grade))}
    for line in lines:
        grade = grades.get(line.grade_key)
        if line.variety_key not in varieties or grade is None or not grade.is_in_force(day):
            raise UnknownChoice()

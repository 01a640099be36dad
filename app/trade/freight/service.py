"""Acts on freight: the county's table of zones and rates, and the price of a parcel."""

from __future__ import annotations

from datetime import date

from sqlalchemy import select

from app import audit
from app.kernel import cache, clock
from app.kernel.db import session
from app.kernel.errors import BadValue
from app.kernel.money import Money
from app.kernel.tables import read_table
from app.kernel.weight import Weight
from app.trade.freight import pricing
from app.trade.freight.models import FreightRate, Province

ZONES = {"near": "山西及邻省", "far": "其他省份", "remote": "偏远地区"}
_NEAR = frozenset({"14", "61", "41", "13", "15", "11", "12", "37"})


class NotServed(BadValue):
    """We do not send there, or no rate is set for it."""

    code = "not_served"
    sentence = "暂时不能寄到这个地区，请换一个收货地址。"


class BadDay(BadValue):
    """A rate may not change the past."""

    code = "bad_day"
    sentence = "生效日期不能早于今天。"


def load_provinces(*, by: str) -> None:
    """The provinces of the data file with their zones. Doing it again changes nothing."""
    current = session()
    there = {one.code: one for one in current.scalars(select(Province))}
    with current.no_autoflush:
        for row in read_table("app.trade.catalog", "provinces"):
            zone = "remote" if row["remote"] == "yes" else "near" if row["code"] in _NEAR else "far"
            province = Province(code=row["code"], name=row["name"], zone=zone, is_served=row["served"] == "yes")
            if province.code in there:
                current.merge(province)
            else:
                current.add(province)
    if current.new or any(current.is_modified(one) for one in current.dirty):
        audit.note("freight.provinces_loaded", "freight", by=by)


def set_rate(
    zone: str,
    *,
    first_kg: Money,
    next_kg: Money,
    free_from: Money | None,
    valid_from: date,
    by: str,
    is_sample: bool = False,
) -> FreightRate:
    """From that day on the zone costs this; older orders keep their price. Raises `BadDay`."""
    if valid_from < clock.today():
        raise BadDay(field="valid_from")
    current = session()
    rate = current.scalars(
        select(FreightRate).where(FreightRate.zone == zone, FreightRate.valid_from == valid_from)
    ).first()
    if rate is None:
        rate = FreightRate(
            zone=zone,
            valid_from=valid_from,
            first_kg=first_kg,
            next_kg=next_kg,
            free_from=free_from,
            set_by=by,
            set_at=clock.now(),
            is_sample=is_sample,
        )
        current.add(rate)
    rate.first_kg, rate.next_kg, rate.free_from = first_kg, next_kg, free_from
    rate.set_by, rate.set_at = by, clock.now()
    audit.note(
        "freight.rate_set",
        f"freight:{zone}",
        by=by,
        first_kg=first_kg.fen,
        next_kg=next_kg.fen,
        free_from=free_from.fen if free_from else None,
        valid_from=valid_from.isoformat(),
    )
    return rate


def rate_of(province_code: str) -> FreightRate:
    """The rate in force today for a province, one query. Raises `NotServed`."""
    statement = (
        select(FreightRate)
        .join(Province, Province.zone == FreightRate.zone)
        .where(Province.code == province_code, Province.is_served, FreightRate.valid_from <= clock.today())
        .order_by(FreightRate.valid_from.desc())
        .limit(1)
    )
    rate = session().scalars(statement).first()
    if rate is None:
        raise NotServed(field="province")
    return rate


def price(rate: FreightRate, weight: Weight, *, goods: Money) -> Money:
    """What a parcel costs at this rate."""
    return pricing.price(weight, goods=goods, first_kg=rate.first_kg, next_kg=rate.next_kg, free_from=rate.free_from)


def served_provinces() -> list[tuple[str, str]]:
    """(code, name) of the provinces that we send to."""
    return cache.kept("served_provinces", _served_provinces, seconds=30)


def _served_provinces() -> list[tuple[str, str]]:
    rows = session().execute(select(Province.code, Province.name).where(Province.is_served).order_by(Province.code))
    return [(code, name) for code, name in rows]


def rates() -> list[FreightRate]:
    """Every rate, zone by zone, the newest first."""
    return list(session().scalars(select(FreightRate).order_by(FreightRate.zone, FreightRate.valid_from.desc())))

"""What a slip says of fruit that an agent listed, took in, took out or priced anew."""

from __future__ import annotations

import json

from sqlalchemy import select

from app.audit.models import AuditRow
from app.kernel.db import session
from app.kernel.money import Money
from app.people.agents.records import Kind
from app.trade.catalog import queries as catalog
from app.trade.catalog.models import Pack, Variety
from app.trade.lots.models import Lot
from app.trade.stock.models import PackedLot
from app.web.filters import money, weight

Facts = list[tuple[str, str]]


def _pack(row: AuditRow) -> Pack | None:
    slug = row.thing.removeprefix("pack:")
    return session().scalars(select(Pack).where(Pack.slug == slug)).one_or_none()


def _published(row: AuditRow) -> Facts:
    pack = _pack(row)
    price = Money(int(json.loads(row.details).get("price", 0)))
    return [*_fruit(pack), ("每件价钱", money(price))] if pack else []


def _fruit(pack: Pack) -> Facts:
    variety = session().get_one(Variety, pack.variety_key).name
    return [
        ("商品", pack.title),
        ("品种", variety),
        ("等级", catalog.grade_name(pack.grade_key)),
        ("每件净重", weight(pack.net)),
    ]


def _received(row: AuditRow) -> Facts:
    code = row.thing.removeprefix("lot:")
    lot = session().scalars(select(Lot).where(Lot.code == code)).one_or_none()
    if lot is None:
        return []
    packs = (
        session()
        .scalars(
            select(Pack)
            .join(PackedLot, PackedLot.pack_id == Pack.id)
            .where(PackedLot.lot_id == lot.id)
            .order_by(Pack.id)
        )
        .all()
    )
    facts = [fact for pack in packs for fact in [*_fruit(pack), ("每件价钱", money(pack.price))]]
    if len(packs) == 1 and lot.weight_in.grams % packs[0].net.grams == 0:
        facts.append(("件数", str(lot.weight_in.grams // packs[0].net.grams)))
    return [*facts, ("一共多重", weight(lot.weight_in)), ("哪个村的", lot.village_name)]


def _repriced(row: AuditRow) -> Facts:
    pack, said = _pack(row), json.loads(row.details)
    prices = [("原来的价钱", money(Money(int(said["old"])))), ("现在的价钱", money(Money(int(said["new"]))))]
    return [*(_fruit(pack) if pack else []), *prices]


def _taken_out(row: AuditRow) -> Facts:
    pack = _pack(row)
    pieces = str(json.loads(row.details).get("pieces", ""))
    return [*(_fruit(pack) if pack else []), ("拿走件数", pieces), ("原因", row.because)]


def _named(row: AuditRow) -> Facts:
    pack = _pack(row)
    return _fruit(pack) if pack else []


KINDS = {
    "packs.published": Kind("上架卖枣", _published),
    "lots.received": Kind("枣装好入库", _received),
    "packs.repriced": Kind("改了价钱", _repriced),
    "packs.on_sale": Kind("重新开卖", _named),
    "packs.off": Kind("下架不卖", _named),
    "stock.withdrawn": Kind("减了库存", _taken_out),
}

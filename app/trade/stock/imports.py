"""A seller's lots by table: fruit that lies loose in store, known by the numbers that the seller gives it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from sqlalchemy import select

from app.gateways.sheets import Cell
from app.kernel.db import session
from app.kernel.errors import BadValue, Conflict, DomainError
from app.kernel.permissions import Viewer
from app.kernel.weight import GRAMS_PER_JIN, Weight, decimal_text
from app.office.imports import cells
from app.office.imports import queries as imports
from app.office.imports.kinds import Column, Line
from app.office.imports.states import Outcome
from app.trade.catalog import queries as catalog
from app.trade.catalog.errors import SellerNotActive
from app.trade.catalog.imports import grade_labels, grades, refuse, seller_in, sellers_of, varieties
from app.trade.lots import codes
from app.trade.lots import service as lots
from app.trade.lots.models import Lot
from app.trade.lots.service import Harvest
from app.trade.stock import service
from app.trade.stock.permissions import STOCK_EDIT

SORT = "lot"
MOST_WEIGHT = Weight(1_000_000_000)
_TITLES = {"harvest_year": "采摘年份", "best_before": "保质期到"}


class LotNameMissing(BadValue):
    """Nothing says which lot the row is about."""

    code = "lot_name_missing"
    sentence = "“自编批号”和“批次码”要填一个。"


class LotNotYours(BadValue):
    """The seller has no lot of that code."""

    code = "lot_not_yours"
    sentence = "您没有这个批次码的批次。新批次请把“批次码”留空。"


class LotKept(Conflict):
    """What was taken in stands in the books."""

    code = "lot_kept"
    sentence = "这一批已经入库，表格里写的和入库时不一样。入库后不能用表格改；是新的一批，请换一个批号。"


def _code(cell: Cell) -> str:
    return codes.code_of(cells.words(60)(cell))


class LotsKind:
    """Loose lots of one seller."""

    key = "lots"
    words = "批次入库"
    hint = "一行一批散枣。写入后在“批次”里，可以装箱。"
    permission = STOCK_EDIT
    most_rows = 2_000
    summed: tuple[str, ...] = ("weight",)
    columns: tuple[Column, ...] = (
        Column(
            "name", "自编批号", cells.name(30), ("批号",), hint="您自己给这批枣编的号，再导入时靠它认出是同一批。",
            example="示例：2026-01",
        ),
        Column("variety", "品种", cells.choice(varieties), required=True, choices=lambda: list(varieties())),
        Column("grade", "等级", cells.choice(grades), required=True, choices=lambda: list(grades())),
        Column("year", "采摘年份", cells.whole(2000, 2100), ("年份",), required=True, example="2026"),
        Column("village", "村", cells.words(20), ("产地", "哪个村的"), required=True, example="李家垣"),
        Column("weight", "重量(斤)", cells.jin(MOST_WEIGHT), ("重量", "斤数"), required=True, example="1200"),
        Column("best_before", "保质期到", cells.day, ("保质期",), required=True, example="2027-06-30"),
        Column("store", "存放地点", cells.words(40), ("仓库",)),
        Column("certificate", "合格证号", cells.words(40), ("承诺达标合格证",)),
        Column("code", "批次码", _code, hint="导出的表里才有，新批次留空。"),
    )  # fmt: skip

    def scopes(self, viewer: Viewer) -> list[tuple[str, str]]:
        """The verified sellers for whom the viewer keeps stock."""
        return sellers_of(viewer, viewer.sellers(STOCK_EDIT))

    def check(self, lines: Sequence[Line], scope: str) -> None:
        """A lot is new, or is there as the table says."""
        seller = seller_in(scope)
        named = imports.things_named(scope, SORT, [line.values["name"] for line in lines if line.says("name")])
        given = [line.values["code"] for line in lines if line.says("code")]
        mine = select(Lot).where(Lot.seller_id == seller.id, Lot.id.in_(named.values()) | Lot.code.in_(given))
        there = session().scalars(mine).all()
        by_code, by_id = {one.code: one for one in there}, {one.id: one for one in there}
        for line in lines:
            name, code = line.values.get("name"), line.values.get("code")
            line.found = by_code.get(code) if code else by_id.get(named.get(name, 0)) if name else None
            line.key = f"lot:{line.found.id}" if line.found is not None else f"name:{name}"
            try:
                if not seller.is_active:
                    raise SellerNotActive()
                _judge(line)
            except DomainError as error:
                refuse(line, error, _TITLES)

    def apply(self, lines: Sequence[Line], scope: str, *, by: str, because: str) -> None:
        """New lots lie loose in store, and are known by their names."""
        seller, named, taken_in = seller_in(scope), [], []
        for line in lines:
            place = line.values.get("store", "")
            lot = lots.take_in(seller, _harvest(line), weight=line.values["weight"], by=by, store_place=place)
            lot.certificate_no = line.values.get("certificate", "")
            taken_in.append(lot)
            named.append((line.values["name"], lot.id))
        imports.remember_names(scope, SORT, named)
        service.receive_all(taken_in, by=by)

    def export(self, scope: str) -> Iterator[Sequence[str]]:
        """All lots of the seller."""
        names, labels = imports.names_of(scope, SORT), grade_labels()
        of_varieties = dict(catalog.varieties())
        statement = select(Lot).where(Lot.seller_id == int(scope.removeprefix("seller:"))).order_by(Lot.id)
        for lot in session().scalars(statement.execution_options(yield_per=500)):
            yield (
                names.get(lot.id, ""),
                of_varieties[lot.variety_key],
                labels[lot.grade_key],
                str(lot.harvest_year),
                lot.village_name,
                decimal_text(lot.weight_in.grams, GRAMS_PER_JIN),
                lot.best_before.isoformat(),
                lot.store_place,
                lot.certificate_no,
                codes.signed(lot.code),
            )


def _judge(line: Line) -> None:
    lot: Lot | None = line.found
    if lot is None:
        if line.says("code"):
            raise LotNotYours()
        if not line.says("name"):
            raise LotNameMissing()
        lots.refuse_unless_plausible(_harvest(line))
        line.outcome = Outcome.MADE
        return
    harvest = _harvest(line)
    said = (harvest, line.values["weight"], line.values.get("store", ""), line.values.get("certificate", ""))
    if said != (_harvest_of(lot), lot.weight_in, lot.store_place, lot.certificate_no):
        raise LotKept()


def _harvest(line: Line) -> Harvest:
    said = line.values
    return Harvest(
        village_name=said["village"],
        variety_key=said["variety"],
        grade_key=said["grade"],
        year=said["year"],
        best_before=said["best_before"],
    )


def _harvest_of(lot: Lot) -> Harvest:
    return Harvest(lot.village_name, lot.variety_key, lot.grade_key, lot.harvest_year, lot.best_before)


LOTS = LotsKind()

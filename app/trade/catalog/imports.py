"""A seller's packs and prices by table, through the same rules as one by one."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from sqlalchemy import select

from app.gateways.sheets import Cell
from app.kernel import cache, clock
from app.kernel.db import locked, session
from app.kernel.errors import BadValue, Conflict, DomainError
from app.kernel.money import Money
from app.kernel.permissions import Viewer
from app.kernel.weight import GRAMS_PER_JIN, Weight, decimal_text
from app.office.imports import cells
from app.office.imports import queries as imports
from app.office.imports.kinds import Column, Line
from app.office.imports.states import Outcome
from app.people.growers import queries as growers
from app.people.growers.models import Seller
from app.trade.catalog import queries, service
from app.trade.catalog.errors import PackChanged, SellerNotActive
from app.trade.catalog.models import Grade, Pack
from app.trade.catalog.permissions import PACKS_EDIT
from app.trade.catalog.service import Description

SORT = "pack"
MOST_NET = Weight(1_000_000)
MOST_PRICE = Money(10_000_000)
_TITLES = {"title": "商品名", "words": "介绍", "variety": "品种", "grade": "等级", "product": "种类"}
_KEPT_SECONDS = 30
_GRADED = "{name}（{standard}）"


class UnknownPack(BadValue):
    """The seller has no pack of that name."""

    code = "unknown_pack"
    sentence = "您没有这个编号的商品。"


class NameMissing(BadValue):
    """Nothing says which pack the row is about."""

    code = "pack_name_missing"
    sentence = "“自编货号”和“平台编号”要填一个。"


class NameTaken(Conflict):
    """The seller calls another pack so."""

    code = "pack_name_taken"
    sentence = "这个自编货号已经是另一件商品的。"


class FruitKept(Conflict):
    """What is in the box stays what it was: stock and orders stand on it."""

    code = "pack_fruit_kept"
    sentence = "已有的商品不能改品种、等级、种类和净重。要换请另用一个货号，当新商品导入。"


def sellers_of(viewer: Viewer, ids: frozenset[int]) -> list[tuple[str, str]]:
    """The verified sellers among those ids for whom the viewer acts: (scope, name)."""
    return [(f"seller:{one.id}", one.name) for one in growers.of_viewer(viewer) if one.is_active and one.id in ids]


def seller_in(scope: str) -> Seller:
    """The seller whose scope it is."""
    return growers.seller(int(scope.removeprefix("seller:")))


def varieties() -> dict[str, str]:
    """Name → key."""
    return {name: key for key, name in queries.varieties()}


def products() -> dict[str, str]:
    """Name → key."""
    return {name: key for key, name in queries.products()}


def grades() -> dict[str, str]:
    """What a grade in force is called in tables → key; by its name alone where that means one grade only."""
    return cache.kept("grades_in_tables", _grades, seconds=_KEPT_SECONDS)


def _grades() -> dict[str, str]:
    found = queries.grades_in_force(clock.today())
    labels = {label_of(one): one.key for one in found}
    names = [one.name for one in found]
    return labels | {one.name: one.key for one in found if names.count(one.name) == 1}


def label_of(grade: Grade) -> str:
    """统货, or 一等（干制红枣 GB/T 5835-2009）."""
    return (
        _GRADED.format(name=grade.name, standard=f"{grade.category} {grade.standard}") if grade.standard else grade.name
    )


def grade_labels() -> dict[str, str]:
    """Key → what a grade, in force or not, is called in tables."""
    return {one.key: label_of(one) for one in session().scalars(select(Grade))}


def refuse(line: Line, error: DomainError, titles: dict[str, str]) -> None:
    """The line is wrong at the column that the refusal is about."""
    line.refuse(titles.get(error.field or "", ""), error)


def _slug(cell: Cell) -> str:
    return cells.words(20)(cell).lower()


_NAME = Column(
    "name",
    "自编货号",
    cells.name(30),
    ("货号",),
    hint="您自己给商品编的号，再导入时靠它认出是同一件。",
    example="示例：A-01",
)
_SLUG = Column("slug", "平台编号", _slug, hint="导出的表里才有，新商品留空。")


class _OfPacks:
    """What the two kinds about packs have in common."""

    permission = PACKS_EDIT
    summed: tuple[str, ...] = ()

    def scopes(self, viewer: Viewer) -> list[tuple[str, str]]:
        """The verified sellers for whom the viewer lists."""
        return sellers_of(viewer, viewer.sellers(PACKS_EDIT))


class PacksKind(_OfPacks):
    """Packs of one seller: new ones go on sale, known ones get another price, title or description."""

    key = "packs"
    words = "商品"
    hint = "一行一件商品。写入后马上在售；库存另外登记。"
    most_rows = 2_000
    columns: tuple[Column, ...] = (
        _NAME,
        Column("title", "商品名", cells.words(30, least=2), ("名称",), required=True, example="柳林木枣 5斤装"),
        Column("variety", "品种", cells.choice(varieties), required=True, choices=lambda: list(varieties())),
        Column("grade", "等级", cells.choice(grades), required=True, choices=lambda: list(grades())),
        Column("product", "种类", cells.choice(products), required=True, choices=lambda: list(products())),
        Column("net", "净重(斤)", cells.jin(MOST_NET), ("净重", "一件几斤"), required=True, example="5"),
        Column("price", "价钱(元)", cells.money(MOST_PRICE), ("价钱", "单价", "价格"), required=True, example="39.80"),
        Column("words", "介绍", cells.paragraphs(800), ("说明",), hint="如实描述，不能写治病、最好。"),
        _SLUG,
    )

    def check(self, lines: Sequence[Line], scope: str) -> None:
        """A pack is new, changes its price or words, or is as it was."""
        seller = seller_in(scope)
        _find(lines, scope, seller.id, must_be_there=False)
        for line in lines:
            if line.faults:
                continue
            try:
                self._judge(line, seller)
            except DomainError as error:
                refuse(line, error, _TITLES)

    def _judge(self, line: Line, seller: Seller) -> None:
        pack: Pack | None = line.found
        said = _description(line)
        if pack is None:
            service.refuse_unless_sellable(seller, said, graded_on=clock.today())
            line.outcome = Outcome.MADE
            return
        kept = (pack.variety_key, pack.grade_key, pack.product_key, pack.net)
        if kept != (said.variety_key, said.grade_key, said.product_key, said.net):
            raise FruitKept()
        service.refuse_unless_sayable(pack, title=said.title, words=said.words)
        if (pack.title, pack.words, pack.price) != (said.title, said.words, said.price):
            line.outcome = Outcome.CHANGED

    def apply(self, lines: Sequence[Line], scope: str, *, by: str, because: str) -> None:
        """New packs are on sale and known by their names; known ones say and cost what the table says."""
        seller, named = seller_in(scope), []
        for line in lines:
            said, pack = _description(line), line.found
            if pack is None:
                pack = service.publish(seller, said, graded_on=clock.today(), by=by)
            else:
                if (pack.title, pack.words) != (said.title, said.words):
                    service.redescribe(pack, title=said.title, words=said.words, by=by)
                if pack.price != said.price:
                    service.reprice(pack, price=said.price, version=pack.version, by=by)
            if line.values.get("new_name"):
                named.append((line.values["name"], pack.id))
        imports.remember_names(scope, SORT, named)

    def export(self, scope: str) -> Iterator[Sequence[str]]:
        """All packs of the seller."""
        names, labels = imports.names_of(scope, SORT), grade_labels()
        of_varieties, of_products = dict(queries.varieties()), dict(queries.products())
        for pack in _packs(scope):
            yield (
                names.get(pack.id, ""),
                pack.title,
                of_varieties[pack.variety_key],
                labels[pack.grade_key],
                of_products[pack.product_key],
                decimal_text(pack.net.grams, GRAMS_PER_JIN),
                str(pack.price),
                pack.words,
                pack.slug,
            )


class PricesKind(_OfPacks):
    """New prices for packs that there are."""

    key = "prices"
    words = "改价"
    hint = "先导出，改“新价钱”一列再导入。别人先改过的，会告诉您。"
    most_rows = 5_000
    columns: tuple[Column, ...] = (
        _NAME,
        Column("title", "商品名", cells.words(100), hint="给您看的，不改。"),
        Column(
            "price", "新价钱(元)", cells.money(MOST_PRICE), ("价钱", "价格", "新价"), required=True, example="39.80"
        ),
        Column("version", "版本", cells.whole(1, 10**9), hint="导出的表里有；留着它，别人先改了就不会被盖掉。"),
        _SLUG,
    )  # fmt: skip

    def check(self, lines: Sequence[Line], scope: str) -> None:
        """A pack changes its price, or costs what it did."""
        if not seller_in(scope).is_active:
            for line in lines:
                refuse(line, SellerNotActive(), {})
            return
        _find(lines, scope, int(scope.removeprefix("seller:")), must_be_there=True)
        for line in lines:
            if line.faults:
                continue
            # A price that is there already is no change, whoever has made it.
            if line.found.price == line.values["price"]:
                continue
            if line.says("version") and line.values["version"] != line.found.version:
                line.refuse("版本", PackChanged())
            line.outcome = Outcome.CHANGED

    def apply(self, lines: Sequence[Line], scope: str, *, by: str, because: str) -> None:
        """New orders pay the new prices."""
        for line in lines:
            service.reprice(line.found, price=line.values["price"], version=line.found.version, by=by)

    def export(self, scope: str) -> Iterator[Sequence[str]]:
        """All packs of the seller with their prices."""
        names = imports.names_of(scope, SORT)
        for pack in _packs(scope):
            yield names.get(pack.id, ""), pack.title, str(pack.price), str(pack.version), pack.slug


def _packs(scope: str) -> Iterator[Pack]:
    statement = select(Pack).where(Pack.seller_id == int(scope.removeprefix("seller:"))).order_by(Pack.id)
    yield from session().scalars(statement.execution_options(yield_per=500))


def _description(line: Line) -> Description:
    said: dict[str, Any] = line.values
    return Description(
        variety_key=said["variety"],
        grade_key=said["grade"],
        product_key=said["product"],
        net=said["net"],
        price=said["price"],
        title=said["title"],
        words=said.get("words", ""),
    )


def _find(lines: Sequence[Line], scope: str, seller_id: int, *, must_be_there: bool) -> None:
    """Each line knows its pack and its key, or is refused; the packs are locked in the order of their ids."""
    named = imports.things_named(scope, SORT, [line.values["name"] for line in lines if line.says("name")])
    slugs = [line.values["slug"] for line in lines if line.says("slug")]
    mine = select(Pack).where(Pack.seller_id == seller_id, Pack.id.in_(named.values()) | Pack.slug.in_(slugs))
    packs = session().scalars(locked(mine.order_by(Pack.id))).all()
    by_slug, by_id = {one.slug: one for one in packs}, {one.id: one for one in packs}
    for line in lines:
        name, slug = line.values.get("name"), line.values.get("slug")
        by_name = by_id.get(named.get(name, 0)) if name else None
        line.found = by_slug.get(slug) if slug else by_name
        if not name and not slug:
            line.refuse("自编货号", NameMissing())
        elif line.found is None and (slug or must_be_there):
            line.refuse("平台编号" if slug else "自编货号", UnknownPack())
        elif by_name is not None and by_name is not line.found:
            line.refuse("自编货号", NameTaken())
        line.key = f"pack:{line.found.id}" if line.found is not None else f"name:{name}"
        if name and by_name is None and not must_be_there:
            line.values["new_name"] = True
            if line.found is not None:
                line.outcome = Outcome.CHANGED


PACKS = PacksKind()
PRICES = PricesKind()

"""Reading the catalogue: choices for forms, and packs with what a card needs."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Any

from sqlalchemy import BigInteger, ColumnElement, func, literal_column, select, true
from sqlalchemy.orm import selectinload

from app.kernel import cache
from app.kernel.db import AnySelect, locked, session
from app.kernel.errors import NotFound
from app.kernel.money import Money
from app.kernel.paging import BadCursor, Key, Page, after, decode, page
from app.kernel.permissions import Viewer
from app.kernel.weight import Weight
from app.people.growers.models import Seller
from app.people.growers.states import SellerStatus
from app.people.townships import queries as townships
from app.people.townships.models import Township
from app.trade.catalog import hints, search
from app.trade.catalog.models import Grade, Pack, PackPhoto, Product, Variety
from app.trade.catalog.permissions import PACKS_EDIT, PACKS_STOP
from app.trade.catalog.states import PackState

_FACETS_SECONDS = 30
_TIER = literal_column("tier", BigInteger)


class Sort(StrEnum):
    """In which order the shelf stands; the best match first where words are sought, else the newest."""

    BEST = "best"
    NEWEST = "newest"
    CHEAPEST = "cheapest"
    DEAREST = "dearest"
    PER_JIN = "per_jin"

    @property
    def words(self) -> str:
        """What people read."""
        return _SORT_WORDS[self]


_SORT_WORDS = {
    Sort.BEST: "综合",
    Sort.NEWEST: "新上架",
    Sort.CHEAPEST: "价格从低到高",
    Sort.DEAREST: "价格从高到低",
    Sort.PER_JIN: "每斤便宜的先",
}


_NEWEST = (Key(Pack.id, lambda row: row.Pack.id, descending=True),)
_ORDERS: dict[Sort, tuple[Key, ...]] = {
    Sort.BEST: _NEWEST,
    Sort.NEWEST: _NEWEST,
    Sort.CHEAPEST: (Key(Pack.price, lambda row: row.Pack.price.fen), Key(Pack.id, lambda row: row.Pack.id)),
    Sort.DEAREST: (
        Key(Pack.price, lambda row: row.Pack.price.fen, descending=True),
        Key(Pack.id, lambda row: row.Pack.id, descending=True),
    ),
    Sort.PER_JIN: (Key(Pack.per_jin, lambda row: row.Pack.per_jin), Key(Pack.id, lambda row: row.Pack.id)),
}


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a buyer looks for; '' or None: no matter."""

    words: str = ""
    township: str = ""
    variety: str = ""
    grade: str = ""
    seller: str = ""
    seller_id: int | None = None
    low: Money | None = None
    high: Money | None = None
    sort: Sort = Sort.NEWEST
    cursor: str | None = None


@dataclass(frozen=True, slots=True)
class PackCard:
    """What a card on the shelf shows."""

    id: int
    slug: str
    title: str
    seller_name: str
    township_name: str
    variety_name: str
    grade_name: str
    net: Weight
    price: Money
    per_jin: Money
    photo: PackPhoto | None
    is_sample: bool


def on_sale(wanted: Wanted, *, size: int = 24) -> Page[PackCard]:
    """A page of packs that are on sale and whose seller is active, in one query; the best matches first in two.

    Raises `BadCursor`.
    """
    tiers = search.best_first(wanted.words) if wanted.words and wanted.sort is Sort.BEST else []
    if tiers:
        return _best_first(tiers, wanted, size=size)
    keys = _ORDERS[wanted.sort]
    statement = _narrowed(_with_names(), wanted)
    found = search.matches(wanted.words) if wanted.words else None
    if found is not None:
        statement = statement.where(found)
    rows = page(session().execute(after(statement, keys, wanted.cursor, size=size)).all(), keys, size=size)
    return Page(items=[_card(row) for row in rows.items], next_cursor=rows.next_cursor)


def _best_first(tiers: Sequence[ColumnElement[bool]], wanted: Wanted, *, size: int) -> Page[PackCard]:
    """What the first condition finds, then what the second does, each the newest first."""
    keys = (Key(_TIER, lambda found: found[0]), Key(Pack.id, lambda found: found[1].Pack.id))
    tier, start = decode(wanted.cursor, keys) if wanted.cursor else (0, None)
    if tier not in range(len(tiers)):
        raise BadCursor()
    statement = _narrowed(_with_names(), wanted)
    rows: list[tuple[int, Any]] = []
    for place in range(int(tier), len(tiers)):
        within = statement.where(tiers[place]).order_by(Pack.id.desc()).limit(size + 1 - len(rows))
        if place == tier and start is not None:
            within = within.where(Pack.id < start)
        rows += [(place, row) for row in session().execute(within)]
        if len(rows) > size:
            break
    found = page(rows, keys, size=size)
    return Page(items=[_card(row) for _tier, row in found.items], next_cursor=found.next_cursor)


def _with_names() -> AnySelect:
    return (
        select(Pack, Seller.name, Township.name, Variety.name, Grade.name, PackPhoto)
        .join(Seller, Seller.id == Pack.seller_id)
        .join(Township, Township.code == Pack.township_code)
        .join(Variety, Variety.key == Pack.variety_key)
        .join(Grade, Grade.key == Pack.grade_key)
        .outerjoin(PackPhoto, (PackPhoto.pack_id == Pack.id) & (PackPhoto.position == 0))
        .where(Pack.state == PackState.ON_SALE, Seller.status == SellerStatus.ACTIVE)
    )


def meant(asked: str) -> list[str]:
    """Names that the visitor may have meant, at most three, each of which finds something on sale; one query."""
    places = [name.rstrip("镇乡") for _code, name in township_choices()]
    names = hints.nearest(asked, (*hints.known_names(), *places))
    found = [(name, search.matches(name)) for name in names]
    there = [(name, _is_there(condition)) for name, condition in found if condition is not None]
    if not there:
        return []
    answers = session().execute(select(*(answer for _name, answer in there))).one()
    return [name for (name, _answer), is_there in zip(there, answers, strict=True) if is_there]


def _is_there(condition: ColumnElement[bool]) -> ColumnElement[bool]:
    return (
        select(Pack.id)
        .join(Seller, Seller.id == Pack.seller_id)
        .where(Pack.state == PackState.ON_SALE, Seller.status == SellerStatus.ACTIVE, condition)
        .exists()
    )


def _narrowed(statement: AnySelect, wanted: Wanted) -> AnySelect:
    if wanted.township:
        statement = statement.where(Pack.township_code.in_(townships.lineage(wanted.township)))
    if wanted.variety:
        statement = statement.where(Pack.variety_key == wanted.variety)
    if wanted.grade:
        statement = statement.where(Grade.name == wanted.grade)
    if wanted.seller:
        statement = statement.where(Seller.name.contains(wanted.seller, autoescape=True))
    if wanted.seller_id is not None:
        statement = statement.where(Pack.seller_id == wanted.seller_id)
    if wanted.low is not None:
        statement = statement.where(Pack.price >= wanted.low)
    if wanted.high is not None:
        statement = statement.where(Pack.price <= wanted.high)
    return statement


def _card(row: Any) -> PackCard:
    pack, seller, township, variety, grade, photo = row
    return PackCard(
        id=pack.id,
        slug=pack.slug,
        title=pack.title,
        seller_name=seller,
        township_name=township,
        variety_name=variety,
        grade_name=grade,
        net=pack.net,
        price=pack.price,
        per_jin=Money(pack.per_jin),
        photo=photo,
        is_sample=pack.is_sample,
    )


@dataclass(frozen=True, slots=True)
class PackDetail:
    """A pack with the names around it."""

    pack: Pack
    seller: Seller
    township: Township
    variety: Variety
    grade: Grade
    product: Product


def detail(slug: str) -> PackDetail:
    """A pack that was ever on sale, by its slug, with its photos. Raises `NotFound`."""
    statement = (
        select(Pack, Seller, Township, Variety, Grade, Product)
        .join(Seller, Seller.id == Pack.seller_id)
        .join(Township, Township.code == Pack.township_code)
        .join(Variety, Variety.key == Pack.variety_key)
        .join(Grade, Grade.key == Pack.grade_key)
        .join(Product, Product.key == Pack.product_key)
        .where(Pack.slug == slug, Pack.state != PackState.DRAFT)
        .options(selectinload(Pack.photos))
    )
    row = session().execute(statement).first()
    if row is None:
        raise NotFound()
    return PackDetail(*row)


def pack(pack_id: int) -> Pack:
    """The pack, whatever its state. Raises `NotFound`."""
    found = session().get(Pack, pack_id)
    if found is None:
        raise NotFound()
    return found


def pack_of(who: Viewer, slug: str, *, lock: bool = False) -> Pack:
    """A pack of a seller for whom he may edit, with its photos. Raises `NotFound`."""
    statement = (
        select(Pack)
        .where(Pack.slug == slug, Pack.seller_id.in_(who.sellers(PACKS_EDIT)))
        .options(selectinload(Pack.photos))
    )
    found = session().scalars(locked(statement) if lock else statement).first()
    if found is None:
        raise NotFound()
    return found


def all_of_seller(seller_id: int) -> list[Pack]:
    """Every pack of the seller, on sale or not, oldest first."""
    return list(session().scalars(select(Pack).where(Pack.seller_id == seller_id).order_by(Pack.id)))


def packs_of(who: Viewer) -> list[Pack]:
    """All packs of the sellers for whom he may edit, newest first."""
    statement = select(Pack).where(Pack.seller_id.in_(who.sellers(PACKS_EDIT))).options(selectinload(Pack.photos))
    return list(session().scalars(statement.order_by(Pack.id.desc()).limit(200)))


@dataclass(frozen=True, slots=True)
class Listed:
    """A pack as the desk lists it."""

    slug: str
    title: str
    seller_name: str
    township_name: str
    net: Weight
    price: Money
    state: PackState


def page_in_scope(who: Viewer, *, words: str, is_stopped: bool, cursor: str | None) -> Page[Listed]:
    """Packs of the townships in which he may stop them, the newest first; those stopped, or all others.

    Raises `BadCursor`.
    """
    statement = (
        select(Pack, Seller.name, Township.name)
        .join(Seller, Seller.id == Pack.seller_id)
        .join(Township, Township.code == Pack.township_code)
        .where(
            _is_in_scope(who),
            Pack.state == PackState.STOPPED if is_stopped else Pack.state.in_((PackState.ON_SALE, PackState.OFF)),
        )
    )
    found = search.matches(words) if words else None
    if found is not None:
        statement = statement.where(found)
    keys = _ORDERS[Sort.NEWEST]
    rows = page(session().execute(after(statement, keys, cursor)).all(), keys)
    return Page(
        items=[
            Listed(one.slug, one.title, seller, township, one.net, one.price, one.state)
            for one, seller, township in rows.items
        ],
        next_cursor=rows.next_cursor,
    )


def pack_in_scope(who: Viewer, slug: str, *, lock: bool = False) -> Pack:
    """A pack of a township in which he may stop it. Raises `NotFound`."""
    statement = select(Pack).where(Pack.slug == slug, _is_in_scope(who)).options(selectinload(Pack.photos))
    found = session().scalars(locked(statement) if lock else statement).first()
    if found is None:
        raise NotFound()
    return found


def is_in_scope(who: Viewer, pack: Pack) -> bool:
    """Whether the pack is of a township in which he may stop packs."""
    codes = who.townships(PACKS_STOP)
    return codes is None or pack.township_code in townships.lineages(codes)


def _is_in_scope(who: Viewer) -> ColumnElement[bool]:
    codes = who.townships(PACKS_STOP)
    return true() if codes is None else Pack.township_code.in_(townships.lineages(codes))


def varieties() -> list[tuple[str, str]]:
    """(key, name) of every variety, the county's own first."""
    return cache.kept(
        "varieties",
        lambda: _pairs(select(Variety.key, Variety.name).order_by(Variety.position)),
        seconds=_FACETS_SECONDS,
    )


def products() -> list[tuple[str, str]]:
    """(key, name) of every product."""
    return cache.kept(
        "products",
        lambda: _pairs(select(Product.key, Product.name).order_by(Product.position)),
        seconds=_FACETS_SECONDS,
    )


def grade_names() -> list[str]:
    """The names of grades, best first, across standards."""
    return cache.kept("grade_names", _grade_names, seconds=_FACETS_SECONDS)


def _grade_names() -> list[str]:
    ranked = session().execute(select(Grade.name, Grade.rank).order_by(Grade.rank)).all()
    return list(dict.fromkeys(name for name, _rank in ranked))


def _pairs(statement: AnySelect) -> list[tuple[str, str]]:
    return [(row[0], row[1]) for row in session().execute(statement)]


def township_choices() -> list[tuple[str, str]]:
    """(code, name) of the present townships."""
    return cache.kept(
        "townships", lambda: [(one.code, one.name) for one in townships.present()], seconds=_FACETS_SECONDS
    )


def grades_in_force(day: date) -> list[Grade]:
    """The grades by which fruit may be graded on that day."""
    return [
        one for one in session().scalars(select(Grade).order_by(Grade.category, Grade.rank)) if one.is_in_force(day)
    ]


def photo_keys() -> set[str]:
    """The keys of all pictures that rows name."""
    return {one.key(size) for one in session().scalars(select(PackPhoto)) for size in ("list", "page", "full")}


def slugs(pack_ids: Sequence[int]) -> dict[int, str]:
    """Pack id → slug."""
    return dict(session().execute(select(Pack.id, Pack.slug).where(Pack.id.in_(pack_ids))).all())


@dataclass(frozen=True, slots=True)
class ProductFacts:
    """What the law asks of a kind of goods."""

    kind: str
    is_alcohol: bool


def product_kinds() -> dict[str, ProductFacts]:
    """Product key → its facts."""
    return cache.kept("product_kinds", _product_kinds, seconds=_FACETS_SECONDS)


def _product_kinds() -> dict[str, ProductFacts]:
    rows = session().execute(select(Product.key, Product.kind, Product.is_alcohol))
    return {key: ProductFacts(kind, is_alcohol) for key, kind, is_alcohol in rows}


def grade_name(key: str) -> str:
    """What a grade is called. Raises `NotFound`."""
    grade = session().get(Grade, key)
    if grade is None:
        raise NotFound()
    return grade.name


def packs_by_township() -> dict[str, int]:
    """Township code → packs on sale of active sellers."""
    statement = (
        select(Pack.township_code, func.count())
        .join(Seller, Seller.id == Pack.seller_id)
        .where(Pack.state == PackState.ON_SALE, Seller.status == SellerStatus.ACTIVE)
        .group_by(Pack.township_code)
    )
    return dict(session().execute(statement).all())

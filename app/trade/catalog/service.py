"""Acts on the catalogue: the county's facts, a pack's words and price, its pictures."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import delete, select

from app import audit
from app.gateways.images import Renditions
from app.kernel import clock, ids
from app.kernel.db import session
from app.kernel.events import emit
from app.kernel.money import Money
from app.kernel.permissions import Viewer
from app.kernel.states import IllegalMove
from app.kernel.tables import read_table
from app.kernel.weight import Weight
from app.people.accounts import wording
from app.people.growers import queries as growers
from app.people.growers.errors import OwnMatter
from app.people.growers.models import Seller
from app.people.townships import queries as townships
from app.trade.catalog import deals, mark, media, search
from app.trade.catalog.claims import compared_prices, forbidden_words, mark_words
from app.trade.catalog.errors import (
    ComparedPrice,
    ForbiddenWords,
    LicenceNeeded,
    MarkClaimed,
    PackChanged,
    SellerNotActive,
    UnknownChoice,
)
from app.trade.catalog.events import PackPublished, PackReleased, PackStopped
from app.trade.catalog.models import UNGRADED, Grade, Pack, PackPhoto, PriceChange, Product, Variety, fen_per_jin
from app.trade.catalog.states import PackState

_PACKAGE = "app.trade.catalog"
SIZES = ("list", "page", "full")
_FRUIT = {"fresh": "鲜枣", "dried": "红枣"}


@dataclass(frozen=True, slots=True)
class Description:
    """What a seller says of a pack."""

    variety_key: str
    grade_key: str
    product_key: str
    net: Weight
    price: Money
    title: str
    words: str = ""
    bears_mark: bool = False


def load_facts(*, by: str) -> int:
    """Varieties, grades and products as the data files have them; how many rows were made or changed, 0 the second
    time."""
    current = session()
    rows: list[Variety | Grade | Product] = []
    for place, row in enumerate(read_table(_PACKAGE, "varieties")):
        rows.append(
            Variety(
                key=row["key"],
                name=row["name"],
                alias=row["alias"],
                words=row["words"],
                source=row["source"],
                status=row["status"],
                position=place,
            )
        )
    for place, row in enumerate(read_table(_PACKAGE, "products")):
        rows.append(_product(row, position=place))
    rows += [_grade(row) for row in read_table(_PACKAGE, "grades") if row["grade"]]
    rows.append(Grade(key=UNGRADED, standard="", edition="", category="统货", name="统货", rank=9, status="not graded"))
    there: list[Variety | Grade | Product] = []
    for table in (Variety, Product, Grade):
        there += current.scalars(select(table))
    known = {(type(one), one.key) for one in there}
    with current.no_autoflush:
        for fact in rows:
            if (type(fact), fact.key) in known:
                current.merge(fact)
            else:
                current.add(fact)
    changed = len(current.new) + sum(current.is_modified(one) for one in current.dirty)
    current.flush()
    if changed:
        audit.note("catalog.facts_loaded", "catalog", by=by, rows=changed)
    return changed


def _product(row: dict[str, str], *, position: int) -> Product:
    return Product(
        key=row["key"],
        name=row["name"],
        kind=row["kind"],
        needs_licence=row["needs_licence"] == "yes",
        is_alcohol=row["is_alcohol"] == "yes",
        shelf_life_days=int(row["shelf_life_days"]) if row["shelf_life_days"] else None,
        source=row["source"],
        status=row["status"],
        position=position,
    )


def _grade(row: dict[str, str]) -> Grade:
    names = ("min_total_sugar_pct", "max_moisture_pct", "max_impurity_pct", "max_defect_pct", "max_unqualified_pct")
    identity = "/".join([row["standard"], row["edition"], row["category"], row["grade"]])
    return Grade(
        key=hashlib.sha256(identity.encode()).hexdigest()[:12],
        standard=row["standard"],
        edition=row["edition"],
        category=row["category"],
        name=row["grade"],
        rank=int(row["rank"]),
        effective_from=date.fromisoformat(row["effective_from"]) if row["effective_from"] else None,
        # Abolished on a day that no source gives: no fruit can be graded by it any more.
        effective_to=date.fromisoformat(ends) if (ends := row["effective_to"] or _abolished(row)) else None,
        measures=json.dumps({name: row[name] for name in names if row[name]}, ensure_ascii=False),
        source=row["source"],
        status=row["status"],
    )


def _abolished(row: dict[str, str]) -> str:
    return row["effective_from"] if row["state"].startswith("已废止") else ""


def publish(seller: Seller, said: Description, *, graded_on: date, by: str, is_sample: bool = False) -> Pack:
    """A new pack of an active seller, on sale at once and found by its words.

    `graded_on` is the day on which the fruit was graded: the grade must have been in force then.
    Raises `SellerNotActive`, `LicenceNeeded`, `UnknownChoice`, `ForbiddenWords`; `MarkNotAuthorised` when it shall
    bear the mark of origin and its seller may not use it, `MarkClaimed` when its words name a mark that it does not
    bear.
    """
    refuse_unless_sellable(seller, said, graded_on=graded_on)
    pack = Pack(
        slug=ids.code(10).lower(),
        seller_id=seller.id,
        township_code=seller.township_code,
        variety_key=said.variety_key,
        grade_key=said.grade_key,
        product_key=said.product_key,
        title=said.title,
        words=said.words,
        net=said.net,
        price=said.price,
        per_jin=fen_per_jin(said.price, said.net),
        created_at=clock.now(),
        state=PackState.ON_SALE,
        is_sample=is_sample,
        bears_mark=said.bears_mark,
    )
    current = session()
    current.add(pack)
    current.flush()
    index(pack, seller=seller)
    audit.note("packs.published", f"pack:{pack.slug}", by=by, title=pack.title, price=pack.price.fen)
    emit(PackPublished(pack_id=pack.id, slug=pack.slug))
    return pack


def refuse_unless_sellable(seller: Seller, said: Description, *, graded_on: date) -> None:
    """Raises what `publish` would raise, and writes nothing."""
    if not seller.is_active:
        raise SellerNotActive()
    _variety, _grade, product = _choices(said, graded_on=graded_on)
    if product.needs_licence and not seller.licence_no:
        raise LicenceNeeded(field="product")
    _refuse_claims(said)
    if said.bears_mark:
        mark.refuse_unless_authorised(seller.id)


def _choices(said: Description, *, graded_on: date) -> tuple[Variety, Grade, Product]:
    current = session()
    variety, grade, product = (
        current.get(Variety, said.variety_key),
        current.get(Grade, said.grade_key),
        current.get(Product, said.product_key),
    )
    if variety is None:
        raise UnknownChoice(field="variety")
    if grade is None or not grade.is_in_force(graded_on):
        raise UnknownChoice(field="grade")
    if product is None:
        raise UnknownChoice(field="product")
    return variety, grade, product


def _refuse_claims(said: Description) -> None:
    for field, words in (("title", said.title), ("words", said.words)):
        found = forbidden_words(words)
        if found:
            raise ForbiddenWords(field=field, words="、".join(found[:3]))
        compared = compared_prices(words)
        if compared:
            raise ComparedPrice(field=field, words="、".join(compared[:3]))
        claimed = [] if said.bears_mark else mark_words(words)
        if claimed:
            raise MarkClaimed(field=field, words="、".join(claimed[:3]))


def index(pack: Pack, *, seller: Seller) -> None:
    """The pack is found by its title, variety, product, township, seller and words, and as dried or fresh fruit."""
    current = session()
    variety, product = current.get_one(Variety, pack.variety_key), current.get_one(Product, pack.product_key)
    township = townships.township(pack.township_code)
    kind = _FRUIT.get(product.kind, "")
    search.index(
        pack.id, pack.title, variety.name, variety.alias, product.name, kind, township.name, seller.name, pack.words
    )


def refuse_unless_sayable(pack: Pack, *, title: str, words: str) -> None:
    """Raises `ForbiddenWords` or `MarkClaimed` for what may not be said of the pack."""
    said = Description(
        pack.variety_key,
        pack.grade_key,
        pack.product_key,
        pack.net,
        pack.price,
        title,
        words,
        bears_mark=pack.bears_mark,
    )
    _refuse_claims(said)


def redescribe(pack: Pack, *, title: str, words: str, by: str) -> None:
    """The pack is called and described so from now on, and found by it. Raises as `refuse_unless_sayable` does."""
    refuse_unless_sayable(pack, title=title, words=words)
    pack.title, pack.words = title, words
    session().flush()
    index(pack, seller=growers.seller(pack.seller_id))
    audit.note("packs.redescribed", f"pack:{pack.slug}", by=by, title=title)


def reprice(pack: Pack, *, price: Money, version: int, by: str) -> None:
    """Sell at another price from now on. Raises `PackChanged` when the page was drawn before another change.

    For seven days a lower price stands beside the lowest deal of the seven days before, struck through, if it is lower
    than that too. Source: 明码标价和禁止价格欺诈规定, as in `deals`.
    """
    if pack.version != version:
        raise PackChanged()
    old, moment = pack.price, clock.now()
    pack.reprice(price)
    deal = deals.lowest(pack.id, before=moment) if price < old else None
    pack.strike(deal, until=moment + deals.COMPARED_OVER)
    session().add(PriceChange(pack_id=pack.id, at=moment, by=by, old=old, new=price, lowest_deal=deal))
    audit.note("packs.repriced", f"pack:{pack.slug}", by=by, old=old.fen, new=price.fen)


def become(pack: Pack, state: PackState, *, by: str) -> None:
    """Put the pack on sale or off sale. Raises `IllegalMove`, also while an official has stopped it."""
    if pack.is_stopped or state is PackState.STOPPED:
        raise IllegalMove()
    _become(pack, state, by=by)


def _become(pack: Pack, state: PackState, *, by: str, because: str = "") -> None:
    pack.become(state)
    audit.note(f"packs.{state.value}", f"pack:{pack.slug}", by=by, because=because)
    if state is PackState.ON_SALE:
        emit(PackPublished(pack_id=pack.id, slug=pack.slug))


def stop(pack: Pack, *, by: Viewer, because: str) -> None:
    """Nobody can buy the pack any more, and its seller reads why; open orders stay.

    Raises `IllegalMove` unless it is on sale or off, `ReasonMissing`. Source: 电子商务法 art. 29.
    """
    reason = wording.reason(because)
    _become(pack, PackState.STOPPED, by=by.actor, because=reason)
    pack.stopped_because = reason
    emit(PackStopped(pack_id=pack.id))


def release(pack: Pack, *, by: Viewer, because: str) -> None:
    """A stopped pack is off sale, and its seller may put it on sale again.

    Raises `OwnMatter` for whoever acts for its seller, `IllegalMove` unless it is stopped, `ReasonMissing`.
    """
    if growers.is_member(by.person_id, pack.seller_id):
        raise OwnMatter()
    if not pack.is_stopped:
        raise IllegalMove()
    _become(pack, PackState.OFF, by=by.actor, because=wording.reason(because))
    pack.stopped_because = ""
    emit(PackReleased(pack_id=pack.id))


def store_files(pictures: Renditions) -> str:
    """Put the three sizes into the media store, outside any transaction; the stem under which they lie."""
    stem = ids.code(24).lower()
    store = media.store()
    for size in SIZES:
        picture = getattr(pictures, size)
        store.put(photo_key(stem, size), picture.data, picture.media_type)
    return stem


def discard_files(stem: str) -> None:
    """Take pictures out again that no row will name."""
    for size in SIZES:
        media.store().delete(photo_key(stem, size))


def photo_key(stem: str, size: str) -> str:
    """Where a picture lies."""
    return f"packs/{stem}/{size}.{'jpg' if size == 'full' else 'webp'}"


def show(pack: Pack, pictures: Renditions, stem: str, *, by: str, alt: str = "") -> PackPhoto:
    """The pack's first picture from now on is this one, stored under `stem`; at most six are kept."""
    current = session()
    there: Sequence[PackPhoto] = current.scalars(
        select(PackPhoto).where(PackPhoto.pack_id == pack.id).order_by(PackPhoto.position.desc())
    ).all()
    for old in there[: max(0, len(there) - 5)]:
        current.execute(delete(PackPhoto).where(PackPhoto.id == old.id))
    for old in there[max(0, len(there) - 5) :]:
        old.position += 1
        current.flush()
    new = PackPhoto(
        pack_id=pack.id,
        position=0,
        stem=stem,
        width=pictures.page.width,
        height=pictures.page.height,
        sha256=pictures.full.sha256,
        alt=alt or pack.title,
    )
    current.add(new)
    current.flush()
    audit.note("packs.pictured", f"pack:{pack.slug}", by=by, sha256=new.sha256)
    return new

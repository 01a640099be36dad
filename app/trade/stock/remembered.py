"""What is remembered for who lists fruit: for whom he may, what that seller sold before, what others ask now."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import func, select

from app.kernel import clock
from app.kernel.db import session
from app.kernel.errors import NotFound
from app.kernel.money import Money
from app.kernel.permissions import Viewer
from app.kernel.weight import GRAMS_PER_JIN, Weight
from app.people.growers.models import Seller
from app.people.growers.states import SellerStatus
from app.people.townships.models import Township, Village
from app.trade.catalog.errors import SellerNotActive
from app.trade.catalog.models import UNGRADED, Grade, Pack, Product, Variety
from app.trade.catalog.permissions import PACKS_EDIT
from app.trade.catalog.states import PackState
from app.trade.lots.models import Lot
from app.trade.stock.models import PackedLot

_MOST_SELLERS = 300
_MOST_OFFERS = 6
_COMPARED = 400
_ENOUGH_PACKS, _ENOUGH_SELLERS = 5, 3


@dataclass(frozen=True, slots=True)
class Shop:
    """A seller for whom somebody may list, and where it is at home."""

    id: int
    slug: str
    name: str
    place: str


def shops(who: Viewer) -> list[Shop]:
    """The active sellers for whom he may list, by village and name; one query.

    Raises `SellerNotActive` when there is none.
    """
    statement = (
        select(Seller.id, Seller.slug, Seller.name, Township.name, Village.name)
        .join(Township, Township.code == Seller.township_code)
        .outerjoin(Village, Village.id == Seller.village_id)
        .where(Seller.id.in_(who.sellers(PACKS_EDIT)), Seller.status == SellerStatus.ACTIVE)
        .order_by(Seller.township_code, Village.name, Seller.name, Seller.id)
        .limit(_MOST_SELLERS)
    )
    found = [
        Shop(number, slug, name, f"{township}{village or ''}")
        for number, slug, name, township, village in session().execute(statement)
    ]
    if not found:
        raise SellerNotActive()
    return found


def seller(who: Viewer, slug: str) -> Seller:
    """The seller of this name, if he may list for it. Raises `NotFound`, `SellerNotActive`."""
    statement = select(Seller).where(Seller.slug == slug, Seller.id.in_(who.sellers(PACKS_EDIT)))
    found = session().scalars(statement).one_or_none()
    if found is None:
        raise NotFound()
    if not found.is_active:
        raise SellerNotActive()
    return found


@dataclass(frozen=True, slots=True)
class Offer:
    """What a seller sold before: one variety in one grade, product and net weight, as he listed it last.

    A grade that is no longer in force is not remembered: such fruit is ungraded until somebody grades it anew.
    """

    slug: str
    variety_key: str
    variety: str
    grade_key: str
    grade: str
    product_key: str
    product: str
    net: Weight
    price: Money
    title: str
    words: str
    village: str


def offers(seller_id: int) -> list[Offer]:
    """The seller's last packs, the newest of each kind alone, the newest first; what was stopped is forgotten.

    One query; six at most.
    """
    newest = (
        select(func.max(Pack.id))
        .where(Pack.seller_id == seller_id, Pack.state != PackState.STOPPED)
        .group_by(Pack.variety_key, Pack.grade_key, Pack.product_key, Pack.net)
    )
    village = (
        select(Lot.village_name)
        .join(PackedLot, PackedLot.lot_id == Lot.id)
        .where(PackedLot.pack_id == Pack.id)
        .order_by(Lot.id.desc())
        .limit(1)
        .scalar_subquery()
    )
    statement = (
        select(Pack, Variety.name, Grade, Product.name, village)
        .join(Variety, Variety.key == Pack.variety_key)
        .join(Grade, Grade.key == Pack.grade_key)
        .join(Product, Product.key == Pack.product_key)
        .where(Pack.id.in_(newest))
        .order_by(Pack.id.desc())
        .limit(_MOST_OFFERS)
    )
    today = clock.today()
    return [
        Offer(
            slug=pack.slug,
            variety_key=pack.variety_key,
            variety=variety,
            grade_key=grade.key if grade.is_in_force(today) else UNGRADED,
            grade=grade.name,
            product_key=pack.product_key,
            product=product,
            net=pack.net,
            price=pack.price,
            title=pack.title,
            words=pack.words,
            village=place or "",
        )
        for pack, variety, grade, product, place in session().execute(statement)
    ]


@dataclass(frozen=True, slots=True)
class GoingPrice:
    """What others ask for the same fruit: the middle half of them, per jin and for a piece as heavy as the offer's."""

    low: Money
    high: Money
    low_each: Money
    high_each: Money


def going_price(offer: Offer, *, seller_id: int) -> GoingPrice | None:
    """What the county's other sellers ask now for this variety, grade and product; None where too few do.

    Few are less than five packs, or packs of less than three sellers: nobody's price is told by it. One query.
    """
    statement = (
        select(Pack.per_jin, Pack.seller_id)
        .join(Seller, Seller.id == Pack.seller_id)
        .where(
            Pack.variety_key == offer.variety_key,
            Pack.grade_key == offer.grade_key,
            Pack.product_key == offer.product_key,
            Pack.state == PackState.ON_SALE,
            Pack.seller_id != seller_id,
            Seller.status == SellerStatus.ACTIVE,
        )
        .order_by(Pack.id.desc())
        .limit(_COMPARED)
    )
    asked = session().execute(statement).all()
    if len(asked) < _ENOUGH_PACKS or len({other for _fen, other in asked}) < _ENOUGH_SELLERS:
        return None
    ranked = sorted(fen for fen, _other in asked)
    aside = len(ranked) // 4
    low, high = ranked[aside], ranked[-1 - aside]
    return GoingPrice(Money(low), Money(high), _for(offer.net, fen_per_jin=low), _for(offer.net, fen_per_jin=high))


def _for(net: Weight, *, fen_per_jin: int) -> Money:
    return Money((2 * fen_per_jin * net.grams + GRAMS_PER_JIN) // (2 * GRAMS_PER_JIN))

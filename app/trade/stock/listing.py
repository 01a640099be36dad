"""Listing fruit: a form that knows what was said last, and the act that makes a pack with a lot behind it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

from flask_babel import gettext as _

from app.gateways.images import Renditions
from app.kernel import clock
from app.kernel.db import session
from app.kernel.weight import GRAMS_PER_JIN, Weight, decimal_text
from app.people.growers.models import Seller
from app.people.townships import queries as townships
from app.trade.catalog import queries as catalog
from app.trade.catalog import service as packs
from app.trade.catalog.models import UNGRADED, Pack, Product
from app.trade.catalog.service import Description
from app.trade.lots import queries as lots
from app.trade.lots.service import Harvest
from app.trade.stock import service
from app.trade.stock.forms import ListingForm
from app.trade.stock.remembered import Offer
from app.web.fields import options

_KEEPS_DAYS = 360
_ALWAYS_ASKED = "ganzhi-hongzao"


@dataclass(frozen=True, slots=True)
class Photo:
    """A picture in its sizes, and the stem under which its files lie already."""

    pictures: Renditions
    stem: str


def blank(seller: Seller) -> ListingForm:
    """The form of somebody who lists for the first time: where he lives and the usual are filled in."""
    form = ListingForm(
        seller=seller.slug,
        grade=UNGRADED,
        product=_ALWAYS_ASKED,
        village=village_of(seller),
        harvest_year=last_harvest(),
    )
    give_choices(form)
    return form


def again(seller: Seller, offer: Offer) -> ListingForm:
    """The form of somebody who sells once more what he sold before: only how many pieces is left open."""
    form = ListingForm(
        seller=seller.slug,
        again=offer.slug,
        variety=offer.variety_key,
        grade=offer.grade_key,
        product=offer.product_key,
        net=offer.net,
        price=offer.price,
        village=offer.village or village_of(seller),
        harvest_year=last_harvest(),
        title="" if offer.title == title_of(offer.variety_key, offer.grade_key, offer.net) else offer.title,
        words=offer.words,
    )
    give_choices(form)
    return form


def for_nobody() -> ListingForm:
    """The form without a word about anybody, to lie in a phone that has no network."""
    form = ListingForm(
        formdata=None,
        meta={"csrf": False},
        request_key="",
        grade=UNGRADED,
        product=_ALWAYS_ASKED,
        harvest_year=last_harvest(),
    )
    give_choices(form)
    return form


def give_choices(form: ListingForm) -> None:
    """Let the form know what can be chosen today."""
    form.variety.choices = options(catalog.varieties())
    form.product.choices = options(catalog.products())
    ungraded: list[tuple[str, str]] = []
    graded: list[tuple[str, str]] = []
    for grade in catalog.grades_in_force(clock.today()):
        if grade.standard:
            standard = f"{grade.category} {grade.standard}"
            graded.append((grade.key, _("%(grade)s（%(standard)s）", grade=grade.name, standard=standard)))
        else:
            ungraded.append((grade.key, _(grade.name)))
    form.grade.choices = options(ungraded + graded)


def last_harvest() -> int:
    """The year of the newest fruit that can be in store: this year's from September on."""
    today = clock.today()
    return today.year if today.month >= 9 else today.year - 1


def village_of(seller: Seller) -> str:
    """Where its fruit came from last time, or where it said that it is at home."""
    last = lots.newest_village(seller.id)
    if last or seller.village_id is None:
        return last
    return townships.village(seller.village_id, in_township=seller.township_code).name


def publish(form: ListingForm, seller: Seller, photo: Photo | None, *, by: str) -> Pack:
    """What the form says is on sale: a pack, a lot in store behind it, and its picture.

    Raises what `catalog.service.publish` and `stock.service.pack_lot` raise.
    """
    said = Description(
        variety_key=form.variety.data,
        grade_key=form.grade.data,
        product_key=form.product.data,
        net=form.net.data,
        price=form.price.data,
        title=form.title.data or title_of(form.variety.data, form.grade.data, form.net.data),
        words=form.words.data or "",
        bears_mark=bool(form.bears_mark.data),
    )
    pack = packs.publish(seller, said, graded_on=clock.today(), by=by)
    harvest = harvest_of(pack, village=form.village.data or "", year=form.harvest_year.data)
    service.pack_lot(pack, seller, harvest, pieces=form.pieces.data, by=by)
    if photo is not None:
        packs.show(pack, photo.pictures, photo.stem, by=by)
    return pack


def harvest_of(pack: Pack, *, village: str, year: int) -> Harvest:
    """Fruit of this pack's kind that is packed today."""
    return Harvest(
        village_name=village,
        variety_key=pack.variety_key,
        grade_key=pack.grade_key,
        year=year,
        best_before=best_before(pack),
    )


def best_before(pack: Pack) -> date:
    """Until when fruit packed today keeps: by its product's shelf life, or 360 days. Source: `products.csv`."""
    product = session().get_one(Product, pack.product_key)
    return clock.today() + timedelta(days=product.shelf_life_days or _KEEPS_DAYS)


def title_of(variety_key: str, grade_key: str, net: Weight) -> str:
    """What a pack is called when its seller gives it no name: 柳林木枣 一等 5斤装."""
    grade = f" {catalog.grade_name(grade_key)}" if grade_key != UNGRADED else ""
    return f"{variety_of(variety_key)}{grade} {decimal_text(net.grams, GRAMS_PER_JIN)}斤装"


def variety_of(key: str) -> str:
    """A variety with the county's name before it: 柳林木枣."""
    variety = dict(catalog.varieties()).get(key, "")
    return variety if variety.startswith("柳林") else f"柳林{variety}"

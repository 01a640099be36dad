"""The page of a pack, drawn from two doors: looking at it, and a refused try to put it into the basket."""

from __future__ import annotations

from dataclasses import dataclass

from flask import render_template
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from app.kernel import clock
from app.kernel.money import Money
from app.kernel.weight import Weight
from app.people.growers.models import Seller
from app.trade.catalog import mark, returns
from app.trade.catalog import queries as catalog
from app.trade.catalog.models import Pack, PackPhoto
from app.trade.catalog.permissions import PACKS_STOP
from app.trade.catalog.states import PackState
from app.trade.stock import queries
from app.trade.stock.forms import PiecesForm
from app.trade.stock.panels import ON_PACK
from app.web.guards import visitor
from app.web.words import parted


@dataclass(frozen=True, slots=True)
class PackPage:
    """A pack as its page shows it."""

    slug: str
    title: str
    words: list[str]
    net: Weight
    price: Money
    per_jin: Money
    photos: list[PackPhoto]
    variety_name: str
    grade_name: str
    grade_standard: str
    product_kind: str
    seller_name: str
    seller_slug: str
    seller_kind: str
    seller_status: str
    seller_licence: str
    township_name: str
    township_code: str
    is_sample: bool
    mark_words: str
    return_words: str
    struck: Money | None
    has_alcohol: bool


def pack_page(slug: str, form: PiecesForm, *, status: int = 200) -> ResponseReturnValue:
    """The page of a pack with a form that may carry errors. Raises `NotFound`."""
    found = catalog.detail(slug)
    is_sold = found.pack.state is PackState.ON_SALE and found.seller.is_active
    available = queries.available([found.pack.id])[found.pack.id] if is_sold else 0
    html = render_template(
        "trade/stock/show.html",
        pack=_page_of(found),
        lots=queries.lots_on_sale(found.pack.id),
        is_sold=is_sold,
        available=available,
        may_stop=_may_stop(found.pack),
        panels=ON_PACK.of(found.pack),
        form=form,
    )
    return html, status


def _may_stop(pack: Pack) -> bool:
    who = visitor()
    return who is not None and who.may(PACKS_STOP) and catalog.is_in_scope(who, pack)


def _licence(seller: Seller) -> str:
    """The exemption or the number, for the line under the seller's name."""
    words = _(seller.licence_words)
    return f"{words} {seller.licence_no}" if seller.licence_no else words


def _mark(pack: Pack) -> str:
    """The mark of origin with the number under which its seller may use it today; empty where there is none."""
    user = mark.authorisation_of(pack.seller_id) if pack.bears_mark else None
    if user is None:
        return ""
    return _("地理标志 %(name)s %(mark)s 授权使用 %(number)s", name=mark.NAME, mark=mark.NUMBER, number=user.number)


def _page_of(found: catalog.PackDetail) -> PackPage:
    pack, grade = found.pack, found.grade
    standard = f"{grade.standard}-{grade.edition}" if grade.edition.isdigit() else grade.standard
    paragraphs = [part.strip() for part in pack.words.split("\n") if part.strip()] or [found.variety.words]
    return PackPage(
        slug=pack.slug,
        title=pack.title,
        words=[part for part in paragraphs if part],
        net=pack.net,
        price=pack.price,
        per_jin=Money(pack.per_jin),
        photos=pack.photos,
        variety_name=found.variety.name,
        grade_name=grade.name,
        grade_standard=standard,
        product_kind=found.product.name,
        seller_name=found.seller.name,
        seller_slug=found.seller.slug,
        seller_kind=_(found.seller.kind.words),
        seller_status=parted(found.seller.public_words),
        seller_licence=_licence(found.seller),
        township_name=found.township.name,
        township_code=found.township.code,
        is_sample=pack.is_sample,
        mark_words=_mark(pack),
        return_words=_(returns.words(found.product.kind)),
        struck=pack.struck_at(clock.now()),
        has_alcohol=found.product.is_alcohol,
    )

"""The shop window: the shelf, one pack, a township, a seller, and the pictures."""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import urlencode

from flask import Blueprint, Response, make_response, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from app.gateways.storage import media_type_of
from app.kernel import clock
from app.kernel.errors import NotFound
from app.people.growers import queries as growers
from app.people.growers.states import SellerKind
from app.people.townships import queries as townships
from app.trade.catalog import media
from app.trade.catalog import queries as catalog
from app.trade.stock import cards
from app.trade.stock.forms import PiecesForm, ShelfForm
from app.trade.stock.pages import pack_page
from app.web.fields import options
from app.web.guards import public
from app.web.pager import links
from app.web.ready import ready
from app.web.words import parted

shelf = Blueprint("shelf", __name__)
packs = Blueprint("packs", __name__)
places = Blueprint("townships", __name__)
sellers = Blueprint("sellers", __name__)
pictures = Blueprint("media", __name__)


@dataclass(frozen=True, slots=True)
class Applied:
    """A filter in force, and the address without it."""

    label: str
    remove_url: str


@shelf.get("/shelf")
@public
@ready
def index() -> ResponseReturnValue:
    """Packs that are on sale, searched, filtered and sorted."""
    form = ShelfForm(request.args)
    form.township.choices = options([("", _("全县")), *catalog.township_choices()])
    form.variety.choices = options([("", _("全部品种")), *catalog.varieties()])
    form.grade.choices = options([("", _("全部等级")), *((name, name) for name in catalog.grade_names())])
    is_good = form.validate()
    wanted = _wanted(form) if is_good else catalog.Wanted()
    page = cards.shelf(wanted)
    html = render_template(
        "trade/stock/shelf.html",
        cards=page.items if is_good else [],
        form=form,
        page=links(page.next_cursor if is_good else None),
        applied=_applied(form) if is_good else [],
        words=wanted.words,
        meant=catalog.meant(wanted.words) if wanted.words and not page.items else [],
    )
    return html, 200 if is_good else 422


def _wanted(form: ShelfForm) -> catalog.Wanted:
    return catalog.Wanted(
        words=form.q.data or "",
        township=form.township.data or "",
        variety=form.variety.data or "",
        grade=form.grade.data or "",
        seller=form.seller.data or "",
        low=form.low.data,
        high=form.high.data,
        sort=catalog.Sort(form.sort.data),
        cursor=request.args.get("after"),
    )


def _applied(form: ShelfForm) -> list[Applied]:
    found = []
    for field in (form.township, form.variety, form.grade):
        found += [(field.name, label) for value, label, *_rest in field.iter_choices() if value and value == field.data]
    if form.seller.data:
        found.append(("seller", form.seller.data))
    if form.low.data:
        found.append(("low", _("%(price)s 元以上", price=form.low.data)))
    if form.high.data:
        found.append(("high", _("%(price)s 元以下", price=form.high.data)))
    return [Applied(label, _without(name)) for name, label in found]


def _without(name: str) -> str:
    kept = {key: value for key, value in request.args.items() if key not in (name, "after") and value}
    return url_for("shelf.index") + ("?" + urlencode(kept) if kept else "")


@packs.get("/packs/<slug>")
@public
@ready
def show(slug: str) -> ResponseReturnValue:
    """One pack: what it is, what it costs, where it comes from, and a way to buy it."""
    return pack_page(slug, PiecesForm())


@dataclass(frozen=True, slots=True)
class TownshipPage:
    """A township as its page shows it."""

    code: str
    name: str
    kind: str
    on_river: bool
    words: str


@places.get("/townships/<code>", endpoint="show")
@public
@ready
def show_township(code: str) -> ResponseReturnValue:
    """A township and what is on sale from it."""
    township = townships.township(code)
    page = cards.shelf(catalog.Wanted(township=code, cursor=request.args.get("after")))
    shown = TownshipPage(township.code, township.name, township.kind, township.along_river, "")
    return render_template("trade/stock/township.html", township=shown, cards=page.items, page=links(page.next_cursor))


@sellers.get("/sellers/<slug>", endpoint="show")
@public
@ready
def show_seller(slug: str) -> ResponseReturnValue:
    """A seller and what he has on sale. Raises `NotFound` for one that was never verified."""
    seller = growers.by_slug(slug)
    if seller.verified_at is None:
        raise NotFound()
    page = cards.shelf(catalog.Wanted(seller_id=seller.id, cursor=request.args.get("after")))
    shown = {
        "name": seller.name,
        "kind": _(seller.kind.words),
        "township_name": townships.name_of(seller.township_code),
        "status": parted(seller.public_words),
        "since": clock.day_of(seller.verified_at),
        "is_exempt": seller.kind is SellerKind.HOUSEHOLD,
        "licence_words": _(seller.licence_words),
        "licence_no": seller.licence_no,
        "words": seller.words,
    }
    return render_template("trade/stock/seller.html", seller=shown, cards=page.items, page=links(page.next_cursor))


@pictures.get("/media/<path:key>")
@public
def picture(key: str) -> ResponseReturnValue:
    """A stored picture; its key names its content, so it may be kept for ever. Raises `NotFound`."""
    if not key.startswith("packs/"):
        raise NotFound()
    response: Response = make_response(media.store().get(key))
    response.content_type = media_type_of(key)
    response.headers["Cache-Control"] = "public, max-age=31536000, immutable"
    response.headers["Content-Security-Policy"] = "default-src 'none'; sandbox"
    return response

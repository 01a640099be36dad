"""The grower's side of the shelf: list fruit, see it, change price and stock, show a picture."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from app.gateways.images import Renditions, renditions
from app.kernel import clock, once
from app.kernel.db import session, transaction
from app.kernel.errors import DomainError
from app.kernel.money import Money
from app.kernel.permissions import Viewer
from app.kernel.weight import GRAMS_PER_JIN, Weight, decimal_text
from app.people.growers import queries as growers
from app.people.growers.models import Seller
from app.people.townships import queries as townships
from app.trade.catalog import queries as catalog
from app.trade.catalog import service as packs
from app.trade.catalog.errors import SellerNotActive
from app.trade.catalog.models import UNGRADED, Pack, PackPhoto, Product
from app.trade.catalog.permissions import PACKS_EDIT
from app.trade.catalog.service import Description
from app.trade.catalog.states import PackState
from app.trade.lots import queries as lot_queries
from app.trade.lots.service import Harvest
from app.trade.stock import queries, service
from app.trade.stock.forms import LessForm, ListingForm, MoreForm, NothingForm, PhotoForm, PriceForm
from app.trade.stock.permissions import STOCK_EDIT
from app.web.fields import options, refuse
from app.web.guards import require, viewer

bp = Blueprint("listings", __name__, url_prefix="/grower/listings")
_KEEPS_DAYS = 360
_ALWAYS_ASKED = "ganzhi-hongzao"


@dataclass(frozen=True, slots=True)
class OwnPack:
    """A pack as its seller sees it in his list."""

    slug: str
    title: str
    net: Weight
    price: Money
    state: PackState
    photo: PackPhoto | None
    on_hand: int
    held: int
    stopped_because: str


@bp.get("")
@require(PACKS_EDIT)
def index() -> ResponseReturnValue:
    """What the seller has listed."""
    mine = catalog.packs_of(viewer())
    there = queries.on_hand([pack.id for pack in mine])
    return render_template("trade/stock/listings.html", packs=[_own(pack, there[pack.id]) for pack in mine])


def _own(pack: Pack, there: tuple[int, int]) -> OwnPack:
    photo = pack.photos[0] if pack.photos else None
    return OwnPack(
        pack.slug, pack.title, pack.net, pack.price, pack.state, photo, there[0], there[1], pack.stopped_because
    )


@bp.get("/new")
@require(PACKS_EDIT)
def new() -> ResponseReturnValue:
    """A form that already knows what he listed last."""
    seller = _seller(viewer())
    mine = catalog.packs_of(viewer())
    last = mine[0] if mine else None
    form = ListingForm(
        variety=last.variety_key if last else None,
        grade=last.grade_key if last else UNGRADED,
        product=last.product_key if last else _ALWAYS_ASKED,
        net=last.net if last else None,
        price=last.price if last else None,
        village=_village(seller),
        harvest_year=_last_harvest(),
    )
    return _form_page(form, seller)


def _last_harvest() -> int:
    today = clock.today()
    return today.year if today.month >= 9 else today.year - 1


def _village(seller: Seller) -> str:
    """Where his fruit came from last time, or where he said that he lives."""
    last = lot_queries.newest_village(seller.id)
    if last or seller.village_id is None:
        return last
    return townships.village(seller.village_id, in_township=seller.township_code).name


def _seller(who: Viewer) -> Seller:
    """The seller for whom he lists. Raises `SellerNotActive` when none of his is verified."""
    active = [seller for seller in growers.of_viewer(who) if seller.is_active and seller.id in who.seller_ids]
    if not active:
        raise SellerNotActive()
    return active[0]


def _form_page(form: ListingForm, seller: Seller, *, status: int = 200) -> ResponseReturnValue:
    _give_choices(form)
    return render_template("trade/stock/new.html", form=form, seller=seller), status


def _give_choices(form: ListingForm) -> None:
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


@bp.post("/new")
@require(PACKS_EDIT)
def create() -> ResponseReturnValue:
    """List fruit: a pack on sale, a lot in store, once however often it is sent."""
    seller = _seller(viewer())
    form = ListingForm()
    _give_choices(form)
    if not form.validate_on_submit():
        return _form_page(form, seller, status=422)
    asked = once.Request.of(
        actor=viewer().actor, key=form.request_key.data or "", act="listings.create", content=form.content()
    )
    pictures, stem = None, ""
    try:
        pictures = _picture(form)
        stem = packs.store_files(pictures) if pictures else ""
        with transaction():
            earlier = once.earlier_answer(asked, answer=url_for("listings.index"))
            if earlier is None:
                _list(form, pictures, stem)
    except DomainError as error:
        if stem:
            packs.discard_files(stem)
        if isinstance(error, once.StillRunning):
            raise
        refuse(form, error)
        return _form_page(form, _seller(viewer()), status=error.status)
    if earlier is not None and stem:
        packs.discard_files(stem)
    flash(_("已经上架，买家现在就能看到。"), "good")
    return redirect(url_for("listings.index"), 303)


def _picture(form: ListingForm | PhotoForm) -> Renditions | None:
    """The photo in three sizes, if one was sent. Raises what `images.renditions` raises."""
    file = form.photo.data
    if file is None or not getattr(file, "filename", ""):
        return None
    try:
        return renditions(file.read())
    except DomainError as error:
        error.field = "photo"
        raise


def _list(form: ListingForm, pictures: Renditions | None, stem: str) -> None:
    who = viewer()
    seller = _seller(who)
    said = Description(
        variety_key=form.variety.data,
        grade_key=form.grade.data,
        product_key=form.product.data,
        net=form.net.data,
        price=form.price.data,
        title=form.title.data or title_of(form.variety.data, form.grade.data, form.net.data),
        words=form.words.data or "",
    )
    pack = packs.publish(seller, said, graded_on=clock.today(), by=who.actor)
    harvest = Harvest(
        village_name=form.village.data or "",
        variety_key=pack.variety_key,
        grade_key=pack.grade_key,
        year=form.harvest_year.data,
        best_before=best_before(pack),
    )
    service.pack_lot(pack, seller, harvest, pieces=form.pieces.data, by=who.actor)
    if pictures is not None:
        packs.show(pack, pictures, stem, by=who.actor)


def best_before(pack: Pack) -> date:
    """Until when fruit packed today keeps: by its product's shelf life, or 360 days. Source: `products.csv`."""
    product = session().get_one(Product, pack.product_key)
    return clock.today() + timedelta(days=product.shelf_life_days or _KEEPS_DAYS)


def title_of(variety_key: str, grade_key: str, net: Weight) -> str:
    """What a pack is called when its seller gives it no name: 柳林木枣 一等 5斤装."""
    variety = dict(catalog.varieties()).get(variety_key, "")
    grade = catalog.grade_name(grade_key)
    county = "" if variety.startswith("柳林") else "柳林"
    graded = f" {grade}" if grade_key != UNGRADED else ""
    return f"{county}{variety}{graded} {decimal_text(net.grams, GRAMS_PER_JIN)}斤装"


@bp.get("/<slug>")
@require(PACKS_EDIT)
def show(slug: str) -> ResponseReturnValue:
    """One pack of his, with everything he may change."""
    return _pack_page(slug)


def _pack_page(slug: str, *, status: int = 200, **given: object) -> ResponseReturnValue:
    pack = catalog.pack_of(viewer(), slug)
    free = queries.available([pack.id])[pack.id]
    forms = {
        "price_form": PriceForm(formdata=None, price=pack.price, version=pack.version),
        "more_form": MoreForm(formdata=None, harvest_year=_last_harvest(), village=_village(_seller(viewer()))),
        "less_form": LessForm(formdata=None),
        "photo_form": PhotoForm(formdata=None),
        "state_form": NothingForm(formdata=None),
    }
    forms.update(given)  # type: ignore[arg-type]
    there = queries.on_hand([pack.id])[pack.id]
    html = render_template("trade/stock/listing.html", pack=_own(pack, there), free=free, **forms)
    return html, status


@bp.post("/<slug>/price")
@require(PACKS_EDIT)
def reprice(slug: str) -> ResponseReturnValue:
    """Another price from now on, if nothing changed since the page was drawn."""
    form = PriceForm()
    if not form.validate_on_submit():
        return _pack_page(slug, status=422, price_form=form)
    try:
        with transaction():
            pack = catalog.pack_of(viewer(), slug, lock=True)
            packs.reprice(pack, price=form.price.data, version=form.version.data, by=viewer().actor)
    except DomainError as error:
        if error.status == 404:
            raise
        refuse(form, error)
        # The next try is made by somebody who has seen the new numbers.
        form.version.raw_text = str(catalog.pack_of(viewer(), slug).version)
        return _pack_page(slug, status=error.status, price_form=form)
    flash(_("价钱已改好，新下的单按新价。"), "good")
    return redirect(url_for("listings.show", slug=slug), 303)


@bp.post("/<slug>/more")
@require(STOCK_EDIT)
def add(slug: str) -> ResponseReturnValue:
    """More pieces of the same fruit."""
    form = MoreForm()
    if not form.validate_on_submit():
        return _pack_page(slug, status=422, more_form=form)
    asked = _asked(form, "listings.more", slug)
    try:
        with transaction():
            if once.earlier_answer(asked, answer=slug) is None:
                _add(form, slug)
    except DomainError as error:
        if error.field is None:
            raise
        refuse(form, error)
        return _pack_page(slug, status=error.status, more_form=form)
    flash(_("库存已加好。"), "good")
    return redirect(url_for("listings.show", slug=slug), 303)


def _add(form: MoreForm, slug: str) -> None:
    who = viewer()
    pack = catalog.pack_of(who, slug, lock=True)
    harvest = Harvest(
        village_name=form.village.data or "",
        variety_key=pack.variety_key,
        grade_key=pack.grade_key,
        year=form.harvest_year.data,
        best_before=best_before(pack),
    )
    service.pack_lot(pack, growers.seller(pack.seller_id), harvest, pieces=form.pieces.data, by=who.actor)


@bp.post("/<slug>/less")
@require(STOCK_EDIT)
def withdraw(slug: str) -> ResponseReturnValue:
    """Pieces leave the store unsold."""
    form = LessForm()
    if not form.validate_on_submit():
        return _pack_page(slug, status=422, less_form=form)
    asked = _asked(form, "listings.less", slug)
    try:
        with transaction():
            if once.earlier_answer(asked, answer=slug) is None:
                who = viewer()
                pack = catalog.pack_of(who, slug, lock=True)
                key = f"stock.withdrawn:{pack.slug}:{asked.key}"
                service.take_out(pack, pieces=form.pieces.data, by=who.actor, because=form.because.data, key=key)
    except DomainError as error:
        if error.field is None:
            raise
        refuse(form, error)
        return _pack_page(slug, status=error.status, less_form=form)
    flash(_("库存已减好。"), "good")
    return redirect(url_for("listings.show", slug=slug), 303)


def _asked(form: MoreForm | LessForm, act: str, slug: str) -> once.Request:
    return once.Request.of(
        actor=viewer().actor, key=form.request_key.data or "", act=act, content=[("slug", slug), *form.content()]
    )


@bp.post("/<slug>/photo")
@require(PACKS_EDIT)
def picture(slug: str) -> ResponseReturnValue:
    """A new first picture."""
    form = PhotoForm()
    catalog.pack_of(viewer(), slug)
    try:
        pictures = _picture(form) if form.validate_on_submit() else None
    except DomainError as error:
        refuse(form, error)
        return _pack_page(slug, status=error.status, photo_form=form)
    if pictures is None:
        form.photo.errors = [_("请先选一张照片。")]
        return _pack_page(slug, status=422, photo_form=form)
    stem = packs.store_files(pictures)
    try:
        with transaction():
            packs.show(catalog.pack_of(viewer(), slug, lock=True), pictures, stem, by=viewer().actor)
    except DomainError:
        packs.discard_files(stem)
        raise
    flash(_("照片已换好。"), "good")
    return redirect(url_for("listings.show", slug=slug), 303)


@bp.post("/<slug>/state")
@require(PACKS_EDIT)
def turn(slug: str) -> ResponseReturnValue:
    """On sale, or off: by the button that was pressed."""
    wanted = PackState.OFF if request.form.get("state") == PackState.OFF.value else PackState.ON_SALE
    with transaction():
        pack = catalog.pack_of(viewer(), slug, lock=True)
        if wanted is PackState.ON_SALE and not growers.seller(pack.seller_id).is_active:
            raise SellerNotActive()
        packs.become(pack, wanted, by=viewer().actor)
    flash(_("已重新上架。") if wanted is PackState.ON_SALE else _("已下架，买家看不到了。"), "good")
    return redirect(url_for("listings.show", slug=slug), 303)

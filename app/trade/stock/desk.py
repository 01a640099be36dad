"""The grower's side of the shelf: list fruit, see it, change price and stock, show a picture."""

from __future__ import annotations

import hashlib

from flask import Blueprint, Response, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from app.kernel import once
from app.kernel.db import transaction
from app.kernel.errors import DomainError
from app.people.accounts import uploads
from app.people.agents import acting
from app.people.growers import queries as growers
from app.people.growers.models import Seller
from app.trade.catalog import mark
from app.trade.catalog import queries as catalog
from app.trade.catalog import service as packs
from app.trade.catalog.errors import SellerNotActive
from app.trade.catalog.permissions import PACKS_EDIT
from app.trade.catalog.states import PackState
from app.trade.stock import listing, own, remembered, service
from app.trade.stock.forms import LessForm, ListingForm, MoreForm, PhotoForm, PriceForm
from app.trade.stock.permissions import STOCK_EDIT
from app.trade.stock.remembered import Offer, Shop
from app.web.fields import clean, refuse
from app.web.guards import public, require, viewer

bp = Blueprint("listings", __name__, url_prefix="/grower/listings")


@bp.get("")
@require(PACKS_EDIT)
def index() -> ResponseReturnValue:
    """What the seller has listed."""
    return render_template("trade/stock/listings.html", packs=own.packs_of(viewer()))


@bp.get("/new")
@require(PACKS_EDIT)
def new() -> ResponseReturnValue:
    """For whom, where he lists for several; then what, where he sold several kinds; then a form that knows the rest.

    `?for=` names the seller, `?again=` the pack whose kind is sold once more, `?fresh=1` asks for a kind that is new.
    """
    who = viewer()
    wanted = _named("for")
    if not wanted:
        shops = remembered.shops(who)
        if len(shops) > 1:
            return _whose_page(shops)
        wanted = shops[0].slug
    seller = remembered.seller(who, wanted)
    offers = remembered.offers(seller.id)
    if "fresh" in request.args or not offers:
        return _form_page(listing.blank(seller), seller)
    slug = _named("again") or (offers[0].slug if len(offers) == 1 else "")
    offer = _offer(offers, slug)
    if offer is None:
        return render_template("trade/stock/which.html", seller=seller, offers=offers, lists_for_several=_is_busy())
    return _form_page(listing.again(seller, offer), seller, offer)


def _named(name: str) -> str:
    return clean(request.args.get(name, ""))[:40]


def _offer(offers: list[Offer], slug: str) -> Offer | None:
    return next((offer for offer in offers if offer.slug == slug), None)


def _is_busy() -> bool:
    """Whether he lists for several, so that each page says for whom."""
    return len(viewer().sellers(PACKS_EDIT)) > 1


def _whose_page(shops: list[Shop], *, status: int = 200) -> ResponseReturnValue:
    return render_template("trade/stock/whose.html", shops=shops), status


def _form_page(
    form: ListingForm, seller: Seller, offer: Offer | None = None, *, status: int = 200
) -> ResponseReturnValue:
    going = remembered.going_price(offer, seller_id=seller.id) if offer is not None else None
    html = render_template(
        "trade/stock/new.html",
        form=form,
        seller=seller,
        offer=offer,
        going=going,
        lists_for_several=_is_busy(),
        variety_of=listing.variety_of,
        may_mark=mark.authorisation_of(seller.id) is not None,
    )
    return html, status


@bp.post("/new")
@require(PACKS_EDIT)
def create() -> ResponseReturnValue:
    """List fruit: a pack on sale, a lot in store, once however often it is sent."""
    who = viewer()
    form = ListingForm()
    listing.give_choices(form)
    wanted = clean(form.seller.data or "")[:40]
    if not wanted:
        shops = remembered.shops(who)
        if len(shops) > 1:
            return _whose_page(shops, status=422)
        wanted = shops[0].slug
    seller = remembered.seller(who, wanted)
    if not form.validate_on_submit():
        return _again(form, seller, status=422)
    try:
        _list_once(form, seller)
    except once.StillRunning:
        raise
    except DomainError as error:
        refuse(form, error)
        return _again(form, remembered.seller(who, wanted), status=error.status)
    flash(_("已经上架，买家现在就能看到。"), "good")
    return redirect(url_for("listings.index"), 303)


def _again(form: ListingForm, seller: Seller, *, status: int) -> ResponseReturnValue:
    """The refused form, as it stood when it was sent."""
    offers = remembered.offers(seller.id) if form.again.data else []
    return _form_page(form, seller, _offer(offers, form.again.data or ""), status=status)


def _list_once(form: ListingForm, seller: Seller) -> None:
    """List what the form says unless its key was seen before; a picture that no row names leaves no file behind."""
    asked = once.Request.of(
        actor=viewer().actor, key=form.request_key.data or "", act="listings.create", content=form.content()
    )
    photo = _photo(form)
    is_listed = False
    try:
        with transaction():
            earlier = once.earlier_answer(asked, answer=url_for("listings.index"))
            if earlier is None:
                listing.publish(form, seller, photo, by=acting.in_name_of(seller.id, by=viewer()))
        is_listed = earlier is None
    finally:
        if photo is not None and not is_listed:
            packs.discard_files(photo.stem)


def _photo(form: ListingForm | PhotoForm) -> listing.Photo | None:
    """The photo in three sizes with its files stored, if one was sent. Raises what `uploads.photo` raises."""
    file = form.photo.data
    if file is None or not getattr(file, "filename", ""):
        return None
    try:
        pictures = uploads.photo(file.read(), by=viewer())
    except DomainError as error:
        error.field = "photo"
        raise
    return listing.Photo(pictures, packs.store_files(pictures))


@bp.get("/offline")
@public
def offline() -> ResponseReturnValue:
    """The bare form, the same for everybody, that a phone keeps for when it has no network."""
    return _bare_page()


def _bare_page() -> str:
    return render_template("trade/stock/offline.html", form=listing.for_nobody(), viewer=None)


@bp.get("/worker.js")
@public
def worker() -> ResponseReturnValue:
    """What lets a phone open the form without a network: it keeps the bare form and its parts, nothing else.

    Another bare form makes another script, by which phones know that they must fetch it anew.
    """
    version = hashlib.sha256(_bare_page().encode()).hexdigest()[:16]
    page, form = url_for("listings.offline"), url_for("listings.new")
    script = render_template("trade/stock/worker.js", page=page, form=form, version=version)
    return Response(script, content_type="text/javascript; charset=utf-8")


@bp.get("/<slug>")
@require(PACKS_EDIT)
def show(slug: str) -> ResponseReturnValue:
    """One pack of his, with everything he may change."""
    return own.pack_page(viewer(), slug)


@bp.post("/<slug>/price")
@require(PACKS_EDIT)
def reprice(slug: str) -> ResponseReturnValue:
    """Another price from now on, if nothing changed since the page was drawn."""
    form = PriceForm()
    if not form.validate_on_submit():
        return own.pack_page(viewer(), slug, status=422, price_form=form)
    try:
        with transaction():
            pack = catalog.pack_of(viewer(), slug, lock=True)
            by = acting.in_name_of(pack.seller_id, by=viewer())
            packs.reprice(pack, price=form.price.data, version=form.version.data, by=by)
    except DomainError as error:
        if error.status == 404:
            raise
        refuse(form, error)
        # The next try is made by somebody who has seen the new numbers.
        form.version.raw_text = str(catalog.pack_of(viewer(), slug).version)
        return own.pack_page(viewer(), slug, status=error.status, price_form=form)
    flash(_("价钱已改好，新下的单按新价。"), "good")
    return redirect(url_for("listings.show", slug=slug), 303)


@bp.post("/<slug>/more")
@require(STOCK_EDIT)
def add(slug: str) -> ResponseReturnValue:
    """More pieces of the same fruit."""
    form = MoreForm()
    if not form.validate_on_submit():
        return own.pack_page(viewer(), slug, status=422, more_form=form)
    asked = _asked(form, "listings.more", slug)
    try:
        with transaction():
            if once.earlier_answer(asked, answer=slug) is None:
                _add(form, slug)
    except DomainError as error:
        if error.field is None:
            raise
        refuse(form, error)
        return own.pack_page(viewer(), slug, status=error.status, more_form=form)
    flash(_("库存已加好。"), "good")
    return redirect(url_for("listings.show", slug=slug), 303)


def _add(form: MoreForm, slug: str) -> None:
    who = viewer()
    pack = catalog.pack_of(who, slug, lock=True)
    harvest = listing.harvest_of(pack, village=form.village.data or "", year=form.harvest_year.data)
    by = acting.in_name_of(pack.seller_id, by=who)
    service.pack_lot(pack, growers.seller(pack.seller_id), harvest, pieces=form.pieces.data, by=by)


@bp.post("/<slug>/less")
@require(STOCK_EDIT)
def withdraw(slug: str) -> ResponseReturnValue:
    """Pieces leave the store unsold."""
    form = LessForm()
    if not form.validate_on_submit():
        return own.pack_page(viewer(), slug, status=422, less_form=form)
    asked = _asked(form, "listings.less", slug)
    try:
        with transaction():
            if once.earlier_answer(asked, answer=slug) is None:
                who = viewer()
                pack = catalog.pack_of(who, slug, lock=True)
                key = f"stock.withdrawn:{pack.slug}:{asked.key}"
                by = acting.in_name_of(pack.seller_id, by=who)
                service.take_out(pack, pieces=form.pieces.data, by=by, because=form.because.data, key=key)
    except DomainError as error:
        if error.field is None:
            raise
        refuse(form, error)
        return own.pack_page(viewer(), slug, status=error.status, less_form=form)
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
        photo = _photo(form) if form.validate_on_submit() else None
    except DomainError as error:
        refuse(form, error)
        return own.pack_page(viewer(), slug, status=error.status, photo_form=form)
    if photo is None:
        form.photo.errors = [_("请先选一张照片。")]
        return own.pack_page(viewer(), slug, status=422, photo_form=form)
    try:
        with transaction():
            pack = catalog.pack_of(viewer(), slug, lock=True)
            packs.show(pack, photo.pictures, photo.stem, by=acting.in_name_of(pack.seller_id, by=viewer()))
    except DomainError:
        packs.discard_files(photo.stem)
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
        packs.become(pack, wanted, by=acting.in_name_of(pack.seller_id, by=viewer()))
    flash(_("已重新上架。") if wanted is PackState.ON_SALE else _("已下架，买家看不到了。"), "good")
    return redirect(url_for("listings.show", slug=slug), 303)

"""The buyer's side of complaints, and the pictures for whoever may read one."""

from __future__ import annotations

from collections.abc import Callable

from flask import Blueprint, Response, flash, make_response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from app.gateways.images import Renditions
from app.gateways.storage import media_type_of
from app.kernel import once
from app.kernel.db import transaction
from app.kernel.errors import DomainError, NotFound
from app.people.accounts import uploads
from app.trade.catalog import media
from app.trade.complaints import pages, photos, queries, service
from app.trade.complaints.errors import TooManyPhotos
from app.trade.complaints.forms import MakeForm, SettleForm, WordsForm
from app.trade.complaints.models import SELLER_ANSWERS_WITHIN
from app.trade.complaints.permissions import COMPLAINTS_MAKE
from app.trade.complaints.states import ComplaintState, Kind, Side
from app.trade.orders import queries as orders
from app.web.fields import Form, OnceForm, refuse
from app.web.guards import require, signed_in, viewer
from app.web.pager import links

bp = Blueprint("complaints", __name__, url_prefix="/orders")
mine = Blueprint("my_complaints", __name__, url_prefix="/complaints")


@mine.get("/mine")
@require(COMPLAINTS_MAKE)
def index() -> ResponseReturnValue:
    """His complaints, newest first."""
    page = queries.page_of_buyer(viewer(), cursor=request.args.get("after"))
    return render_template(
        "trade/complaints/index.html",
        rows=[pages.row_of(one) for one in page.items],
        page=links(page.next_cursor),
        reader=Side.BUYER,
    )


@mine.get("/<number>/photos/<int(max=9):position>")
@signed_in
def photo(number: str, position: int) -> ResponseReturnValue:
    """A picture of a complaint, for those who may read it. Raises `NotFound`."""
    found = queries.photo_of(queries.readable(viewer(), number), position)
    key = photos.key(found.stem, "full" if request.args.get("size") == "full" else "page")
    response: Response = make_response(media.store().get(key))
    response.content_type = media_type_of(key)
    response.headers["Cache-Control"] = "private, no-store"
    response.headers["Content-Security-Policy"] = "default-src 'none'; sandbox"
    return response


@bp.get("/<number>/complaint")
@require(COMPLAINTS_MAKE)
def show(number: str) -> ResponseReturnValue:
    """Where his complaint about an order stands, and the form to make one."""
    return _page(number)


def _page(number: str, *, status: int = 200, **given: Form) -> ResponseReturnValue:
    order = orders.order_of(viewer(), number)
    found = queries.of_order(order)
    one = pages.shown(found) if found is not None else None
    is_open = one is not None and one.turn.is_open
    may_make = not is_open and queries.count_of(order) < service.MOST_PER_ORDER
    forms: dict[str, Form] = {
        "make_form": MakeForm(formdata=None),
        "settle_form": SettleForm(formdata=None),
        "dissent_form": WordsForm(formdata=None),
        "words_form": WordsForm(formdata=None),
    }
    forms.update(given)
    html = render_template(
        "trade/complaints/show.html",
        order=order,
        one=one,
        holder=pages.holder_words(one.turn, reader=Side.BUYER) if one else "",
        may_make=may_make,
        may_settle=is_open,
        may_dissent=one is not None and one.turn.state is ComplaintState.ANSWERED,
        seller_name=orders.seller_name(order.seller_id),
        days=SELLER_ANSWERS_WITHIN.days,
        most_photos=photos.MOST,
        **forms,
    )
    return unstored(html, status)


def unstored(html: str, status: int = 200) -> ResponseReturnValue:
    """The page, which nobody on the way may keep."""
    response = make_response(html, status)
    response.headers["Cache-Control"] = "no-store"
    return response


@bp.post("/<number>/complaint")
@require(COMPLAINTS_MAKE)
def make(number: str) -> ResponseReturnValue:
    """The complaint goes to the seller, once however often it is sent."""
    form = MakeForm()
    orders.order_of(viewer(), number)
    if not form.validate_on_submit():
        return _page(number, status=422, make_form=form)
    here = url_for("complaints.show", number=number)
    stored: list[photos.Stored] = []
    try:
        stored = photos.store(_pictures(form))
        asked = _asked(form, "complaints.make", number)
        with transaction():
            earlier = once.earlier_answer(asked, answer=here)
            if earlier is None:
                words = form.words.data or ""
                service.make(number, Kind(form.kind.data), words, pictures=stored, by=viewer())
    except DomainError as error:
        photos.discard(stored)
        if isinstance(error, once.StillRunning) or error.status == 404:
            raise
        refuse(form, error)
        return _page(number, status=error.status, make_form=form)
    if earlier is not None:
        photos.discard(stored)
    flash(_("投诉已经交给卖家，三天内会有答复。"), "good")
    return redirect(here, 303)


def _pictures(form: MakeForm) -> list[Renditions]:
    """The photos, each known by its content and drawn anew. Raises `TooManyPhotos` and what `uploads.photo` raises."""
    files = [one for one in form.photos.data or [] if getattr(one, "filename", "")]
    if len(files) > photos.MOST:
        raise TooManyPhotos(most=photos.MOST, field="photos")
    try:
        return [uploads.photo(one.read(), by=viewer()) for one in files]
    except DomainError as error:
        error.field = "photos"
        raise


def _asked(form: OnceForm, act: str, number: str) -> once.Request:
    content = [number, *((name, value) for name, value in form.content() if name != "photos")]
    return once.Request.of(actor=viewer().actor, key=form.request_key.data or "", act=act, content=content)


@bp.post("/<number>/complaint/settlement")
@require(COMPLAINTS_MAKE)
def settle(number: str) -> ResponseReturnValue:
    """It is settled."""
    form = SettleForm()
    words = form.words.data or ""
    return _act(number, "settle_form", form, lambda: service.settle(number, words, by=viewer()), _("已记下：解决了。"))


@bp.post("/<number>/complaint/dissent")
@require(COMPLAINTS_MAKE)
def dissent(number: str) -> ResponseReturnValue:
    """The answer will not do."""
    form = WordsForm()
    words = form.words.data or ""

    def act() -> None:
        if once.earlier_answer(_asked(form, "complaints.dissent", number), answer=number) is None:
            service.dissent(number, words, by=viewer())

    return _act(number, "dissent_form", form, act, _("已经交给乡镇处理。"))


@bp.post("/<number>/complaint/words")
@require(COMPLAINTS_MAKE)
def add(number: str) -> ResponseReturnValue:
    """Something more to say."""
    form = WordsForm()
    words = form.words.data or ""

    def act() -> None:
        if once.earlier_answer(_asked(form, "complaints.words", number), answer=number) is None:
            service.add_words(service.of_buyer(number, by=viewer()), words, Side.BUYER, by=viewer())

    return _act(number, "words_form", form, act, _("已经补充上。"))


def _act(number: str, name: str, form: Form, act: Callable[[], object], done: str) -> ResponseReturnValue:
    if not form.validate_on_submit():
        return _page(number, status=422, **{name: form})
    if queries.of_order(orders.order_of(viewer(), number)) is None:
        raise NotFound()
    try:
        with transaction():
            act()
    except DomainError as error:
        if isinstance(error, once.StillRunning) or error.status == 404:
            raise
        refuse(form, error)
        return _page(number, status=error.status, **{name: form})
    flash(done, "good")
    return redirect(url_for("complaints.show", number=number), 303)

"""The buyer's door to his purchase points and their posted prices."""

from __future__ import annotations

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from app.kernel import clock, once
from app.kernel.db import transaction
from app.kernel.errors import DomainError
from app.trade.catalog import queries as catalog
from app.trade.intakes import pages, prices, queries
from app.trade.intakes.errors import OnlyBuyers
from app.trade.intakes.forms import ButtonForm, PointForm, PriceListForm, price_list_form
from app.trade.intakes.permissions import INTAKES_EDIT
from app.trade.intakes.prices import Posted, Spot
from app.web.fields import OnceForm, options, refuse
from app.web.guards import require, viewer
from app.web.pager import links

bp = Blueprint("points", __name__, url_prefix="/grower/points")


def asked(form: OnceForm, act: str, thing: str) -> once.Request:
    """The request with its key, what it is about, and what was sent."""
    return once.Request.of(
        actor=viewer().actor, key=form.request_key.data or "", act=act, content=[("of", thing), *form.content()]
    )


@bp.get("/new")
@require(INTAKES_EDIT)
def new() -> ResponseReturnValue:
    """A form for another purchase point."""
    return _new_page(PointForm(formdata=None))


def _new_page(form: PointForm, *, status: int = 200) -> ResponseReturnValue:
    if not queries.buyers_of(viewer()):
        raise OnlyBuyers()
    form.township.choices = options(catalog.township_choices())
    return render_template("trade/intakes/point_new.html", form=form), status


@bp.post("/new")
@require(INTAKES_EDIT)
def create() -> ResponseReturnValue:
    """Another purchase point."""
    form = PointForm()
    form.township.choices = options(catalog.township_choices())
    if not form.validate_on_submit():
        return _new_page(form, status=422)
    request_once = asked(form, "points.open", "")
    slug = ""
    try:
        with transaction():
            buyers = queries.buyers_of(viewer())
            if not buyers:
                raise OnlyBuyers()
            if once.earlier_answer(request_once, answer="") is None:
                spot = Spot(form.name.data or "", form.township.data, form.place.data or "")
                slug = prices.open_point(buyers[0], spot, by=viewer()).slug
    except DomainError as error:
        if error.field is None:
            raise
        refuse(form, error)
        return _new_page(form, status=error.status)
    flash(_("收购点开好了。先挂出牌价，才能收枣。"), "good")
    return redirect(url_for("points.prices_form", slug=slug) if slug else url_for("grower_intakes.index"), 303)


@bp.get("/<slug>")
@require(INTAKES_EDIT)
def show(slug: str) -> ResponseReturnValue:
    """One point: what it pays, what it paid, and whether it buys."""
    point = queries.point_of(viewer(), slug)
    (one,) = pages.with_boards([queries.named(point)])
    found = queries.history(point.id, cursor=request.args.get("after"))
    return render_template(
        "trade/intakes/point.html",
        one=one,
        history=pages.boards(found.items),
        page=links(found.next_cursor),
        form=ButtonForm(formdata=None),
    )


@bp.post("/<slug>/state")
@require(INTAKES_EDIT)
def turn(slug: str) -> ResponseReturnValue:
    """The point buys, or does not: by the button that was pressed."""
    form = ButtonForm()
    form.validate_on_submit()
    opens = request.form.get("state") == "open"
    request_once = asked(form, "points.turn", f"{slug} {opens}")
    with transaction():
        if once.earlier_answer(request_once, answer=slug) is None:
            point = queries.point_of(viewer(), slug, lock=True)
            if opens is not point.is_open:
                (prices.reopen_point if opens else prices.close_point)(point, by=viewer())
    flash(_("收购点开了。") if opens else _("收购点停收了。"), "good")
    return redirect(url_for("points.show", slug=slug), 303)


@bp.get("/<slug>/prices")
@require(INTAKES_EDIT)
def prices_form(slug: str) -> ResponseReturnValue:
    """A form for a new price list that knows what is in force."""
    point = queries.point_of(viewer(), slug)
    now = queries.in_force(point.id, at=clock.now())
    before = [Posted(one.variety_key, one.grade_key, one.per_jin, one.size) for one in now.lines] if now else []
    return _prices_page(slug, _price_form(before=before))


def _price_form(*, before: list[Posted] | None = None, is_sent: bool = False) -> PriceListForm:
    grades = pages.grade_choices(clock.today())
    return price_list_form(catalog.varieties(), grades, before=before or [], is_sent=is_sent)


def _prices_page(slug: str, form: PriceListForm, *, status: int = 200) -> ResponseReturnValue:
    point = queries.point_of(viewer(), slug)
    return render_template("trade/intakes/prices.html", form=form, point=point), status


@bp.post("/<slug>/prices")
@require(INTAKES_EDIT)
def post_prices(slug: str) -> ResponseReturnValue:
    """A new price list, which nobody changes any more."""
    form = _price_form(is_sent=True)
    if not form.validate_on_submit():
        return _prices_page(slug, form, status=422)
    request_once = asked(form, "points.post", slug)
    try:
        with transaction():
            if once.earlier_answer(request_once, answer=slug) is None:
                point = queries.point_of(viewer(), slug, lock=True)
                prices.post(point, form.posted(), since=form.since.data, note=form.note.data or "", by=viewer())
    except once.StillRunning:
        raise
    except DomainError as error:
        if error.status == 404:
            raise
        refuse(form, error)
        return _prices_page(slug, form, status=error.status)
    flash(_("牌价挂出去了，谁都看得到。"), "good")
    return redirect(url_for("points.show", slug=slug), 303)

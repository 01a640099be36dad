"""The buyer's side of deliveries, made for a phone at the scale; and the official's, who reads."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from app.kernel import clock, once
from app.kernel.db import transaction
from app.kernel.errors import DomainError
from app.people.growers.models import Seller
from app.people.townships import queries as townships
from app.trade.catalog import queries as catalog
from app.trade.intakes import objections, pages, paying, queries, service, storing
from app.trade.intakes.forms import (
    AnswerForm,
    ButtonForm,
    DeliveryForm,
    FindGrowerForm,
    GradingForm,
    PaymentForm,
    RefusalForm,
    StoreForm,
    grading_form,
)
from app.trade.intakes.models import Intake
from app.trade.intakes.permissions import INTAKES_EDIT, INTAKES_READ
from app.trade.intakes.points import asked
from app.trade.intakes.service import Delivery, Supplier
from app.trade.intakes.states import IntakeState, Way
from app.web.fields import OnceForm, options, refuse
from app.web.guards import require, viewer
from app.web.pager import links

bp = Blueprint("grower_intakes", __name__, url_prefix="/grower/intakes")
official = Blueprint("intakes_desk", __name__, url_prefix="/desk/intakes")


@bp.get("")
@require(INTAKES_EDIT)
def index() -> ResponseReturnValue:
    """The buyer's points, and what came to them, newest first."""
    found = queries.page_of_buyer(viewer(), cursor=request.args.get("after"))
    return render_template(
        "trade/intakes/index.html",
        is_buyer=bool(queries.buyers_of(viewer())),
        points=queries.points_of(viewer()),
        rows=found.items,
        tone=pages.tone,
        page=links(found.next_cursor),
    )


@bp.get("/at/<slug>")
@require(INTAKES_EDIT)
def new(slug: str) -> ResponseReturnValue:
    """First whose fruit it is, then the scale."""
    point = queries.point_of(viewer(), slug)
    is_outside = "outside" in request.args
    if request.args.get("grower") or is_outside:
        grower = None if is_outside else queries.household(request.args["grower"])
        form = DeliveryForm(
            formdata=None, grower=grower.slug if grower else "", village=_village(grower), harvest_year=_last_harvest()
        )
        return _delivery_page(slug, form)
    find = FindGrowerForm(request.args)
    words = (find.q.data or "")[:30]
    return render_template(
        "trade/intakes/who.html",
        point=point,
        form=find,
        is_sought=bool(words),
        found=queries.households(words) if words else queries.recent_households(point.id),
    )


def _village(grower: Seller | None) -> str:
    return townships.village_name(grower.village_id) if grower else ""


def _last_harvest() -> int:
    today = clock.today()
    return today.year if today.month >= 9 else today.year - 1


def _delivery_page(slug: str, form: DeliveryForm, *, status: int = 200) -> ResponseReturnValue:
    point = queries.named(queries.point_of(viewer(), slug))
    _give_varieties(form, point.point.id)
    grower = queries.household(form.grower.data) if form.grower.data else None
    return render_template("trade/intakes/new.html", form=form, one=point, grower=grower), status


def _give_varieties(form: DeliveryForm, point_id: int) -> None:
    """Only what has a price today is offered."""
    now = queries.in_force(point_id, at=clock.now())
    posted = {line.variety_key for line in now.lines} if now else set()
    form.variety.choices = options((key, name) for key, name in catalog.varieties() if key in posted)


@bp.post("/at/<slug>")
@require(INTAKES_EDIT)
def create(slug: str) -> ResponseReturnValue:
    """Fruit came and was weighed."""
    form = DeliveryForm()
    point = queries.point_of(viewer(), slug)
    _give_varieties(form, point.id)
    # Without any price there is nothing to choose from; the rule says so better than the field.
    form.variety.validate_choice = bool(form.variety.choices)
    if not form.validate_on_submit():
        return _delivery_page(slug, form, status=422)
    ticket = form.ticket.data or ""
    try:
        with transaction():
            if once.earlier_answer(asked(form, "intakes.deliver", slug), answer=ticket) is None:
                service.deliver(slug, _delivery(form), _supplier(form), by=viewer())
    except once.StillRunning:
        raise
    except DomainError as error:
        if error.status == 404:
            raise
        refuse(form, error)
        return _delivery_page(slug, form, status=error.status)
    flash(_("过秤记好了，接着分级。"), "good")
    return redirect(url_for("grower_intakes.grading", number=queries.by_ticket(point.id, ticket).number), 303)


def _delivery(form: DeliveryForm) -> Delivery:
    try:
        gross, tare, unit = form.weights()
    except DomainError as error:
        error.field = "gross"
        raise
    return Delivery(
        ticket=form.ticket.data or "",
        variety_key=form.variety.data or "",
        gross=gross,
        tare=tare,
        unit=unit,
        harvest_year=form.harvest_year.data,
        village_name=form.village.data or "",
    )


def _supplier(form: DeliveryForm) -> Supplier:
    if form.grower.data:
        return Supplier(queries.household(form.grower.data).id, is_member=bool(form.is_member.data))
    return Supplier(name=form.outside_name.data or "", place=form.outside_place.data or "")


@bp.get("/<number>")
@require(INTAKES_EDIT)
def show(number: str) -> ResponseReturnValue:
    """One delivery, and what comes next."""
    return _page(number)


def _page(number: str, *, status: int = 200, **given: OnceForm) -> ResponseReturnValue:
    intake = queries.intake_of_buyer(viewer(), number)
    forms: dict[str, OnceForm] = {
        "accept_form": ButtonForm(formdata=None),
        "refuse_form": RefusalForm(formdata=None),
        "store_form": StoreForm(formdata=None, place=intake.store_place),
        "pay_form": PaymentForm(formdata=None, amount=queries.left_of(intake) or None),
        "answer_form": AnswerForm(formdata=None),
    }
    forms.update(given)
    return render_template(
        "trade/intakes/show.html", one=pages.intake_page(intake), percent=pages.percent, **forms
    ), status


@bp.get("/<number>/grading")
@require(INTAKES_EDIT)
def grading(number: str) -> ResponseReturnValue:
    """The second page at the scale: who stands by, and what weighs what."""
    intake = queries.intake_of_buyer(viewer(), number)
    if intake.state not in (IntakeState.WEIGHED, IntakeState.PRICED):
        return redirect(url_for("grower_intakes.show", number=number), 303)
    return _grading_page(intake, _grading_form(intake))


def _grading_form(intake: Intake, *, is_sent: bool = False) -> GradingForm:
    grades = pages.all_grades()
    posted = queries.posted_for(intake)
    names = {key: pages.grade_words(grades[key]) for key in sorted(posted, key=lambda key: -posted[key].fen)}
    return grading_form(names, is_sent=is_sent)


def _grading_page(intake: Intake, form: GradingForm, *, status: int = 200) -> ResponseReturnValue:
    html = render_template(
        "trade/intakes/grading.html", row=queries.row_of(intake), form=form, posted=queries.posted_for(intake)
    )
    return html, status


@bp.post("/<number>/grading")
@require(INTAKES_EDIT)
def grade(number: str) -> ResponseReturnValue:
    """The fruit was graded with somebody present, and priced."""
    intake = queries.intake_of_buyer(viewer(), number)
    form = _grading_form(intake, is_sent=True)
    if not form.validate_on_submit():
        return _grading_page(intake, form, status=422)
    try:
        with transaction():
            if once.earlier_answer(asked(form, "intakes.grade", number), answer=number) is None:
                service.grade(number, form.grading(intake.unit), by=viewer())
    except once.StillRunning:
        raise
    except DomainError as error:
        if error.status == 404:
            raise
        refuse(form, error)
        return _grading_page(queries.intake_of_buyer(viewer(), number), form, status=error.status)
    flash(_("价算好了。给枣农看过，再收下。"), "good")
    return redirect(url_for("grower_intakes.show", number=number), 303)


def _act(
    number: str, form: OnceForm, name: str, act: Callable[[], Any], *, said: str, things: str = ""
) -> ResponseReturnValue:
    """Do it once, and show the delivery again, with the form where a rule or a field refused."""
    if not form.validate_on_submit():
        return _page(number, status=422, **{name: form})
    try:
        with transaction():
            if once.earlier_answer(asked(form, f"intakes.{name}", number + things), answer=number) is None:
                act()
    except once.StillRunning:
        raise
    except DomainError as error:
        if error.field is None:
            raise
        refuse(form, error)
        return _page(number, status=error.status, **{name: form})
    flash(said, "good")
    return redirect(url_for("grower_intakes.show", number=number), 303)


@bp.post("/<number>/acceptance")
@require(INTAKES_EDIT)
def accept(number: str) -> ResponseReturnValue:
    """The fruit is the buyer's."""
    return _act(
        number,
        ButtonForm(),
        "accept_form",
        lambda: service.accept(number, by=viewer()),
        said=_("收下了，单子可以打印给枣农。"),
    )


@bp.post("/<number>/refusal")
@require(INTAKES_EDIT)
def refuse_it(number: str) -> ResponseReturnValue:
    """The fruit goes back."""
    form = RefusalForm()
    return _act(
        number,
        form,
        "refuse_form",
        lambda: service.refuse(number, because=form.because.data or "", by=viewer()),
        said=_("记下了：这车没有收。"),
    )


@bp.post("/<number>/store")
@require(INTAKES_EDIT)
def store(number: str) -> ResponseReturnValue:
    """Where all of it lies."""
    form = StoreForm()
    return _act(
        number,
        form,
        "store_form",
        lambda: storing.store(number, place=form.place.data or "", by=viewer()),
        said=_("库位记好了。"),
    )


@bp.post("/<number>/lots/<code>/place")
@require(INTAKES_EDIT)
def put(number: str, code: str) -> ResponseReturnValue:
    """Where one lot of it lies from now on."""
    form = StoreForm()
    return _act(
        number,
        form,
        "store_form",
        lambda: storing.put(number, code, place=form.place.data or "", by=viewer()),
        said=_("库位改好了。"),
        things=code,
    )


@bp.post("/<number>/payments")
@require(INTAKES_EDIT)
def pay(number: str) -> ResponseReturnValue:
    """The buyer has paid."""
    form = PaymentForm()

    def act() -> object:
        way, reference = Way(form.way.data), form.reference.data or ""
        return paying.pay(number, amount=form.amount.data, way=way, reference=reference, by=viewer())

    return _act(number, form, "pay_form", act, said=_("付款记好了。"))


@bp.post("/<number>/answer")
@require(INTAKES_EDIT)
def answer(number: str) -> ResponseReturnValue:
    """The buyer answers an objection."""
    form = AnswerForm()
    return _act(
        number,
        form,
        "answer_form",
        lambda: objections.answer(number, words=form.words.data or "", by=viewer()),
        said=_("答复好了，枣农看得到。"),
    )


@bp.get("/<number>/slip")
@require(INTAKES_EDIT)
def slip(number: str) -> ResponseReturnValue:
    """The grower's copy, to print."""
    return pages.slip_page(
        queries.intake_of_buyer(viewer(), number), back=url_for("grower_intakes.show", number=number)
    )


@official.get("")
@require(INTAKES_READ)
def all_intakes() -> ResponseReturnValue:
    """The points of the official's townships, objections that wait, and deliveries, newest first."""
    found = queries.page_in_scope(viewer(), cursor=request.args.get("after"))
    return render_template(
        "trade/intakes/desk_index.html",
        points=pages.with_boards(queries.points_in_scope(viewer())),
        waiting=queries.waiting_objections(viewer()),
        rows=found.items,
        tone=pages.tone,
        page=links(found.next_cursor),
    )


@official.get("/<number>")
@require(INTAKES_READ)
def one_intake(number: str) -> ResponseReturnValue:
    """One delivery in his townships."""
    one = pages.intake_page(queries.intake_in_scope(viewer(), number))
    return render_template("trade/intakes/desk_show.html", one=one, percent=pages.percent)

"""Complaints at the seller's, on his phone, and at the officials' desk."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from flask import Blueprint, flash, make_response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from app.kernel import once
from app.kernel.db import transaction
from app.kernel.errors import DomainError
from app.trade.complaints import pages, queries, service
from app.trade.complaints.forms import DecideForm, WordsForm
from app.trade.complaints.permissions import COMPLAINTS_ANSWER, COMPLAINTS_DECIDE, COMPLAINTS_READ
from app.trade.complaints.queries import Shelf
from app.trade.complaints.states import ComplaintState, Outcome, Side
from app.web.fields import Form, OnceForm, refuse
from app.web.guards import require, viewer
from app.web.pager import links

bp = Blueprint("grower_complaints", __name__, url_prefix="/grower/complaints")
official = Blueprint("complaints_desk", __name__, url_prefix="/desk/complaints")


@dataclass(frozen=True, slots=True)
class Tab:
    """One list with its counter."""

    shelf: Shelf
    count: int
    url: str
    is_current: bool


@bp.get("")
@require(COMPLAINTS_ANSWER)
def index() -> ResponseReturnValue:
    """Complaints about his shops, newest first."""
    page = queries.page_of_seller(viewer(), cursor=request.args.get("after"))
    return render_template(
        "trade/complaints/grower_index.html",
        rows=[pages.row_of(one) for one in page.items],
        page=links(page.next_cursor),
    )


@bp.get("/<number>")
@require(COMPLAINTS_ANSWER)
def show(number: str) -> ResponseReturnValue:
    """One complaint about his shop, and the form to answer."""
    return _page(number)


def _page(number: str, *, status: int = 200, **given: Form) -> ResponseReturnValue:
    one = pages.shown(queries.of_seller(viewer(), number))
    waits = one.turn.state is ComplaintState.WAITING
    html = render_template(
        "trade/complaints/grower_show.html",
        one=one,
        holder=pages.holder_words(one.turn, reader=Side.SELLER),
        waits=waits,
        words_form=given.get("words_form") or WordsForm(formdata=None),
    )
    return _unstored(html, status)


def _unstored(html: str, status: int) -> ResponseReturnValue:
    response = make_response(html, status)
    response.headers["Cache-Control"] = "no-store"
    return response


@bp.post("/<number>/answer")
@require(COMPLAINTS_ANSWER)
def answer(number: str) -> ResponseReturnValue:
    """The seller has answered."""
    form = WordsForm()

    def act() -> None:
        service.answer(number, form.words.data or "", by=viewer())

    return _of_seller(number, form, "complaints.answer", act, _("已经答复买家。"))


@bp.post("/<number>/words")
@require(COMPLAINTS_ANSWER)
def add(number: str) -> ResponseReturnValue:
    """The seller adds something."""
    form = WordsForm()

    def act() -> None:
        complaint = queries.of_seller(viewer(), number, lock=True)
        service.add_words(complaint, form.words.data or "", Side.SELLER, by=viewer())

    return _of_seller(number, form, "complaints.words", act, _("已经补充上。"))


def _of_seller(number: str, form: OnceForm, name: str, act: Callable[[], None], done: str) -> ResponseReturnValue:
    refused = _refusal(form, name, number, act)
    if refused:
        return _page(number, status=refused, words_form=form)
    flash(done, "good")
    return redirect(url_for("grower_complaints.show", number=number), 303)


def _refusal(form: OnceForm, name: str, number: str, act: Callable[[], None]) -> int:
    """The act is done, once however often it is sent, and 0; or the form says why not, and the status."""
    if not form.validate_on_submit():
        return 422
    asked = once.Request.of(
        actor=viewer().actor, key=form.request_key.data or "", act=name, content=[number, *form.content()]
    )
    try:
        with transaction():
            if once.earlier_answer(asked, answer=number) is None:
                act()
    except DomainError as error:
        if isinstance(error, once.StillRunning) or error.status == 404:
            raise
        refuse(form, error)
        return error.status
    return 0


@official.get("", endpoint="index")
@require(COMPLAINTS_READ)
def all_complaints() -> ResponseReturnValue:
    """Complaints of his townships: what waits for him by its clock, the overdue ones first."""
    who = viewer()
    wanted = request.args.get("list", "")
    shelf = Shelf(wanted) if wanted in set(Shelf) else Shelf.WAITING
    page = queries.page_in_scope(who, shelf=shelf, cursor=request.args.get("after"))
    tabs = [
        Tab(one, count, url_for("complaints_desk.index", list=one.value), one is shelf)
        for one, count in queries.counts_in_scope(who).items()
    ]
    return render_template(
        "trade/complaints/desk.html",
        tabs=tabs,
        shelf=shelf,
        rows=[pages.row_of(one) for one in page.items],
        page=links(page.next_cursor),
    )


@official.get("/<number>", endpoint="show")
@require(COMPLAINTS_READ)
def one_complaint(number: str) -> ResponseReturnValue:
    """One complaint of his townships, all that was said, and what he may do."""
    return _desk_page(number)


def _desk_page(number: str, *, status: int = 200, **given: Form) -> ResponseReturnValue:
    who = viewer()
    complaint = queries.of_official(who, number, COMPLAINTS_READ)
    one = pages.shown(complaint)
    is_own = service.is_own(complaint, who)
    may_act = who.may(COMPLAINTS_DECIDE) and not is_own
    is_mine = service.side_of(who) is Side.TOWNSHIP or one.turn.is_overdue
    html = render_template(
        "trade/complaints/desk_show.html",
        one=one,
        holder=pages.holder_words(one.turn, reader=service.side_of(who) if may_act else None),
        is_own=is_own,
        may_speak=may_act and one.turn.is_open,
        may_decide=may_act and is_mine and one.turn.state is ComplaintState.PASSED,
        decide_form=given.get("decide_form") or DecideForm(formdata=None),
        words_form=given.get("words_form") or WordsForm(formdata=None),
    )
    return _unstored(html, status)


@official.post("/<number>/decision")
@require(COMPLAINTS_DECIDE)
def decide(number: str) -> ResponseReturnValue:
    """It is decided."""
    form = DecideForm()

    def act() -> None:
        service.decide(number, Outcome(form.outcome.data), form.words.data or "", by=viewer())

    return _of_official(number, form, "complaints.decide", act, _("已告诉买卖双方。"))


@official.post("/<number>/words", endpoint="add")
@require(COMPLAINTS_DECIDE)
def add_words(number: str) -> ResponseReturnValue:
    """The official asks or adds something."""
    form = WordsForm()

    def act() -> None:
        who = viewer()
        complaint = service.to_decide(number, by=who)
        service.add_words(complaint, form.words.data or "", service.side_of(who), by=who)

    return _of_official(number, form, "complaints.ask", act, _("已经写上，双方看得到。"))


def _of_official(number: str, form: OnceForm, name: str, act: Callable[[], None], done: str) -> ResponseReturnValue:
    refused = _refusal(form, name, number, act)
    if refused:
        given = {"decide_form" if isinstance(form, DecideForm) else "words_form": form}
        return _desk_page(number, status=refused, **given)
    flash(done, "good")
    return redirect(url_for("complaints_desk.show", number=number), 303)

"""The seller's and the official's side of returns: answering, deciding, taking goods in, looking at them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from app.kernel import clock
from app.kernel.db import transaction
from app.kernel.errors import DomainError
from app.people.growers import queries as growers
from app.trade.orders.permissions import ORDERS_SHIP
from app.trade.returns import goods, queries, service
from app.trade.returns.forms import DecideForm, InspectForm, NothingForm, RefuseForm, inspect_form
from app.trade.returns.models import Return
from app.trade.returns.pages import return_page
from app.trade.returns.permissions import RETURNS_DECIDE, RETURNS_READ
from app.trade.returns.states import ReturnState, Why
from app.web.fields import refuse
from app.web.guards import require, viewer
from app.web.pager import links

grower = Blueprint("grower_returns", __name__, url_prefix="/grower/returns")
official = Blueprint("returns_desk", __name__, url_prefix="/desk/returns")


@dataclass(frozen=True, slots=True)
class Forms:
    """The forms of a page; those that were sent and refused keep what was written."""

    refused: RefuseForm = field(default_factory=lambda: RefuseForm(formdata=None))
    decided: DecideForm | None = None
    inspected: InspectForm | None = None


def _may_arrive(found: Return) -> bool:
    return found.state in (ReturnState.AGREED, ReturnState.SENT_BACK)


def _inspection(found: Return, *, is_sent: bool = False) -> InspectForm | None:
    if found.state is not ReturnState.ARRIVED:
        return None
    may_refuse = found.why is Why.NO_REASON and found.refund_id is None
    return inspect_form(goods.coming(found, queries.order_of(found)), may_refuse=may_refuse, is_sent=is_sent)


@grower.get("")
@require(ORDERS_SHIP)
def index() -> ResponseReturnValue:
    """Returns to his shops, newest first."""
    page = queries.page_of_seller(viewer(), cursor=request.args.get("after"))
    return render_template("trade/returns/grower_index.html", rows=page.items, page=links(page.next_cursor))


@grower.get("/<code>")
@require(ORDERS_SHIP)
def show(code: str) -> ResponseReturnValue:
    """One return to his shop, and what he can do now."""
    return _grower_page(code, Forms())


def _grower_page(code: str, forms: Forms, *, status: int = 200) -> ResponseReturnValue:
    found = queries.of_seller(viewer(), code)
    html = render_template(
        "trade/returns/grower_show.html",
        found=return_page(found, queries.order_of(found)),
        may_agree=found.state in (ReturnState.ASKED, ReturnState.DISPUTED),
        refuse_form=forms.refused if found.state is ReturnState.ASKED else None,
        may_arrive=_may_arrive(found),
        inspect_form=forms.inspected or _inspection(found),
        nothing_form=NothingForm(formdata=None),
    )
    return html, status


@grower.post("/<code>/agreement")
@require(ORDERS_SHIP)
def agree(code: str) -> ResponseReturnValue:
    """The seller agrees."""
    with transaction():
        service.agree(queries.of_seller(viewer(), code), by=viewer())
    flash(_("已同意，买家马上能看到。"), "good")
    return redirect(url_for("grower_returns.show", code=code), 303)


@grower.post("/<code>/refusal")
@require(ORDERS_SHIP)
def refuse_it(code: str) -> ResponseReturnValue:
    """The seller does not agree, so that an official decides."""
    form = RefuseForm()
    if not form.validate_on_submit():
        return _grower_page(code, Forms(refused=form), status=422)
    with transaction():
        service.refuse(queries.of_seller(viewer(), code), because=form.because.data or "", by=viewer())
    flash(_("已记下，由乡镇干部来定。"), "good")
    return redirect(url_for("grower_returns.show", code=code), 303)


@grower.post("/<code>/arrival")
@require(ORDERS_SHIP)
def arrive(code: str) -> ResponseReturnValue:
    """The goods are back with the seller."""
    with transaction():
        service.arrive(queries.of_seller(viewer(), code), by=viewer())
    flash(_("已登记，请打开看看，再验货。"), "good")
    return redirect(url_for("grower_returns.show", code=code), 303)


@grower.post("/<code>/inspection")
@require(ORDERS_SHIP)
def inspect(code: str) -> ResponseReturnValue:
    """The seller has looked at every piece."""
    return _inspected(
        code,
        load=lambda: queries.of_seller(viewer(), code),
        page=lambda form, status: _grower_page(code, Forms(inspected=form), status=status),
        then=url_for("grower_returns.show", code=code),
    )


def _inspected(
    code: str,
    *,
    load: Callable[[], Return],
    page: Callable[[InspectForm, int], ResponseReturnValue],
    then: str,
) -> ResponseReturnValue:
    form = _inspection(load(), is_sent=True)
    if form is not None and not form.validate_on_submit():
        return page(form, 422)
    try:
        with transaction():
            seen, words = (form.seen(), form.words.data or "") if form is not None else ({}, "")
            service.inspect(load(), seen, words=words, by=viewer())
    except DomainError as error:
        if form is None or error.status == 404:
            raise
        refuse(form, error)
        return page(form, error.status)
    flash(_("验好了，该退的钱已经安排退。"), "good")
    return redirect(then, 303)


@official.get("")
@require(RETURNS_READ)
def all_returns() -> ResponseReturnValue:
    """What waits for a decision, and all returns in the official's townships, newest first."""
    page = queries.page_in_scope(viewer(), cursor=request.args.get("after"))
    return render_template(
        "trade/returns/desk_index.html",
        to_decide=queries.to_decide(viewer()),
        rows=page.items,
        page=links(page.next_cursor),
    )


@official.get("/<code>")
@require(RETURNS_READ)
def one_return(code: str) -> ResponseReturnValue:
    """One return in his townships, and what he may do now."""
    return _desk_page(code, Forms())


def _desk_page(code: str, forms: Forms, *, status: int = 200) -> ResponseReturnValue:
    who = viewer()
    found = queries.in_scope(who, code, RETURNS_READ)
    is_own = who.person_id == found.buyer_id or growers.is_member(who.person_id, found.seller_id)
    may = who.may(RETURNS_DECIDE) and not is_own
    html = render_template(
        "trade/returns/desk_show.html",
        found=return_page(found, queries.order_of(found)),
        is_own=is_own,
        decide_form=(forms.decided or _decide_form(found)) if may and _is_theirs(found) else None,
        may_arrive=may and _may_arrive(found),
        inspect_form=(forms.inspected or _inspection(found)) if may else None,
        nothing_form=NothingForm(formdata=None),
    )
    return html, status


def _is_theirs(found: Return) -> bool:
    is_silent = found.state is ReturnState.ASKED and clock.now() >= found.asked_at + service.ANSWER_WITHIN
    return is_silent or found.state is ReturnState.DISPUTED


def _decide_form(found: Return, *, is_sent: bool = False) -> DecideForm:
    form = DecideForm() if is_sent else DecideForm(formdata=None, amount=found.amount)
    form.fill(with_goods=found.with_goods)
    return form


@official.post("/<code>/decision")
@require(RETURNS_DECIDE)
def decide(code: str) -> ResponseReturnValue:
    """The official decides between buyer and seller."""
    form = _decide_form(queries.in_scope(viewer(), code, RETURNS_DECIDE), is_sent=True)
    if not form.validate_on_submit():
        return _desk_page(code, Forms(decided=form), status=422)
    try:
        with transaction():
            service.decide(
                queries.in_scope(viewer(), code, RETURNS_DECIDE),
                agrees=form.decision.data == "agree",
                because=form.because.data or "",
                amount=form.amount.data if "amount" in form else None,
                by=viewer(),
            )
    except DomainError as error:
        if error.field is None:
            raise
        refuse(form, error)
        return _desk_page(code, Forms(decided=form), status=error.status)
    flash(_("已决定，买卖双方都能看到。"), "good")
    return redirect(url_for("returns_desk.one_return", code=code), 303)


@official.post("/<code>/arrival")
@require(RETURNS_DECIDE)
def arrived(code: str) -> ResponseReturnValue:
    """The goods were brought to the official."""
    with transaction():
        found = queries.in_scope(viewer(), code, RETURNS_DECIDE)
        service.refuse_own(found, by=viewer())
        service.arrive(found, by=viewer())
    flash(_("已登记退货到了。"), "good")
    return redirect(url_for("returns_desk.one_return", code=code), 303)


@official.post("/<code>/inspection")
@require(RETURNS_DECIDE)
def inspected(code: str) -> ResponseReturnValue:
    """The official has looked at every piece."""

    def load() -> Return:
        found = queries.in_scope(viewer(), code, RETURNS_DECIDE)
        service.refuse_own(found, by=viewer())
        return found

    return _inspected(
        code,
        load=load,
        page=lambda form, status: _desk_page(code, Forms(inspected=form), status=status),
        then=url_for("returns_desk.one_return", code=code),
    )

"""Recalls at the officials' desk: the list, one recall with every order that it concerns, lifting and finishing it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from flask import Blueprint, flash, make_response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from app.kernel.db import transaction
from app.kernel.errors import DomainError
from app.people.accounts import disclosure
from app.people.accounts import queries as people
from app.trade.orders import queries as orders
from app.trade.recalls import queries, service, sheet
from app.trade.recalls.forms import BecauseForm, BuyerForm
from app.trade.recalls.models import Recall
from app.trade.recalls.permissions import RECALLS_LIFT, RECALLS_READ, RECALLS_UNMASK
from app.trade.recalls.queries import MOST_LISTED, Affected, Listed
from app.web.fields import refuse
from app.web.guards import require, viewer
from app.web.pager import links

bp = Blueprint("recalls_desk", __name__, url_prefix="/desk/recalls")


@dataclass(frozen=True, slots=True)
class Buyer:
    """Whom an order was for, in clear, once a reason was given."""

    order_number: str
    name: str
    phone: str


@bp.get("")
@require(RECALLS_READ)
def index() -> ResponseReturnValue:
    """Recalls of lots in his townships, the newest first."""
    page = queries.page_in_scope(viewer(), cursor=request.args.get("after"))
    return render_template("trade/recalls/desk_index.html", rows=page.items, page=links(page.next_cursor))


@bp.get("/<number>")
@require(RECALLS_READ)
def show(number: str) -> ResponseReturnValue:
    """One recall: its lots, and every order that has something of them; to print, too."""
    return _page(number)


def _page(
    number: str, *, status: int = 200, buyer: Buyer | None = None, given: Mapping[str, BecauseForm] | None = None
) -> ResponseReturnValue:
    who = viewer()
    one = queries.in_scope(who, number, may=RECALLS_READ)
    found = _affected(one)
    forms = given or {}
    may_end = who.may(RECALLS_LIFT) and one.recall.is_in_force
    html = render_template(
        "trade/recalls/show.html",
        one=one,
        lots=queries.lots_of(one.recall.id),
        made_by=people.person(one.recall.made_by_id).name,
        ended_by=people.person(one.recall.ended_by_id).name if one.recall.ended_by_id else "",
        orders=found[:MOST_LISTED],
        total=len(found),
        buyer=buyer,
        lift_form=forms.get("lift_form") or BecauseForm(formdata=None) if may_end else None,
        finish_form=forms.get("finish_form") or BecauseForm(formdata=None) if may_end else None,
        buyer_form=forms.get("buyer_form") or BuyerForm(formdata=None) if who.may(RECALLS_UNMASK) else None,
        is_own=one.recall.made_by_id == who.person_id,
    )
    response = make_response(html, status)
    response.headers["Cache-Control"] = "no-store"
    return response


def _affected(one: Listed) -> list[Affected]:
    return queries.affected([lot.id for lot in queries.lots_of(one.recall.id)])


@bp.get("/<number>/orders.csv")
@require(RECALLS_READ)
def export(number: str) -> ResponseReturnValue:
    """The orders that a recall concerns, as a table without buyers."""
    one = queries.in_scope(viewer(), number, may=RECALLS_READ)
    response = make_response(sheet.write(_affected(one)))
    response.headers["Content-Type"] = "text/csv; charset=utf-8"
    response.headers["Content-Disposition"] = f'attachment; filename="recall-{one.recall.number}.csv"'
    return response


@bp.post("/<number>/lifting")
@require(RECALLS_LIFT)
def lift(number: str) -> ResponseReturnValue:
    """Somebody else's recall was not needed."""
    return _ended(number, "lift_form", service.lift, _("已解除，这批枣又能卖了。"))


@bp.post("/<number>/disposal")
@require(RECALLS_LIFT)
def finish(number: str) -> ResponseReturnValue:
    """What was recalled is gone."""
    return _ended(number, "finish_form", service.finish, _("已登记，封存的货记为损耗。"))


def _ended(number: str, name: str, act: Callable[..., Recall], done: str) -> ResponseReturnValue:
    form = BecauseForm()
    queries.in_scope(viewer(), number, may=RECALLS_LIFT)
    if not form.validate_on_submit():
        return _page(number, status=422, given={name: form})
    try:
        with transaction():
            act(number, because=form.because.data or "", by=viewer())
    except DomainError as error:
        if error.status == 404:
            raise
        refuse(form, error)
        return _page(number, status=error.status, given={name: form})
    flash(done, "good")
    return redirect(url_for("recalls_desk.show", number=number), 303)


@bp.post("/<number>/buyer")
@require(RECALLS_UNMASK)
def unmask(number: str) -> ResponseReturnValue:
    """Show whom an order was for, once, after its row is on record."""
    one = queries.in_scope(viewer(), number, may=RECALLS_UNMASK)
    form = BuyerForm()
    if not form.validate_on_submit():
        return _page(number, status=422, given={"buyer_form": form})
    found = next((order for order in _affected(one) if order.number == form.order_number.data), None)
    if found is None:
        form.order_number.errors = [_("这份召回里没有这个订单。")]
        return _page(number, status=422, given={"buyer_form": form})
    try:
        with transaction():
            disclosure.record(
                found.buyer_id, field="recall", by=viewer(), under=RECALLS_UNMASK, because=form.because.data or ""
            )
    except DomainError as error:
        if error.status == 404:
            raise
        refuse(form, error)
        return _page(number, status=error.status, given={"buyer_form": form})
    to = orders.ship_to(queries.order_of(found))
    return _page(number, buyer=Buyer(found.number, to.consignee, to.phone))

"""The buyer's side of returns: asking, taking it back, sending the goods."""

from __future__ import annotations

from flask import Blueprint, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from app.kernel import clock, once
from app.kernel.db import transaction
from app.kernel.errors import DomainError, NotFound
from app.trade.catalog.returns import ReturnRule
from app.trade.orders import queries as orders
from app.trade.orders.models import Order
from app.trade.orders.permissions import ORDERS_BUY
from app.trade.orders.states import OrderState
from app.trade.returns import queries, service
from app.trade.returns.forms import AskForm, NothingForm, ParcelForm, ask_form
from app.trade.returns.pages import return_page
from app.trade.returns.states import ReturnState
from app.web.fields import refuse
from app.web.guards import require, viewer

bp = Blueprint("returns", __name__, url_prefix="/orders/<number>/returns")


@bp.get("")
@require(ORDERS_BUY)
def new(number: str) -> ResponseReturnValue:
    """The form on which a buyer says what is wrong, and what he asked before."""
    order = orders.order_of(viewer(), number)
    return _form_page(order, ask_form(order.lines, without_reason=_may_without_reason(order)))


def _may_without_reason(order: Order) -> bool:
    last = service.last_day_of(order)
    is_in_time = last is not None and clock.today() <= last
    return is_in_time and any(line.return_rule is ReturnRule.SEVEN_DAYS for line in order.lines)


def _form_page(order: Order, form: AskForm, *, status: int = 200) -> ResponseReturnValue:
    html = render_template(
        "trade/returns/ask.html",
        order=order,
        form=form,
        left={line.id: line.pieces - line.asked_back for line in order.lines},
        may_ask=order.state is OrderState.RECEIVED,
        last_day=service.last_day_of(order),
        returns=queries.of_order(order),
    )
    return html, status


@bp.post("")
@require(ORDERS_BUY)
def ask(number: str) -> ResponseReturnValue:
    """The seller is asked, once however often it is tapped."""
    order = orders.order_of(viewer(), number)
    form = ask_form(order.lines, without_reason=_may_without_reason(order), is_sent=True)
    if not form.validate_on_submit():
        return _form_page(order, form, status=422)
    asked = once.Request.of(
        actor=viewer().actor, key=form.request_key.data or "", act="returns.ask", content=[number, *form.content()]
    )
    answer = url_for("orders.show", number=number)
    try:
        with transaction():
            if once.earlier_answer(asked, answer=answer) is None:
                service.ask(number, form.wanted(), by=viewer())
    except (NotFound, once.StillRunning):
        raise
    except DomainError as error:
        refuse(form, error)
        return _form_page(orders.order_of(viewer(), number), form, status=error.status)
    flash(_("已经告诉卖家，三天内会有答复。"), "good")
    return redirect(answer, 303)


@bp.get("/<code>")
@require(ORDERS_BUY)
def show(number: str, code: str) -> ResponseReturnValue:
    """One return, and what the buyer can do now."""
    return _page(number, code, ParcelForm(formdata=None))


def _page(number: str, code: str, form: ParcelForm, *, status: int = 200) -> ResponseReturnValue:
    found = queries.of_buyer(viewer(), number, code)
    html = render_template(
        "trade/returns/show.html",
        found=return_page(found, queries.order_of(found)),
        parcel_form=form if found.state is ReturnState.AGREED else None,
        may_withdraw=found.state in (ReturnState.ASKED, ReturnState.DISPUTED, ReturnState.AGREED),
        nothing_form=NothingForm(formdata=None),
    )
    return html, status


@bp.post("/<code>/withdrawal")
@require(ORDERS_BUY)
def withdraw(number: str, code: str) -> ResponseReturnValue:
    """The buyer keeps what he has."""
    with transaction():
        service.withdraw(queries.of_buyer(viewer(), number, code), by=viewer())
    flash(_("已经撤回。"), "good")
    return redirect(url_for("returns.show", number=number, code=code), 303)


@bp.post("/<code>/parcel")
@require(ORDERS_BUY)
def send_back(number: str, code: str) -> ResponseReturnValue:
    """The buyer has given the goods to a courier."""
    form = ParcelForm()
    if not form.validate_on_submit():
        return _page(number, code, form, status=422)
    with transaction():
        found = queries.of_buyer(viewer(), number, code)
        service.send_back(found, courier=form.courier.data, tracking=form.tracking.data or "", by=viewer())
    flash(_("已告诉卖家，货到了就验货退款。"), "good")
    return redirect(url_for("returns.show", number=number, code=code), 303)

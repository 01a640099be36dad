"""The buyer's side: a receipt to print, and asking for an invoice."""

from __future__ import annotations

from flask import Blueprint, flash, make_response, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from app.kernel import clock, once
from app.kernel.db import transaction
from app.kernel.errors import DomainError, NotFound
from app.kernel.money import ZERO
from app.people.growers import queries as growers
from app.people.growers.states import SellerKind
from app.people.townships import queries as townships
from app.trade.invoices import queries, receipts, service
from app.trade.invoices.forms import AskForm, NothingForm
from app.trade.invoices.permissions import INVOICES_ASK
from app.trade.invoices.states import LIVE
from app.trade.orders import queries as orders
from app.trade.orders.pages import bill_lines
from app.trade.stock import accounts
from app.web.fields import refuse
from app.web.guards import require, viewer

bp = Blueprint("invoices", __name__, url_prefix="/orders")


@bp.get("/<number>/receipt-slip")
@require(INVOICES_ASK)
def slip(number: str) -> ResponseReturnValue:
    """What was bought of whom, and every movement of its money, for the printer. Raises `NotFound` before any moved."""
    order = orders.order_of(viewer(), number)
    entries = receipts.entries(order)
    if not entries:
        raise NotFound()
    seller = growers.seller(order.seller_id)
    html = render_template(
        "trade/invoices/slip.html",
        order=order,
        seller=seller,
        township=townships.name_of(seller.township_code),
        lines=bill_lines(order),
        consignee=orders.ship_to(order).consignee,
        entries=[(one, _words(one.kind)) for one in entries],
        left=sum((one.amount for one in entries), start=ZERO),
        printed_at=clock.now(),
    )
    return _unstored(html)


def _words(kind: str) -> str:
    return {
        accounts.PAYMENT_CONFIRMED.name: _("收到货款"),
        accounts.PAYMENT_REFUNDED.name: _("退款"),
        accounts.REFUND_CAME_BACK.name: _("退款没退成，回到账上"),
        accounts.ORDER_RECEIVED.name: _("收货时付给快递"),
    }[kind]


def _unstored(html: str, status: int = 200) -> ResponseReturnValue:
    response = make_response(html, status)
    response.headers["Cache-Control"] = "no-store"
    return response


@bp.get("/<number>/invoice")
@require(INVOICES_ASK)
def show(number: str) -> ResponseReturnValue:
    """Where the invoice of his order stands, and the form to ask for one."""
    return _page(number, AskForm())


def _page(number: str, form: AskForm, *, status: int = 200) -> ResponseReturnValue:
    order = orders.order_of(viewer(), number)
    newest = queries.newest_of(order)
    is_live = newest is not None and newest.state in LIVE
    seller = growers.seller(order.seller_id)
    html = render_template(
        "trade/invoices/ask.html",
        order=order,
        invoice=newest,
        title=queries.title_of(newest) if newest is not None else None,
        reversals=queries.reversals_of(newest) if newest is not None else [],
        is_overdue=newest is not None and newest.is_overdue(clock.now()),
        seller_name=seller.name,
        grows_himself=seller.kind is SellerKind.HOUSEHOLD,
        paid=receipts.paid_of([order])[order.id],
        form=form if not is_live and receipts.is_paid(order) else None,
        days=service.ANSWERED_WITHIN.days,
        withdraw_form=NothingForm(formdata=None),
    )
    return _unstored(html, status)


@bp.post("/<number>/invoice")
@require(INVOICES_ASK)
def ask(number: str) -> ResponseReturnValue:
    """The seller is asked, once however often it is sent."""
    form = AskForm()
    if not form.validate_on_submit():
        return _page(number, form, status=422)
    here = url_for("invoices.show", number=number)
    asked = once.Request.of(
        actor=viewer().actor, key=form.request_key.data or "", act="invoices.ask", content=[number, *form.content()]
    )
    try:
        with transaction():
            if once.earlier_answer(asked, answer=here) is None:
                service.ask(number, form.asked(), by=viewer())
    except once.StillRunning:
        raise
    except DomainError as error:
        if error.status == 404:
            raise
        refuse(form, error)
        return _page(number, form, status=error.status)
    flash(_("已经告诉卖家，开好了会通知您。"), "good")
    return redirect(here, 303)


@bp.post("/<number>/invoice/withdrawal")
@require(INVOICES_ASK)
def withdraw(number: str) -> ResponseReturnValue:
    """He wants it no more."""
    with transaction():
        service.withdraw(number, by=viewer())
    flash(_("已经撤回，抬头和税号也删掉了。"), "good")
    return redirect(url_for("invoices.show", number=number), 303)

"""Paying online: the buyer's page before and after Stripe's, and the door for Stripe's notices."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from app import audit
from app.gateways.stripe import BadSignature, StripeRefused, StripeUnsure
from app.kernel.db import transaction
from app.kernel.money import ZERO, Money
from app.trade.orders import queries as orders
from app.trade.orders.permissions import ORDERS_BUY
from app.trade.payments import gateway, notices, online
from app.trade.payments.forms import PayForm
from app.trade.payments.online import Addresses
from app.web.fields import refuse
from app.web.guards import public, require, viewer
from app.web.security import csrf, limiter

bp = Blueprint("pay", __name__, url_prefix="/pay")
webhooks = Blueprint("webhooks", __name__, url_prefix="/webhooks")
# Whoever knocks there proves by his signature who he is.
csrf.exempt(webhooks)


@dataclass(frozen=True, slots=True)
class Due:
    """What one order of the checkout still costs."""

    seller_name: str
    total: Money


@bp.get("/<checkout>")
@require(ORDERS_BUY)
def show(checkout: str) -> ResponseReturnValue:
    """What is to be paid, and the way to Stripe's page; or that it is paid. The address decides nothing."""
    return _page(checkout, PayForm())


def _page(checkout: str, form: PayForm, *, status: int = 200) -> ResponseReturnValue:
    mine = online.orders_of(viewer(), checkout)
    waiting = [order for order in mine if online.waits(order)]
    names = orders.seller_names([order.seller_id for order in waiting])
    html = render_template(
        "trade/payments/pay.html",
        checkout=checkout,
        due=[Due(names[order.seller_id], order.total) for order in waiting],
        total=sum((order.total for order in waiting), start=ZERO),
        hold_until=_soonest([order.hold_until for order in waiting]),
        is_paid=all(order.paid_at is not None for order in mine),
        # Only what is shown: whether to say that the answer is on its way.
        is_back=bool(waiting) and request.args.get("from") == "stripe",
        form=form,
    )
    return html, status


def _soonest(moments: list[datetime | None]) -> datetime | None:
    known = [one for one in moments if one is not None]
    return min(known) if known else None


@bp.post("/<checkout>")
@require(ORDERS_BUY)
def go(checkout: str) -> ResponseReturnValue:
    """To Stripe's page."""
    form = PayForm()
    if not form.validate_on_submit() or not form.is_agreed():
        return _page(checkout, form, status=422)
    here = url_for("pay.show", checkout=checkout, _external=True)
    with transaction():
        page = online.begin(viewer(), checkout)
    try:
        return redirect(online.address_of(page, Addresses(back=f"{here}?from=stripe", away=here)), 303)
    except (StripeUnsure, StripeRefused) as error:
        refuse(form, error)
        return _page(checkout, form, status=error.status)


@webhooks.post("/stripe")
@public
@limiter.limit("60 per minute", deduct_when=lambda answer: answer.status_code == 400)
def stripe() -> ResponseReturnValue:
    """A notice of Stripe's, kept before it is answered.

    Only forgeries count towards the limit, so that nobody fills the audit with them. Raises `BadSignature`,
    `NoOnlinePayment`.
    """
    account = gateway.stripe()
    try:
        if request.mimetype != "application/json":
            raise BadSignature()
        event = account.read(request.get_data(), request.headers.get("Stripe-Signature"))
    except BadSignature:
        with transaction():
            audit.note("webhooks.refused", "webhook:stripe", by="nobody", bytes=request.content_length or 0)
        raise
    with transaction():
        notices.keep(event)
    return "", 200

"""A buyer's address book on his phone."""

from __future__ import annotations

from flask import Blueprint, flash, make_response, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from app.kernel import once
from app.kernel.db import transaction
from app.people.accounts.permissions import ME
from app.trade.addresses import queries, service
from app.trade.addresses.errors import BookFull
from app.trade.addresses.forms import AddressForm, NothingForm
from app.trade.freight import service as freight
from app.web.fields import refuse
from app.web.guards import require, viewer

bp = Blueprint("addresses", __name__, url_prefix="/me/addresses")
HOME_PROVINCE = "14"


@bp.get("")
@require(ME)
def index() -> ResponseReturnValue:
    """His addresses, the default first."""
    kept = queries.of_viewer(viewer())
    return _unstored(
        render_template(
            "trade/addresses/index.html",
            kept=kept,
            provinces=dict(freight.served_provinces()),
            is_full=len(kept) >= service.MOST,
            most=service.MOST,
            form=NothingForm(formdata=None),
        )
    )


@bp.get("/new")
@require(ME)
def new() -> ResponseReturnValue:
    """An empty address."""
    return _page(AddressForm(province=HOME_PROVINCE), code=None)


def _page(form: AddressForm, *, code: str | None, status: int = 200) -> ResponseReturnValue:
    form.fill(freight.served_provinces())
    return _unstored(render_template("trade/addresses/edit.html", form=form, code=code), status)


def _unstored(html: str, status: int = 200) -> ResponseReturnValue:
    response = make_response(html, status)
    response.headers["Cache-Control"] = "no-store"
    return response


@bp.post("", endpoint="keep")
@require(ME)
def submit() -> ResponseReturnValue:
    """A new address is kept, once however often it is sent."""
    form = AddressForm()
    form.fill(freight.served_provinces())
    if not form.validate_on_submit():
        return _page(form, code=None, status=422)
    asked = once.Request.of(
        actor=viewer().actor, key=form.request_key.data or "", act="addresses.keep", content=form.content()
    )
    try:
        with transaction():
            if once.earlier_answer(asked, answer=url_for("addresses.index")) is None:
                service.keep(form.place(), is_default=form.is_default.data, by=viewer())
    except BookFull as error:
        refuse(form, error)
        return _page(form, code=None, status=error.status)
    flash(_("地址存好了。"), "good")
    return redirect(url_for("addresses.index"), 303)


@bp.get("/<code>")
@require(ME)
def show(code: str) -> ResponseReturnValue:
    """One of his addresses, to be changed."""
    row = queries.address_of(viewer(), code)
    place = queries.opened(row)
    form = AddressForm(
        consignee=place.consignee,
        phone=place.phone,
        province=place.province_code,
        address=place.street,
        is_default=row.is_default,
    )
    return _page(form, code=code)


@bp.post("/<code>")
@require(ME)
def change(code: str) -> ResponseReturnValue:
    """The address says something else from now on."""
    form = AddressForm()
    form.fill(freight.served_provinces())
    if not form.validate_on_submit():
        queries.address_of(viewer(), code)
        return _page(form, code=code, status=422)
    with transaction():
        service.change(code, form.place(), is_default=form.is_default.data, by=viewer())
    flash(_("地址改好了。以前的订单还按原来的地址。"), "good")
    return redirect(url_for("addresses.index"), 303)


@bp.post("/<code>/default")
@require(ME)
def make_default(code: str) -> ResponseReturnValue:
    """Checkout begins with this one."""
    with transaction():
        service.make_default(code, by=viewer())
    flash(_("以后下单先用这个地址。"), "good")
    return redirect(url_for("addresses.index"), 303)


@bp.post("/<code>/deletion")
@require(ME)
def delete(code: str) -> ResponseReturnValue:
    """The address is gone."""
    with transaction():
        service.delete(code, by=viewer())
    flash(_("地址删掉了，这里不再存。"), "good")
    return redirect(url_for("addresses.index"), 303)

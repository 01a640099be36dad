"""A grower's doors: applying to sell, and the resident ID that he may leave here."""

from __future__ import annotations

from flask import Blueprint, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from app.kernel import once
from app.kernel.db import transaction
from app.kernel.errors import DomainError, NotFound
from app.people.accounts import service as accounts
from app.people.accounts.me import ID
from app.people.accounts.permissions import ME
from app.people.accounts.states import Purpose
from app.people.growers import changes, queries, service
from app.people.growers import identity as identities
from app.people.growers.forms import ApplyForm, ChangeForm, IdentityForm, NothingForm, put
from app.people.growers.models import Seller
from app.people.growers.states import CHANGEABLE, ChangeState, SellerStatus
from app.people.townships import queries as townships
from app.web.guards import require, viewer

bp = Blueprint("growers", __name__, url_prefix="/grower")


@bp.get("/apply")
@require(ME)
def apply() -> ResponseReturnValue:
    """The form to become a seller, and how earlier applications stand."""
    form = ApplyForm()
    form.fill()
    mine = queries.of_viewer(viewer())
    if mine and mine[-1].status is SellerStatus.REFUSED:
        form.fill_from(mine[-1], queries.household_of(mine[-1].id))
    return _apply_page(form)


@bp.post("/apply", endpoint="submit")
@require(ME)
def submit_application() -> ResponseReturnValue:
    """Apply, once however often it is tapped."""
    who = viewer()
    form = ApplyForm()
    form.fill()
    if not form.validate_on_submit():
        return _apply_page(form), 422
    answer = url_for("grower.home")
    application = form.application()
    try:
        asked = once.Request.of(
            actor=who.actor, key=form.request_key.data or "", act="growers.apply", content=application
        )
        with transaction():
            earlier = once.earlier_answer(asked, answer=answer)
            if earlier is None:
                service.apply(application, person_id=who.person_id, by=who.actor)
    except once.StillRunning:
        raise
    except DomainError as error:
        put(form, error, village_id="village")
        return _apply_page(form), error.status
    if earlier is None:
        flash(_("申请已交给乡镇，核实后就能上架。"))
    return redirect(earlier or answer, 303)


def _apply_page(form: ApplyForm) -> str:
    sellers = queries.of_viewer(viewer())
    return render_template(
        "people/growers/apply.html", form=form, sellers=sellers, reasons=queries.last_reasons(sellers)
    )


@bp.get(f"/shops/<{ID}:seller_id>")
@require(ME)
def shop(seller_id: int) -> ResponseReturnValue:
    """How one of his sellers stands and came to stand, and the form to have it changed. Raises `NotFound`."""
    seller = queries.own_seller(seller_id, viewer())
    form = ChangeForm(formdata=None)
    form.fill(queries.waiting_change(seller.id) or seller)
    return _shop_page(seller, form)


@bp.post(f"/shops/<{ID}:seller_id>", endpoint="propose")
@require(ME)
def submit_change(seller_id: int) -> ResponseReturnValue:
    """What he wants changed goes to the township; until it agrees all stays as it is."""
    form = ChangeForm()
    if not form.validate_on_submit():
        return _shop_page(queries.own_seller(seller_id, viewer()), form), 422
    try:
        with transaction():
            changes.propose(seller_id, form.wanted(), by=viewer())
    except NotFound:
        raise
    except DomainError as error:
        put(form, error)
        return _shop_page(queries.own_seller(seller_id, viewer()), form), error.status
    flash(_("已交给乡镇审核。同意以前，店里还是原来的样子。"))
    return redirect(url_for("growers.shop", seller_id=seller_id), 303)


@bp.post(f"/shops/<{ID}:seller_id>/withdrawal")
@require(ME)
def withdraw_change(seller_id: int) -> ResponseReturnValue:
    """He wants it no more."""
    with transaction():
        changes.withdraw(seller_id, by=viewer())
    flash(_("已经收回，店里还是原来的样子。"))
    return redirect(url_for("growers.shop", seller_id=seller_id), 303)


def _shop_page(seller: Seller, form: ChangeForm) -> str:
    past = queries.changes_of(seller.id)
    return render_template(
        "people/growers/shop.html",
        seller=seller,
        township=townships.name_of(seller.township_code),
        history=queries.history_of(seller.id),
        waiting=next((one for one in past if one.state is ChangeState.WAITING), None),
        past=[one for one in past if one.state is not ChangeState.WAITING],
        form=form if seller.status in CHANGEABLE else None,
        withdraw_form=NothingForm(formdata=None),
    )


@bp.get("/identity")
@require(ME)
def identity() -> ResponseReturnValue:
    """Which resident ID is kept, masked, and the way to leave or withdraw one."""
    return _identity_page(IdentityForm())


@bp.post("/identity", endpoint="keep_identity")
@require(ME)
def submit_identity() -> ResponseReturnValue:
    """Keep the ID under the consent that came with it."""
    form = IdentityForm()
    if not form.validate_on_submit():
        return _identity_page(form), 422
    version = form.consent_version()
    if not version:
        return _identity_page(form), 422
    try:
        with transaction():
            identities.keep_resident_id(form.resident_id.data or "", consent_version=version, by=viewer())
    except DomainError as error:
        put(form, error)
        return _identity_page(form), error.status
    flash(_("身份证号已加密保存。"))
    return redirect(url_for("growers.identity"), 303)


@bp.post("/identity/withdrawal")
@require(ME)
def withdraw_identity() -> ResponseReturnValue:
    """The consent is taken back; the ID is used no more."""
    with transaction():
        accounts.withdraw_consent(Purpose.RESIDENT_ID, by=viewer())
    flash(_("已经收回同意，身份证号不再使用。"))
    return redirect(url_for("growers.identity"), 303)


def _identity_page(form: IdentityForm) -> str:
    return render_template(
        "people/growers/identity.html",
        form=form,
        withdraw_form=NothingForm(formdata=None),
        masked=identities.masked_resident_id(viewer().person_id),
    )

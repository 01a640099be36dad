"""A grower's doors: applying to sell, and the resident ID that he may leave here."""

from __future__ import annotations

from flask import Blueprint, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from app.kernel import once
from app.kernel.db import transaction
from app.kernel.errors import DomainError
from app.people.accounts import service as accounts
from app.people.accounts.permissions import ME
from app.people.accounts.states import Purpose
from app.people.growers import identity as identities
from app.people.growers import queries, service
from app.people.growers.forms import ApplyForm, IdentityForm, NothingForm, put
from app.web.guards import require, viewer

bp = Blueprint("growers", __name__, url_prefix="/grower")


@bp.get("/apply")
@require(ME)
def apply() -> ResponseReturnValue:
    """The form to become a seller, and how earlier applications stand."""
    form = ApplyForm()
    form.fill()
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

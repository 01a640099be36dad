"""A grower's purse: to which account he is paid, masked; giving or changing it, and taking the consent back."""

from __future__ import annotations

from flask import Blueprint, flash, make_response, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from app.kernel.db import transaction
from app.kernel.errors import DomainError, NotFound
from app.people.accounts.permissions import ME
from app.people.purse import queries, service
from app.people.purse.forms import NothingForm, PurseForm
from app.people.purse.states import AccountState
from app.web.fields import refuse
from app.web.guards import require, viewer

bp = Blueprint("purse", __name__, url_prefix="/grower/purse")


@bp.get("")
@require(ME)
def show() -> ResponseReturnValue:
    """Where each of his sellers is paid, and the form to say so."""
    form = PurseForm()
    sellers = queries.sellers_of(viewer())
    form.fill(sellers, person_name=viewer().name)
    return _page(form)


@bp.post("", endpoint="give")
@require(ME)
def submit() -> ResponseReturnValue:
    """The account goes to the township."""
    form = PurseForm()
    form.fill(queries.sellers_of(viewer()), person_name=viewer().name)
    if not form.validate_on_submit():
        return _page(form, status=422)
    version = form.consent_version()
    if not version:
        return _page(form, status=422)
    try:
        with transaction():
            account = service.give(form.given(), consent_version=version, by=viewer())
    except NotFound:
        raise
    except DomainError as error:
        refuse(form, error)
        return _page(form, status=error.status)
    if account.state is AccountState.VERIFIED:
        flash(_("这个账号已经核实、正在用，不用再交。"))
    else:
        flash(_("账号已加密保存，交给乡镇核实。"))
    return redirect(url_for("purse.show"), 303)


@bp.post("/withdrawal")
@require(ME)
def withdraw() -> ResponseReturnValue:
    """The consent is taken back; the number is deleted."""
    with transaction():
        service.withdraw(by=viewer())
    flash(_("已经收回同意，账号已删除。以后要收货款，请再登记。"))
    return redirect(url_for("purse.show"), 303)


def _page(form: PurseForm, *, status: int = 200) -> ResponseReturnValue:
    who = viewer()
    sellers = queries.sellers_of(who)
    html = render_template(
        "people/purse/show.html",
        form=form,
        withdraw_form=NothingForm(formdata=None),
        purses=queries.purses_of(sellers),
        is_giver=bool(queries.live_given_by(who.person_id)),
    )
    response = make_response(html, status)
    response.headers["Cache-Control"] = "no-store"
    return response

"""A person's own pages: open sign-ins, password, second factor."""

from __future__ import annotations

import io
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

import segno
from flask import Blueprint, Response, flash, make_response, redirect, render_template, request, url_for
from flask import session as cookie
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from app.kernel.db import transaction
from app.kernel.errors import DomainError, NotFound
from app.people.accounts import queries
from app.people.accounts import service as accounts
from app.people.accounts.errors import (
    AlreadyEnrolled,
    BadCode,
    BadCredentials,
    NotEnrolled,
    TooManyAttempts,
    WeakPassword,
)
from app.people.accounts.forms import NothingForm, PasswordForm, TotpForm
from app.people.accounts.permissions import ME
from app.web.fields import Form, refuse
from app.web.guards import StepUpNeeded, require, viewer
from app.web.security import local_path

bp = Blueprint("me", __name__, url_prefix="/me")
ID = "int(max=9007199254740991)"


@dataclass(frozen=True, slots=True)
class Device:
    """An open sign-in as the page shows it."""

    device: str
    last_seen: datetime
    is_current: bool
    end_url: str
    end_form: NothingForm


@bp.get("")
@require(ME)
def show() -> ResponseReturnValue:
    """What is his, and where he is signed in."""
    who = viewer()
    sessions = [
        Device(one.device, one.last_seen, one.is_current, url_for("me.end_session", sign_in_id=one.id), NothingForm())
        for one in queries.sign_ins_of(who)
    ]
    return render_template(
        "people/accounts/me.html",
        sessions=sessions,
        person=queries.person(who.person_id),
        is_staff_by_grant=queries.is_staff(who.person_id),
        end_others_form=NothingForm(),
    )


@bp.post(f"/sign-ins/<{ID}:sign_in_id>/end")
@require(ME)
def end_session(sign_in_id: int) -> ResponseReturnValue:
    """End one of his own sign-ins."""
    with transaction():
        accounts.end_sign_in(sign_in_id, by=viewer())
    flash(_("那台设备已经退出登录。"))
    return redirect(url_for("me.show"), 303)


@bp.post("/sign-ins/end-others")
@require(ME)
def end_others() -> ResponseReturnValue:
    """End all his sign-ins but this one."""
    with transaction():
        accounts.end_all_others(by=viewer())
    flash(_("别的设备都已退出登录。"))
    return redirect(url_for("me.show"), 303)


@bp.get("/password")
@require(ME)
def password() -> ResponseReturnValue:
    """The form for a new password."""
    return _password_page(PasswordForm())


@bp.post("/password", endpoint="change_password")
@require(ME)
def submit_password() -> ResponseReturnValue:
    """The new password is in force; other devices are signed out and this one has a new token."""
    form = PasswordForm()
    if not form.validate_on_submit():
        return _password_page(form), 422
    try:
        cookie["_user_id"] = _new_password(form)
    except (BadCredentials, WeakPassword, TooManyAttempts) as error:
        return _refused(form, error, _password_page)
    flash(_("密码改好了，别的设备都已退出登录。"))
    return redirect(url_for("me.show"), 303)


def _new_password(form: PasswordForm) -> str:
    who, new = viewer(), form.password.data or ""
    if queries.may_choose_password(who):
        with transaction():
            return accounts.choose_password(new, by=who)
    with transaction():
        one = accounts.begin_try_of(who)
    proof = accounts.prove(one, form.old.data or "")
    with transaction():
        return accounts.change_password(proof, new, by=who)


def _password_page(form: Form) -> str:
    person = queries.person(viewer().person_id)
    return render_template(
        "people/accounts/password.html",
        form=form,
        is_staff_by_grant=queries.is_staff(person.id),
        is_temporary=person.has_temporary_password,
        needs_old=not queries.may_choose_password(viewer()),
    )


@bp.get("/totp")
@require(ME)
def totp() -> ResponseReturnValue:
    """Whether a second factor is in force, and the way to one."""
    return _totp_page(TotpForm())


@bp.post("/totp", endpoint="enrol")
@require(ME)
def begin_totp() -> ResponseReturnValue:
    """A new secret waits to be confirmed."""
    with transaction():
        accounts.enrol_totp(by=viewer())
    return redirect(url_for("me.totp"), 303)


@bp.post("/totp/confirmation")
@require(ME)
def confirm_totp() -> ResponseReturnValue:
    """The second factor is in force; its recovery codes are shown this once."""
    form = TotpForm()
    if not form.validate_on_submit():
        return _totp_page(form), 422
    who = viewer()
    try:
        with transaction():
            counted = accounts.begin_code(by=who)
        with transaction():
            codes = accounts.confirm_totp(counted, form.code.data or "", by=who)
    except (BadCode, NotEnrolled, AlreadyEnrolled, TooManyAttempts) as error:
        return _refused(form, error, _totp_page)
    return render_template("people/accounts/recovery_codes.html", codes=codes)


@bp.get("/totp/picture.svg")
@require(ME)
def totp_picture() -> ResponseReturnValue:
    """The waiting secret as a QR picture, for his eyes only."""
    uri = accounts.waiting_uri(by=viewer())
    if uri is None:
        raise NotFound()
    drawn = io.BytesIO()
    segno.make(uri, error="m").save(drawn, kind="svg", scale=6, border=4, light="#fff")
    response = Response(drawn.getvalue(), mimetype="image/svg+xml")
    response.headers["Cache-Control"] = "no-store"
    return response


@bp.post("/totp/removal")
@require(ME)
def drop_totp() -> ResponseReturnValue:
    """The second factor is out of force, so that another phone can be enrolled."""
    if not viewer().is_stepped_up:
        raise StepUpNeeded()
    with transaction():
        accounts.drop_totp(by=viewer())
    flash(_("原来的动态口令已经解除，请马上绑定新的。"))
    return redirect(url_for("me.totp"), 303)


def _totp_page(form: Form) -> str:
    who = viewer()
    return render_template(
        "people/accounts/totp.html",
        form=form,
        nothing=NothingForm(),
        is_enrolled=queries.person(who.person_id).is_enrolled,
        secret=accounts.waiting_secret(by=who),
    )


@bp.get("/step-up")
@require(ME)
def step_up() -> ResponseReturnValue:
    """Asks for a one-time code, and for the second factor itself where there is none yet."""
    if not queries.person(viewer().person_id).is_enrolled:
        flash(_("办这件事要先绑定动态口令。"), "info")
        return redirect(url_for("me.totp"), 303)
    return _step_up_page(TotpForm())


@bp.post("/step-up", endpoint="submit_step_up")
@require(ME)
def submit_step_up() -> ResponseReturnValue:
    """For five minutes he may do what needs the second factor."""
    form = TotpForm()
    if not form.validate_on_submit():
        return _step_up_page(form), 422
    who = viewer()
    try:
        with transaction():
            counted = accounts.begin_code(by=who)
        with transaction():
            accounts.step_up(counted, form.code.data or "", by=who)
    except (BadCode, NotEnrolled, TooManyAttempts) as error:
        return _refused(form, error, _step_up_page)
    return redirect(local_path(request.args.get("next"), otherwise=url_for("me.show")), 303)


def _step_up_page(form: Form) -> str:
    return render_template("people/accounts/step_up.html", form=form)


def _refused(form: Form, error: DomainError, page: Callable[[Form], str]) -> ResponseReturnValue:
    refuse(form, error)
    response = make_response(page(form), error.status)
    if error.retry_after is not None:
        response.headers["Retry-After"] = str(error.retry_after)
    return response

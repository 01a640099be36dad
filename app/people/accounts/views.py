"""The doors for people: in, out, and signing up."""

from __future__ import annotations

from flask import Blueprint, flash, make_response, redirect, render_template, request, url_for
from flask import session as cookie
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from app.kernel.db import Busy, in_transaction, transaction
from app.kernel.errors import DomainError
from app.kernel.permissions import Policy, Viewer
from app.people.accounts import arrival, queries
from app.people.accounts import service as accounts
from app.people.accounts.devices import device_of
from app.people.accounts.errors import BadCredentials, BadName, BadPhone, TooManyAttempts, WeakPassword
from app.people.accounts.forms import ACCOUNT_CONSENT, SignInForm, SignUpForm
from app.people.accounts.me import bp as me
from app.people.accounts.sign_ins import Proof
from app.web.fields import refuse
from app.web.guards import public
from app.web.security import limiter, local_path

sign_in = Blueprint("sign_in", __name__)
sign_out = Blueprint("sign_out", __name__)
sign_up = Blueprint("sign_up", __name__)
BLUEPRINTS = (sign_in, sign_out, sign_up, me)


def viewer_of(token: str, *, policy: Policy, step_up_needed: bool) -> Viewer | None:
    """Whom the token of a request stands for; that he was here is remembered, at most once a minute."""
    found = queries.signed_in(token, policy=policy, step_up_needed=step_up_needed)
    if found is None:
        return None
    if found.seen_is_due and not in_transaction():
        _remember(found.viewer)
    return found.viewer


def _remember(who: Viewer) -> None:
    try:
        with transaction():
            accounts.seen(who.sign_in_id)
    except Busy:
        # The next request will remember it; this one must not fail for that.
        return


@sign_in.get("/sign-in", endpoint="form")
@public
def show_sign_in() -> ResponseReturnValue:
    """The form to sign in."""
    return render_template("people/accounts/sign_in.html", form=SignInForm())


@sign_in.post("/sign-in", endpoint="submit")
@public
@limiter.limit("60 per 5 minutes")
def submit_sign_in() -> ResponseReturnValue:
    """Sign in under a new token and go where the visitor wanted to go."""
    form = SignInForm()
    if not form.validate_on_submit():
        return render_template("people/accounts/sign_in.html", form=form), 422
    try:
        proof = _proof(form.phone.data or "", form.password.data or "")
        with transaction():
            token = accounts.sign_in(
                proof,
                device=device_of(request.user_agent.string),
                address=request.remote_addr or "",
                old_token=arrival.token_here(),
            )
    except (BadCredentials, BadPhone, TooManyAttempts) as error:
        return _refused("people/accounts/sign_in.html", form, error)
    arrival.refill_cookie(token)
    return redirect(arrival.onward(proof.person_id, local_path(request.args.get("next"))), 303)


def _proof(phone: str, password: str) -> Proof:
    """Count the try in a transaction of its own, then check the password outside any."""
    with transaction():
        one = accounts.begin_try(phone, known_token=arrival.known_token())
    return accounts.prove(one, password)


@sign_out.post("/sign-out", endpoint="submit")
@public
def submit_sign_out() -> ResponseReturnValue:
    """End the sign-in; only that this device is known stays in the cookie."""
    token = arrival.token_here()
    if token is not None:
        with transaction():
            accounts.sign_out(token)
    device = arrival.known_token()
    cookie.clear()
    if device is not None:
        cookie["device"] = device
        cookie.permanent = True
    flash(_("已经退出登录。"))
    return redirect(url_for("home.index"), 303)


@sign_up.get("/sign-up", endpoint="form")
@public
def show_sign_up() -> ResponseReturnValue:
    """The form to sign up."""
    return render_template("people/accounts/sign_up.html", form=SignUpForm())


@sign_up.post("/sign-up", endpoint="submit")
@public
@limiter.limit("30 per hour")
def submit_sign_up() -> ResponseReturnValue:
    """Sign up; what follows is the same for a number that is known already."""
    form = SignUpForm()
    if not (form.validate_on_submit() and form.has_consent()):
        return render_template("people/accounts/sign_up.html", form=form), 422
    try:
        with transaction():
            accounts.sign_up(
                form.phone.data or "",
                form.name.data or "",
                form.password.data or "",
                consent_version=ACCOUNT_CONSENT,
            )
    except (BadPhone, BadName, WeakPassword) as error:
        return _refused("people/accounts/sign_up.html", form, error)
    flash(_("登记好了，请用手机号和密码登录。以前登记过的，用原来的密码。"))
    return redirect(url_for("sign_in.form"), 303)


def _refused(template: str, form: SignInForm | SignUpForm, error: DomainError) -> ResponseReturnValue:
    refuse(form, error)
    response = make_response(render_template(template, form=form), error.status)
    if error.retry_after is not None:
        response.headers["Retry-After"] = str(error.retry_after)
    return response

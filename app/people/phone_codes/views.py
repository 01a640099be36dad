"""The doors for who signs in by phone: ask for a code, type it."""

from __future__ import annotations

from flask import Blueprint, make_response, redirect, render_template, request, url_for
from flask import session as cookie
from flask.typing import ResponseReturnValue

from app.kernel.db import transaction
from app.kernel.errors import DomainError
from app.people.accounts import arrival, phones
from app.people.accounts.devices import device_of
from app.people.accounts.errors import BadPhone
from app.people.messages import sending
from app.people.messages.states import Way
from app.people.phone_codes import service
from app.people.phone_codes.errors import BadPhoneCode, TooManyPhoneCodes, TooManyPhoneGuesses, TooSoon
from app.people.phone_codes.forms import AskForm, EnterForm
from app.people.phone_codes.service import Asker
from app.web.fields import Form, refuse
from app.web.guards import public
from app.web.security import limiter, local_path

bp = Blueprint("sign_in_code", __name__, url_prefix="/sign-in/code")
FOR, SHOWN = "code_for", "code_shown"
"""What the cookie keeps between asking and typing: the number's keyed hash, and the number as 138****1234."""


@bp.get("")
@public
def show() -> ResponseReturnValue:
    """Where to send a code to."""
    return _ask_page(AskForm())


@bp.post("")
@public
@limiter.limit("20 per minute")
def ask() -> ResponseReturnValue:
    """A code is on its way, if the number is known; what is seen is the same if it is not."""
    form = AskForm()
    if not form.validate_on_submit():
        return _ask_page(form), 422
    try:
        phone = phones.parse(form.phone.data or "")
        index = service.index_of(phone)
        with transaction():
            service.ask(index, by=_asker())
    except (BadPhone, TooSoon, TooManyPhoneCodes) as error:
        refuse(form, error)
        return _refused(error, _ask_page(form))
    cookie[FOR], cookie[SHOWN] = index, phones.masked(phone)
    return redirect(url_for("sign_in_code.check", next=_next()), 303)


@bp.get("/check")
@public
def check() -> ResponseReturnValue:
    """Where the code is typed."""
    return _check_page(EnterForm()) if arrival.text_in(FOR) else _back()


@bp.post("/again")
@public
@limiter.limit("20 per minute")
def again() -> ResponseReturnValue:
    """Another code for the number of before is on its way; the old one is dead."""
    index = arrival.text_in(FOR)
    if index is None:
        return _back()
    try:
        with transaction():
            service.ask(index, by=_asker())
    except (TooSoon, TooManyPhoneCodes) as error:
        form = EnterForm(formdata=None)
        refuse(form, error)
        return _refused(error, _check_page(form))
    return redirect(url_for("sign_in_code.check", next=_next()), 303)


@bp.post("/check", endpoint="enter")
@public
@limiter.limit("60 per 5 minutes")
def submit_code() -> ResponseReturnValue:
    """Sign in under a new token and go where the visitor wanted to go."""
    index = arrival.text_in(FOR)
    if index is None:
        return _back()
    form = EnterForm()
    if not form.validate_on_submit():
        return _check_page(form), 422
    try:
        with transaction():
            guess = service.begin_guess(index, by=_asker())
        with transaction():
            entered = service.sign_in(
                guess,
                form.code.data or "",
                device=device_of(request.user_agent.string),
                address=request.remote_addr or "",
                old_token=arrival.token_here(),
            )
    except (BadPhoneCode, TooManyPhoneGuesses) as error:
        refuse(form, error)
        return _refused(error, _check_page(form))
    arrival.refill_cookie(entered.token)
    return redirect(arrival.onward(entered.person_id, local_path(request.args.get("next"))), 303)


def _asker() -> Asker:
    return Asker(request.remote_addr or "", arrival.known_token())


def _next() -> str | None:
    return local_path(request.args.get("next"), otherwise="") or None


def _back() -> ResponseReturnValue:
    return redirect(url_for("sign_in_code.show", next=_next()), 303)


def _ask_page(form: AskForm) -> str:
    return render_template("people/phone_codes/ask.html", form=form, next=_next())


def _check_page(form: Form) -> str:
    return render_template(
        "people/phone_codes/check.html",
        form=form,
        next=_next(),
        shown=arrival.text_in(SHOWN) or "",
        is_rehearsal=sending.is_rehearsal(),
        goes_out=sending.is_connected(Way.TEXT),
    )


def _refused(error: DomainError, page: str) -> ResponseReturnValue:
    response = make_response(page, error.status)
    if error.retry_after is not None:
        response.headers["Retry-After"] = str(error.retry_after)
    return response

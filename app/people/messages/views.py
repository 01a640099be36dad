"""A person's inbox, and where he wants it mailed to."""

from __future__ import annotations

from typing import TypeVar

from flask import Blueprint, flash, make_response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from app.kernel.db import transaction
from app.kernel.errors import DomainError
from app.people.accounts.permissions import ME
from app.people.messages import mail, queries, sending, service
from app.people.messages.errors import BadAddress, BadMailCode, NoMailHere, TooManyMailCodes, TooManyMailGuesses
from app.people.messages.forms import CodeForm, MailForm, ReadForm
from app.web.fields import Form, refuse
from app.web.guards import require, viewer
from app.web.pager import links

bp = Blueprint("messages", __name__, url_prefix="/me/messages")
mailbox = Blueprint("mailbox", __name__, url_prefix="/me/mail")
F = TypeVar("F", bound=Form)


@bp.get("")
@require(ME)
def index() -> ResponseReturnValue:
    """His messages, the newest first."""
    page = queries.page_of(viewer(), cursor=request.args.get("after"))
    form = ReadForm(formdata=None, upto=str(page.items[0].id) if page.items else "")
    return render_template(
        "people/messages/index.html",
        messages=page.items,
        page=links(page.next_cursor),
        form=form if queries.unread(viewer()) else None,
    )


@bp.post("/reading", endpoint="mark_read")
@require(ME)
def submit_reading() -> ResponseReturnValue:
    """What was on the page is read; what came since is not."""
    form = ReadForm()
    if form.validate_on_submit():
        with transaction():
            service.mark_read(by=viewer(), upto=form.last())
    return redirect(url_for("messages.index"), 303)


@mailbox.get("")
@require(ME)
def show() -> ResponseReturnValue:
    """His mail address: how to give one, confirm it, change it, remove it."""
    return _mail_page(MailForm(), CodeForm())


@mailbox.post("", endpoint="give")
@require(ME)
def submit_address() -> ResponseReturnValue:
    """The address waits for the code that was just mailed to it."""
    form = MailForm()
    if not form.validate_on_submit() or not (version := form.consent_version()):
        return _mail_page(form, CodeForm(formdata=None)), 422
    try:
        with transaction():
            address = mail.begin_asking(form.address.data or "", by=viewer())
    except (BadAddress, NoMailHere, TooManyMailCodes) as error:
        return _refused(error, _mail_page(_with(form, error), CodeForm(formdata=None)))
    with transaction():
        mail.give(address, by=viewer(), consent_version=version)
    flash(_("确认码正发到这个邮箱，15 分钟内有效。收不到请看看垃圾邮件。"), "info")
    return redirect(url_for("mailbox.show"), 303)


@mailbox.post("/confirmation", endpoint="confirm")
@require(ME)
def submit_code() -> ResponseReturnValue:
    """The address is confirmed; his messages go there too from now on."""
    form = CodeForm()
    if not form.validate_on_submit():
        return _mail_page(MailForm(formdata=None), form), 422
    try:
        with transaction():
            counted = mail.begin_guess(by=viewer())
        with transaction():
            mail.confirm(counted, form.code.data or "", by=viewer())
    except (BadMailCode, TooManyMailGuesses) as error:
        return _refused(error, _mail_page(MailForm(formdata=None), _with(form, error)))
    flash(_("邮箱确认好了，以后的消息也发到这里。"))
    return redirect(url_for("mailbox.show"), 303)


@mailbox.post("/removal", endpoint="remove")
@require(ME)
def submit_removal() -> ResponseReturnValue:
    """Nothing of his address is kept, and nothing goes there any more."""
    with transaction():
        mail.remove(by=viewer())
    flash(_("邮箱已经删掉，不再发邮件给您。"))
    return redirect(url_for("mailbox.show"), 303)


def _mail_page(form: MailForm, code_form: CodeForm) -> str:
    found = queries.mailbox_of(viewer().person_id)
    return render_template(
        "people/messages/mail.html",
        address=queries.address_in(found) if found else None,
        is_confirmed=found is not None and found.confirmed_at is not None,
        is_open=sending.reaches_mailboxes(),
        is_rehearsal=sending.is_rehearsal(),
        form=form,
        code_form=code_form,
    )


def _with(form: F, error: DomainError) -> F:
    """The form, saying at the right place what was refused."""
    refuse(form, error)
    return form


def _refused(error: DomainError, page: str) -> ResponseReturnValue:
    response = make_response(page, error.status)
    if error.retry_after is not None:
        response.headers["Retry-After"] = str(error.retry_after)
    return response

"""The desk for what is on its way out: texts and mails by state, jobs that were given up, a second chance for all."""

from __future__ import annotations

from dataclasses import dataclass

from flask import Blueprint, flash, make_response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from app.kernel.db import transaction
from app.people.accounts.me import ID
from app.people.messages import outbox, sending
from app.people.messages.permissions import MESSAGES_CODES, MESSAGES_READ, MESSAGES_RETRY
from app.people.messages.states import TextState, Way
from app.web.guards import require, viewer
from app.web.pager import links

bp = Blueprint("outbox_desk", __name__, url_prefix="/desk/outbox")

_TABS = (TextState.GIVEN_UP, TextState.HELD_BACK, TextState.FAILED, TextState.WAITING, TextState.SENT)


@dataclass(frozen=True, slots=True)
class Tab:
    """One state with its counter."""

    state: TextState
    count: int
    url: str
    is_current: bool


@bp.get("")
@require(MESSAGES_READ)
def index() -> ResponseReturnValue:
    """What was given up first; then the texts and mails of the chosen state, the newest on top."""
    state = _state(request.args.get("state"))
    counts = outbox.count_texts()
    page = outbox.texts_page(state, cursor=request.args.get("after"))
    return render_template(
        "people/messages/outbox.html",
        tabs=[Tab(one, counts[one], url_for("outbox_desk.index", state=one.value), one is state) for one in _TABS],
        state=state,
        texts=page.items,
        page=links(page.next_cursor),
        jobs=outbox.dead_jobs(),
        is_rehearsal=sending.is_rehearsal(),
        texts_go_out=sending.is_connected(Way.TEXT),
        mails_go_out=sending.is_connected(Way.MAIL),
        may_retry=viewer().may(MESSAGES_RETRY),
        may_open_codes=viewer().may(MESSAGES_CODES),
    )


def _state(text: str | None) -> TextState:
    return TextState(text) if text in set(TextState) else TextState.GIVEN_UP


@bp.post(f"/texts/<{ID}:text_id>/again")
@require(MESSAGES_RETRY)
def send_again(text_id: int) -> ResponseReturnValue:
    """A text or a mail that was given up or held back waits again."""
    with transaction():
        outbox.send_again(text_id, by=viewer())
    flash(_("已经重新排队，过几秒就发。"))
    return redirect(url_for("outbox_desk.index", state=TextState.WAITING.value), 303)


@bp.post(f"/texts/<{ID}:text_id>/code")
@require(MESSAGES_CODES)
def open_code(text_id: int) -> ResponseReturnValue:
    """The code of a text that reached no phone, shown this once."""
    with transaction():
        code = outbox.open_code(text_id, by=viewer())
    response = make_response(render_template("people/messages/code.html", code=code))
    response.headers["Cache-Control"] = "no-store"
    return response


@bp.post(f"/jobs/<{ID}:row_id>/again")
@require(MESSAGES_RETRY)
def do_again(row_id: int) -> ResponseReturnValue:
    """A job that was given up is due again."""
    with transaction():
        outbox.do_again(row_id, by=viewer())
    flash(_("已经重新排队，过几秒就办。"))
    return redirect(url_for("outbox_desk.index"), 303)

"""A person's inbox."""

from __future__ import annotations

from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from app.kernel.db import transaction
from app.people.accounts.permissions import ME
from app.people.messages import queries, service
from app.people.messages.forms import ReadForm
from app.web.guards import require, viewer
from app.web.pager import links

bp = Blueprint("messages", __name__, url_prefix="/me/messages")


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

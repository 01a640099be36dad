"""One list of what waits for the decision of whoever looks, and of what he asked himself."""

from __future__ import annotations

from flask import Blueprint, render_template
from flask.typing import ResponseReturnValue

from app.office.approvals import queries
from app.office.approvals.permissions import APPROVALS_READ
from app.web.guards import require, viewer

bp = Blueprint("approvals", __name__, url_prefix="/desk/approvals")


@bp.get("")
@require(APPROVALS_READ)
def index() -> ResponseReturnValue:
    """What he may decide, the oldest first; under it how his own requests stand."""
    who = viewer()
    return render_template("office/approvals/index.html", waiting=queries.waiting_for(who), asked=queries.asked_by(who))

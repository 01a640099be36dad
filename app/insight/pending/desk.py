"""The desk's one list of what waits for whoever looks."""

from __future__ import annotations

from dataclasses import dataclass

from flask import Blueprint, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from app.insight.pending import queue
from app.insight.pending.queue import MOST_LISTED, Queue, Waiting
from app.kernel import clock
from app.web.guards import signed_in, viewer

bp = Blueprint("pending", __name__, url_prefix="/desk/pending")


@dataclass(frozen=True, slots=True)
class Tab:
    """A kind, or all, with its counter."""

    words: str
    count: int
    url: str
    is_current: bool


@dataclass(frozen=True, slots=True)
class Row:
    """One thing that waits, and for how many days it has."""

    waiting: Waiting
    days: int


@bp.get("")
@signed_in
def index() -> ResponseReturnValue:
    """What he may decide, of every kind in one list, the longest waiting first."""
    kind = request.args.get("kind", "")
    found = queue.of(viewer(), kind=kind)
    today = clock.today()
    return render_template(
        "insight/pending/index.html",
        tabs=_tabs(found, kind),
        rows=[Row(one, max((today - clock.day_of(one.since)).days, 0)) for one in found.rows],
        total=found.total,
        most=MOST_LISTED,
    )


def _tabs(found: Queue, kind: str) -> list[Tab]:
    known = kind in {one.key for one in found.kinds}
    every = Tab(_("全部"), found.total, url_for("pending.index"), not known)
    return [
        every,
        *(Tab(_(one.words), one.count, url_for("pending.index", kind=one.key), one.key == kind) for one in found.kinds),
    ]

"""The official's view of the checks: whether the book is right, which rows are not, and a way to look again."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from app.insight.consistency import queries, service
from app.insight.consistency.errors import AskedJustNow, RunsAlready
from app.insight.consistency.models import CheckRun
from app.insight.consistency.permissions import CHECKS_READ, CHECKS_RUN
from app.insight.consistency.rows import Row, kind_of
from app.kernel.checks import Finding
from app.kernel.db import transaction
from app.kernel.permissions import Permission
from app.people.accounts import queries as accounts
from app.people.accounts.permissions import PEOPLE_READ
from app.people.growers.permissions import GROWERS_READ
from app.trade.orders.permissions import ORDERS_READ
from app.web.guards import require, viewer
from app.web.words import sentence_of

bp = Blueprint("checks_desk", __name__, url_prefix="/desk/checks")

_PAGES: dict[str, tuple[Permission, str, str]] = {
    "order": (ORDERS_READ, "orders_desk.one_order", "number"),
    "person": (PEOPLE_READ, "people_desk.show", "person_id"),
    "seller": (GROWERS_READ, "growers_desk.show", "seller_id"),
}


@bp.get("")
@require(CHECKS_READ)
def index() -> ResponseReturnValue:
    """Every check as the newest run left it, broken ones first."""
    return _page()


def _page(*, refusal: str = "", status: int = 200) -> ResponseReturnValue:
    overview = queries.overview()
    html = render_template(
        "insight/consistency/index.html",
        overview=overview,
        asked_by=_asker(overview.run),
        may_run=viewer().may(CHECKS_RUN) and not overview.is_running,
        refusal=refusal,
    )
    return html, status


def _asker(run: CheckRun | None) -> str | None:
    """The name of the person who asked for it; None: nobody did, it was that of the night."""
    if run is None or not run.asked_by.startswith("person:"):
        return None
    return accounts.person(int(run.asked_by.removeprefix("person:"))).name


@bp.post("/runs")
@require(CHECKS_RUN)
def run() -> ResponseReturnValue:
    """A run is asked for."""
    try:
        with transaction():
            service.ask(by=viewer())
    except (AskedJustNow, RunsAlready) as error:
        return _page(refusal=sentence_of(error), status=error.status)
    flash(_("已经开始核对，过几秒刷新这一页就能看到结果。"))
    return redirect(url_for("checks_desk.index"), 303)


@bp.get("/<code>")
@require(CHECKS_READ)
def show(code: str) -> ResponseReturnValue:
    """One check, and the rows that broke it in the newest run."""
    standing = queries.standing(code)
    return render_template(
        "insight/consistency/show.html",
        standing=standing,
        rows=[_row(one) for one in standing.findings],
    )


def _row(finding: Finding) -> Row:
    return Row(_(kind_of(finding)), finding.row, _url(finding.row), finding.words)


def _url(row: str) -> str | None:
    """The row's own page, for who may open such pages everywhere."""
    kind, _space, key = row.partition(" ")
    if kind not in _PAGES or not key:
        return None
    permission, endpoint, name = _PAGES[kind]
    if not viewer().may(permission) or viewer().townships(permission) is not None:
        return None
    values: dict[str, Any] = {name: key}
    return url_for(endpoint, **values)

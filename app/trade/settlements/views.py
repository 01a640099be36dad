"""A grower's statements: one phone screen each, down to the entries, and a slip to print."""

from __future__ import annotations

from flask import Blueprint, render_template, request
from flask.typing import ResponseReturnValue

from app.office.payouts import queries as payouts
from app.trade.settlements import pages, queries
from app.trade.settlements.permissions import STATEMENTS_OWN
from app.web.guards import require, viewer
from app.web.pager import links

bp = Blueprint("statements", __name__, url_prefix="/grower/statements")


@bp.get("")
@require(STATEMENTS_OWN)
def index() -> ResponseReturnValue:
    """His statements, newest first, and how each was paid."""
    page = queries.own_statements(viewer(), cursor=request.args.get("after"))
    found = payouts.of_subjects([row.statement.subject for row in page.items])
    return render_template(
        "trade/settlements/grower_statements.html",
        rows=page.items,
        ways={subject: pages.on_its_way(one) for subject, one in found.items()},
        page=links(page.next_cursor),
    )


@bp.get("/<number>")
@require(STATEMENTS_OWN)
def show(number: str) -> ResponseReturnValue:
    """What came in, what went back, what is paid to him."""
    row = queries.own_statement(number, viewer())
    payout = payouts.of_subjects([row.statement.subject]).get(row.statement.subject)
    return render_template(
        "trade/settlements/grower_statement.html",
        row=row,
        lines=pages.lines_of(row.statement, "statements.entries"),
        payout=payout,
        way=pages.on_its_way(payout),
    )


@bp.get("/<number>/entries")
@require(STATEMENTS_OWN)
def entries(number: str) -> ResponseReturnValue:
    """The entries of one line, or of all."""
    row = queries.own_statement(number, viewer())
    line = pages.line_of(request.args.get("line"))
    page = queries.entries_of(row.statement.id, line, cursor=request.args.get("after"))
    return render_template(
        "trade/settlements/grower_entries.html",
        row=row,
        line=line,
        total=pages.total_of(row.statement, line),
        entries=pages.shown(page.items),
        page=links(page.next_cursor),
    )


@bp.get("/<number>/slip")
@require(STATEMENTS_OWN)
def slip(number: str) -> ResponseReturnValue:
    """What each buyer paid and how much of it reached him, to print."""
    row = queries.own_statement(number, viewer())
    return render_template(
        "trade/settlements/slip.html",
        row=row,
        shares=queries.shares_of(row.statement.id),
        reach=pages.reach_of(row.statement),
    )

"""The county's desk for what is the sellers': making a settlement, looking at it, and letting it go."""

from __future__ import annotations

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from app.kernel import once
from app.kernel.db import transaction
from app.kernel.errors import DomainError, NotFound
from app.kernel.permissions import Viewer
from app.office.approvals import queries as approvals
from app.office.approvals import service as approving
from app.office.approvals.forms import VerdictForm
from app.office.approvals.states import ApprovalState
from app.office.payouts import queries as payouts
from app.trade.fees import service as fees
from app.trade.settlements import pages, queries, service
from app.trade.settlements.forms import BeginForm
from app.trade.settlements.models import Settlement
from app.trade.settlements.permissions import SETTLEMENTS_APPROVE, SETTLEMENTS_MAKE, SETTLEMENTS_READ
from app.trade.settlements.states import Line, SettlementState
from app.web.fields import refuse
from app.web.guards import require, viewer
from app.web.pager import links

bp = Blueprint("settlements", __name__, url_prefix="/desk/settlements")


@bp.get("")
@require(SETTLEMENTS_READ)
def index() -> ResponseReturnValue:
    """What was settled, and a form for the next."""
    return _index(BeginForm(through=pages.yesterday()))


def _index(form: BeginForm, *, status: int = 200) -> ResponseReturnValue:
    may_make = viewer().may(SETTLEMENTS_MAKE)
    rows = queries.all_settlements()
    html = render_template(
        "trade/settlements/index.html",
        settlements=rows,
        form=form if may_make and not any(one.is_live for one in rows) else None,
        rate=fees.percent(fees.rate_on(pages.yesterday())),
    )
    return html, status


@bp.post("")
@require(SETTLEMENTS_MAKE)
def begin() -> ResponseReturnValue:
    """A settlement is under way, once however often it is tapped."""
    form = BeginForm()
    day = form.day()
    if not form.validate_on_submit() or day is None:
        return _index(form, status=422)
    asked = once.Request.of(
        actor=viewer().actor, key=form.request_key.data or "", act="settlements.begin", content=form.content()
    )
    try:
        with transaction():
            if once.earlier_answer(asked, answer="begun") is None:
                service.begin(through=day, by=viewer())
    except once.StillRunning:
        raise
    except DomainError as error:
        refuse(form, error)
        return _index(form, status=error.status)
    flash(_("开始算了，过几秒刷新就能看到。"))
    return redirect(url_for("settlements.index"), 303)


@bp.get("/<number>")
@require(SETTLEMENTS_READ)
def show(number: str) -> ResponseReturnValue:
    """One settlement: its sums, its statements, and how it is decided."""
    return _page(number, VerdictForm(formdata=None))


def _page(number: str, form: VerdictForm, *, status: int = 200) -> ResponseReturnValue:
    who = viewer()
    settlement = queries.settlement(number)
    course = approvals.course_of(service.PROCEDURE, settlement.subject)
    page = queries.statements_of(settlement.id, who, cursor=request.args.get("after"))
    if settlement.state is SettlementState.ASKED and not form.seen.data:
        form.seen.data = approving.fingerprint(service.payload(settlement))
    html = render_template(
        "trade/settlements/show.html",
        settlement=settlement,
        made_by=pages.name_of(settlement.made_by),
        sums=queries.sums_of(settlement.id, who),
        rows=page.items,
        page=links(page.next_cursor),
        course=course,
        decides=course is not None and course.is_open_to(who, SETTLEMENTS_APPROVE),
        verdict_form=form,
        may_submit=settlement.state is SettlementState.MADE and who.may(SETTLEMENTS_MAKE),
        may_drop=_may_drop(settlement, who),
    )
    return html, status


def _may_drop(settlement: Settlement, who: Viewer) -> bool:
    if not who.may(SETTLEMENTS_MAKE):
        return False
    if settlement.state is SettlementState.ASKED:
        waiting = approvals.open_of(service.PROCEDURE, settlement.subject)
        return waiting is not None and waiting.asked_by == who.person_id
    return settlement.state in (SettlementState.MAKING, SettlementState.MADE)


@bp.post("/<number>/submission")
@require(SETTLEMENTS_MAKE)
def submit(number: str) -> ResponseReturnValue:
    """It waits for a second person."""
    with transaction():
        service.submit(number, link=url_for("settlements.show", number=number), by=viewer())
    flash(_("已报上去，等另一位干部复核。"), "good")
    return redirect(url_for("settlements.show", number=number), 303)


@bp.post("/<number>/withdrawal")
@require(SETTLEMENTS_MAKE)
def drop(number: str) -> ResponseReturnValue:
    """It counts for nothing."""
    with transaction():
        service.drop(number, by=viewer())
    flash(_("已作废，里面的账留给下一次结算。"))
    return redirect(url_for("settlements.show", number=number), 303)


@bp.post("/<number>/decision")
@require(SETTLEMENTS_APPROVE)
def decide(number: str) -> ResponseReturnValue:
    """A second person decides, over what he saw."""
    form = VerdictForm()
    if not form.validate_on_submit():
        return _page(number, form, status=422)
    try:
        with transaction():
            state = service.decide(number, form.verdict(request.form.get("verdict")), by=viewer())
    except NotFound:
        raise
    except DomainError as error:
        refuse(form, error)
        return _page(number, form, status=error.status)
    approved = state is ApprovalState.APPROVED
    flash(_("已批准，正在入账。到“付款”里导出银行文件。") if approved else _("没有批准，已作废。"), "good")
    return redirect(url_for("settlements.show", number=number), 303)


@bp.get("/statements/<number>")
@require(SETTLEMENTS_READ)
def statement(number: str) -> ResponseReturnValue:
    """One seller's statement, and the entries of the line that was opened."""
    row = queries.statement_in_scope(number, viewer())
    line = pages.line_of(request.args.get("line"))
    return _statement(row, line)


def _statement(row: queries.StatementRow, line: Line | None) -> ResponseReturnValue:
    page = queries.entries_of(row.statement.id, line, cursor=request.args.get("after"))
    payout = payouts.of_subjects([row.statement.subject]).get(row.statement.subject)
    return render_template(
        "trade/settlements/statement.html",
        row=row,
        lines=pages.lines_of(row.statement, "settlements.statement"),
        line=line,
        total=pages.total_of(row.statement, line),
        entries=pages.shown(page.items),
        page=links(page.next_cursor),
        payout=payout,
        way=pages.on_its_way(payout),
    )

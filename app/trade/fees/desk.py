"""The county's desk for what it keeps of a sale: proposed by one, decided by another."""

from __future__ import annotations

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from app.kernel import clock, once
from app.kernel.db import transaction
from app.kernel.errors import DomainError, NotFound
from app.office.approvals import queries as approvals
from app.office.approvals import service as approving
from app.office.approvals.forms import VerdictForm
from app.office.approvals.states import ApprovalState
from app.trade.fees import service
from app.trade.fees.forms import RateForm
from app.trade.fees.permissions import FEES_APPROVE, FEES_MAKE, FEES_READ
from app.web.fields import refuse
from app.web.guards import require, viewer

bp = Blueprint("fees", __name__, url_prefix="/desk/fees")


@bp.get("")
@require(FEES_READ)
def index() -> ResponseReturnValue:
    """What the county keeps of a sale, and what was proposed."""
    return _rates(RateForm(valid_from=service.tomorrow()))


def _rates(form: RateForm, *, status: int = 200) -> ResponseReturnValue:
    html = render_template(
        "trade/fees/index.html",
        rows=[(one, service.percent(one.rate)) for one in service.proposed()],
        now=service.percent(service.rate_on(clock.today())),
        form=form if viewer().may(FEES_MAKE) else None,
    )
    return html, status


@bp.post("")
@require(FEES_MAKE)
def propose() -> ResponseReturnValue:
    """A rate waits for a second person, once however often it is tapped."""
    form = RateForm()
    is_good = form.validate_on_submit()
    proposal = form.proposal() if is_good else None
    if proposal is None:
        return _rates(form, status=422)
    asked = once.Request.of(
        actor=viewer().actor, key=form.request_key.data or "", act="fees.propose", content=form.content()
    )
    try:
        with transaction():
            if once.earlier_answer(asked, answer="proposed") is None:
                service.propose(proposal, link="/desk/fees/{number}", by=viewer())
    except once.StillRunning:
        raise
    except DomainError as error:
        refuse(form, error)
        return _rates(form, status=error.status)
    flash(_("已报上去，等另一位干部复核。"), "good")
    return redirect(url_for("fees.index"), 303)


@bp.get("/<number>")
@require(FEES_READ)
def show(number: str) -> ResponseReturnValue:
    """One rate, and how it is decided."""
    return _rate(number, VerdictForm(formdata=None))


def _rate(number: str, form: VerdictForm, *, status: int = 200) -> ResponseReturnValue:
    rate = service.rate_of(number)
    course = approvals.course_of(service.PROCEDURE, rate.subject)
    if not form.seen.data:
        form.seen.data = approving.fingerprint(service.payload(rate))
    html = render_template(
        "trade/fees/show.html",
        rate=rate,
        percent=service.percent(rate.rate),
        course=course,
        decides=course is not None and course.is_open_to(viewer(), FEES_APPROVE),
        verdict_form=form,
    )
    return html, status


@bp.post("/<number>/decision")
@require(FEES_APPROVE)
def decide(number: str) -> ResponseReturnValue:
    """A second person decides, over what he saw."""
    form = VerdictForm()
    if not form.validate_on_submit():
        return _rate(number, form, status=422)
    try:
        with transaction():
            state = service.decide(number, form.verdict(request.form.get("verdict")), by=viewer())
    except NotFound:
        raise
    except DomainError as error:
        refuse(form, error)
        return _rate(number, form, status=error.status)
    agreed = state is ApprovalState.APPROVED
    flash(_("已批准，从那天起按新费率。") if agreed else _("没有批准。"), "good")
    return redirect(url_for("fees.show", number=number), 303)

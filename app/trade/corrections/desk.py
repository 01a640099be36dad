"""The county's desk for corrections of what is a seller's: proposed by one, decided by another."""

from __future__ import annotations

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from app.kernel import once
from app.kernel.db import transaction
from app.kernel.errors import DomainError, NotFound
from app.office.approvals import queries as approvals
from app.office.approvals import service as approving
from app.office.approvals.forms import VerdictForm
from app.office.approvals.states import ApprovalState
from app.people.accounts import queries as people
from app.trade.corrections import service
from app.trade.corrections.forms import CorrectionForm
from app.trade.corrections.permissions import CORRECTIONS_APPROVE, CORRECTIONS_MAKE, CORRECTIONS_READ
from app.web.fields import refuse
from app.web.guards import require, viewer

bp = Blueprint("corrections", __name__, url_prefix="/desk/corrections")


@bp.get("")
@require(CORRECTIONS_READ)
def index() -> ResponseReturnValue:
    """What was corrected, and a form for the next."""
    return _corrections(CorrectionForm(seller=request.args.get("seller", "")))


def _corrections(form: CorrectionForm, *, status: int = 200) -> ResponseReturnValue:
    html = render_template(
        "trade/corrections/index.html",
        rows=service.proposed(viewer()),
        form=form if viewer().may(CORRECTIONS_MAKE) else None,
    )
    return html, status


@bp.post("")
@require(CORRECTIONS_MAKE)
def propose() -> ResponseReturnValue:
    """A correction waits for a second person, once however often it is tapped."""
    form = CorrectionForm()
    if not form.validate_on_submit():
        return _corrections(form, status=422)
    asked = once.Request.of(
        actor=viewer().actor, key=form.request_key.data or "", act="corrections.propose", content=form.content()
    )
    try:
        with transaction():
            if once.earlier_answer(asked, answer="proposed") is None:
                service.propose(form.wanted(), link="/desk/corrections/{number}", by=viewer())
    except once.StillRunning:
        raise
    except DomainError as error:
        refuse(form, error)
        return _corrections(form, status=error.status)
    flash(_("已报上去，等另一位干部复核。"), "good")
    return redirect(url_for("corrections.index"), 303)


@bp.get("/<number>")
@require(CORRECTIONS_READ)
def show(number: str) -> ResponseReturnValue:
    """One correction, and how it is decided."""
    return _correction(number, VerdictForm(formdata=None))


def _correction(number: str, form: VerdictForm, *, status: int = 200) -> ResponseReturnValue:
    correction, seller = service.correction_of(number, viewer())
    course = approvals.course_of(service.PROCEDURE, correction.subject)
    if not form.seen.data:
        form.seen.data = approving.fingerprint(service.payload(correction))
    html = render_template(
        "trade/corrections/show.html",
        correction=correction,
        seller=seller,
        made_by=people.person(correction.made_by).name,
        course=course,
        decides=course is not None and course.is_open_to(viewer(), CORRECTIONS_APPROVE),
        verdict_form=form,
    )
    return html, status


@bp.post("/<number>/decision")
@require(CORRECTIONS_APPROVE)
def decide(number: str) -> ResponseReturnValue:
    """A second person decides, over what he saw."""
    form = VerdictForm()
    if not form.validate_on_submit():
        return _correction(number, form, status=422)
    try:
        with transaction():
            state = service.decide(number, form.verdict(request.form.get("verdict")), by=viewer())
    except NotFound:
        raise
    except DomainError as error:
        refuse(form, error)
        return _correction(number, form, status=error.status)
    flash(_("已批准，已入账。") if state is ApprovalState.APPROVED else _("没有批准。"), "good")
    return redirect(url_for("corrections.show", number=number), 303)

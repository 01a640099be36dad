"""The township's desk for agents: naming them, looking at mandates on paper, ending, and answering objections."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

from flask import Blueprint, Response, flash, make_response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from app.kernel import clock, once
from app.kernel.db import transaction
from app.kernel.errors import DomainError, NotFound
from app.kernel.permissions import Viewer
from app.people.accounts.me import ID
from app.people.agents import mandates, papers, queries, records, service
from app.people.agents.forms import AnswerForm, NameForm, ReasonForm
from app.people.agents.permissions import AGENTS_MANAGE, AGENTS_READ
from app.people.agents.service import Naming
from app.people.agents.states import LIVE, MandateState
from app.people.agents.wording import TEXTS
from app.people.growers import actors
from app.people.growers import queries as growers
from app.people.townships import queries as townships
from app.people.townships.models import Township
from app.web.fields import Form, refuse
from app.web.guards import require, viewer
from app.web.pager import links

bp = Blueprint("agents_desk", __name__, url_prefix="/desk/agents")

DECISIONS: dict[str, tuple[str, Callable[..., object]]] = {
    "confirmation": ("核对无误，同意", mandates.confirm),
    "refusal": ("不行，退回", mandates.refuse),
    "withdrawal": ("替枣农停掉", mandates.withdraw_for),
}


@bp.get("")
@require(AGENTS_READ)
def index() -> ResponseReturnValue:
    """What waits, the agents of his townships, and the form to name one."""
    return _page()


def _page(form: NameForm | None = None, *, status: int = 200) -> ResponseReturnValue:
    who = viewer()
    page = queries.page_of_agents(who, AGENTS_READ, cursor=request.args.get("after"))
    if form is None and who.may(AGENTS_MANAGE):
        form = NameForm(formdata=None)
        form.fill(_places(who))
    html = render_template(
        "people/agents/desk.html",
        papers=queries.papers_waiting(who, AGENTS_READ),
        objections=queries.open_objections(who, AGENTS_READ),
        agents=page.items,
        page=links(page.next_cursor),
        today=clock.today(),
        form=form,
    )
    return html, status


def _places(who: Viewer) -> list[Township]:
    codes = who.townships(AGENTS_MANAGE)
    held = None if codes is None else townships.lineages(codes)
    return [one for one in townships.present() if held is None or one.code in held]


@bp.post("", endpoint="name")
@require(AGENTS_MANAGE)
def submit() -> ResponseReturnValue:
    """Somebody may ask growers for mandates."""
    who, form = viewer(), NameForm()
    form.fill(_places(who))
    if not form.validate_on_submit():
        return _page(form, status=422)
    here = url_for("agents_desk.index")
    asked = once.Request.of(actor=who.actor, key=form.request_key.data or "", act="agents.name", content=form.content())
    try:
        code, village_id = form.where()
        with transaction():
            if once.earlier_answer(asked, answer=here) is None:
                until = clock.today() + timedelta(days=int(form.days.data))
                naming = Naming(form.phone.data or "", code, village_id, until)
                service.name(naming, because=form.because.data or "", by=who)
    except DomainError as error:
        if isinstance(error, once.StillRunning) or (error.status == 403 and error.field is None):
            raise
        refuse(form, error)
        return _page(form, status=error.status)
    flash(_("指定好了，已经告诉他本人。枣农答应了，他才能替人办。"), "good")
    return redirect(here, 303)


@bp.get(f"/<{ID}:agent_id>")
@require(AGENTS_READ)
def show(agent_id: int) -> ResponseReturnValue:
    """One agent: where, until when, and every mandate of his."""
    return _agent_page(agent_id)


def _agent_page(agent_id: int, form: ReasonForm | None = None, *, status: int = 200) -> ResponseReturnValue:
    who = viewer()
    one = queries.agent_in_scope(agent_id, who, AGENTS_READ)
    rows = queries.all_of(agent_id)
    may_end = one.agent.ended_at is None and queries.reaches(who, AGENTS_MANAGE, one.agent.township_code)
    html = render_template(
        "people/agents/desk_agent.html",
        one=one,
        rows=rows,
        acts=records.of_pairs({(one.agent.person_id, row.seller.id) for row in rows}),
        shops={row.seller.id: row.seller.name for row in rows},
        names=actors.words_of({one.agent.named_by, one.agent.ended_by or ""}),
        today=clock.today(),
        form=(form or ReasonForm(formdata=None)) if may_end else None,
    )
    return html, status


@bp.post(f"/<{ID}:agent_id>/end")
@require(AGENTS_MANAGE)
def end(agent_id: int) -> ResponseReturnValue:
    """He acts for nobody any more."""
    form = ReasonForm()
    if not form.validate_on_submit():
        return _agent_page(agent_id, form, status=422)
    try:
        with transaction():
            service.end(agent_id, because=form.because.data or "", by=viewer())
    except DomainError as error:
        if error.field is None:
            raise
        refuse(form, error)
        return _agent_page(agent_id, form, status=error.status)
    flash(_("停了。他手上的委托也都停了，枣农都会收到消息。"), "good")
    return redirect(url_for("agents_desk.show", agent_id=agent_id), 303)


@bp.get(f"/mandates/<{ID}:mandate_id>")
@require(AGENTS_READ)
def mandate(mandate_id: int) -> ResponseReturnValue:
    """One mandate: who, for whom, in which wording, how it was given, and what may be decided."""
    return _mandate_page(mandate_id)


def _mandate_page(mandate_id: int, *, status: int = 200, **given: Form) -> ResponseReturnValue:
    who = viewer()
    one = queries.listed(queries.mandate_in_scope(mandate_id, who, AGENTS_READ).id)
    people = {actor for actor in (one.mandate.recorded_by, one.mandate.decided_by, one.mandate.ended_by) if actor}
    manages = queries.reaches(who, AGENTS_MANAGE, one.seller.township_code)
    is_own = one.mandate.recorded_by == who.actor or growers.is_member(who.person_id, one.seller.id)
    waits = one.mandate.state is MandateState.WAITING
    keys = ["confirmation", "refusal"] if waits and not is_own else []
    keys += ["withdrawal"] if one.mandate.state in LIVE and not waits else []
    html = render_template(
        "people/agents/desk_mandate.html",
        one=one,
        text=TEXTS[one.mandate.text_version],
        names=actors.words_of(people),
        is_own=is_own and waits,
        may_see_paper=manages and one.mandate.paper_stem is not None,
        decisions=[(key, DECISIONS[key][0], given.get(key) or ReasonForm(formdata=None)) for key in keys]
        if manages
        else [],
    )
    response = make_response(html, status)
    response.headers["Cache-Control"] = "no-store"
    return response


@bp.get(f"/mandates/<{ID}:mandate_id>/paper")
@require(AGENTS_MANAGE)
def paper(mandate_id: int) -> ResponseReturnValue:
    """The picture of a signed paper, for officials of the place. Raises `NotFound`."""
    found = queries.mandate_in_scope(mandate_id, viewer(), AGENTS_MANAGE)
    if found.paper_stem is None:
        raise NotFound()
    response: Response = make_response(papers.read(found.paper_stem))
    response.content_type = "image/jpeg"
    response.headers["Cache-Control"] = "private, no-store"
    response.headers["Content-Security-Policy"] = "default-src 'none'; sandbox"
    return response


@bp.post(f"/mandates/<{ID}:mandate_id>/<any({','.join(DECISIONS)}):decision>")
@require(AGENTS_MANAGE)
def decide(mandate_id: int, decision: str) -> ResponseReturnValue:
    """The paper is good or not; or the grower wants it no more, and told the township."""
    form = ReasonForm()
    if not form.validate_on_submit():
        return _mandate_page(mandate_id, status=422, **{decision: form})
    try:
        with transaction():
            DECISIONS[decision][1](mandate_id, by=viewer(), because=form.because.data or "")
    except DomainError as error:
        if error.field is None:
            raise
        refuse(form, error)
        return _mandate_page(mandate_id, status=error.status, **{decision: form})
    flash(_("已办理，枣农和代办员都会收到消息。"), "good")
    return redirect(url_for("agents_desk.mandate", mandate_id=mandate_id), 303)


@bp.get(f"/objections/<{ID}:objection_id>")
@require(AGENTS_READ)
def objection(objection_id: int) -> ResponseReturnValue:
    """What was objected to, and the form to answer."""
    return _objection_page(objection_id)


def _objection_page(objection_id: int, form: AnswerForm | None = None, *, status: int = 200) -> ResponseReturnValue:
    who = viewer()
    found = queries.objection(objection_id)
    slip = records.slip(found.audit_id, viewer=who)
    if not queries.reaches(who, AGENTS_READ, slip.township_code):
        raise NotFound()
    may_answer = found.answered_at is None and queries.reaches(who, AGENTS_MANAGE, slip.township_code)
    html = render_template(
        "people/agents/desk_objection.html",
        one=found,
        slip=slip,
        names=actors.words_of({found.raised_by, found.answered_by or ""}),
        form=(form or AnswerForm(formdata=None)) if may_answer else None,
    )
    return html, status


@bp.post(f"/objections/<{ID}:objection_id>/answer")
@require(AGENTS_MANAGE)
def answer(objection_id: int) -> ResponseReturnValue:
    """The township has looked into it."""
    form = AnswerForm()
    if not form.validate_on_submit():
        return _objection_page(objection_id, form, status=422)
    try:
        with transaction():
            records.answer(objection_id, form.answer.data or "", by=viewer())
    except DomainError as error:
        if error.field is None:
            raise
        refuse(form, error)
        return _objection_page(objection_id, form, status=error.status)
    flash(_("已经告诉枣农。"), "good")
    return redirect(url_for("agents_desk.objection", objection_id=objection_id), 303)

"""An agent's doors, on his phone: his growers and what he can do for each, and asking for a new mandate."""

from __future__ import annotations

from flask import Blueprint, flash, make_response, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from app.kernel import clock, once
from app.kernel.db import transaction
from app.kernel.errors import DomainError
from app.people.accounts import uploads
from app.people.accounts.me import ID
from app.people.accounts.permissions import ME
from app.people.agents import mandates, papers, queries, records
from app.people.agents.errors import NotAnAgent, PaperMissing
from app.people.agents.forms import AskForm, CodeForm
from app.people.agents.papers import Paper
from app.people.agents.states import MandateState, Way
from app.people.agents.wording import CURRENT
from app.people.townships import queries as townships
from app.web.fields import refuse
from app.web.guards import require, viewer

bp = Blueprint("agent", __name__, url_prefix="/agent")


@bp.get("/")
@require(ME)
def home() -> ResponseReturnValue:
    """For whom he may act, until when, and what waits."""
    return _page()


def _page(mandate_id: int | None = None, form: CodeForm | None = None, *, status: int = 200) -> ResponseReturnValue:
    who = viewer()
    today = clock.today()
    rows = queries.of_agent(who.person_id)
    agent = queries.standing_agent(who.person_id)
    html = render_template(
        "people/agents/home.html",
        agent=agent,
        place=_place(agent.township_code, agent.village_id) if agent else "",
        good=[one for one in rows if one.mandate.is_good(today) and one.seller.id in who.seller_ids],
        asked=[
            (one, form if form is not None and one.mandate.id == mandate_id else CodeForm(formdata=None))
            for one in rows
            if one.mandate.state is MandateState.ASKED
        ],
        waiting=[one for one in rows if one.mandate.state is MandateState.WAITING],
        over=[one for one in rows if one.mandate.state is MandateState.IN_FORCE and not one.mandate.is_good(today)],
        today=today,
        acts=records.of_pairs({(who.person_id, one.seller.id) for one in rows if one.mandate.is_good(today)}, limit=10),
        names={one.seller.id: one.seller.name for one in rows},
    )
    response = make_response(html, status)
    response.headers["Cache-Control"] = "no-store"
    return response


def _place(code: str, village_id: int | None) -> str:
    return f"{townships.name_of(code)} {townships.village_name(village_id)}".strip()


@bp.get("/mandates/new")
@require(ME)
def ask() -> ResponseReturnValue:
    """The form to ask a grower for a mandate; who is no agent is shown what to do first."""
    if queries.standing_agent(viewer().person_id) is None:
        return redirect(url_for("agent.home"))
    form = AskForm()
    form.fill()
    return _ask_page(form)


def _ask_page(form: AskForm, *, status: int = 200) -> ResponseReturnValue:
    return render_template("people/agents/ask.html", form=form, text=CURRENT), status


@bp.post("/mandates/new", endpoint="submit")
@require(ME)
def submit_wish() -> ResponseReturnValue:
    """The grower is asked, or the paper goes to the township; once, however often it is sent."""
    if queries.standing_agent(viewer().person_id) is None:
        raise NotAnAgent()
    form = AskForm()
    form.fill()
    if not form.validate_on_submit():
        return _ask_page(form, status=422)
    try:
        _submit(form)
    except DomainError as error:
        if isinstance(error, once.StillRunning | NotAnAgent):
            raise
        refuse(form, error)
        return _ask_page(form, status=error.status)
    if form.way.data == Way.ON_PAPER:
        flash(_("委托书交给乡镇了，核对过您才能办。"), "good")
    else:
        flash(_("验证码发到他手机上了。让他念给您，填在下面。"), "good")
    return redirect(url_for("agent.home"), 303)


def _submit(form: AskForm) -> None:
    who, wish = viewer(), form.wish()
    content = [pair for pair in form.content() if pair[0] != "photo"]
    asked = once.Request.of(actor=who.actor, key=form.request_key.data or "", act="mandates.ask", content=content)
    with transaction():
        mandates.begin_asking(wish, by=who)
    paper = _paper(form) if form.way.data == Way.ON_PAPER else None
    try:
        with transaction():
            earlier = once.earlier_answer(asked, answer=url_for("agent.home"))
            if earlier is None and paper is not None:
                mandates.on_paper(wish, paper, by=who)
            elif earlier is None:
                mandates.ask(wish, by=who)
    except DomainError:
        if paper is not None:
            papers.discard(paper)
        raise
    if earlier is not None and paper is not None:
        papers.discard(paper)


def _paper(form: AskForm) -> Paper:
    file = form.photo.data
    if file is None or not getattr(file, "filename", ""):
        raise PaperMissing(field="photo")
    try:
        return papers.keep(uploads.photo(file.read(), by=viewer()))
    except DomainError as error:
        error.field = "photo"
        raise


@bp.post(f"/mandates/<{ID}:mandate_id>/code")
@require(ME)
def give_by_code(mandate_id: int) -> ResponseReturnValue:
    """The grower told him the code."""
    form = CodeForm()
    who = viewer()
    queries.mandate_of_agent(mandate_id, who)
    if not form.validate_on_submit():
        return _page(mandate_id, form, status=422)
    try:
        with transaction():
            counted = mandates.begin_guess(mandate_id, by=who)
        with transaction():
            mandates.give_by_code(counted, mandate_id, form.code.data or "", by=who)
    except DomainError as error:
        if error.status == 404:
            raise
        refuse(form, error)
        return _page(mandate_id, form, status=error.status)
    flash(_("好了，您可以替他卖枣了。"), "good")
    return redirect(url_for("agent.home"), 303)

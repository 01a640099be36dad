"""A grower's doors: who may act for him, giving and taking back a mandate, slips of what was done, and objecting."""

from __future__ import annotations

from flask import Blueprint, current_app, flash, make_response, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from app.kernel import clock, once
from app.kernel.db import transaction
from app.kernel.errors import DomainError
from app.people.accounts.me import ID
from app.people.accounts.permissions import ME
from app.people.agents import mandates, queries, records
from app.people.agents.forms import GiveForm, NothingForm, ObjectForm
from app.people.agents.queries import NamedAgent
from app.people.agents.wording import CURRENT
from app.people.growers import queries as growers
from app.people.growers.models import Seller
from app.people.townships import queries as townships
from app.web.fields import refuse
from app.web.guards import require, viewer

bp = Blueprint("agents", __name__, url_prefix="/grower")


@bp.get("/agents")
@require(ME)
def index() -> ResponseReturnValue:
    """Who may act for his shops, what they did lately, and the form to let somebody."""
    return _page()


def _page(form: GiveForm | None = None, *, status: int = 200) -> ResponseReturnValue:
    shops = [one for one in growers.of_viewer(viewer()) if one.verified_at]
    rows = queries.of_sellers([one.id for one in shops])
    held = {(one.seller.id, one.agent.id) for one in rows if one.mandate.is_good(clock.today())}
    offered = [(shop, one) for shop, one in _offered(shops) if (shop.id, one.agent.id) not in held]
    if form is None:
        form = GiveForm(formdata=None)
        form.fill(offered, is_one_shop=len(shops) == 1)
    html = render_template(
        "people/agents/grower.html",
        shops=shops,
        rows=rows,
        today=clock.today(),
        acts=records.of_pairs({(one.agent.person_id, one.seller.id) for one in rows}),
        names={one.agent.person_id: one.agent_name for one in rows},
        form=form if offered else None,
        text=CURRENT,
        nothing_form=NothingForm(formdata=None),
    )
    return _unstored(html, status)


def _offered(shops: list[Seller]) -> list[tuple[Seller, NamedAgent]]:
    open_shops = [one for one in shops if one.is_active]
    serving = queries.serving(open_shops)
    me = viewer().person_id
    return [(shop, one) for shop in open_shops for one in serving[shop.id] if one.agent.person_id != me]


@bp.post("/agents", endpoint="give")
@require(ME)
def submit() -> ResponseReturnValue:
    """He lets somebody act for him, from now on."""
    who = viewer()
    shops = [one for one in growers.of_viewer(who) if one.verified_at]
    form = GiveForm()
    form.fill(_offered(shops), is_one_shop=len(shops) == 1)
    if not form.validate_on_submit() or not form.consent_version():
        return _page(form, status=422)
    here = url_for("agents.index")
    seller_id, agent_id = form.chosen()
    asked = once.Request.of(
        actor=who.actor, key=form.request_key.data or "", act="mandates.give", content=form.content()
    )
    try:
        with transaction():
            if once.earlier_answer(asked, answer=here) is None:
                mandates.give(seller_id, agent_id, int(form.days.data), by=who)
    except DomainError as error:
        if isinstance(error, once.StillRunning) or error.status == 404:
            raise
        refuse(form, error)
        return _page(form, status=error.status)
    flash(_("办好了，他现在就能替您卖枣。不想让他办了，随时在这里停。"), "good")
    return redirect(here, 303)


@bp.post(f"/agents/<{ID}:mandate_id>/consent")
@require(ME)
def accept(mandate_id: int) -> ResponseReturnValue:
    """He agrees to what an agent asked."""
    with transaction():
        mandates.accept(mandate_id, by=viewer())
    flash(_("您同意了，他现在就能替您卖枣。"), "good")
    return redirect(url_for("agents.index"), 303)


@bp.post(f"/agents/<{ID}:mandate_id>/refusal")
@require(ME)
def decline(mandate_id: int) -> ResponseReturnValue:
    """He does not agree."""
    with transaction():
        mandates.decline(mandate_id, by=viewer())
    flash(_("记下了：您没有同意。他什么也办不了。"), "good")
    return redirect(url_for("agents.index"), 303)


@bp.get(f"/agents/<{ID}:mandate_id>/withdrawal")
@require(ME)
def confirm_withdrawal(mandate_id: int) -> ResponseReturnValue:
    """Is he sure?"""
    one = queries.listed(queries.mandate_of_member(mandate_id, viewer()).id)
    return render_template("people/agents/stop.html", one=one, form=NothingForm(formdata=None))


@bp.post(f"/agents/<{ID}:mandate_id>/withdrawal")
@require(ME)
def withdraw(mandate_id: int) -> ResponseReturnValue:
    """He takes it back, at once."""
    with transaction():
        mandates.withdraw(mandate_id, by=viewer())
    flash(_("停了。从现在起他办不了您的事。"), "good")
    return redirect(url_for("agents.index"), 303)


@bp.get(f"/slips/<{ID}:audit_id>")
@require(ME)
def slip(audit_id: int) -> ResponseReturnValue:
    """The paper about one act that an agent did, for the grower to keep."""
    return _slip_page(audit_id, ObjectForm(formdata=None))


def _slip_page(audit_id: int, form: ObjectForm, *, status: int = 200) -> ResponseReturnValue:
    one = records.slip(audit_id, viewer=viewer())
    html = render_template(
        "people/agents/slip.html",
        slip=one,
        township=townships.name_of(one.township_code),
        contact=current_app.extensions["liulin.contact"],
        form=form if one.may_object else None,
    )
    return _unstored(html, status)


@bp.post(f"/slips/<{ID}:audit_id>/objection", endpoint="object")
@require(ME)
def submit_objection(audit_id: int) -> ResponseReturnValue:
    """It was not right, he says; the township hears of it."""
    form = ObjectForm()
    if not form.validate_on_submit():
        return _slip_page(audit_id, form, status=422)
    try:
        with transaction():
            records.object_to(audit_id, form.words.data or "", by=viewer())
    except DomainError as error:
        if error.status == 404:
            raise
        refuse(form, error)
        return _slip_page(audit_id, form, status=error.status)
    flash(_("已经告诉乡镇，会有人来问您。"), "good")
    return redirect(url_for("agents.slip", audit_id=audit_id), 303)


def _unstored(html: str, status: int = 200) -> ResponseReturnValue:
    response = make_response(html, status)
    response.headers["Cache-Control"] = "no-store"
    return response

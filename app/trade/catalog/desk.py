"""The official's side of the catalogue: see what is sold in his townships, and stop what breaks the rules."""

from __future__ import annotations

from collections.abc import Callable

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from app.kernel.db import transaction
from app.people.accounts.errors import ReasonMissing
from app.people.growers import queries as growers
from app.people.townships import queries as townships
from app.trade.catalog import queries, service
from app.trade.catalog.forms import FindForm, StopForm
from app.trade.catalog.permissions import PACKS_STOP
from app.web.fields import refuse
from app.web.guards import require, viewer
from app.web.pager import links

bp = Blueprint("packs_desk", __name__, url_prefix="/desk/packs")


@bp.get("")
@require(PACKS_STOP)
def index() -> ResponseReturnValue:
    """What is sold in his townships, or what was stopped there."""
    form = FindForm(request.args)
    is_good = form.validate()
    is_stopped = request.args.get("state") == "stopped"
    page = queries.page_in_scope(
        viewer(),
        words=(form.q.data or "") if is_good else "",
        is_stopped=is_stopped,
        cursor=request.args.get("after"),
    )
    html = render_template(
        "trade/catalog/desk_packs.html",
        form=form,
        is_stopped=is_stopped,
        packs=page.items if is_good else [],
        page=links(page.next_cursor if is_good else None),
    )
    return html, 200 if is_good else 422


@bp.get("/<slug>")
@require(PACKS_STOP)
def show(slug: str) -> ResponseReturnValue:
    """One pack of his townships: what it says, who sells it, and the way to stop it or let it go again."""
    return _page(slug, StopForm(formdata=None))


def _page(slug: str, form: StopForm, *, status: int = 200) -> ResponseReturnValue:
    pack = queries.pack_in_scope(viewer(), slug)
    html = render_template(
        "trade/catalog/desk_pack.html",
        pack=pack,
        seller=growers.seller(pack.seller_id),
        township=townships.name_of(pack.township_code),
        is_own=growers.is_member(viewer().person_id, pack.seller_id),
        form=form,
    )
    return html, status


@bp.post("/<slug>/stop")
@require(PACKS_STOP)
def stop(slug: str) -> ResponseReturnValue:
    """Its sale is stopped, for a reason that the seller reads."""
    return _decide(slug, service.stop, done=_("已停售，买家不能再买；卖家能看到原因。"))


@bp.post("/<slug>/release")
@require(PACKS_STOP)
def release(slug: str) -> ResponseReturnValue:
    """The seller may put it on sale again."""
    return _decide(slug, service.release, done=_("已解除停售，卖家可以重新上架。"))


def _decide(slug: str, act: Callable[..., None], *, done: str) -> ResponseReturnValue:
    form = StopForm()
    if not form.validate_on_submit():
        return _page(slug, form, status=422)
    try:
        with transaction():
            act(queries.pack_in_scope(viewer(), slug, lock=True), by=viewer(), because=form.because.data or "")
    except ReasonMissing as error:
        refuse(form, error)
        return _page(slug, form, status=error.status)
    flash(done)
    return redirect(url_for("packs_desk.show", slug=slug), 303)

"""The township's desk for bank accounts: those that wait, each compared with the card or passbook and decided."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from flask import Blueprint, flash, make_response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from app.kernel.db import transaction
from app.kernel.permissions import Viewer
from app.people.accounts.errors import ReasonMissing
from app.people.accounts.me import ID
from app.people.growers import queries as growers
from app.people.growers.models import Seller
from app.people.purse import queries, service
from app.people.purse.forms import ReasonForm
from app.people.purse.models import BankAccount
from app.people.purse.permissions import PURSE_READ, PURSE_UNMASK, PURSE_VERIFY
from app.people.purse.states import LIVE, AccountState
from app.people.townships import queries as townships
from app.web.fields import refuse
from app.web.guards import require, viewer
from app.web.pager import links

bp = Blueprint("purse_desk", __name__, url_prefix="/desk/accounts")


@dataclass(frozen=True, slots=True)
class Decision:
    """One thing that may be decided about an account that waits."""

    key: str
    words: str
    run: Callable[..., BankAccount]


DECISIONS = {
    one.key: one
    for one in (
        Decision("verification", "核实通过", service.verify),
        Decision("refusal", "不通过", service.refuse),
    )
}


@dataclass(frozen=True, slots=True)
class Tab:
    """One state with its counter."""

    state: AccountState
    count: int
    url: str
    is_current: bool


@bp.get("")
@require(PURSE_READ)
def index() -> ResponseReturnValue:
    """The queue: those that wait first, the longest waiting on top."""
    who = viewer()
    state = _state(request.args.get("state"))
    page = queries.page_in_scope(who, state=state, cursor=request.args.get("after"))
    tabs = [
        Tab(one, count, url_for("purse_desk.index", state=one.value), one is state)
        for one, count in queries.count_in_scope(who).items()
    ]
    return render_template(
        "people/purse/desk.html", tabs=tabs, state=state, rows=page.items, page=links(page.next_cursor)
    )


def _state(text: str | None) -> AccountState:
    return AccountState(text) if text in set(AccountState) else AccountState.WAITING


@bp.get(f"/<{ID}:account_id>")
@require(PURSE_READ)
def show(account_id: int) -> ResponseReturnValue:
    """One account, masked, with what came before it and what may be decided."""
    return _page(account_id)


def _page(
    account_id: int,
    *,
    refused: dict[str, ReasonForm] | None = None,
    clear: str | None = None,
    status: int = 200,
) -> ResponseReturnValue:
    who = viewer()
    account = queries.account_in_scope(account_id, who, PURSE_READ)
    seller = growers.seller(account.seller_id)
    is_own = growers.is_member(who.person_id, seller.id) or account.entered_by == who.actor
    forms = refused or {}
    may_open = account.state in LIVE and queries.reaches(who, PURSE_UNMASK, seller)
    html = render_template(
        "people/purse/desk_account.html",
        account=account,
        seller=seller,
        township=townships.name_of(seller.township_code),
        history=queries.history_of(seller.id),
        is_own=is_own,
        clear=clear,
        decisions=[
            (one, forms.get(one.key) or ReasonForm(formdata=None))
            for one in _open_to(who, account, seller, is_own=is_own)
        ],
        unmask_form=(forms.get("number") or ReasonForm(formdata=None)) if may_open else None,
    )
    response = make_response(html, status)
    response.headers["Cache-Control"] = "no-store"
    return response


def _open_to(who: Viewer, account: BankAccount, seller: Seller, *, is_own: bool) -> list[Decision]:
    waits = account.state is AccountState.WAITING
    return list(DECISIONS.values()) if waits and not is_own and queries.reaches(who, PURSE_VERIFY, seller) else []


@bp.post(f"/<{ID}:account_id>/<any({','.join(DECISIONS)}):decision>")
@require(PURSE_VERIFY)
def decide(account_id: int, decision: str) -> ResponseReturnValue:
    """Decide about an account of one's own township, with a reason."""
    form = ReasonForm()
    if not form.validate_on_submit():
        return _page(account_id, refused={decision: form}, status=422)
    try:
        with transaction():
            DECISIONS[decision].run(account_id, by=viewer(), because=form.because.data or "")
    except ReasonMissing as error:
        refuse(form, error)
        return _page(account_id, refused={decision: form}, status=error.status)
    flash(_("已办理，对方能看到结果和原因。"))
    return redirect(url_for("purse_desk.show", account_id=account_id), 303)


@bp.post(f"/<{ID}:account_id>/number")
@require(PURSE_UNMASK)
def unmask(account_id: int) -> ResponseReturnValue:
    """Show the number in full, once, after its row is on record."""
    form = ReasonForm()
    if not form.validate_on_submit():
        return _page(account_id, refused={"number": form}, status=422)
    try:
        with transaction():
            clear = service.unmask_number(account_id, by=viewer(), because=form.because.data or "")
    except ReasonMissing as error:
        refuse(form, error)
        return _page(account_id, refused={"number": form}, status=error.status)
    return _page(account_id, clear=clear)

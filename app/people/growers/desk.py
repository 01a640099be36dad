"""The township's desk for sellers: one queue with its counter, and each seller with what may be decided."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from flask import Blueprint, flash, make_response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from app.kernel.db import transaction
from app.kernel.permissions import Permission, Viewer
from app.people.accounts import queries as accounts
from app.people.accounts.errors import ReasonMissing
from app.people.accounts.me import ID
from app.people.growers import changes, identity, panels, queries, service
from app.people.growers.forms import DecisionForm, UnmaskForm
from app.people.growers.models import Seller, SellerChange
from app.people.growers.permissions import GROWERS_READ, GROWERS_UNMASK, GROWERS_VERIFY
from app.people.growers.states import MOVES, SellerKind, SellerStatus
from app.people.townships import queries as townships
from app.web.fields import refuse
from app.web.guards import require, viewer
from app.web.pager import links

bp = Blueprint("growers_desk", __name__, url_prefix="/desk/growers")


@dataclass(frozen=True, slots=True)
class Decision:
    """One thing that may be decided about a seller."""

    key: str
    words: str
    target: SellerStatus
    run: Callable[..., Seller]


DECISIONS = {
    one.key: one
    for one in (
        Decision("verification", "核实通过", SellerStatus.ACTIVE, service.verify),
        Decision("refusal", "不通过", SellerStatus.REFUSED, service.refuse),
        Decision("suspension", "暂停销售", SellerStatus.SUSPENDED, service.suspend),
        Decision("resumption", "恢复销售", SellerStatus.ACTIVE, service.resume),
        Decision("closing", "停业注销", SellerStatus.CLOSED, service.close),
    )
}


@dataclass(frozen=True, slots=True)
class ChangeDecision:
    """One thing that may be decided about what a seller's people want changed."""

    key: str
    words: str
    run: Callable[..., SellerChange]


CHANGE_DECISIONS = {
    one.key: one
    for one in (
        ChangeDecision("approval", "同意修改", changes.approve),
        ChangeDecision("rejection", "不同意修改", changes.refuse),
    )
}


@dataclass(frozen=True, slots=True)
class SellerRow:
    """A seller as the queue shows it."""

    id: int
    name: str
    kind: SellerKind
    township: str
    status: SellerStatus
    created_at: datetime


@dataclass(frozen=True, slots=True)
class Tab:
    """One status with its counter."""

    status: SellerStatus
    count: int
    url: str
    is_current: bool


@bp.get("")
@require(GROWERS_READ)
def index() -> ResponseReturnValue:
    """The queue: those that wait first, the longest waiting on top."""
    who = viewer()
    status = _status(request.args.get("status"))
    counts = queries.count_in_scope(who, GROWERS_READ)
    page = queries.page_in_scope(who, GROWERS_READ, status=status, cursor=request.args.get("after"))
    tabs = [
        Tab(one, count, url_for("growers_desk.index", status=one.value), one is status) for one, count in counts.items()
    ]
    return render_template(
        "people/growers/desk.html",
        tabs=tabs,
        status=status,
        rows=[_row(seller) for seller in page.items],
        page=links(page.next_cursor),
    )


def _status(text: str | None) -> SellerStatus:
    return SellerStatus(text) if text in set(SellerStatus) else SellerStatus.APPLIED


def _row(seller: Seller) -> SellerRow:
    township = townships.name_of(seller.township_code)
    return SellerRow(seller.id, seller.name, seller.kind, township, seller.status, seller.created_at)


@bp.get(f"/<{ID}:seller_id>")
@require(GROWERS_READ)
def show(seller_id: int) -> ResponseReturnValue:
    """One seller: who, where, how it came so far, and what may be decided."""
    return _page(seller_id)


def _page(
    seller_id: int,
    *,
    refused: dict[str, DecisionForm] | None = None,
    unmask_form: UnmaskForm | None = None,
    clear: str | None = None,
    status: int = 200,
) -> ResponseReturnValue:
    who = viewer()
    seller = queries.seller_in_scope(seller_id, who, GROWERS_READ)
    contact = accounts.person(seller.contact_person_id)
    forms = refused or {}
    change = queries.waiting_change(seller.id)
    html = render_template(
        "people/growers/desk_seller.html",
        seller=seller,
        township=townships.name_of(seller.township_code),
        village=townships.village_name(seller.village_id),
        household=queries.household_of(seller.id),
        contact=contact,
        phone=accounts.masked_phone(contact),
        resident_id=identity.masked_resident_id(contact.id),
        clear=clear,
        history=queries.history_of(seller.id),
        panels=panels.ON_SELLER.of(who, seller),
        decisions=[(one, forms.get(one.key) or DecisionForm(formdata=None)) for one in _open_to(who, seller)],
        change=change,
        change_decisions=[
            (one, forms.get(one.key) or DecisionForm(formdata=None)) for one in _changes_open_to(who, seller, change)
        ],
        unmask_form=(unmask_form or UnmaskForm(formdata=None)) if _reaches(who, GROWERS_UNMASK, seller) else None,
    )
    response = make_response(html, status)
    response.headers["Cache-Control"] = "no-store"
    return response


def _open_to(who: Viewer, seller: Seller) -> list[Decision]:
    if not _reaches(who, GROWERS_VERIFY, seller) or queries.is_member(who.person_id, seller.id):
        return []
    waits = seller.status is SellerStatus.APPLIED
    return [
        one
        for one in DECISIONS.values()
        if one.target in MOVES.get(seller.status, frozenset())
        and (one.target is not SellerStatus.ACTIVE or (one.key == "verification") is waits)
    ]


def _changes_open_to(who: Viewer, seller: Seller, change: SellerChange | None) -> list[ChangeDecision]:
    if change is None or change.proposed_by == who.actor:
        return []
    if not _reaches(who, GROWERS_VERIFY, seller) or queries.is_member(who.person_id, seller.id):
        return []
    return list(CHANGE_DECISIONS.values())


def _reaches(who: Viewer, permission: Permission, seller: Seller) -> bool:
    if not who.may(permission):
        return False
    codes = who.townships(permission)
    return codes is None or seller.township_code in townships.lineages(codes)


@bp.post(f"/<{ID}:seller_id>/<any({','.join(DECISIONS)}):decision>")
@require(GROWERS_VERIFY)
def decide(seller_id: int, decision: str) -> ResponseReturnValue:
    """Decide about a seller of one's own township, with a reason."""
    form = DecisionForm()
    if not form.validate_on_submit():
        return _page(seller_id, refused={decision: form}, status=422)
    try:
        with transaction():
            DECISIONS[decision].run(seller_id, by=viewer(), because=form.because.data or "")
    except ReasonMissing as error:
        refuse(form, error)
        return _page(seller_id, refused={decision: form}, status=error.status)
    flash(_("已办理，对方能看到结果和原因。"))
    return redirect(url_for("growers_desk.show", seller_id=seller_id), 303)


@bp.post(f"/<{ID}:seller_id>/changes/<{ID}:change_id>/<any({','.join(CHANGE_DECISIONS)}):decision>")
@require(GROWERS_VERIFY)
def decide_change(seller_id: int, change_id: int, decision: str) -> ResponseReturnValue:
    """Agree or not to what a seller of one's own township wants changed, as it stood on the page."""
    form = DecisionForm()
    if not form.validate_on_submit():
        return _page(seller_id, refused={decision: form}, status=422)
    try:
        with transaction():
            CHANGE_DECISIONS[decision].run(change_id, by=viewer(), because=form.because.data or "")
    except ReasonMissing as error:
        refuse(form, error)
        return _page(seller_id, refused={decision: form}, status=error.status)
    flash(_("已办理，对方能看到结果和原因。"))
    return redirect(url_for("growers_desk.show", seller_id=seller_id), 303)


@bp.post(f"/<{ID}:seller_id>/phone")
@require(GROWERS_UNMASK)
def unmask_phone(seller_id: int) -> ResponseReturnValue:
    """Show the contact's number in full, once, after its row is on record."""
    return _unmask(seller_id, identity.unmask_contact)


@bp.post(f"/<{ID}:seller_id>/resident-id")
@require(GROWERS_UNMASK)
def unmask_resident_id(seller_id: int) -> ResponseReturnValue:
    """Show the contact's resident ID in full, once, after its row is on record."""
    return _unmask(seller_id, identity.unmask_resident_id)


def _unmask(seller_id: int, open_it: Callable[..., str]) -> ResponseReturnValue:
    form = UnmaskForm()
    if not form.validate_on_submit():
        return _page(seller_id, unmask_form=form, status=422)
    try:
        with transaction():
            clear = open_it(seller_id, by=viewer(), because=form.because.data or "")
    except ReasonMissing as error:
        refuse(form, error)
        return _page(seller_id, unmask_form=form, status=error.status)
    return _page(seller_id, clear=clear)

"""The desk's side of people: finding one, roles, and numbers opened for a reason."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from flask import Blueprint, flash, make_response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from app.kernel.db import transaction
from app.kernel.errors import DomainError
from app.people.accounts import queries
from app.people.accounts import service as accounts
from app.people.accounts.errors import AlreadyHeld, BadPhone, BadScope, ReasonMissing, RolesExclude
from app.people.accounts.forms import FindForm, GrantForm, ReasonForm, UnmaskForm
from app.people.accounts.me import ID
from app.people.accounts.models import RoleGrant
from app.people.accounts.permissions import PEOPLE_GRANT, PEOPLE_READ, PEOPLE_UNMASK
from app.people.accounts.states import STAFF, Role
from app.people.townships import queries as townships
from app.web.fields import refuse
from app.web.guards import require, viewer
from app.web.pager import links

bp = Blueprint("people_desk", __name__, url_prefix="/desk/people")


@dataclass(frozen=True, slots=True)
class GrantRow:
    """A role as lists show it."""

    id: int
    person_id: int
    name: str
    role: Role
    place: str
    since: datetime
    may_end: bool


@bp.get("")
@require(PEOPLE_READ)
def index() -> ResponseReturnValue:
    """Who holds a staff role, and a way to find somebody by his number."""
    return _index(FindForm())


@bp.post("", endpoint="search")
@require(PEOPLE_READ)
def find() -> ResponseReturnValue:
    """Go to the person with exactly this number. It is posted, so that no number stands in an address or a log."""
    form = FindForm()
    if not form.validate_on_submit():
        return _index(form, status=422)
    try:
        found = queries.by_phone(form.phone.data or "")
    except BadPhone as error:
        refuse(form, error)
        return _index(form, status=error.status)
    if found is None:
        form.phone.errors = [_("没有人用这个手机号登记过。")]
        return _index(form, status=404)
    return redirect(url_for("people_desk.show", person_id=found.id), 303)


def _index(form: FindForm, *, status: int = 200) -> ResponseReturnValue:
    page = queries.staff_page(cursor=request.args.get("after"))
    rows = [_row(grant, name) for grant, name in page.items]
    html = render_template("people/accounts/desk.html", form=form, rows=rows, page=links(page.next_cursor))
    return html, status


def _row(grant: RoleGrant, name: str) -> GrantRow:
    kind, _colon, code = grant.scope.partition(":")
    place = townships.name_of(code) if kind == "township" else _("全县") if kind == "county" else grant.scope
    may_end = grant.role in STAFF and viewer().may(PEOPLE_GRANT) and viewer().person_id != grant.person_id
    return GrantRow(grant.id, grant.person_id, name, grant.role, place, grant.granted_at, may_end)


@bp.get(f"/<{ID}:person_id>")
@require(PEOPLE_READ)
def show(person_id: int) -> ResponseReturnValue:
    """One person: roles, and what the viewer may do about them."""
    return _page(person_id)


def _page(
    person_id: int,
    *,
    grant_form: GrantForm | None = None,
    reason_form: ReasonForm | None = None,
    unmask_form: UnmaskForm | None = None,
    clear_phone: str | None = None,
    status: int = 200,
) -> ResponseReturnValue:
    who = viewer()
    person = queries.person(person_id)
    is_other = who.person_id != person.id
    html = render_template(
        "people/accounts/desk_person.html",
        person=person,
        phone=clear_phone or queries.masked_phone(person),
        is_clear=clear_phone is not None,
        rows=[_row(grant, person.name) for grant in queries.grants_of(person.id)],
        grant_form=(grant_form or _grant_form()) if is_other and who.may(PEOPLE_GRANT) else None,
        reason_form=(reason_form or ReasonForm(formdata=None)) if is_other and who.may(PEOPLE_GRANT) else None,
        unmask_form=(unmask_form or UnmaskForm(formdata=None)) if who.may(PEOPLE_UNMASK) else None,
    )
    response = make_response(html, status)
    response.headers["Cache-Control"] = "no-store"
    return response


def _grant_form() -> GrantForm:
    form = GrantForm(formdata=None)
    form.fill()
    return form


@bp.post(f"/<{ID}:person_id>/grants")
@require(PEOPLE_GRANT)
def grant(person_id: int) -> ResponseReturnValue:
    """Give a role; it counts from the person's next request."""
    form = GrantForm()
    form.fill()
    if not form.validate_on_submit():
        return _page(person_id, grant_form=form, status=422)
    try:
        with transaction():
            accounts.grant(person_id, Role(form.role.data), form.scope(), by=viewer(), because=form.because.data or "")
    except (BadScope, RolesExclude, AlreadyHeld, ReasonMissing) as error:
        _at_township(form, error)
        return _page(person_id, grant_form=form, status=error.status)
    flash(_("角色已授予，对方下一次打开页面就生效。"))
    return redirect(url_for("people_desk.show", person_id=person_id), 303)


def _at_township(form: GrantForm, error: DomainError) -> None:
    if isinstance(error, BadScope):
        error.field = "township_code"
    refuse(form, error)


@bp.post(f"/<{ID}:person_id>/grants/<{ID}:grant_id>/end")
@require(PEOPLE_GRANT)
def revoke(person_id: int, grant_id: int) -> ResponseReturnValue:
    """End a role; the person's next request no longer has it."""
    form = ReasonForm()
    return _with_reason(
        person_id,
        form,
        lambda: accounts.revoke(grant_id, by=viewer(), because=form.because.data or ""),
        _("角色已撤销。"),
    )


@bp.post(f"/<{ID}:person_id>/disabling")
@require(PEOPLE_GRANT)
def disable(person_id: int) -> ResponseReturnValue:
    """The person can no longer sign in."""
    form = ReasonForm()
    return _with_reason(
        person_id,
        form,
        lambda: accounts.disable(person_id, by=viewer(), because=form.because.data or ""),
        _("账号已停用，此人的登录都已退出。"),
    )


def _with_reason(person_id: int, form: ReasonForm, act: Callable[[], None], said: str) -> ResponseReturnValue:
    if not form.validate_on_submit():
        return _page(person_id, reason_form=form, status=422)
    try:
        with transaction():
            act()
    except ReasonMissing as error:
        refuse(form, error)
        return _page(person_id, reason_form=form, status=error.status)
    flash(said)
    return redirect(url_for("people_desk.show", person_id=person_id), 303)


@bp.post(f"/<{ID}:person_id>/phone")
@require(PEOPLE_UNMASK)
def unmask(person_id: int) -> ResponseReturnValue:
    """Show the number in full, once, after its row is on record."""
    form = UnmaskForm()
    if not form.validate_on_submit():
        return _page(person_id, unmask_form=form, status=422)
    try:
        with transaction():
            phone = accounts.unmask_phone(person_id, by=viewer(), because=form.because.data or "")
    except ReasonMissing as error:
        refuse(form, error)
        return _page(person_id, unmask_form=form, status=error.status)
    return _page(person_id, clear_phone=phone)

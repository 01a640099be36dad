"""The doors of importing and exporting, for officials and sellers alike."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from typing import Any

from flask import Blueprint, Response, flash, redirect, render_template, request, stream_with_context, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from app.audit import service as audit
from app.gateways import sheets
from app.kernel import once
from app.kernel.db import let_go, transaction
from app.kernel.errors import DomainError, NotFound
from app.office.imports import kinds, papers, queries, service
from app.office.imports.errors import UnknownKind
from app.office.imports.forms import BringForm, ConfirmForm, ExportForm, NothingForm, target_of
from app.office.imports.models import Import
from app.office.imports.papers import Paper
from app.office.imports.permissions import IMPORTS_USE
from app.office.imports.states import ImportState, Outcome
from app.web.fields import refuse
from app.web.guards import require, viewer
from app.web.pager import links
from app.web.words import said

bp = Blueprint("imports", __name__, url_prefix="/imports")
_AT_WORK = (ImportState.READING, ImportState.CONFIRMED)


@bp.get("")
@require(IMPORTS_USE)
def index() -> ResponseReturnValue:
    """Bring a file, fetch a template or an export, and see what was brought."""
    return _index(BringForm(formdata=None))


def _index(form: BringForm, *, export_form: ExportForm | None = None, status: int = 200) -> ResponseReturnValue:
    who = viewer()
    offers = kinds.offered_to(who)
    export_form = export_form or ExportForm(formdata=None)
    form.fill(offers)
    export_form.fill(offers)
    page = queries.page_for(who, [(kind, scope) for kind, scope, _words in offers], cursor=request.args.get("after"))
    html = render_template(
        "office/imports/index.html",
        form=form if offers else None,
        export_form=export_form,
        kinds=list({kind.key: kind for kind, _scope, _words in offers}.values()),
        imports=[(one, kinds.kind_of(one.kind)) for one in page.items],
        owners={scope: words for _kind, scope, words in offers},
        page=links(page.next_cursor),
    )
    return html, status


@bp.post("")
@require(IMPORTS_USE)
def bring() -> ResponseReturnValue:
    """A file is looked through and waits to be tried; the same file again shows what became of it."""
    form = BringForm()
    form.fill(kinds.offered_to(viewer()))
    if not form.validate_on_submit() or (data := form.data_sent()) is None:
        return _index(form, status=422)
    kind_key, scope = target_of(form.target.data or "")
    try:
        service.allowed(kind_key, scope, viewer())
        let_go()
        sheets.look(data)
        with transaction():
            brought = service.bring(data, kind_key=kind_key, scope=scope, file_name=form.file_name, by=viewer())
            number = brought.one.number
    except DomainError as error:
        error.field = error.field or "file"
        refuse(form, error)
        return _index(form, status=error.status)
    if not brought.is_new:
        flash(_("这份文件以前传过，没有再导入。下面是那一次的结果。"), "warning")
    return redirect(url_for("imports.show", number=number), 303)


@bp.get("/<number>")
@require(IMPORTS_USE)
def show(number: str) -> ResponseReturnValue:
    """One import: how far it is, what it would do, what is wrong with it."""
    return _page(number)


def _page(number: str, *, error: DomainError | None = None, status: int = 200) -> ResponseReturnValue:
    one = queries.of_viewer(number, viewer())
    kind = kinds.kind_of(one.kind)
    bad = queries.bad_rows(one, cursor=request.args.get("after")) if one.bad else None
    html = render_template(
        "office/imports/show.html",
        one=one,
        kind=kind,
        owner=dict(kind.scopes(viewer())).get(one.scope, ""),
        is_at_work=one.state in _AT_WORK,
        outcomes=[(outcome, one.count(outcome)) for outcome in Outcome],
        failure=_failure(one),
        faults=[(row.row_no, _said(fault)) for row in (bad.items if bad else ()) for fault in row.told],
        page=links(bad.next_cursor if bad else None),
        confirm_form=ConfirmForm(formdata=None) if one.state is ImportState.READY else None,
        withdraw_form=NothingForm(formdata=None),
        may_withdraw=one.state in (ImportState.READING, ImportState.READY, ImportState.FAULTY),
        refusal=str(error) if error else "",
    )
    response = Response(html, status)
    response.headers["Cache-Control"] = "no-store"
    return response


def _failure(one: Import) -> str:
    if not one.failure:
        return ""
    told = json.loads(one.failure)
    return said(told["sentence"]).format(**told["values"])


def _said(fault: dict[str, Any]) -> tuple[str, str]:
    """(column, sentence) in the reader's language."""
    return said(fault["column"]) if fault["column"] else "", said(fault["sentence"]).format(**fault["values"])


@bp.post("/<number>/confirmation")
@require(IMPORTS_USE)
def confirm(number: str) -> ResponseReturnValue:
    """It shall be written, once however often it is tapped."""
    form = ConfirmForm()
    if not form.validate_on_submit():
        return _page(number, status=422)
    who = viewer()
    asked = once.Request.of(actor=who.actor, key=form.request_key.data or "", act="imports.confirm", content=number)
    with transaction():
        if once.earlier_answer(asked, answer=number) is None:
            service.confirm(number, by=who)
    flash(_("正在写入，写完这一页会告诉您。"))
    return redirect(url_for("imports.show", number=number), 303)


@bp.post("/<number>/withdrawal")
@require(IMPORTS_USE)
def withdraw(number: str) -> ResponseReturnValue:
    """It is not wanted any more."""
    with transaction():
        service.withdraw(number, by=viewer())
    flash(_("收回了，什么都没有写入。"))
    return redirect(url_for("imports.index"), 303)


@bp.post("/<number>/faults")
@require(IMPORTS_USE)
def faults(number: str) -> ResponseReturnValue:
    """All rows that are wrong, as a csv file."""
    with transaction():
        one = queries.of_viewer(number, viewer())
        kind = kinds.kind_of(one.kind)
        audit.note("imports.faults_taken", f"import:{one.number}", by=service.acting(viewer(), one.scope))
    return _given(papers.faults(kind, _lines_of_faults(one.id, kind.key)), f"{number}-faults.csv")


def _lines_of_faults(import_id: int, kind_key: str) -> Iterator[Sequence[str]]:
    one, kind = queries.by_id(import_id), kinds.kind_of(kind_key)
    for row_no, cells, told in papers.faulty_rows(one, kind):
        words = [_said(fault) for fault in json.loads(told)]
        yield [
            str(row_no),
            *cells,
            "；".join(
                _("%(label)s：%(error)s", label=column, error=sentence) if column else sentence
                for column, sentence in words
            ),
        ]


@bp.get("/templates/<key>.<any(xlsx,csv):form>")
@require(IMPORTS_USE)
def template(key: str, form: str) -> ResponseReturnValue:
    """An empty table to fill in."""
    try:
        kind = kinds.kind_of(key)
    except UnknownKind as error:
        raise NotFound() from error
    if not viewer().may(kind.permission) or not kind.scopes(viewer()):
        raise NotFound()
    return _given(papers.template(kind, form), f"{key}-template.{form}")


@bp.post("/exports")
@require(IMPORTS_USE)
def export() -> ResponseReturnValue:
    """All that an owner has of a kind; who took it and when is on record."""
    form = ExportForm()
    form.fill(kinds.offered_to(viewer()))
    if not form.validate_on_submit():
        return _index(BringForm(formdata=None), export_form=form, status=422)
    kind_key, scope = target_of(form.target.data or "")
    who = viewer()
    try:
        with transaction():
            kind = service.allowed(kind_key, scope, who)
            audit.note("imports.exported", scope, by=service.acting(who, scope), kind=kind.key, form=form.form.data)
    except UnknownKind as error:
        refuse(form, error)
        return _index(BringForm(formdata=None), export_form=form, status=error.status)
    return _given(papers.export(kind, scope, form.form.data, by=who.name), f"{kind.key}.{form.form.data}")


def _given(paper: Paper, name: str) -> Response:
    response = Response(stream_with_context(paper.data), content_type=paper.media_type)
    response.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    response.headers["Cache-Control"] = "no-store"
    return response

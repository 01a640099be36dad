"""The county's desk for paying people: bank files of what waits, what banks answered, and what does not fit."""

from __future__ import annotations

from dataclasses import dataclass

from flask import Blueprint, Response, flash, make_response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from app.kernel import once
from app.kernel.db import transaction
from app.kernel.errors import BadValue
from app.office.payouts import files, queries, returns
from app.office.payouts.errors import AlreadyResolved, BadBankChosen, FileGone, NothingWaits
from app.office.payouts.forms import DownloadForm, MakeForm, ReasonForm, ReturnForm, bank_of, key_of
from app.office.payouts.permissions import PAYOUTS_EXPORT, PAYOUTS_READ, PAYOUTS_RETURN
from app.office.payouts.states import PayoutState, Sort
from app.people.accounts.errors import ReasonMissing
from app.people.accounts.me import ID
from app.web.fields import refuse
from app.web.guards import require, viewer
from app.web.pager import links

bp = Blueprint("payouts", __name__, url_prefix="/desk/payouts")


@dataclass(frozen=True, slots=True)
class Tab:
    """One part of a list with its counter."""

    words: str
    count: int
    url: str
    is_current: bool


@bp.get("")
@require(PAYOUTS_READ)
def index() -> ResponseReturnValue:
    """What waits, bank by bank; the files with their answers; what does not fit; and a way to bring an answer."""
    return _index(ReturnForm(formdata=None))


def _index(form: ReturnForm, *, status: int = 200) -> ResponseReturnValue:
    who = viewer()
    banks = queries.banks_with_files()
    form.fill(banks)
    waiting = queries.waiting_by_bank()
    html = render_template(
        "office/payouts/index.html",
        waiting=[(one, MakeForm(formdata=None, bank=key_of(one.bank, one.bank_name))) for one in waiting],
        may_make=who.may(PAYOUTS_EXPORT),
        files=queries.files().items,
        returns=queries.returns(),
        odd=queries.odd_lines(),
        form=form if banks and who.may(PAYOUTS_RETURN) else None,
        counts=queries.count_by_state(),
    )
    return html, status


@bp.get("/list")
@require(PAYOUTS_READ)
def payouts() -> ResponseReturnValue:
    """Payouts of one state, longest waiting first."""
    asked = request.args.get("state")
    state = PayoutState(asked) if asked in set(PayoutState) else PayoutState.EXPORTED
    page = queries.page_of(state, cursor=request.args.get("after"))
    tabs = [
        Tab(one.words, count, url_for("payouts.payouts", state=one.value), one is state)
        for one, count in queries.count_by_state().items()
    ]
    return render_template(
        "office/payouts/list.html",
        tabs=tabs,
        state=state,
        rows=[(one, queries.days_since(one.registered_at)) for one in page.items],
        page=links(page.next_cursor),
    )


@bp.get("/<number>")
@require(PAYOUTS_READ)
def show(number: str) -> ResponseReturnValue:
    """One payout: what became of it, step by step, and what the bank said."""
    payout = queries.payout(number)
    return render_template(
        "office/payouts/show.html",
        payout=payout,
        file=queries.file_of(payout),
        answers=queries.answers_about(payout),
        same=queries.earlier_and_later(payout),
        days=queries.days_since(payout.registered_at),
    )


@bp.post("/files")
@require(PAYOUTS_EXPORT)
def make_file() -> ResponseReturnValue:
    """A file of all that waits at one bank, once however often it is tapped."""
    form = MakeForm()
    bank = bank_of(form.bank.data or "")
    if not form.validate_on_submit() or bank is None:
        raise BadBankChosen()
    asked = once.Request.of(
        actor=viewer().actor, key=form.request_key.data or "", act="payouts.make_file", content=form.content()
    )
    try:
        with transaction():
            is_first = once.earlier_answer(asked, answer="made") is None
            file = files.make(*bank, by=viewer()) if is_first else None
    except NothingWaits as error:
        flash(str(_(error.sentence)), "warning")
        return redirect(url_for("payouts.index"), 303)
    if file is not None:
        flash(_("文件做好了，下载后交给银行。"))
        return redirect(url_for("payouts.show_file", number=file.number), 303)
    if is_first:
        flash(_("等着的款，收款账号都停用了，一笔也没有付出。"), "warning")
    return redirect(url_for("payouts.index"), 303)


@bp.get("/files/<number>")
@require(PAYOUTS_READ)
def show_file(number: str) -> ResponseReturnValue:
    """One file: what is in it, who took it, and what the bank has answered so far."""
    return _file_page(number)


def _file_page(
    number: str, *, download_form: DownloadForm | None = None, void_form: ReasonForm | None = None, status: int = 200
) -> ResponseReturnValue:
    file = queries.file(number)
    downloads = queries.downloads_of(file)
    page = queries.page_of_file(file, cursor=request.args.get("after"))
    may = viewer().may(PAYOUTS_EXPORT) and file.called_off_at is None
    download_form = download_form or DownloadForm(formdata=None)
    download_form.because.required = bool(downloads)
    html = render_template(
        "office/payouts/file.html",
        file=file,
        downloads=downloads,
        names=queries.names_of({file.made_by, *(one.by for one in downloads)}),
        states=queries.states_in(file),
        rows=page.items,
        page=links(page.next_cursor),
        download_form=download_form if may else None,
        void_form=(void_form or ReasonForm(formdata=None)) if may and not downloads else None,
        days=queries.days_since(file.made_at),
    )
    return html, status


@bp.post("/files/<number>/download")
@require(PAYOUTS_EXPORT)
def download(number: str) -> ResponseReturnValue:
    """The file's bytes, once its download is on record."""
    form = DownloadForm()
    if not form.validate_on_submit():
        return _file_page(number, download_form=form, status=422)
    try:
        with transaction():
            data = files.download(number, because=form.because.data or "", by=viewer())
    except (BadValue, FileGone) as error:
        refuse(form, error)
        return _file_page(number, download_form=form, status=error.status)
    return _as_file(data, f"{number}.csv")


def _as_file(data: bytes, name: str) -> Response:
    response = make_response(data)
    response.headers["Content-Type"] = "text/csv; charset=utf-8"
    response.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    response.headers["Cache-Control"] = "no-store"
    return response


@bp.post("/files/<number>/void")
@require(PAYOUTS_EXPORT)
def call_off(number: str) -> ResponseReturnValue:
    """A file that nobody has taken is void."""
    form = ReasonForm()
    if not form.validate_on_submit():
        return _file_page(number, void_form=form, status=422)
    try:
        with transaction():
            files.call_off(number, because=form.because.data or "", by=viewer())
    except ReasonMissing as error:
        refuse(form, error)
        return _file_page(number, void_form=form, status=error.status)
    flash(_("这份文件作废了，里面的款等着进下一份文件。"))
    return redirect(url_for("payouts.index"), 303)


@bp.post("/returns")
@require(PAYOUTS_RETURN)
def take_return() -> ResponseReturnValue:
    """A bank's answer, wholly or not at all."""
    form = ReturnForm()
    form.fill(queries.banks_with_files())
    if not form.validate_on_submit():
        return _index(form, status=422)
    bank, data = bank_of(form.bank.data or ""), form.content()
    if bank is None:
        refuse(form, BadBankChosen(field="bank"))
    if bank is None or data is None:
        return _index(form, status=422)
    try:
        said = returns.read(data, form.slip())
        with transaction():
            taken = returns.take(said, bank=bank[0], bank_name=bank[1], by=viewer())
    except BadValue as error:
        error.field = error.field or "file"
        refuse(form, error)
        return _index(form, status=error.status)
    if taken.is_new:
        flash(_("回盘收下了，每一行的结果在下面。"))
    else:
        flash(_("这份文件以前收过，什么都没有再记。下面是那一次的结果。"), "warning")
    return redirect(url_for("payouts.show_return", number=taken.answer.number), 303)


@bp.get("/returns/<number>")
@require(PAYOUTS_READ)
def show_return(number: str) -> ResponseReturnValue:
    """One answer: how many lines of each sort, and the lines."""
    answer = queries.bank_return(number)
    asked = request.args.get("sort")
    sort = Sort(asked) if asked in set(Sort) else None
    page = queries.page_of_return(answer, sort=sort, cursor=request.args.get("after"))
    return render_template(
        "office/payouts/return.html",
        answer=answer,
        sort=sort,
        names=queries.names_of({answer.uploaded_by, *(one.resolved_by for one in page.items if one.resolved_by)}),
        lines=page.items,
        page=links(page.next_cursor),
    )


@bp.get(f"/returns/<number>/<{ID}:line_no>")
@require(PAYOUTS_READ)
def show_line(number: str, line_no: int) -> ResponseReturnValue:
    """One line of an answer, and a place to say how it was dealt with."""
    return _line_page(number, line_no, ReasonForm(formdata=None))


def _line_page(number: str, line_no: int, form: ReasonForm, *, status: int = 200) -> ResponseReturnValue:
    line = queries.line(number, line_no)
    html = render_template(
        "office/payouts/line.html",
        answer=queries.bank_return(number),
        line=line,
        payout=queries.payout_of_line(line),
        names=queries.names_of({line.resolved_by} if line.resolved_by else set()),
        form=form if line.sort.is_odd and line.resolved_at is None and viewer().may(PAYOUTS_RETURN) else None,
    )
    return html, status


@bp.post(f"/returns/<number>/<{ID}:line_no>")
@require(PAYOUTS_RETURN)
def resolve(number: str, line_no: int) -> ResponseReturnValue:
    """Somebody has dealt with a line that did not fit."""
    form = ReasonForm()
    if not form.validate_on_submit():
        return _line_page(number, line_no, form, status=422)
    try:
        with transaction():
            returns.resolve(queries.line(number, line_no).id, note=form.because.data or "", by=viewer())
    except (ReasonMissing, AlreadyResolved) as error:
        refuse(form, error)
        return _line_page(number, line_no, form, status=error.status)
    flash(_("处理结果记下了。"))
    return redirect(url_for("payouts.index"), 303)

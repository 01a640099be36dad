"""The seller's side of invoices, on his phone; and what the county reads of them."""

from __future__ import annotations

from flask import Blueprint, flash, make_response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from app.kernel import clock
from app.kernel.db import transaction
from app.kernel.errors import DomainError
from app.trade.invoices import queries, service
from app.trade.invoices.forms import DeclineForm, DocumentForm, IssueForm
from app.trade.invoices.permissions import INVOICES_ISSUE, INVOICES_READ
from app.trade.invoices.states import InvoiceState, Reason
from app.web.fields import Form, refuse
from app.web.guards import require, viewer
from app.web.pager import links

bp = Blueprint("grower_invoices", __name__, url_prefix="/grower/invoices")
official = Blueprint("invoices_desk", __name__, url_prefix="/desk/invoices")


@bp.get("")
@require(INVOICES_ISSUE)
def index() -> ResponseReturnValue:
    """Who wants an invoice of his, those that wait first."""
    page = queries.page_of_seller(viewer(), cursor=request.args.get("after"))
    return render_template(
        "trade/invoices/grower_index.html", rows=page.items, page=links(page.next_cursor), now=clock.now()
    )


@bp.get("/<number>")
@require(INVOICES_ISSUE)
def show(number: str) -> ResponseReturnValue:
    """One request: what to write on the invoice, and what he may do about it."""
    return _page(number)


def _page(number: str, *, status: int = 200, **given: Form) -> ResponseReturnValue:
    invoice = queries.of_seller(viewer(), number)
    forms: dict[str, Form] = {
        "issue_form": IssueForm(formdata=None, issued_on=clock.today()),
        "decline_form": DeclineForm(formdata=None),
        "reverse_form": DocumentForm(formdata=None, issued_on=clock.today()),
    }
    forms.update(given)
    html = render_template(
        "trade/invoices/grower_invoice.html",
        one=queries.listed(invoice),
        title=queries.title_of(invoice),
        reversals=queries.reversals_of(invoice),
        is_overdue=invoice.is_overdue(clock.now()),
        waits=invoice.state is InvoiceState.ASKED,
        **forms,
    )
    response = make_response(html, status)
    response.headers["Cache-Control"] = "no-store"
    return response


@bp.post("/<number>/issue")
@require(INVOICES_ISSUE)
def issue(number: str) -> ResponseReturnValue:
    """It is made out."""
    form = IssueForm()
    if not form.validate_on_submit():
        return _page(number, status=422, issue_form=form)
    try:
        with transaction():
            service.issue(number, form.read(), words=form.words.data or "", by=viewer())
    except DomainError as error:
        return _refused(number, error, issue_form=form)
    flash(_("已登记，买家能看到发票号码。"), "good")
    return redirect(url_for("grower_invoices.show", number=number), 303)


@bp.post("/<number>/refusal")
@require(INVOICES_ISSUE)
def decline(number: str) -> ResponseReturnValue:
    """There will be none, and why."""
    form = DeclineForm()
    if not form.validate_on_submit():
        return _page(number, status=422, decline_form=form)
    try:
        with transaction():
            service.decline(number, because=Reason(form.because.data), words=form.words.data or "", by=viewer())
    except DomainError as error:
        return _refused(number, error, decline_form=form)
    flash(_("已经告诉买家原因。"), "good")
    return redirect(url_for("grower_invoices.show", number=number), 303)


@bp.post("/<number>/reversal")
@require(INVOICES_ISSUE)
def reverse(number: str) -> ResponseReturnValue:
    """A red invoice is made out over what went back."""
    form = DocumentForm()
    if not form.validate_on_submit():
        return _page(number, status=422, reverse_form=form)
    try:
        with transaction():
            service.reverse(number, form.read(), by=viewer())
    except DomainError as error:
        return _refused(number, error, reverse_form=form)
    flash(_("红冲已登记，发票和账上又一致了。"), "good")
    return redirect(url_for("grower_invoices.show", number=number), 303)


def _refused(number: str, error: DomainError, **form: Form) -> ResponseReturnValue:
    if error.status == 404:
        raise error
    (one,) = form.values()
    refuse(one, error)
    return _page(number, status=error.status, **form)


@official.get("", endpoint="index")
@require(INVOICES_READ)
def all_requests() -> ResponseReturnValue:
    """Requests in the county, those that wait first; titles are not shown."""
    page = queries.page_in_scope(viewer(), cursor=request.args.get("after"))
    return render_template(
        "trade/invoices/desk_index.html", rows=page.items, page=links(page.next_cursor), now=clock.now()
    )

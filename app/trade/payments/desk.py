"""The official's side of money: transfers that came, and money that must go back."""

from __future__ import annotations

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from app.kernel import once
from app.kernel.db import transaction
from app.kernel.errors import DomainError, NotFound
from app.people.accounts.errors import ReasonMissing
from app.trade.orders import queries as orders
from app.trade.orders.pages import item_of, shown_state
from app.trade.orders.states import PayBy
from app.trade.payments import problems, refunds, service
from app.trade.payments.forms import (
    AskRefundForm,
    ConfirmForm,
    FindForm,
    HandedOverForm,
    NothingForm,
    ProblemForm,
    RefundForm,
)
from app.trade.payments.models import Payment, PaymentState, RefundReason, RefundState
from app.trade.payments.online import MOST_TRIES, STRIPE
from app.trade.payments.permissions import PAYMENTS_CONFIRM, PAYMENTS_READ
from app.trade.payments.service import BANK_TRANSFER, CASH_ON_DELIVERY, Notice, WrongAmount
from app.trade.stock import rush
from app.web.fields import refuse
from app.web.guards import require, viewer
from app.web.pager import links

bp = Blueprint("payments", __name__, url_prefix="/desk/payments")


@bp.get("")
@require(PAYMENTS_READ)
def index() -> ResponseReturnValue:
    """Orders that wait for a transfer, refunds that wait, and a way to find an order by its number."""
    form = FindForm(request.args)
    number = (form.number.data or "").strip().upper()
    if number:
        try:
            orders.order_in_scope(viewer(), number, PAYMENTS_READ)
        except NotFound:
            form.number.errors = [_("本地没有这个订单号，请对照转账附言再看一遍。")]
        else:
            return redirect(url_for("payments.show", number=number), 303)
    page = orders.awaiting_transfer(viewer(), PAYMENTS_READ, cursor=request.args.get("after"))
    return render_template(
        "trade/payments/index.html",
        form=form,
        orders=[item_of(row) for row in page.items],
        page=links(page.next_cursor),
        refunds=refunds.to_send(viewer(), besides=STRIPE, tried=MOST_TRIES),
        to_decide=refunds.to_decide(viewer()),
        problems=problems.open_ones(),
        with_couriers=service.with_couriers(viewer(), PAYMENTS_READ),
    ), 404 if form.number.errors else 200


@bp.get("/<number>")
@require(PAYMENTS_READ)
def show(number: str) -> ResponseReturnValue:
    """One order that waits for its transfer."""
    return _page(number, ConfirmForm())


def _page(
    number: str,
    form: ConfirmForm,
    *,
    ask_form: AskRefundForm | None = None,
    courier_form: HandedOverForm | None = None,
    status: int = 200,
) -> ResponseReturnValue:
    order = orders.order_in_scope(viewer(), number, PAYMENTS_READ)
    past = refunds.of_order(order)
    payment, may = refunds.payment_of(order), viewer().may(PAYMENTS_CONFIRM)
    is_with_courier = payment is not None and payment.state is PaymentState.COLLECTED
    html = render_template(
        "trade/payments/show.html",
        order=order,
        state=shown_state(order),
        seller_name=orders.seller_name(order.seller_id),
        form=form,
        refunds=[one.refund for one in past],
        payment=payment,
        ask_form=(ask_form or AskRefundForm(formdata=None)) if payment is not None and may else None,
        courier_form=(courier_form or HandedOverForm(formdata=None)) if is_with_courier and may else None,
        two_people_above=refunds.TWO_PEOPLE_ABOVE,
        may_confirm=order.paid_at is None and order.pay_by is PayBy.BANK_TRANSFER and may,
    )
    return html, status


@bp.post("/<number>")
@require(PAYMENTS_CONFIRM)
def confirm(number: str) -> ResponseReturnValue:
    """The transfer has come."""
    form = ConfirmForm()
    if not form.validate_on_submit():
        return _page(number, form, status=422)
    try:
        payment = rush.carry_out(lambda: _confirm(number, form))
    except DomainError as error:
        if error.field is None:
            raise
        refuse(form, error)
        return _page(number, form, status=error.status)
    stands = payment.state is PaymentState.CONFIRMED
    words = _("已确认到账，卖家可以发货了。") if stands else _("钱已入账，但货已经没有了，请尽快退款。")
    flash(words, "good" if stands else "warn")
    return redirect(url_for("payments.index"), 303)


def _confirm(number: str, form: ConfirmForm) -> Payment:
    order = orders.order_in_scope(viewer(), number, PAYMENTS_CONFIRM, lock=True)
    notice = Notice(BANK_TRANSFER, form.reference.data or "", form.amount.data)
    return service.confirm(order, notice, by=viewer().actor)


@bp.post("/<number>/courier")
@require(PAYMENTS_CONFIRM)
def courier(number: str) -> ResponseReturnValue:
    """The courier has handed over what he took at the door."""
    form = HandedOverForm()
    if not form.validate_on_submit():
        return _page(number, ConfirmForm(formdata=None), courier_form=form, status=422)
    try:
        with transaction():
            order = orders.order_in_scope(viewer(), number, PAYMENTS_CONFIRM, lock=True)
            said = form.reference.data or ""
            service.handed_over(order, reference=said, amount=form.amount.data, by=viewer().actor)
    except WrongAmount as error:
        refuse(form, error)
        return _page(number, ConfirmForm(formdata=None), courier_form=form, status=error.status)
    flash(_("已登记，快递代收的款到账了。"), "good")
    return redirect(url_for("payments.index"), 303)


@bp.get("/problems/<int:problem_id>")
@require(PAYMENTS_READ)
def problem(problem_id: int) -> ResponseReturnValue:
    """Money that did not fit: what is known of it."""
    return _problem_page(problem_id, ProblemForm())


def _problem_page(problem_id: int, form: ProblemForm, *, status: int = 200) -> ResponseReturnValue:
    found = problems.problem(problem_id)
    html = render_template(
        "trade/payments/problem.html", problem=found, order_numbers=orders.numbers_of(found.checkout), form=form
    )
    return html, status


@bp.post("/problems/<int:problem_id>")
@require(PAYMENTS_CONFIRM)
def resolve(problem_id: int) -> ResponseReturnValue:
    """Somebody has dealt with it."""
    form = ProblemForm()
    if not form.validate_on_submit():
        return _problem_page(problem_id, form, status=422)
    try:
        with transaction():
            problems.resolve(problem_id, because=form.because.data or "", by=viewer())
    except ReasonMissing as error:
        refuse(form, error)
        return _problem_page(problem_id, form, status=error.status)
    flash(_("已登记处理结果。"), "good")
    return redirect(url_for("payments.index"), 303)


@bp.post("/<number>/refunds")
@require(PAYMENTS_CONFIRM)
def ask_refund(number: str) -> ResponseReturnValue:
    """Part of a paid order's money goes back, once however often it is tapped."""
    form = AskRefundForm()
    if not form.validate_on_submit():
        return _page(number, ConfirmForm(formdata=None), ask_form=form, status=422)
    asked = once.Request.of(
        actor=viewer().actor, key=form.request_key.data or "", act="refunds.ask", content=[number, *form.content()]
    )
    try:
        with transaction():
            if once.earlier_answer(asked, answer=number) is None:
                reason = RefundReason(form.reason.data)
                refunds.ask(number, amount=form.amount.data, reason=reason, note=form.note.data or "", by=viewer())
    except once.StillRunning:
        raise
    except DomainError as error:
        if error.status == 404:
            raise
        refuse(form, error)
        return _page(number, ConfirmForm(formdata=None), ask_form=form, status=error.status)
    flash(_("退款已经记下。"), "good")
    return redirect(url_for("payments.show", number=number), 303)


@bp.get("/refunds/<int:refund_id>")
@require(PAYMENTS_CONFIRM)
def refund_form(refund_id: int) -> ResponseReturnValue:
    """A refund: to be decided, to be sent, or how it ended."""
    return _refund_page(refund_id, RefundForm())


def _refund_page(refund_id: int, form: RefundForm, *, status: int = 200) -> ResponseReturnValue:
    found = refunds.of_official(viewer(), refund_id)
    html = render_template(
        "trade/payments/refund.html",
        refund=found.refund,
        payment=found.payment,
        order=found.order,
        form=form,
        decide_form=NothingForm(formdata=None),
        is_own=found.refund.asked_by == viewer().actor,
        is_cash=found.payment.channel == CASH_ON_DELIVERY,
    )
    return html, status


@bp.post("/refunds/<int:refund_id>")
@require(PAYMENTS_CONFIRM)
def refund(refund_id: int) -> ResponseReturnValue:
    """The money has gone back."""
    form = RefundForm()
    if not form.validate_on_submit():
        return _refund_page(refund_id, form, status=422)
    with transaction():
        refunds.send(refund_id, reference=form.reference.data or "", by=viewer())
    flash(_("已登记退款。"), "good")
    return redirect(url_for("payments.index"), 303)


@bp.post("/refunds/<int:refund_id>/decision")
@require(PAYMENTS_CONFIRM)
def decide_refund(refund_id: int) -> ResponseReturnValue:
    """A second person lets a large refund go, or refuses it: by the button that was pressed."""
    with transaction():
        decided = refunds.decide(refund_id, agrees=request.form.get("decision") == "agree", by=viewer())
    agreed = decided.state is RefundState.DUE
    flash(_("已同意退款。") if agreed else _("已决定不退。"), "good")
    return redirect(url_for("payments.index"), 303)

"""What waits for decisions, kind by kind: only what whoever looks may act on, so never his own."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from flask import url_for
from sqlalchemy import ColumnElement, SQLColumnExpression, and_, case, exists, false, literal, or_, true

from app.insight.pending.queue import Reach, Source, row
from app.kernel import clock
from app.kernel.db import AnySelect
from app.kernel.permissions import Permission, Viewer
from app.office.approvals import procedures
from app.office.approvals.models import Approval, Decision
from app.office.approvals.states import ApprovalState
from app.people.agents.models import Mandate
from app.people.agents.permissions import AGENTS_MANAGE
from app.people.agents.states import MandateState
from app.people.growers.models import Membership, Seller, SellerChange
from app.people.growers.permissions import GROWERS_VERIFY
from app.people.growers.states import ChangeState, SellerStatus
from app.people.purse.models import BankAccount
from app.people.purse.permissions import PURSE_VERIFY
from app.people.purse.states import AccountState
from app.trade.complaints import queries as complaints
from app.trade.complaints.models import Complaint
from app.trade.complaints.permissions import COMPLAINTS_DECIDE
from app.trade.orders.models import Order
from app.trade.payments.models import Payment, PaymentProblem, Refund, RefundState
from app.trade.payments.online import MOST_TRIES, STRIPE
from app.trade.payments.permissions import PAYMENTS_CONFIRM
from app.trade.returns.models import Return
from app.trade.returns.permissions import RETURNS_DECIDE
from app.trade.returns.service import ANSWER_WITHIN, LOOK_WITHIN
from app.trade.returns.states import ReturnState

NOWHERE = literal("")


def _applications(reach: Reach) -> AnySelect:
    waits = (Seller.status == SellerStatus.APPLIED, ~_acts_for(reach, Seller.id))
    statement = row(what=Seller.name, place=Seller.township_code, since=Seller.created_at, ref=Seller.id)
    return statement.where(*waits, reach.within(GROWERS_VERIFY, Seller.township_code))


def _changes(reach: Reach) -> AnySelect:
    statement = (
        row(what=Seller.name, place=Seller.township_code, since=SellerChange.proposed_at, ref=Seller.id)
        .select_from(SellerChange)
        .join(Seller, Seller.id == SellerChange.seller_id)
    )
    return statement.where(
        SellerChange.state == ChangeState.WAITING,
        SellerChange.proposed_by != reach.viewer.actor,
        ~_acts_for(reach, Seller.id),
        reach.within(GROWERS_VERIFY, Seller.township_code),
    )


def _accounts(reach: Reach) -> AnySelect:
    statement = (
        row(what=Seller.name, place=Seller.township_code, since=BankAccount.entered_at, ref=BankAccount.id)
        .select_from(BankAccount)
        .join(Seller, Seller.id == BankAccount.seller_id)
    )
    return statement.where(
        BankAccount.state == AccountState.WAITING,
        BankAccount.entered_by != reach.viewer.actor,
        ~_acts_for(reach, Seller.id),
        reach.within(PURSE_VERIFY, Seller.township_code),
    )


def _papers(reach: Reach) -> AnySelect:
    statement = (
        row(what=Seller.name, place=Seller.township_code, since=Mandate.recorded_at, ref=Mandate.id)
        .select_from(Mandate)
        .join(Seller, Seller.id == Mandate.seller_id)
    )
    return statement.where(
        Mandate.state == MandateState.WAITING,
        Mandate.recorded_by != reach.viewer.actor,
        ~_acts_for(reach, Seller.id),
        reach.within(AGENTS_MANAGE, Seller.township_code),
    )


def _acts_for(reach: Reach, seller_id: SQLColumnExpression[int]) -> ColumnElement[bool]:
    return exists().where(
        Membership.seller_id == seller_id,
        Membership.person_id == reach.viewer.person_id,
        Membership.ended_at.is_(None),
    )


def _refunds(reach: Reach, *wanted: ColumnElement[bool]) -> AnySelect:
    statement = (
        row(what=Order.number, place=Order.township_code, since=Refund.asked_at, ref=Refund.id)
        .select_from(Refund)
        .join(Payment, Payment.id == Refund.payment_id)
        .join(Order, Order.id == Payment.order_id)
    )
    return statement.where(*wanted, reach.within(PAYMENTS_CONFIRM, Order.township_code))


def _refunds_to_decide(reach: Reach) -> AnySelect:
    return _refunds(reach, Refund.state == RefundState.ASKED, Refund.asked_by != reach.viewer.actor)


def _refunds_to_send(reach: Reach) -> AnySelect:
    by_hand = (Payment.channel != STRIPE) | (Refund.tries >= MOST_TRIES)
    return _refunds(reach, Refund.state == RefundState.DUE, by_hand)


def _problems(reach: Reach) -> AnySelect:
    number = case((PaymentProblem.checkout == "", PaymentProblem.reference), else_=PaymentProblem.checkout)
    statement = row(what=number, place=NOWHERE, since=PaymentProblem.at, ref=PaymentProblem.id)
    return statement.where(PaymentProblem.resolved_at.is_(None))


def _complaints(reach: Reach) -> AnySelect:
    """The township's by the clock; the county's too, once the township is late."""
    of_county = reach.viewer.townships(COMPLAINTS_DECIDE) is None
    statement = row(what=Seller.name, place=Complaint.township_code, since=Complaint.made_at, ref=Complaint.number)
    return (
        statement.select_from(Complaint)
        .join(Seller, Seller.id == Complaint.seller_id)
        .where(
            complaints.waits_for_official(),
            complaints.is_late() if of_county else true(),
            Complaint.buyer_id != reach.viewer.person_id,
            ~_acts_for(reach, Complaint.seller_id),
            reach.within(COMPLAINTS_DECIDE, Complaint.township_code),
        )
    )


def _returns(reach: Reach) -> AnySelect:
    """What a seller refused; by the clock also what he left unanswered, or has had back and not looked at in time."""
    moment = clock.now()
    waits = or_(
        Return.state == ReturnState.DISPUTED,
        and_(Return.state == ReturnState.ASKED, Return.asked_at <= moment - ANSWER_WITHIN),
        and_(Return.state == ReturnState.ARRIVED, Return.arrived_at <= moment - LOOK_WITHIN),
    )
    since = case(
        (Return.arrived_at.is_not(None), Return.arrived_at),
        (Return.answered_at.is_not(None), Return.answered_at),
        else_=Return.asked_at,
    )
    statement = row(what=Seller.name, place=Return.township_code, since=since, ref=Return.number)
    return (
        statement.select_from(Return)
        .join(Seller, Seller.id == Return.seller_id)
        .where(
            waits,
            Return.buyer_id != reach.viewer.person_id,
            ~_acts_for(reach, Return.seller_id),
            reach.within(RETURNS_DECIDE, Return.township_code),
        )
    )


def _approvals(reach: Reach) -> AnySelect:
    steps = [
        and_(Approval.kind == one.kind, Approval.step == place, reach.within(step.permission, Approval.township))
        for one in procedures.known()
        for place, step in enumerate(one.steps, 1)
    ]
    took_part = exists().where(Decision.approval_id == Approval.id, Decision.person_id == reach.viewer.person_id)
    statement = row(what=Approval.words, place=Approval.township, since=Approval.asked_at, ref=Approval.link)
    return statement.where(
        Approval.state == ApprovalState.OPEN,
        Approval.asked_by != reach.viewer.person_id,
        ~took_part,
        or_(false(), *steps),
    )


def _may_approve(viewer: Viewer) -> bool:
    return any(viewer.may(step.permission) for one in procedures.known() for step in one.steps)


def _holds(permission: Permission) -> Callable[[Viewer], bool]:
    return lambda viewer: viewer.may(permission)


def _page(endpoint: str, name: str) -> Callable[[str], str]:
    def address(ref: str) -> str:
        values: dict[str, Any] = {name: ref}
        return url_for(endpoint, **values)

    return address


_verifies, _compares, _confirms = _holds(GROWERS_VERIFY), _holds(PURSE_VERIFY), _holds(PAYMENTS_CONFIRM)
_decides, _judges = _holds(COMPLAINTS_DECIDE), _holds(RETURNS_DECIDE)
_seller, _refund = _page("growers_desk.show", "seller_id"), _page("payments.refund_form", "refund_id")

SOURCES = (
    Source("applications", "卖家申请", _verifies, _applications, _seller),
    Source("changes", "卖家改资料", _verifies, _changes, _seller),
    Source("accounts", "收款账号", _compares, _accounts, _page("purse_desk.show", "account_id")),
    Source("mandates", "纸质委托书", _holds(AGENTS_MANAGE), _papers, _page("agents_desk.mandate", "mandate_id")),
    Source("complaints", "买家投诉", _decides, _complaints, _page("complaints_desk.show", "number")),
    Source("returns", "退货退款", _judges, _returns, _page("returns_desk.one_return", "code")),
    Source("refunds", "大额退款", _confirms, _refunds_to_decide, _refund),
    Source("problems", "对不上的款", _confirms, _problems, _page("payments.problem", "problem_id")),
    Source("sending", "要退的款", _confirms, _refunds_to_send, _refund),
    Source("approvals", "审批", _may_approve, _approvals, str),
)

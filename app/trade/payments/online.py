"""Paying online: a hosted page for a checkout, what became of it, and money that goes back by itself.

Our row comes first, then the call, then its answer in a transaction of its own; so a process that dies in between
leaves a row that the next call or the worker carries on. Whatever tells us that something happened (a notice, the
buyer who comes back, the clock), the page is asked what it is now, and that is applied: in any order, any number of
times, with one result.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import TypeVar

from sqlalchemy import ColumnElement, exists, select

from app import audit
from app.gateways.stripe import CURRENCY, BalanceTransaction, Session, StripeBusy, StripeRefused, StripeUnsure
from app.gateways.stripe import Refund as SentBack
from app.kernel import clock, ids
from app.kernel.db import AnySelect, let_go, locked, session, transaction
from app.kernel.errors import Conflict, NotFound
from app.kernel.logs import get_logger
from app.kernel.money import ZERO, Money
from app.kernel.permissions import Viewer
from app.ledger import books
from app.people.accounts import queries as people
from app.people.accounts import service as people_service
from app.people.accounts.states import Purpose
from app.trade.orders import queries as order_queries
from app.trade.orders.models import Order
from app.trade.orders.states import OrderState, PayBy
from app.trade.payments import balance, gateway, problems, refunds, service
from app.trade.payments.models import Payment, PayPage, PayPagePart, PayPageState, ProblemKind, Refund, RefundState
from app.trade.payments.refunds import Waiting
from app.trade.stock import rush

STRIPE = gateway.CHANNEL
MOST_TRIES = 3
SHOP = "柳林红枣"
"""Under which name Stripe's page asks for the money."""
CONSENT = "payment-abroad-2026-11"
"""The wording beside the tick; another wording is another version."""
_PAGE_LIVES = timedelta(minutes=31)
_ANSWER_LOST_AFTER = timedelta(minutes=2)
_LOOKS, _BETWEEN_LOOKS = 10, 0.3
_WAITING = (PayPageState.ASKED, PayPageState.OPEN)
T = TypeVar("T")
log = get_logger("payments")


class NothingToPay(Conflict):
    """No order of the checkout waits for money any more."""

    code = "nothing_to_pay"
    sentence = "这笔订单已经付过款，或者已经取消、过时，不用再付。"


@dataclass(frozen=True, slots=True)
class Addresses:
    """Where the hosted page sends the buyer: after paying, and when he would rather not."""

    back: str
    away: str


def orders_of(who: Viewer, checkout: str) -> list[Order]:
    """The buyer's orders of a checkout that are paid online. Raises `NotFound` for a checkout not his."""
    mine = [order for order in session().scalars(_of_checkout(who, checkout)) if order.pay_by is PayBy.ONLINE]
    if not mine:
        raise NotFound()
    return mine


def _of_checkout(who: Viewer, checkout: str) -> AnySelect:
    return select(Order).where(Order.checkout == checkout, Order.buyer_id == who.person_id).order_by(Order.id)


def waits(order: Order) -> bool:
    """Whether it waits for online money now."""
    return order.pay_by is PayBy.ONLINE and order.state is OrderState.PLACED and not order.is_expired(clock.now())


def begin(who: Viewer, checkout: str) -> PayPage:
    """The page on which what is open of the buyer's checkout can be paid: the one that there is, or a new row.

    He has agreed that amount and order number go abroad, which is kept. Source: 个人信息保护法 art. 39.
    Raises `NotFound`, `NothingToPay`.
    """
    # One page of a buyer at a time, or two taps make two.
    people.person(who.person_id, lock=True)
    newest = (
        session()
        .scalars(locked(select(PayPage).where(PayPage.checkout == checkout).order_by(PayPage.id.desc()).limit(1)))
        .first()
    )
    waiting = [order for order in session().scalars(locked(_of_checkout(who, checkout))) if waits(order)]
    if not waiting:
        orders_of(who, checkout)
        raise NothingToPay()
    if newest is not None and newest.state in _WAITING and _pays_for(newest) == [order.id for order in waiting]:
        return newest
    if not people_service.has_consented(who.person_id, Purpose.PAYMENT_ABROAD):
        people_service.consent(who.person_id, Purpose.PAYMENT_ABROAD, CONSENT)
    moment = clock.now()
    page = PayPage(
        reference=ids.public_number("P"),
        checkout=checkout,
        buyer_id=who.person_id,
        amount=sum((order.total for order in waiting), start=ZERO),
        made_at=moment,
        open_until=moment + _PAGE_LIVES,
        hold_until=min(order.hold_until or moment for order in waiting),
    )
    session().add(page)
    session().flush()
    session().add_all(PayPagePart(page_id=page.id, order_id=order.id, amount=order.total) for order in waiting)
    audit.note("payments.page_asked", f"checkout:{checkout}", by=who.actor, amount=page.amount.fen)
    return page


def _pays_for(page: PayPage) -> list[int]:
    parts = select(PayPagePart.order_id).where(PayPagePart.page_id == page.id).order_by(PayPagePart.order_id)
    return list(session().scalars(parts))


def address_of(page: PayPage, to: Addresses) -> str:
    """Where the buyer pays. Asks Stripe for the page if it has not been there; outside any transaction.

    Raises `StripeUnsure` and `StripeRefused`; then this page is over, and `begin` makes another. Another tap that is
    just being given the page is waited for; `StripeBusy` only says that this takes long, and the page stays.
    """
    if page.state is PayPageState.OPEN:
        return page.url
    number, reference, amount, until = page.id, page.reference, page.amount, page.open_until
    words = f"{SHOP} {page.checkout}"

    def ask() -> Session:
        return gateway.stripe().open_session(
            key=reference, amount=amount, reference=reference, words=words, until=until, back=to.back, away=to.away
        )

    try:
        try:
            found = ask()
        except StripeUnsure:
            # The answer may have been lost alone; under the same key the same page comes back.
            found = ask()
    except StripeBusy:
        if address := _given_meanwhile(number):
            return address
        raise
    except (StripeRefused, StripeUnsure):
        # If there is a page, nobody has its address unless another tap got it; the next try gets another.
        _end_here(number, if_it_is=(PayPageState.ASKED,))
        raise
    apply(found)
    return found.url


def _given_meanwhile(number: int) -> str:
    """The address that another tap of the buyer is just being given, or nothing when that takes long."""
    for _ in range(_LOOKS):
        time.sleep(_BETWEEN_LOOKS)
        let_go()
        page = session().get_one(PayPage, number, populate_existing=True)
        if page.state is not PayPageState.ASKED:
            return page.url if page.state is PayPageState.OPEN else ""
    return ""


def apply(found: Session) -> bool:
    """What a hosted page is now has its effect here, once. False for a page that we never asked for."""
    return rush.carry_out(lambda: _apply(found))


def _apply(found: Session) -> bool:
    page = _locked_page(PayPage.reference == found.reference)
    if page is None:
        return False
    if page.state in (PayPageState.PAID, PayPageState.DISPUTED):
        if found.is_paid and found.intent != page.intent:
            problems.note(
                ProblemKind.UNKNOWN_PAGE, found.intent, checkout=page.checkout, amount=_yuan(found), details=found.id
            )
        return True
    if page.session is None:
        page.session, page.url = found.id, found.url
    if found.is_paid:
        _paid(page, found)
    elif found.is_expired and page.state in _WAITING:
        _end(page)
    elif found.is_open and page.state is PayPageState.ASKED:
        page.become(PayPageState.OPEN)
    return True


def _paid(page: PayPage, found: Session) -> None:
    page.intent = found.intent
    if (found.amount, found.currency, found.id) != (page.amount.fen, CURRENCY, page.session):
        page.become(PayPageState.DISPUTED)
        details = f"{found.amount} {found.currency}, {found.id}"
        problems.note(
            ProblemKind.OTHER_AMOUNT, found.intent, checkout=page.checkout, amount=_yuan(found), details=details
        )
        return
    page.become(PayPageState.PAID)
    page.ended_at = clock.now()
    orders = [order_queries.locked_order(number) for number in _pays_for(page)]
    service.arrived(orders, channel=STRIPE, reference=found.intent, by=STRIPE)


def _yuan(found: Session) -> Money | None:
    return Money(found.amount) if found.currency == CURRENCY else None


def _end(page: PayPage) -> None:
    page.become(PayPageState.ENDED)
    page.ended_at = clock.now()


def _locked_page(which: ColumnElement[bool]) -> PayPage | None:
    return session().scalars(locked(select(PayPage).where(which))).first()


def end_due(*, limit: int = 50) -> int:
    """Pages on which nothing is to be paid any more are closed at Stripe; one that was paid meanwhile is applied.

    For the worker, outside any transaction. Stripe keeps a page for half an hour, a hold lasts a quarter: so the page
    is ended by us when its hold is over.
    """
    still_waits = exists().where(
        PayPagePart.page_id == PayPage.id, PayPagePart.order_id == Order.id, Order.state == OrderState.PLACED
    )
    due = (
        select(PayPage.id, PayPage.session, PayPage.made_at)
        .where(PayPage.state.in_(_WAITING), (PayPage.hold_until <= clock.now()) | ~still_waits)
        .order_by(PayPage.id)
        .limit(limit)
    )
    lost_before = clock.now() - _ANSWER_LOST_AFTER
    rows = session().execute(due).all()
    return _each(rows, lambda row: _end_page(row.id, row.session, is_lost=row.made_at <= lost_before))


def _end_page(number: int, session_id: str | None, *, is_lost: bool) -> None:
    if session_id is None:
        if is_lost:
            _end_here(number)
        return
    try:
        apply(gateway.stripe().end_session(session_id))
    except StripeRefused:
        # Stripe knows no such page, so nobody pays on it; should it be paid after all, it is still applied.
        _end_here(number)


def _end_here(number: int, *, if_it_is: Sequence[PayPageState] = _WAITING) -> None:
    with transaction():
        page = _locked_page(PayPage.id == number)
        if page is not None and page.state in if_it_is:
            _end(page)


def look_again(*, limit: int = 200) -> int:
    """Every open page is asked what it is now: for what no notice told. For the worker, outside any transaction."""
    pages = select(PayPage.session).where(PayPage.state == PayPageState.OPEN).order_by(PayPage.id).limit(limit)
    known = [one for one in session().scalars(pages) if one is not None]
    return _each(known, lambda one: apply(gateway.stripe().session(one)))


def send_back_due(*, limit: int = 50) -> int:
    """Online money that must go back is sent back. For the worker, outside any transaction.

    After three refunds that failed a person must find another way.
    """
    due = (
        select(Refund.id, Refund.amount, Refund.tries, Payment.reference)
        .join(Payment, Payment.id == Refund.payment_id)
        .where(Refund.state == RefundState.DUE, Payment.channel == STRIPE, Refund.tries < MOST_TRIES)
        .order_by(Refund.id)
        .limit(limit)
    )
    return _each(session().execute(due).all(), lambda row: _send_back(row.id, row.reference, row.amount, row.tries))


def _send_back(number: int, intent: str, amount: Money, tries: int) -> None:
    key = f"refund:{number}:{tries}"
    try:
        gateway.stripe().refund(key=key, intent=intent, amount=amount)
    except StripeRefused:
        _give_up(number)
        return
    except StripeUnsure:
        # After a fault Stripe repeats the fault for ever under this key.
        pass
    # What it did, and what that cost the account, is seen among the refunds.
    apply_refunds(intent, [one for one in gateway.stripe().refunds_of(intent) if one.reference == key])


def _give_up(number: int) -> None:
    with transaction():
        found = refunds.locked_one(number)
        if found is not None and found.refund.state is RefundState.DUE:
            found.refund.tries = MOST_TRIES
            _ask_a_person(found)


def apply_refunds(intent: str, found: Iterable[SentBack]) -> None:
    """What has become of the refunds of a payment: one that failed waits anew, one that we did not send is shown."""
    for one in found:
        with transaction():
            _apply_refund(intent, one)


def _apply_refund(intent: str, found: SentBack) -> None:
    ours = refunds.locked_one(_number_in(found.reference))
    if ours is not None:
        _apply_ours(ours, found)
    elif not found.has_failed:
        page = session().scalars(select(PayPage).where(PayPage.intent == intent)).first()
        problems.note(
            ProblemKind.FOREIGN_REFUND,
            found.id,
            checkout=page.checkout if page is not None else "",
            amount=Money(found.amount),
            details=intent,
        )


def _number_in(reference: str) -> int:
    """Our refund of that name; 0 for a refund that is not ours."""
    name, _, rest = reference.partition(":")
    number = rest.partition(":")[0]
    return int(number) if name == "refund" and number.isascii() and number.isdigit() else 0


def _apply_ours(ours: Waiting, found: SentBack) -> None:
    is_next = found.reference == f"refund:{ours.refund.id}:{ours.refund.tries}"
    lines = balance.acts_of(ours, found)
    if is_next and ours.refund.state is RefundState.DUE:
        refunds.sent(ours, reference=found.id, by=STRIPE, besides=lines)
        lines = []
    if ours.refund.reference != found.id:
        return
    if not found.has_failed:
        books.record_all(lines, by=STRIPE)
        return
    refunds.came_back(ours, by=STRIPE, besides=lines)
    if ours.refund.tries >= MOST_TRIES:
        _ask_a_person(ours)


def _ask_a_person(ours: Waiting) -> None:
    problems.note(
        ProblemKind.REFUND_REFUSED,
        f"{ours.payment.reference}:{ours.refund.id}",
        checkout=ours.order.checkout,
        amount=ours.refund.amount,
        details=ours.order.number,
    )


def book_fees_due(*, limit: int = 50) -> int:
    """What Stripe kept of each page's money and what it made of the rest is booked, once it lies in the balance.

    For the worker, outside any transaction.
    """
    due = (
        select(PayPage.id, PayPage.intent)
        .where(PayPage.state == PayPageState.PAID, PayPage.fee.is_(None))
        .order_by(PayPage.id)
        .limit(limit)
    )
    return _each(session().execute(due).all(), lambda row: _book_fee(row.id, gateway.stripe().balance_of(row.intent)))


def _book_fee(number: int, line: BalanceTransaction | None) -> None:
    if line is None:
        return
    with transaction():
        page = _locked_page(PayPage.id == number)
        if page is None or page.fee is not None:
            return
        page.fee = Money(line.fee) if balance.is_yuan(line) else ZERO
        session().flush()
        paid = (
            select(Order, PayPagePart.amount)
            .join(PayPagePart, PayPagePart.order_id == Order.id)
            .where(PayPagePart.page_id == page.id)
            .order_by(Order.id)
        )
        parts = [(order, amount.fen) for order, amount in session().execute(paid)]
        act = balance.act(line, parts, subject=f"checkout:{page.checkout}", key=f"payment.fee:{page.reference}")
        if act is not None:
            books.record_all([act], by=STRIPE)


def _each(rows: Iterable[T], act: Callable[[T], object]) -> int:
    done = 0
    for row in rows:
        try:
            act(row)
        except (StripeUnsure, StripeRefused) as error:
            log.warning("stripe did not do it", error=type(error).__name__, row=str(row)[:100])
        else:
            done += 1
    return done

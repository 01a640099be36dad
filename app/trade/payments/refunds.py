"""Money that goes back: all of a payment that no order needs, or part of one for goods that were not as promised.

A refund is asked, decided by a second person when it is large, and sent. What is asked and not refused is counted on
the payment under the order's lock and its own, so that no number of refunds, at once or one after another, exceeds
what was paid. Asked before the buyer has his goods, it is set aside from what the seller will earn; asked afterwards,
the seller gives it back of what he has.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import BigInteger, Select, func, select, type_coerce

from app import audit
from app.kernel import clock
from app.kernel.db import AnySelect, locked, session
from app.kernel.errors import BadValue, Conflict, Forbidden, NotFound
from app.kernel.events import emit
from app.kernel.money import ZERO, Money
from app.kernel.permissions import Viewer
from app.ledger import books
from app.ledger.books.movements import Act, Place, Post
from app.people.townships import queries as townships
from app.trade.orders import service as orders
from app.trade.orders.models import Order
from app.trade.payments.events import RefundSent
from app.trade.payments.models import STANDING, Payment, PaymentState, Refund, RefundReason, RefundState
from app.trade.payments.permissions import PAYMENTS_CONFIRM
from app.trade.stock import accounts

TWO_PEOPLE_ABOVE = Money(500_000)


class TooMuch(BadValue):
    """More than is left of what was paid."""

    code = "too_much"
    sentence = "最多还能退 {left} 元。"


class NothingToRefund(Conflict):
    """No money waits to be sent back."""

    code = "nothing_to_refund"
    sentence = "这笔款不需要退，或者已经退过。"


class OwnRefund(Forbidden):
    """Nobody decides about a refund that he asked for."""

    code = "own_refund"
    sentence = "这笔退款是您提出的，请由另一位干部复核。"


@dataclass(frozen=True, slots=True)
class Waiting:
    """A refund with what it is of."""

    refund: Refund
    payment: Payment
    order: Order


def whole(payment: Payment, reason: RefundReason, *, by: str) -> Refund | None:
    """All that is left of a locked payment must go back, because no order needs it. None when nothing is left.

    What waited for a second person waits no more, for all of it goes back now.
    """
    payment.state = PaymentState.REFUND_DUE
    for refund in _of_payment(payment, RefundState.ASKED):
        refund.become(RefundState.DUE)
    left = payment.amount - payment.refunded
    if left:
        return _add(payment, left, reason, by=by, note="", state=RefundState.DUE, is_prepaid=True)
    _conclude(payment)
    return None


def _of_payment(payment: Payment, *states: RefundState) -> list[Refund]:
    session().flush()
    mine = select(Refund).where(Refund.payment_id == payment.id, Refund.state.in_(states)).order_by(Refund.id)
    return list(session().scalars(mine))


def _conclude(payment: Payment) -> None:
    """A payment that must go back has gone back when nothing of it waits any more."""
    if payment.state not in STANDING:
        waits = _of_payment(payment, RefundState.ASKED, RefundState.DUE)
        payment.state = PaymentState.REFUND_DUE if waits else PaymentState.REFUNDED


def ask(number: str, *, amount: Money, reason: RefundReason, note: str, by: Viewer) -> Refund:
    """Part or all of what a paid order cost goes back; above 5,000 yuan a second person decides first.

    Before it is received, the seller earns that much less when it is; called off later, exactly the rest goes back.
    Raises `NothingToRefund` when it is not paid, called off, or not in the official's townships; `TooMuch`.
    """
    payment, order = _paid_order(by, number)
    if amount > payment.amount - payment.refunded:
        raise TooMuch(left=str(payment.amount - payment.refunded), field="amount")
    return _asked(payment, order, amount, reason, note=note, by=by.actor)


def follow(order: Order, *, amount: Money, reason: RefundReason, note: str, by: str) -> Refund | None:
    """So much of a locked order's money goes back because a rule or an agreement says so, at most what is left of it.

    Above 5,000 yuan a second person decides first. None when the order is not paid, or nothing is left.
    """
    payment = standing(order)
    if payment is None:
        return None
    at_most = min(amount, payment.amount - payment.refunded)
    return _asked(payment, order, at_most, reason, note=note, by=by) if at_most else None


def _asked(payment: Payment, order: Order, amount: Money, reason: RefundReason, *, note: str, by: str) -> Refund:
    is_prepaid = order.received_at is None
    if is_prepaid:
        orders.give_back(order, amount)
    state = RefundState.ASKED if amount > TWO_PEOPLE_ABOVE else RefundState.DUE
    refund = _add(payment, amount, reason, by=by, note=note, state=state, is_prepaid=is_prepaid)
    audit.note("refunds.asked", order.subject, by=by, amount=amount.fen, reason=reason.value, state=state.value)
    return refund


def _add(
    payment: Payment, amount: Money, reason: RefundReason, *, by: str, note: str, state: RefundState, is_prepaid: bool
) -> Refund:
    payment.refunded += amount
    refund = Refund(
        payment_id=payment.id,
        amount=amount,
        reason=reason,
        note=note,
        state=state,
        asked_at=clock.now(),
        asked_by=by,
        is_prepaid=is_prepaid,
    )
    session().add(refund)
    session().flush()
    return refund


def decide(refund_id: int, *, agrees: bool, by: Viewer) -> Refund:
    """A second person lets a large refund go, or refuses it; what was set aside for it is then the seller's again.

    Raises `NotFound`, `OwnRefund`, `IllegalMove`.
    """
    found = of_official(by, refund_id, lock=True)
    refund = found.refund
    if refund.asked_by == by.actor:
        raise OwnRefund()
    refund.become(RefundState.DUE if agrees else RefundState.REFUSED, only_from=RefundState.ASKED)
    refund.decided_at, refund.decided_by = clock.now(), by.actor
    if not agrees:
        found.payment.refunded -= refund.amount
        if refund.is_prepaid:
            orders.keep_after_all(found.order, refund.amount, by=by.actor, key=f"refund-{refund.id}-refused")
    audit.note("refunds.decided", found.order.subject, by=by.actor, amount=refund.amount.fen, state=refund.state.value)
    return refund


def send(refund_id: int, *, reference: str, by: Viewer) -> Refund:
    """The official has sent the money back under the bank's reference. Raises `NotFound`, `NothingToRefund`."""
    found = of_official(by, refund_id, lock=True)
    sent(found, reference=reference, by=by.actor)
    return found.refund


def sent(one: Waiting, *, reference: str, by: str, besides: Sequence[Act] = ()) -> None:
    """A refund, its payment locked, has gone back under that reference; `besides` is booked with it.

    Raises `NothingToRefund`.
    """
    refund, payment, order = one.refund, one.payment, one.order
    if refund.state is not RefundState.DUE:
        raise NothingToRefund()
    refund.from_goods, refund.from_freight = _sources(one)
    refund.become(RefundState.SENT)
    refund.sent_at, refund.sent_by, refund.reference = clock.now(), by, reference
    _conclude(payment)
    session().flush()
    gone = Act(
        accounts.PAYMENT_REFUNDED,
        tuple(Post(place, channel_of(order, payment.channel), amount.fen) for place, amount in _legs(one)),
        subject=order.subject,
        key=f"payment.refunded:{refund.id}:{refund.tries}",
    )
    books.record_all([gone, *besides], by=by)
    audit.note("payments.refunded", order.subject, by=by, amount=refund.amount.fen)
    emit(RefundSent(number=order.number, buyer_id=order.buyer_id, fen=refund.amount.fen))


def came_back(one: Waiting, *, by: str, besides: Sequence[Act] = ()) -> None:
    """A refund that had gone did not reach the buyer: the money is here again and the refund waits anew.

    `besides` is booked with it.
    """
    refund, payment, order = one.refund, one.payment, one.order
    legs = _legs(one)
    refund.become(RefundState.DUE)
    refund.sent_at = refund.sent_by = refund.reference = None
    refund.tries += 1
    refund.from_goods = refund.from_freight = ZERO
    _conclude(payment)
    session().flush()
    back = Act(
        accounts.REFUND_CAME_BACK,
        tuple(Post(channel_of(order, payment.channel), place, amount.fen) for place, amount in legs),
        subject=order.subject,
        key=f"refund.came_back:{refund.id}:{refund.tries}",
    )
    books.record_all([back, *besides], by=by)
    audit.note("payments.refund_came_back", order.subject, by=by, amount=refund.amount.fen)


def _sources(one: Waiting) -> tuple[Money, Money]:
    """How much the seller gives back of his goods' price and of the freight: nothing of what was never his.

    The goods' price goes first; what is more than all of it comes from the freight.
    """
    if one.refund.is_prepaid:
        return ZERO, ZERO
    taken = select(func.sum(type_coerce(Refund.from_goods, BigInteger))).where(Refund.payment_id == one.payment.id)
    goods_earned, _freight = orders.earned(one.order)
    goods_left = goods_earned.fen - int(session().scalar(taken) or 0)
    from_goods = min(one.refund.amount.fen, goods_left)
    return Money(from_goods), one.refund.amount - Money(from_goods)


def _legs(one: Waiting) -> list[tuple[Place, Money]]:
    refund, order = one.refund, one.order
    town, party = order.township_code, accounts.seller_party(order.seller_id)
    legs = [
        (accounts.money_place(accounts.PAYABLE, township=town, party=party), refund.from_goods),
        (accounts.money_place(accounts.FREIGHT, township=town, party=party), refund.from_freight),
        (orders.prepaid(order), refund.amount - refund.from_goods - refund.from_freight),
    ]
    return [(place, amount) for place, amount in legs if amount]


def channel_of(order: Order, channel: str) -> Place:
    """Where money for an order lies that came through a channel: split by township, so that no account is the whole
    county's."""
    return accounts.money_place(accounts.MONEY_IN, township=order.township_code, party=channel)


def _paid_order(who: Viewer, number: str) -> tuple[Payment, Order]:
    order = session().scalars(locked(_within(select(Order).where(Order.number == number), who))).first()
    payment = standing(order) if order is not None else None
    if order is None or payment is None:
        raise NothingToRefund()
    return payment, order


def standing(order: Order) -> Payment | None:
    """The payment that a locked order lives on, locked, if it is paid and not called off."""
    return session().scalars(locked(_standing_of(order))).first()


def payment_of(order: Order) -> Payment | None:
    """The same for who only looks."""
    return session().scalars(_standing_of(order)).first()


def _standing_of(order: Order) -> Select[Payment]:
    return select(Payment).where(Payment.order_id == order.id, Payment.state.in_(STANDING))


def of_official(who: Viewer, refund_id: int, *, lock: bool = False) -> Waiting:
    """A refund of an order in the official's townships. Raises `NotFound`."""
    statement = _within(_with_payment().where(Refund.id == refund_id), who)
    return _one(statement, lock=lock)


def locked_one(refund_id: int) -> Waiting | None:
    """A refund with its payment locked, for jobs."""
    try:
        return _one(_with_payment().where(Refund.id == refund_id), lock=True)
    except NotFound:
        return None


def _one(statement: AnySelect, *, lock: bool) -> Waiting:
    if lock:
        # The order first, then the payment, for they count; the refund is then read anew, as its last holder left it.
        for order_id, payment_id in session().execute(statement.with_only_columns(Order.id, Payment.id)).all():
            session().execute(locked(select(Order).where(Order.id == order_id))).first()
            session().execute(locked(select(Payment).where(Payment.id == payment_id))).first()
    row = session().execute(statement.execution_options(populate_existing=True)).first()
    if row is None:
        raise NotFound()
    return Waiting(*row)


def _with_payment() -> AnySelect:
    return (
        select(Refund, Payment, Order)
        .join(Payment, Payment.id == Refund.payment_id)
        .join(Order, Order.id == Payment.order_id)
    )


def _within(statement: AnySelect, who: Viewer) -> AnySelect:
    codes = who.townships(PAYMENTS_CONFIRM)
    return statement if codes is None else statement.where(Order.township_code.in_(townships.lineages(codes)))


def to_send(who: Viewer, *, besides: str, tried: int) -> list[Waiting]:
    """Refunds in the official's townships that he must send, oldest first: those of the channel that sends by itself,
    `besides`, only after so many tries."""
    statement = _with_payment().where(
        Refund.state == RefundState.DUE, (Payment.channel != besides) | (Refund.tries >= tried)
    )
    return _listed(_within(statement, who))


def to_decide(who: Viewer) -> list[Waiting]:
    """Large refunds in the official's townships that wait for a second person, oldest first."""
    return _listed(_within(_with_payment().where(Refund.state == RefundState.ASKED), who))


def of_order(order: Order) -> list[Waiting]:
    """What was ever asked to go back of an order, oldest first."""
    return _listed(_with_payment().where(Order.id == order.id))


def _listed(statement: AnySelect) -> list[Waiting]:
    return [Waiting(*row) for row in session().execute(statement.order_by(Refund.id).limit(200))]

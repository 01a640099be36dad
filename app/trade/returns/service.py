"""Acts on returns: a buyer asks, the seller answers, an official decides between them, goods come back, money goes.

Everybody locks the order first, then the return: so no piece comes back twice, however many ask at once.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta

from sqlalchemy import ColumnElement, func, select

from app import audit
from app.kernel import clock, ids
from app.kernel.db import session
from app.kernel.events import emit
from app.kernel.money import ZERO, Money
from app.kernel.permissions import Viewer
from app.kernel.states import IllegalMove
from app.ledger import books
from app.people.agents import acting
from app.people.growers import queries as growers
from app.trade.catalog.returns import ReturnRule
from app.trade.orders import queries as orders
from app.trade.orders.models import Order, OrderLine
from app.trade.orders.states import OrderState
from app.trade.payments import refunds
from app.trade.payments.models import RefundReason
from app.trade.returns import goods, pricing, queries
from app.trade.returns.errors import (
    AlwaysTaken,
    AmountMissing,
    AskedTooMuch,
    NotForStock,
    NothingChosen,
    NotReceived,
    NotSoMany,
    NotYetYours,
    OwnHousehold,
    ReasonNeeded,
    RuleExcludes,
    TooLate,
    TooManyOpen,
    WrongCount,
)
from app.trade.returns.events import ReturnMoved
from app.trade.returns.goods import Coming
from app.trade.returns.models import Return, ReturnLine
from app.trade.returns.states import ReturnState, Why
from app.trade.stock import accounts

MOST_OPEN = 3
ANSWER_WITHIN = timedelta(days=3)
SEND_WITHIN = timedelta(days=15)
"""As long as a parcel may be on its way to the buyer; longer, and he keeps what he has."""
LOOK_WITHIN = timedelta(days=5)
"""Two days before the law's seven are over, so that the money can be on its way in time."""
_REASONS = {
    Why.NO_REASON: RefundReason.RETURNED,
    Why.QUALITY: RefundReason.QUALITY,
    Why.SHORT_WEIGHT: RefundReason.SHORT_WEIGHT,
}


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a buyer asks: order line id → pieces, or an amount where no goods come back."""

    why: Why
    pieces: Mapping[int, int] = field(default_factory=dict)
    amount: Money | None = None
    note: str = ""

    @property
    def with_goods(self) -> bool:
        """Whether goods come back."""
        return self.amount is None


def ask(order_number: str, wanted: Wanted, *, by: Viewer) -> Return:
    """The buyer's wish is with the seller; its pieces cannot be asked for again while it stands.

    Raises `NotFound`, `NotReceived`, `TooManyOpen`, `NothingChosen`, `NotSoMany`, `RuleExcludes`, `TooLate`,
    `AmountMissing`, `AskedTooMuch`.
    """
    order = orders.order_of(by, order_number, lock=True)
    if order.state is not OrderState.RECEIVED:
        raise NotReceived()
    if queries.open_of(order) >= MOST_OPEN:
        raise TooManyOpen(count=MOST_OPEN)
    if wanted.with_goods:
        _claim_pieces(order, wanted)
    else:
        _refuse_bad_amount(order, wanted)
    found = Return(
        number=ids.public_number("T"),
        order_id=order.id,
        buyer_id=order.buyer_id,
        seller_id=order.seller_id,
        township_code=order.township_code,
        why=wanted.why,
        with_goods=wanted.with_goods,
        amount=wanted.amount,
        note=wanted.note,
        asked_at=clock.now(),
    )
    if wanted.with_goods:
        found.lines = [
            ReturnLine(return_id=0, order_line_id=number, pieces=count) for number, count in wanted.pieces.items()
        ]
    session().add(found)
    session().flush()
    audit.note("returns.asked", found.subject, by=by.actor, order=order.number, why=wanted.why.value)
    _tell(found, order)
    return found


def _claim_pieces(order: Order, wanted: Wanted) -> None:
    lines = {line.id: line for line in order.lines}
    if wanted.why is Why.SHORT_WEIGHT:
        raise AmountMissing(field="amount")
    if not wanted.pieces or not set(wanted.pieces) <= set(lines) or min(wanted.pieces.values()) < 1:
        raise NothingChosen()
    for number, count in wanted.pieces.items():
        line = lines[number]
        if wanted.why is Why.NO_REASON:
            _refuse_without_reason(order, line)
        if count > line.pieces - line.asked_back:
            raise NotSoMany(left=line.pieces - line.asked_back, field=f"pieces_{number}")
        line.asked_back += count


def _refuse_without_reason(order: Order, line: OrderLine) -> None:
    if line.return_rule is not ReturnRule.SEVEN_DAYS:
        raise RuleExcludes(field=f"pieces_{line.id}")
    last = last_day_of(order)
    if last is None or clock.today() > last:
        raise TooLate(day=last.isoformat() if last else "", field="kind")


def last_day_of(order: Order) -> date | None:
    """The last day on which it can be sent back without a reason; None before it was received."""
    return None if order.received_at is None else pricing.last_day(clock.day_of(order.received_at))


def left_of(order: Order) -> Money:
    """What is left of the money of an order."""
    payment = refunds.payment_of(order)
    return ZERO if payment is None else payment.amount - payment.refunded


def _refuse_bad_amount(order: Order, wanted: Wanted) -> None:
    if wanted.amount is None or not wanted.amount or wanted.why is Why.NO_REASON:
        raise AmountMissing(field="amount")
    left = left_of(order)
    if wanted.amount > left:
        raise AskedTooMuch(left=str(left), field="amount")


def withdraw(found: Return, *, by: Viewer) -> Return:
    """The buyer keeps what he has. Raises `IllegalMove` once the goods are on their way."""
    found, order = queries.hold(found)
    _end(found, order, ReturnState.WITHDRAWN)
    audit.note("returns.withdrawn", found.subject, by=by.actor)
    _tell(found, order)
    return found


def agree(found: Return, *, by: Viewer) -> Return:
    """The seller takes the goods back, or pays what is asked; also while an official is to decide.

    Raises `IllegalMove`.
    """
    found, order = queries.hold(found)
    who = acting.in_name_of(found.seller_id, by=by)
    found.answered_at = clock.now()
    _granted(found, order, by=who)
    audit.note("returns.agreed", found.subject, by=who)
    return found


def refuse(found: Return, *, because: str, by: Viewer) -> Return:
    """The seller does not agree, so that an official decides. Raises `IllegalMove`, `ReasonNeeded`."""
    if not because:
        raise ReasonNeeded(field="because")
    found, order = queries.hold(found)
    who = acting.in_name_of(found.seller_id, by=by)
    found.become(ReturnState.DISPUTED)
    found.answer, found.answered_at = because, clock.now()
    audit.note("returns.refused", found.subject, by=who, because=because)
    _tell(found, order)
    return found


def decide(found: Return, *, agrees: bool, because: str, by: Viewer, amount: Money | None = None) -> Return:
    """An official decides between buyer and seller, where no goods come back perhaps on less than was asked.

    He need not wait for a seller who has been silent for three days. Raises `OwnHousehold` where he has a part in it,
    `NotYetYours`, `ReasonNeeded`, `AskedTooMuch`, `IllegalMove`.
    """
    if not because:
        raise ReasonNeeded(field="because")
    found, order = queries.hold(found)
    refuse_own(found, by=by)
    if found.state is ReturnState.ASKED:
        if clock.now() < found.asked_at + ANSWER_WITHIN:
            raise NotYetYours()
        found.become(ReturnState.DISPUTED)
    if found.state is not ReturnState.DISPUTED:
        raise IllegalMove()
    found.decision, found.decided_at, found.decided_by = because, clock.now(), by.actor
    audit.note("returns.decided", found.subject, by=by.actor, agrees=agrees, because=because)
    if not agrees:
        _end(found, order, ReturnState.REJECTED)
        _tell(found, order)
        return found
    if found.amount is not None and amount is not None:
        if amount > found.amount:
            raise AskedTooMuch(left=str(found.amount), field="amount")
        found.amount = amount
    _granted(found, order, by=by.actor)
    return found


def refuse_own(found: Return, *, by: Viewer) -> None:
    """Raises `OwnHousehold` for one who acts for the seller or is the buyer."""
    if by.person_id == found.buyer_id or growers.is_member(by.person_id, found.seller_id):
        raise OwnHousehold()


def _granted(found: Return, order: Order, *, by: str) -> None:
    if found.with_goods:
        found.become(ReturnState.AGREED)
    else:
        found.become(ReturnState.DONE)
        found.ended_at = clock.now()
        _refund(found, order, found.amount or ZERO, by=by)
    session().flush()
    _tell(found, order)


def _end(found: Return, order: Order, state: ReturnState) -> None:
    found.become(state)
    found.ended_at = clock.now()
    lines = {line.id: line for line in order.lines}
    for one in found.lines:
        lines[one.order_line_id].asked_back -= one.pieces
    session().flush()


def send_back(found: Return, *, courier: str, tracking: str, by: Viewer) -> Return:
    """The buyer has given the goods to a courier. Raises `IllegalMove`."""
    found, order = queries.hold(found)
    found.become(ReturnState.SENT_BACK)
    found.courier, found.tracking, found.sent_at = courier, tracking, clock.now()
    audit.note("returns.sent_back", found.subject, by=by.actor, courier=courier)
    _tell(found, order)
    return found


def arrive(found: Return, *, by: Viewer) -> Return:
    """The goods are back: not sold any more, not yet looked at. From now on the refund's days count.

    Raises `IllegalMove`.
    """
    found, order = queries.hold(found)
    who = acting.in_name_of(found.seller_id, by=by)
    found.become(ReturnState.ARRIVED)
    found.arrived_at = clock.now()
    for one in found.lines:
        one.first = queries.arrived_of(one.order_line_id)
        session().flush()
    audit.note("returns.arrived", found.subject, by=who)
    _tell(found, order)
    session().flush()
    movements = goods.arrival(found, goods.coming(found, order))
    books.record(
        accounts.RETURN_ARRIVED,
        movements,
        by=who,
        subject=order.subject,
        key=f"return.arrived:{found.number}",
    )
    return found


@dataclass(frozen=True, slots=True)
class Seen:
    """Of the pieces of a line: how many can be sold again, and how many are not taken back. The rest is lost."""

    sound: int
    sent_away: int = 0


def inspect(found: Return, seen: Mapping[int, Seen], *, words: str, by: Viewer) -> Return:
    """Somebody has looked at every piece: it is for sale again, lost, or the buyer's again, and the money goes back.

    `seen`: return line id → what was seen. Only sound dried fruit in unopened packing is sold again, and only what was
    sent back without a reason may be refused, with words. Raises `IllegalMove`, `WrongCount`, `NotForStock`,
    `AlwaysTaken`, `ReasonNeeded`.
    """
    found, order = queries.hold(found)
    who = acting.in_name_of(found.seller_id, by=by)
    found.become(ReturnState.DONE)
    lines = goods.coming(found, order)
    for one in lines:
        _look(found, one, seen.get(one.of.id, Seen(sound=0)))
    if any(one.of.sent_away for one in lines) and not words:
        raise ReasonNeeded(field="words")
    found.inspection, found.inspected_at, found.inspected_by = words, clock.now(), who
    found.ended_at = clock.now()
    if found.refund_id is None:
        _refund(found, order, _value(found, order, lines), by=who)
    session().flush()
    audit.note("returns.inspected", found.subject, by=who)
    _tell(found, order)
    books.record(
        accounts.RETURN_INSPECTED,
        goods.inspected(found, lines),
        by=who,
        subject=order.subject,
        key=f"return.inspected:{found.number}",
    )
    return found


def may_be_sold_again(line: OrderLine) -> bool:
    """Whether sound pieces of it can go back to stock: never fresh fruit, never what weighed less than it says."""
    return line.return_rule is ReturnRule.SEVEN_DAYS and not line.missing


def _look(found: Return, one: Coming, seen: Seen) -> None:
    at = one.of.id
    if seen.sound < 0 or seen.sent_away < 0 or seen.sound + seen.sent_away > one.of.pieces:
        raise WrongCount(pieces=one.of.pieces, field=f"sound_{at}")
    if seen.sound and not may_be_sold_again(one.line):
        raise NotForStock(field=f"sound_{at}")
    if seen.sent_away and (found.why is not Why.NO_REASON or found.refund_id is not None):
        raise AlwaysTaken(field=f"sent_away_{at}")
    one.of.sound, one.of.sent_away = seen.sound, seen.sent_away
    one.of.spoilt = one.of.pieces - seen.sound - seen.sent_away


def _value(found: Return, order: Order, lines: list[Coming]) -> Money:
    """What the pieces that are taken cost, and their freight where the goods were at fault."""
    value = sum(
        (pricing.worth(one.line, first=one.of.first or 0, pieces=one.of.pieces - one.of.sent_away) for one in lines),
        start=ZERO,
    )
    return value + pricing.freight_of(order, value) if found.why is Why.QUALITY else value


def _refund(found: Return, order: Order, amount: Money, *, by: str) -> None:
    """So much goes back, at most what is left of what was paid."""
    refund = (
        refunds.follow(order, amount=amount, reason=_REASONS[found.why], note=found.number, by=by) if amount else None
    )
    if refund is not None:
        found.refund_id, found.refunded = refund.id, refund.amount


def _tell(found: Return, order: Order) -> None:
    emit(
        ReturnMoved(
            number=found.number,
            order_number=order.number,
            buyer_id=found.buyer_id,
            seller_id=found.seller_id,
            state=found.state.value,
            fen=found.refunded.fen,
        )
    )


def put_before_officials_due(*, by: str, limit: int = 100) -> int:
    """What a seller has left unanswered for three days waits for an official."""
    before = clock.now() - ANSWER_WITHIN
    due = _due(Return.state == ReturnState.ASKED, Return.asked_at <= before, limit=limit)
    for one in due:
        found, order = queries.hold(one)
        if found.state is ReturnState.ASKED:
            found.become(ReturnState.DISPUTED)
            audit.note("returns.unanswered", found.subject, by=by)
            _tell(found, order)
    return len(due)


def lapse_due(*, by: str, limit: int = 100) -> int:
    """What was agreed fifteen days ago and never sent stays with the buyer."""
    agreed_at = func.coalesce(Return.decided_at, Return.answered_at)
    due = _due(Return.state == ReturnState.AGREED, agreed_at <= clock.now() - SEND_WITHIN, limit=limit)
    for one in due:
        found, order = queries.hold(one)
        if found.state is ReturnState.AGREED:
            _end(found, order, ReturnState.WITHDRAWN)
            audit.note("returns.lapsed", found.subject, by=by)
            _tell(found, order)
    return len(due)


def refund_due(*, by: str, limit: int = 100) -> int:
    """Goods that arrived five days ago and that nobody has looked at are paid for, all of them.

    Somebody still must look. Source: 消费者权益保护法 art. 25: within seven days of receiving the goods back.
    """
    before = clock.now() - LOOK_WITHIN
    due = _due(
        Return.state == ReturnState.ARRIVED, Return.refund_id.is_(None), Return.arrived_at <= before, limit=limit
    )
    for one in due:
        found, order = queries.hold(one)
        if found.state is ReturnState.ARRIVED and found.refund_id is None:
            _refund(found, order, _value(found, order, goods.coming(found, order)), by=by)
            audit.note("returns.refunded_unseen", found.subject, by=by, amount=found.refunded.fen)
    return len(due)


def _due(*which: ColumnElement[bool], limit: int) -> list[Return]:
    statement = select(Return).where(*which).order_by(Return.order_id, Return.id).limit(limit)
    return list(session().scalars(statement))

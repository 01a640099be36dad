"""From the statement to the bank and back: what arrived, what did not, what came back, what a refund changes."""

from __future__ import annotations

from sqlalchemy import select

from app.kernel import events
from app.kernel.db import session, transaction
from app.kernel.money import ZERO, Money
from app.kernel.permissions import Viewer
from app.office.payouts.states import PayoutState, Sort
from app.people.messages.models import Message, OutgoingText
from app.trade.catalog.models import Pack
from app.trade.settlements.models import Statement
from tests.cast import answer
from tests.office.payouts.paying import done, hear, refused, said, sent, sent_back, sorts
from tests.trade.settlements.cast import own, payout_of, refunded, settled, sold, statement_of


def with_the_bank(statement: Statement, *, by: Viewer) -> str:
    """The statement's payout is in a file; its number."""
    payout = payout_of(statement)
    assert payout is not None
    sent(payout, by=by)
    return payout.number


def bank_says(statement: Statement, line: object, *, by: Viewer) -> list[Sort]:
    payout = payout_of(statement)
    assert payout is not None
    assert callable(line)
    return sorts(hear(said(line(payout)), by=by))


def state_of(statement: Statement) -> PayoutState:
    payout = payout_of(statement)
    assert payout is not None
    return payout.state


def test_what_arrived_is_brought_into_the_next_statement_as_paid(
    li: Viewer, paid_wang: Viewer, qian: Viewer, tian: Viewer, gift_box: Pack
) -> None:
    sold(1, gift_box, buyer=li, seller=paid_wang, official=qian)
    first = statement_of(settled(by=qian, second=tian), paid_wang)
    with_the_bank(first, by=qian)
    assert bank_says(first, done, by=qian) == [Sort.SETTLED]
    assert own(paid_wang) == ZERO

    sold(2, gift_box, buyer=li, seller=paid_wang, official=qian)
    second = statement_of(settled(by=qian, second=tian), paid_wang)
    assert (second.brought, second.paid, second.opening) == (first.closing, -first.pays, ZERO)
    assert second.pays == second.closing == own(paid_wang)


def test_what_did_not_arrive_is_paid_by_the_next_statement(
    li: Viewer, paid_wang: Viewer, qian: Viewer, tian: Viewer, gift_box: Pack
) -> None:
    sold(1, gift_box, buyer=li, seller=paid_wang, official=qian)
    first = statement_of(settled(by=qian, second=tian), paid_wang)
    with_the_bank(first, by=qian)
    assert bank_says(first, refused, by=qian) == [Sort.FAILED]

    second = statement_of(settled(by=qian, second=tian), paid_wang)
    assert (second.opening, second.pays) == (first.closing, first.closing)


def test_what_came_back_later_is_owed_again(
    li: Viewer, paid_wang: Viewer, qian: Viewer, tian: Viewer, gift_box: Pack
) -> None:
    sold(1, gift_box, buyer=li, seller=paid_wang, official=qian)
    first = statement_of(settled(by=qian, second=tian), paid_wang)
    with_the_bank(first, by=qian)
    bank_says(first, done, by=qian)
    second = settled(by=qian, second=tian)
    assert statement_of(second, paid_wang).closing == ZERO
    assert bank_says(first, sent_back, by=qian) == [Sort.LATE_RETURN]

    third = statement_of(settled(by=qian, second=tian), paid_wang)
    assert (third.paid, third.closing, third.pays) == (first.pays, first.pays, first.pays)
    assert state_of(first) is PayoutState.RETURNED


def test_silence_of_the_bank_pays_nobody_and_pays_nobody_twice(
    li: Viewer, paid_wang: Viewer, qian: Viewer, tian: Viewer, gift_box: Pack
) -> None:
    sold(1, gift_box, buyer=li, seller=paid_wang, official=qian)
    first = statement_of(settled(by=qian, second=tian), paid_wang)
    with_the_bank(first, by=qian)

    second = statement_of(settled(by=qian, second=tian), paid_wang)
    assert state_of(first) is PayoutState.EXPORTED
    assert (second.in_flight, second.payable, second.pays) == (first.pays, ZERO, ZERO)


def test_a_refund_after_the_payout_carries_below_nothing_and_the_whole_is_kept(
    li: Viewer, paid_wang: Viewer, qian: Viewer, tian: Viewer, gift_box: Pack
) -> None:
    first_order = sold(1, gift_box, buyer=li, seller=paid_wang, official=qian)
    first = statement_of(settled(by=qian, second=tian), paid_wang)
    with_the_bank(first, by=qian)
    bank_says(first, done, by=qian)
    refunded(first_order, "30.00", by=qian)
    second = statement_of(settled(by=qian, second=tian), paid_wang)
    assert (second.closing, second.pays) == (Money(-3000), ZERO)

    later_order = sold(1, gift_box, buyer=li, seller=paid_wang, official=qian)
    third = statement_of(settled(by=qian, second=tian), paid_wang)
    assert third.opening == Money(-3000)
    assert third.pays == later_order.total - Money(3000)
    assert first.pays + third.pays == first_order.total + later_order.total - Money(3000)


def test_the_same_answer_twice_changes_nothing(
    li: Viewer, paid_wang: Viewer, qian: Viewer, tian: Viewer, gift_box: Pack
) -> None:
    sold(1, gift_box, buyer=li, seller=paid_wang, official=qian)
    first = statement_of(settled(by=qian, second=tian), paid_wang)
    with_the_bank(first, by=qian)
    bank_says(first, done, by=qian)
    before = answer("SELECT count(*) FROM ledger_events")
    bank_says(first, done, by=qian)

    assert answer("SELECT count(*) FROM ledger_events") == before
    assert own(paid_wang) == ZERO


def test_the_grower_is_told_of_each_step_in_his_inbox_and_as_a_text(
    li: Viewer, paid_wang: Viewer, qian: Viewer, tian: Viewer, gift_box: Pack
) -> None:
    sold(1, gift_box, buyer=li, seller=paid_wang, official=qian)
    first = statement_of(settled(by=qian, second=tian), paid_wang)
    with_the_bank(first, by=qian)
    bank_says(first, done, by=qian)
    bank_says(first, sent_back, by=qian)
    with transaction():
        events.drain()

    inbox = _told(Message, paid_wang)
    assert [("卖枣" in one, "已打到" in one, "没打到" in one) for one in inbox] == [
        (True, False, False),
        (False, True, False),
        (False, False, True),
    ]
    assert "账户已销户" in inbox[-1]
    assert _told(OutgoingText, paid_wang) == [one.partition("原因：")[0] for one in inbox]


def _told(kind: type[Message] | type[OutgoingText], who: Viewer) -> list[str]:
    rows = session().scalars(select(kind.words).where(kind.person_id == who.person_id).order_by(kind.id))
    return [words for words in rows if "尾号" in words]

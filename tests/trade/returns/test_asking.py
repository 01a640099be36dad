"""Who may send back what, until when, and who decides about it."""

from __future__ import annotations

from datetime import timedelta

import pytest

from app.kernel import clock, events
from app.kernel.db import session, transaction
from app.kernel.errors import NotFound
from app.kernel.money import Money
from app.kernel.permissions import Viewer
from app.kernel.states import IllegalMove
from app.people.accounts import service as accounts
from app.people.accounts.states import Role
from app.people.messages.models import Message
from app.trade.catalog.models import Pack
from app.trade.orders import service as orders
from app.trade.orders.models import Order
from app.trade.orders.states import OrderState
from app.trade.payments.models import Refund, RefundReason, RefundState
from app.trade.returns import queries, service
from app.trade.returns.errors import (
    AmountMissing,
    AskedTooMuch,
    NothingChosen,
    NotReceived,
    NotSoMany,
    NotYetYours,
    OwnHousehold,
    ReasonNeeded,
    RuleExcludes,
    TooLate,
    TooManyOpen,
)
from app.trade.returns.models import Return
from app.trade.returns.permissions import RETURNS_DECIDE
from app.trade.returns.states import MOVES, ReturnState, Why
from tests.cast import (
    MENGMEN,
    a_viewer,
    an_order_of,
    answer,
    at,
    findings,
    fresh,
    later,
    pay,
    seen_anew,
    sql,
)
from tests.trade.returns.cast import again, agree, ask, come_back

S = ReturnState


def decide(found: Return, *, by: Viewer, agrees: bool = True, amount: int | None = None) -> None:
    with transaction():
        mine = queries.in_scope(by, found.number, RETURNS_DECIDE)
        less = None if amount is None else Money(amount)
        service.decide(mine, agrees=agrees, because="看了照片", amount=less, by=by)


def refuse(found: Return, *, by: Viewer) -> None:
    with transaction():
        service.refuse(queries.of_seller(by, found.number), because="没有坏", by=by)


def test_every_state_that_waits_for_somebody_has_a_way_on() -> None:
    assert set(MOVES) == set(S) - {S.DONE, S.REJECTED, S.WITHDRAWN}


def test_dried_fruit_can_be_sent_back_until_the_end_of_the_seventh_day_after_the_day_of_receipt(
    order: Order, li: Viewer
) -> None:
    received = fresh(order).received_at
    assert received is not None
    last = clock.end_of(clock.day_of(received) + timedelta(days=7))

    with at(last - timedelta(seconds=1)):
        assert ask(order, 1, by=li).state is S.ASKED
    with at(last), pytest.raises(TooLate):
        ask(order, 1, by=li)
    with at(last):
        assert ask(order, 1, by=li, why=Why.QUALITY).state is S.ASKED


def test_fresh_fruit_is_not_sent_back_without_a_reason_but_with_one(fresh_order: Order, li: Viewer) -> None:
    with pytest.raises(RuleExcludes):
        ask(fresh_order, 1, by=li)

    assert ask(fresh_order, 1, by=li, why=Why.QUALITY).with_goods


def test_what_has_not_arrived_is_not_sent_back(li: Viewer, qian: Viewer, box: Pack) -> None:
    order = an_order_of(1, box, buyer=li)
    pay(order, by=qian)

    with pytest.raises(NotReceived):
        ask(order, 1, by=li)


@pytest.mark.parametrize("pieces", [(), (0,), (-1,)])
def test_somebody_must_say_how_many(order: Order, li: Viewer, pieces: tuple[int, ...]) -> None:
    with pytest.raises(NothingChosen):
        ask(order, *pieces, by=li)


def test_no_more_comes_back_than_was_bought(order: Order, li: Viewer) -> None:
    ask(order, 3, by=li)

    with pytest.raises(NotSoMany, match="1 件"):
        ask(order, 2, by=li, why=Why.QUALITY)
    ask(order, 1, by=li)
    with pytest.raises(NotSoMany):
        ask(order, 1, by=li)
    assert findings() == {}


def test_what_was_taken_back_can_be_asked_for_again(order: Order, li: Viewer) -> None:
    found = ask(order, 4, by=li)
    with transaction():
        service.withdraw(found, by=li)

    assert ask(order, 4, by=li).state is S.ASKED
    assert findings() == {}


def test_three_at_a_time_are_enough(order: Order, li: Viewer) -> None:
    for _ in range(3):
        ask(order, 1, by=li)

    with pytest.raises(TooManyOpen):
        ask(order, 1, by=li)


@pytest.mark.parametrize("amount", [None, 0])
def test_who_keeps_his_goods_says_how_much_he_asks(order: Order, li: Viewer, amount: int | None) -> None:
    with pytest.raises(AmountMissing):
        ask(order, by=li, why=Why.SHORT_WEIGHT, amount=amount)


def test_nobody_asks_for_more_than_he_paid(order: Order, li: Viewer) -> None:
    with pytest.raises(AskedTooMuch):
        ask(order, by=li, why=Why.QUALITY, amount=order.total.fen + 1)


def test_another_buyer_does_not_find_the_order(order: Order, hu: Viewer) -> None:
    with pytest.raises(NotFound):
        ask(order, 1, by=hu)


def test_an_amount_that_the_seller_agrees_to_goes_back_at_once(order: Order, li: Viewer, wang: Viewer) -> None:
    found = ask(order, by=li, why=Why.SHORT_WEIGHT, amount=500)

    agree(found, by=wang)

    refund = session().query(Refund).one()
    assert (refund.amount, refund.reason, refund.state) == (Money(500), RefundReason.SHORT_WEIGHT, RefundState.DUE)
    assert (again(found).state, again(found).refunded) == (S.DONE, Money(500))
    assert findings() == {}


def test_what_a_seller_refuses_an_official_decides(order: Order, li: Viewer, wang: Viewer, zhao: Viewer) -> None:
    found = ask(order, by=li, why=Why.QUALITY, amount=900)
    with pytest.raises(NotYetYours):
        decide(found, by=zhao)
    refuse(found, by=wang)

    with pytest.raises(AskedTooMuch):
        decide(found, by=zhao, amount=901)
    decide(found, by=zhao, amount=400)

    assert again(found).refunded == Money(400)
    with pytest.raises(IllegalMove):
        decide(found, by=zhao)
    assert findings() == {}


def test_what_an_official_rejects_costs_nobody_anything(order: Order, li: Viewer, wang: Viewer, zhao: Viewer) -> None:
    found = ask(order, 2, by=li, why=Why.QUALITY)
    refuse(found, by=wang)

    decide(found, by=zhao, agrees=False)

    assert again(found).state is S.REJECTED
    assert answer("SELECT count(*) FROM refunds") == 0
    assert fresh(order).lines[0].asked_back == 0
    assert findings() == {}


def test_a_seller_who_is_silent_for_three_days_leaves_it_to_the_official(
    order: Order, li: Viewer, zhao: Viewer
) -> None:
    found = ask(order, 1, by=li)
    with at(later(days=3)), transaction():
        assert service.put_before_officials_due(by="worker") == 1
    assert again(found).state is S.DISPUTED

    other = ask(order, 1, by=li)
    with at(later(days=3)):
        decide(other, by=zhao)
    assert again(other).state is S.AGREED


def test_a_seller_may_still_give_in_while_the_official_is_to_decide(order: Order, li: Viewer, wang: Viewer) -> None:
    found = ask(order, 1, by=li)
    refuse(found, by=wang)

    assert agree(found, by=wang).state is S.AGREED


def test_nobody_decides_about_his_own_households_goods(order: Order, li: Viewer, wang: Viewer) -> None:
    found = ask(order, 1, by=li)
    refuse(found, by=wang)
    with transaction():
        for own in (wang, li):
            accounts.appoint(own.person_id, Role.TOWNSHIP, f"township:{MENGMEN}", by="test", because="test")

    for own in (wang, li):
        with pytest.raises(OwnHousehold):
            decide(found, by=seen_anew(own.person_id))
    assert again(found).state is S.DISPUTED


def test_an_official_of_another_township_does_not_find_it(order: Order, li: Viewer, wang: Viewer) -> None:
    found = ask(order, 1, by=li)
    refuse(found, by=wang)
    stranger = a_viewer("郑文书", (Role.TOWNSHIP, "township:141125105"))

    with pytest.raises(NotFound):
        decide(found, by=stranger)


def test_who_says_no_says_why(order: Order, li: Viewer, wang: Viewer) -> None:
    found = ask(order, 1, by=li)

    with pytest.raises(ReasonNeeded), transaction():
        service.refuse(found, because="", by=wang)


def test_an_order_with_an_open_return_is_not_closed(order: Order, li: Viewer) -> None:
    found = ask(order, 1, by=li)
    received = fresh(order).received_at
    assert received is not None
    over = clock.end_of(clock.day_of(received) + timedelta(days=7))

    def close() -> int:
        with at(over), transaction():
            return orders.close_due(by="worker", besides=queries.orders_with_open_ones())

    assert close() == 0
    with transaction():
        service.withdraw(found, by=li)
    assert close() == 1
    assert fresh(order).state is OrderState.CLOSED


def test_what_was_agreed_and_never_sent_stays_with_the_buyer(order: Order, li: Viewer, wang: Viewer) -> None:
    found = ask(order, 4, by=li)
    agree(found, by=wang)

    with at(later(days=15)), transaction():
        assert service.lapse_due(by="worker") == 1

    assert again(found).state is S.WITHDRAWN
    assert fresh(order).lines[0].asked_back == 0


def test_goods_on_their_way_are_not_taken_back_any_more(order: Order, li: Viewer, wang: Viewer) -> None:
    found = come_back(ask(order, 1, by=li), buyer=li, seller=wang)

    with pytest.raises(IllegalMove), transaction():
        service.withdraw(found, by=li)


def test_both_are_told_at_each_step(order: Order, li: Viewer, wang: Viewer) -> None:
    come_back(ask(order, 1, by=li), buyer=li, seller=wang)
    with transaction():
        events.drain()

    told = {
        who.person_id: session().query(Message.words).filter(Message.person_id == who.person_id).all()
        for who in (li, wang)
    }
    assert any("同意退货" in words for (words,) in told[li.person_id])
    assert any("三天内答复" in words for (words,) in told[wang.person_id])
    assert any("已经寄回" in words for (words,) in told[wang.person_id])


def test_a_check_finds_pieces_that_nobody_asked_back(order: Order) -> None:
    sql("UPDATE order_lines SET asked_back = 1")

    assert set(findings()) == {"V6-returns"}
    sql("UPDATE order_lines SET asked_back = 0")

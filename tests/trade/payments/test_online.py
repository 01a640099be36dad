"""Paying online: in time, late, twice, with another amount; and what goes back by itself."""

from __future__ import annotations

import itertools
from datetime import timedelta

import pytest

from app.gateways.stripe import StripeRefused, StripeUnsure
from app.kernel.db import TransactionMisused, transaction
from app.kernel.errors import NotFound
from app.kernel.money import Money
from app.kernel.permissions import Viewer
from app.trade.catalog.models import Pack
from app.trade.orders.states import OrderState, PayBy
from app.trade.payments import gateway, notices, online
from app.trade.payments.models import PaymentState, PayPageState, ProblemKind, RefundState
from app.trade.payments.online import NothingToPay
from tests.cast import (
    a_pack,
    an_order_of,
    answer,
    at,
    available,
    cancel,
    fill,
    findings,
    fresh,
    later,
    more_of,
    place,
    terms,
)
from tests.fakes.stripe_server import StripeServer
from tests.trade.payments.cast import (
    ADDRESSES,
    at_stripe,
    begin,
    go_to_stripe,
    hear,
    online_order,
    page_of,
    payments_of,
    problems,
    refunds_of,
    session_of,
    stripes_book,
    tell,
    work,
)


def test_what_is_paid_on_the_page_pays_the_order_and_lies_at_stripe_less_its_fee(
    li: Viewer, gift_box: Pack, stripe: StripeServer
) -> None:
    order = online_order(3, gift_box, buyer=li)
    page = go_to_stripe(li, order.checkout)

    stripe.pay(session_of(page), "alipay")
    hear(stripe)

    assert fresh(order).state is OrderState.PAID
    assert page_of(page).state is PayPageState.PAID
    assert (at_stripe(), available(gift_box)) == (stripes_book(stripe).fen, 7)
    assert 0 < at_stripe() < order.total.fen
    assert findings() == {}


def test_a_basket_of_two_sellers_is_paid_on_one_page_and_split_to_the_fen(
    li: Viewer, gao: Viewer, gift_box: Pack, stripe: StripeServer
) -> None:
    other = a_pack(gao)
    fill(li, {gift_box.slug: 1, other.slug: 2})
    mine, his = place(li, terms(li, pay_by=PayBy.ONLINE))
    page = go_to_stripe(li, mine.checkout)

    stripe.pay(session_of(page))
    hear(stripe)

    assert page_of(page).amount == mine.total + his.total
    assert [payments_of(one)[0].amount for one in (mine, his)] == [mine.total, his.total]
    assert fresh(mine).state is fresh(his).state is OrderState.PAID
    assert at_stripe() == stripes_book(stripe).fen
    assert findings() == {}


def test_a_second_tap_leads_to_the_same_page(li: Viewer, gift_box: Pack, stripe: StripeServer) -> None:
    order = online_order(1, gift_box, buyer=li)

    first = go_to_stripe(li, order.checkout)
    second = go_to_stripe(li, order.checkout)

    assert (first.id, session_of(first)) == (second.id, session_of(second))
    assert len(stripe.objects("checkout.session")) == 1


def test_a_page_whose_answer_was_lost_is_asked_for_again_and_is_the_same(
    li: Viewer, gift_box: Pack, stripe: StripeServer
) -> None:
    order = online_order(1, gift_box, buyer=li)
    stripe.knobs.drop_answer("POST /v1/checkout/sessions")

    page = go_to_stripe(li, order.checkout)

    assert page.state is PayPageState.OPEN
    assert len(stripe.objects("checkout.session")) == 1


def test_a_page_that_was_asked_for_by_somebody_who_died_is_the_next_ones(
    li: Viewer, gift_box: Pack, stripe: StripeServer
) -> None:
    order = online_order(1, gift_box, buyer=li)
    begun = begin(li, order.checkout)

    assert go_to_stripe(li, order.checkout).id == begun.id


def test_a_page_that_stripe_stays_unsure_about_is_left_and_the_next_tap_makes_another(
    li: Viewer, gift_box: Pack, stripe: StripeServer
) -> None:
    order = online_order(1, gift_box, buyer=li)
    page = begin(li, order.checkout)
    stripe.knobs.break_after("POST /v1/checkout/sessions")
    with pytest.raises(StripeUnsure):
        online.address_of(page, ADDRESSES)
    assert page_of(page).state is PayPageState.ENDED

    other = go_to_stripe(li, order.checkout)
    stripe.pay(session_of(other))
    hear(stripe)

    assert fresh(order).state is OrderState.PAID
    assert findings() == {}


def test_what_stripe_refuses_is_not_asked_for_again_under_the_same_name(
    li: Viewer, gift_box: Pack, stripe: StripeServer
) -> None:
    order = online_order(1, gift_box, buyer=li)
    page = begin(li, order.checkout)
    soon = later(minutes=1)
    with transaction() as current:
        current.get_one(type(page), page.id).open_until = soon
    with pytest.raises(StripeRefused):
        online.address_of(page_of(page), ADDRESSES)

    assert page_of(page).state is PayPageState.ENDED
    assert go_to_stripe(li, order.checkout).id != page.id


def test_nobody_else_finds_the_checkout_and_what_is_paid_is_not_paid_again(
    li: Viewer, hu: Viewer, gift_box: Pack, stripe: StripeServer
) -> None:
    order = online_order(1, gift_box, buyer=li)
    with pytest.raises(NotFound):
        begin(hu, order.checkout)
    page = go_to_stripe(li, order.checkout)
    stripe.pay(session_of(page))
    hear(stripe)

    with pytest.raises(NothingToPay):
        begin(li, order.checkout)


def test_an_order_that_is_paid_by_transfer_has_no_page(li: Viewer, gift_box: Pack, stripe: StripeServer) -> None:
    order = an_order_of(1, gift_box, buyer=li)

    with pytest.raises(NotFound):
        begin(li, order.checkout)


def test_paid_after_its_time_while_there_is_fruit_the_order_stands(
    li: Viewer, gift_box: Pack, stripe: StripeServer
) -> None:
    order = online_order(10, gift_box, buyer=li)
    page = go_to_stripe(li, order.checkout)
    with at(later(minutes=20)):
        work()
        assert page_of(page).state is PayPageState.ENDED
        stripe.pay(session_of(page), even_if_expired=True)
        hear(stripe)

        assert fresh(order).state is OrderState.PAID
        assert available(gift_box) == 0
    assert findings() == {}


def test_paid_after_its_time_when_the_fruit_is_gone_all_of_it_goes_back(
    li: Viewer, hu: Viewer, gift_box: Pack, stripe: StripeServer
) -> None:
    order = online_order(10, gift_box, buyer=li)
    page = go_to_stripe(li, order.checkout)
    with at(later(minutes=20)):
        an_order_of(1, gift_box, buyer=hu)
        stripe.pay(session_of(page), even_if_expired=True)
        hear(stripe)

        (payment,) = payments_of(order)
        assert payment.state is PaymentState.REFUNDED
        assert fresh(order).paid_at is None
        assert stripe.book()[page.reference].refunded == order.total.fen
        assert at_stripe() == stripes_book(stripe).fen
    assert findings() == {}


def test_paid_after_the_buyer_called_it_off_all_of_it_goes_back(
    li: Viewer, gift_box: Pack, stripe: StripeServer
) -> None:
    order = online_order(1, gift_box, buyer=li)
    page = go_to_stripe(li, order.checkout)
    cancel(order, by=li)
    stripe.pay(session_of(page))

    work()

    assert page_of(page).state is PayPageState.PAID
    assert payments_of(order)[0].state is PaymentState.REFUNDED
    assert (fresh(order).state, available(gift_box)) == (OrderState.CANCELLED, 10)
    assert findings() == {}


def test_a_paid_order_that_is_called_off_gets_its_money_back_by_itself(
    li: Viewer, gift_box: Pack, stripe: StripeServer
) -> None:
    order = online_order(2, gift_box, buyer=li)
    page = go_to_stripe(li, order.checkout)
    stripe.pay(session_of(page))
    hear(stripe)

    cancel(order, by=li)
    work()

    assert stripe.book()[page.reference].refunded == order.total.fen
    assert payments_of(order)[0].state is PaymentState.REFUNDED
    assert findings() == {}


def test_two_pages_paid_for_one_order_leave_one_payment_and_one_refund(
    li: Viewer, gift_box: Pack, stripe: StripeServer
) -> None:
    order = online_order(1, gift_box, buyer=li)
    first = go_to_stripe(li, order.checkout)
    with transaction() as current:
        current.get_one(type(first), first.id).become(PayPageState.ENDED)
    second = go_to_stripe(li, order.checkout)
    stripe.pay(session_of(first))
    stripe.pay(session_of(second))

    hear(stripe)

    assert sorted(one.state for one in payments_of(order)) == [PaymentState.CONFIRMED, PaymentState.REFUNDED]
    assert at_stripe() == stripes_book(stripe).fen
    assert findings() == {}


@pytest.mark.parametrize("change", [{"amount_total": 1}, {"currency": "usd"}, {"currency": "jpy"}])
def test_another_amount_or_currency_is_shown_to_a_person_and_pays_nothing(
    li: Viewer, gift_box: Pack, stripe: StripeServer, change: dict[str, object]
) -> None:
    order = online_order(1, gift_box, buyer=li)
    page = go_to_stripe(li, order.checkout)
    stripe.tamper(session_of(page), **change)
    stripe.pay(session_of(page))

    hear(stripe)

    assert [one.kind for one in problems()] == [ProblemKind.OTHER_AMOUNT]
    assert page_of(page).state is PayPageState.DISPUTED
    assert fresh(order).state is OrderState.PLACED
    assert payments_of(order) == []


def test_the_page_is_closed_at_stripe_when_the_hold_is_over(li: Viewer, gift_box: Pack, stripe: StripeServer) -> None:
    order = online_order(1, gift_box, buyer=li)
    page = go_to_stripe(li, order.checkout)
    work()
    assert stripe.object(session_of(page))["status"] == "open"

    with at(later(minutes=16)):
        work()

    assert stripe.object(session_of(page))["status"] == "expired"
    assert page_of(page).state is PayPageState.ENDED


@pytest.mark.timeout(300)
def test_all_120_orders_of_five_notices_give_one_state(li: Viewer, wang: Viewer, stripe: StripeServer) -> None:
    box = a_pack(wang, pieces=200)
    for events_order in itertools.permutations(range(5)):
        order = online_order(1, box, buyer=li)
        page = go_to_stripe(li, order.checkout)
        earlier = len(stripe.events)
        intent = stripe.pay(session_of(page))
        stripe.refund_from_dashboard(intent, 100)
        events = stripe.events[earlier : earlier + 5]
        assert len(events) == 5

        for place_of_event in events_order:
            tell(events[place_of_event])
            notices.carry_out_due()

        assert fresh(order).state is OrderState.PAID, events_order
        assert [one.state for one in payments_of(order)] == [PaymentState.CONFIRMED], events_order
        assert [one.kind for one in problems() if one.checkout == order.checkout] == [ProblemKind.FOREIGN_REFUND]
    work()
    assert findings() == {}


def test_twenty_copies_of_a_notice_and_twenty_late_ones_book_once(
    li: Viewer, gift_box: Pack, stripe: StripeServer
) -> None:
    order = online_order(1, gift_box, buyer=li)
    page = go_to_stripe(li, order.checkout)
    stripe.pay(session_of(page))
    completed = next(event for event in stripe.events if event.type == "checkout.session.completed")

    new = [tell(completed) for _ in range(20)]
    work()
    with at(later(days=8)):
        new += [tell(completed) for _ in range(20)]
        work()

    assert new.count(True) == 1
    assert len(payments_of(order)) == 1
    assert answer("SELECT count(*) FROM ledger_events WHERE kind = 'payment.confirmed'") == 1


def test_what_no_notice_told_is_found_by_asking(li: Viewer, gift_box: Pack, stripe: StripeServer) -> None:
    order = online_order(1, gift_box, buyer=li)
    page = go_to_stripe(li, order.checkout)
    stripe.pay(session_of(page))

    found = notices.reconcile()

    assert found == len(stripe.events)
    assert fresh(order).state is OrderState.PAID
    assert at_stripe() == stripes_book(stripe).fen
    assert notices.reconcile() == 0


def test_a_payment_that_nobody_asked_for_is_shown_after_five_minutes(
    li: Viewer, gift_box: Pack, stripe: StripeServer
) -> None:
    order = online_order(1, gift_box, buyer=li)
    page = go_to_stripe(li, order.checkout)
    stripe.tamper(session_of(page), client_reference_id="P-OF-ANOTHER-SHOP")
    stripe.pay(session_of(page))
    completed = next(event for event in stripe.events if event.type == "checkout.session.completed")
    tell(completed)
    work()
    assert problems() == []

    with at(later(minutes=6)):
        work()

    assert [one.kind for one in problems()] == [ProblemKind.UNKNOWN_PAGE]
    assert fresh(order).paid_at is None


def test_a_notice_waits_while_stripe_does_not_answer(li: Viewer, gift_box: Pack, stripe: StripeServer) -> None:
    order = online_order(1, gift_box, buyer=li)
    page = go_to_stripe(li, order.checkout)
    stripe.pay(session_of(page))
    stripe.knobs.break_before(times=None)
    for event in stripe.events:
        tell(event)

    with at(later(minutes=10)):
        work()
        assert problems() == []
        assert fresh(order).paid_at is None
    stripe.knobs.clear_faults()
    with at(later(minutes=12)):
        work()

    assert fresh(order).paid_at is not None


@pytest.mark.parametrize("fault", ["drop_answer", "break_after", "break_before", "too_many"])
def test_a_refund_whose_answer_is_unsure_happens_once(
    li: Viewer, gift_box: Pack, stripe: StripeServer, fault: str
) -> None:
    order = online_order(1, gift_box, buyer=li)
    page = go_to_stripe(li, order.checkout)
    stripe.pay(session_of(page))
    hear(stripe)
    cancel(order, by=li)
    getattr(stripe.knobs, fault)("POST /v1/refunds")

    work()
    work()
    hear(stripe)

    assert stripe.book()[page.reference].refunded == order.total.fen
    assert len(stripe.objects("refund")) == 1
    assert (at_stripe(), problems()) == (stripes_book(stripe).fen, [])
    assert findings() == {}


def test_a_refund_that_fails_later_is_sent_again_and_after_three_times_a_person_is_asked(
    li: Viewer, gift_box: Pack, stripe: StripeServer
) -> None:
    order = online_order(1, gift_box, buyer=li)
    page = go_to_stripe(li, order.checkout)
    stripe.pay(session_of(page))
    hear(stripe)
    cancel(order, by=li)
    for _ in range(4):
        work()
        (refund,) = refunds_of(order)
        if refund.state is RefundState.SENT:
            assert refund.reference is not None
            stripe.fail_refund(refund.reference)
            hear(stripe)

    (payment,) = payments_of(order)
    assert payment.state is PaymentState.REFUND_DUE
    assert len(stripe.objects("refund")) == online.MOST_TRIES
    assert [one.kind for one in problems()] == [ProblemKind.REFUND_REFUSED]
    assert at_stripe() == stripes_book(stripe).fen
    assert findings() == {}


def test_a_dispute_is_shown_to_a_person(li: Viewer, gift_box: Pack, stripe: StripeServer) -> None:
    order = online_order(1, gift_box, buyer=li)
    intent = stripe.pay(session_of(go_to_stripe(li, order.checkout)))
    hear(stripe)

    stripe.dispute(intent)
    hear(stripe)
    hear(stripe)

    assert [(one.kind, one.checkout) for one in problems()] == [(ProblemKind.DISPUTE, order.checkout)]


def test_stripe_is_never_asked_inside_a_transaction(li: Viewer, gift_box: Pack, stripe: StripeServer) -> None:
    with pytest.raises(TransactionMisused), transaction():
        gateway.stripe().session("cs_test_x")


def test_nothing_of_a_person_goes_abroad(li: Viewer, gift_box: Pack, stripe: StripeServer) -> None:
    order = online_order(1, gift_box, buyer=li)
    page = go_to_stripe(li, order.checkout)
    stripe.pay(session_of(page))
    hear(stripe)

    sent = repr([(one.path, one.params) for one in stripe.requests])

    assert not any(said in sent for said in ("李晓月", "13812345678", "桃园路", "consignee", "phone", "email"))
    assert answer("SELECT count(*) FROM consents WHERE purpose = 'payment_abroad'") == 1


def test_a_page_that_was_never_answered_ends_when_its_time_is_over(
    li: Viewer, gift_box: Pack, stripe: StripeServer
) -> None:
    order = online_order(1, gift_box, buyer=li)
    page = begin(li, order.checkout)

    with at(later(minutes=16)):
        work()

    assert page_of(page).state is PayPageState.ENDED


def test_fruit_that_came_back_meanwhile_serves_a_late_payment(
    li: Viewer, hu: Viewer, gift_box: Pack, stripe: StripeServer
) -> None:
    order = online_order(10, gift_box, buyer=li)
    page = go_to_stripe(li, order.checkout)
    with at(later(minutes=20)):
        an_order_of(10, gift_box, buyer=hu)
        more_of(gift_box, pieces=10)
        stripe.pay(session_of(page), even_if_expired=True)
        hear(stripe)

        assert fresh(order).state is OrderState.PAID
    assert page_of(page).amount > Money(0)
    assert page_of(page).hold_until < later(hours=1) + timedelta(0)

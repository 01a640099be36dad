"""Part of a paid order's money goes back: never more than was paid, large sums through two people."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest
from flask import Flask
from sqlalchemy import select

from app.kernel import events
from app.kernel.db import Busy, Database, session, transaction
from app.kernel.errors import DomainError, NotFound
from app.kernel.money import Money
from app.kernel.permissions import COUNTY, Viewer
from app.kernel.states import IllegalMove
from app.people.accounts.states import Role
from app.people.messages.models import Message
from app.trade.catalog.models import Pack
from app.trade.orders import service as orders
from app.trade.orders.models import Order
from app.trade.payments import refunds
from app.trade.payments.models import Payment, PaymentState, Refund, RefundReason, RefundState
from app.trade.payments.refunds import NothingToRefund, OwnRefund, TooMuch
from app.trade.stock import accounts
from tests.cast import (
    a_pack,
    a_viewer,
    an_order_of,
    answer,
    cancel,
    described,
    findings,
    fresh,
    pack,
    pay,
    receive,
    ship,
    sql,
)
from tests.fakes.stripe_server import StripeServer
from tests.trade.payments.cast import at_stripe, go_to_stripe, hear, online_order, session_of, stripes_book, work
from tests.web.browsing import form_to, signed_in


def received(order: Order, *, by: Viewer, buyer: Viewer) -> Order:
    """The order went its whole way."""
    pack(order, by=by)
    ship(order, by=by)
    receive(order, by=buyer)
    return order


@pytest.fixture
def order(li: Viewer, wang: Viewer, qian: Viewer, gift_box: Pack) -> Order:
    """Two boxes of 68.00 with freight, paid by transfer and received."""
    placed = an_order_of(2, gift_box, buyer=li)
    pay(placed, by=qian)
    return received(placed, by=wang, buyer=li)


@pytest.fixture
def paid(li: Viewer, qian: Viewer, gift_box: Pack) -> Order:
    """Two boxes of 68.00 with freight, paid by transfer, still with the seller."""
    placed = an_order_of(2, gift_box, buyer=li)
    pay(placed, by=qian)
    return placed


def ask(order: Order, fen: int, *, by: Viewer, reason: RefundReason = RefundReason.QUALITY) -> Refund:
    with transaction():
        return refunds.ask(order.number, amount=Money(fen), reason=reason, note="", by=by)


def send(refund: Refund, *, by: Viewer) -> None:
    with transaction():
        refunds.send(refund.id, reference=f"R{refund.id}", by=by)


def owed(role: str, order: Order) -> int:
    party = accounts.seller_party(order.seller_id)
    query = "SELECT coalesce(sum(cr - dr), 0) FROM ledger_accounts WHERE role = :role AND party = :party"
    return answer(query, role=role, party=party)


def test_a_part_goes_back_from_what_the_seller_has_earned(order: Order, qian: Viewer) -> None:
    refund = ask(order, 1_000, by=qian)
    assert owed("payable", order) == order.goods.fen

    send(refund, by=qian)

    assert owed("payable", order) == order.goods.fen - 1_000
    assert owed("freight", order) == order.freight.fen
    assert session().get_one(Payment, refund.payment_id).state is PaymentState.CONFIRMED
    assert findings() == {}


def test_what_is_more_than_the_goods_cost_comes_from_the_freight(order: Order, qian: Viewer) -> None:
    send(ask(order, order.goods.fen - 100, by=qian), by=qian)
    send(ask(order, 100 + order.freight.fen, by=qian), by=qian)

    assert (owed("payable", order), owed("freight", order)) == (0, 0)
    assert findings() == {}


def test_the_buyer_is_told_how_much_is_on_its_way(order: Order, li: Viewer, qian: Viewer) -> None:
    send(ask(order, 1_250, by=qian), by=qian)
    with transaction():
        assert events.drain() > 0

    told = session().scalars(select(Message.words).where(Message.person_id == li.person_id)).all()
    assert any("12.50" in words and order.number in words for words in told)


def test_no_more_goes_back_than_was_paid(order: Order, qian: Viewer) -> None:
    ask(order, order.total.fen - 50, by=qian)

    with pytest.raises(TooMuch, match=r"0\.50"):
        ask(order, 51, by=qian)
    ask(order, 50, by=qian)
    with pytest.raises(TooMuch):
        ask(order, 1, by=qian)


def test_thirty_who_ask_at_once_get_back_what_was_paid_and_no_fen_more(
    db: Database, order: Order, qian: Viewer
) -> None:
    each = order.total.fen // 10
    rest = order.total.fen - 10 * each
    if rest:
        ask(order, rest, by=qian)

    def one(_number: int) -> bool:
        with db.unit_of_work():
            try:
                ask(order, each, by=qian)
            except TooMuch:
                return False
        return True

    with ThreadPoolExecutor(8) as crowd:
        granted = list(crowd.map(one, range(30)))

    assert granted.count(True) == 10
    asked = answer("SELECT sum(amount) FROM refunds WHERE state <> 'refused'")
    assert asked == order.total.fen == answer("SELECT refunded FROM payments")


def test_thirty_who_ask_while_the_order_arrives_get_back_what_was_paid_and_the_seller_earns_the_rest(
    db: Database, paid: Order, li: Viewer, wang: Viewer, qian: Viewer
) -> None:
    pack(paid, by=wang)
    ship(paid, by=wang)
    each, number = paid.total.fen // 40, paid.number

    def one(place: int) -> bool:
        with db.unit_of_work():
            while True:
                try:
                    if place == 15:
                        with transaction():
                            orders.receive(number, by=li)
                    else:
                        ask(paid, each, by=qian)
                except Busy:
                    continue
                return True

    with ThreadPoolExecutor(8) as crowd:
        assert all(crowd.map(one, range(31)))

    assert answer("SELECT sum(amount) FROM refunds") == 30 * each == answer("SELECT refunded FROM payments")
    before = answer("SELECT coalesce(sum(amount), 0) FROM refunds WHERE is_prepaid")
    assert owed("payable", paid) == paid.goods.fen - before
    assert owed("prepaid", paid) == before
    assert findings() == {}
    for refund in session().query(Refund).all():
        send(refund, by=qian)
    assert (owed("payable", paid), owed("prepaid", paid)) == (paid.goods.fen - 30 * each, 0)


@pytest.mark.corrupts
def test_who_adds_to_what_was_set_aside_from_what_he_saw_earlier_loses_anothers_part(paid: Order, qian: Viewer) -> None:
    """The twin without the order's lock."""
    seen = fresh(paid).given_back

    ask(paid, 100, by=qian)
    ask(paid, 200, by=qian)
    sql("UPDATE orders SET given_back = :fen WHERE id = :order", fen=seen.fen + 200, order=paid.id)

    assert "V6-given" in findings()


def test_without_the_lock_more_is_asked_back_than_the_payment_counts(db: Database, order: Order, qian: Viewer) -> None:
    """The twin with the guard off: look, then write back what was computed."""
    payment = session().query(Payment).filter_by(order_id=order.id).one()
    seen = [payment.refunded for _ in range(3)]

    for before in seen:
        with transaction() as current:
            refund = Refund(
                payment_id=payment.id,
                amount=Money(100),
                reason=RefundReason.AGREED,
                note="",
                state=RefundState.DUE,
                asked_at=payment.confirmed_at,
                asked_by=qian.actor,
                is_prepaid=False,
            )
            current.add(refund)
            current.get_one(Payment, payment.id).refunded = before + Money(100)

    assert "V6" in findings()
    with transaction() as current:
        current.get_one(Payment, payment.id).refunded = Money(300)


def payment_of(order: Order) -> Payment:
    session().rollback()
    return session().query(Payment).filter_by(order_id=order.id).populate_existing().one()


def test_nothing_goes_back_of_an_order_that_is_not_paid(li: Viewer, qian: Viewer, gift_box: Pack) -> None:
    placed = an_order_of(1, gift_box, buyer=li)

    with pytest.raises(NothingToRefund):
        ask(placed, 100, by=qian)


def test_a_part_that_goes_back_before_receipt_comes_out_of_the_prepaid_money_and_is_not_earned(
    paid: Order, li: Viewer, wang: Viewer, qian: Viewer
) -> None:
    send(ask(paid, 1_000, by=qian), by=qian)
    assert (owed("prepaid", paid), findings()) == (paid.total.fen - 1_000, {})

    received(paid, by=wang, buyer=li)

    assert (owed("payable", paid), owed("freight", paid)) == (paid.goods.fen - 1_000, paid.freight.fen)
    assert owed("prepaid", paid) == 0
    assert findings() == {}


def test_what_was_asked_before_receipt_and_sent_after_it_was_set_aside(
    paid: Order, li: Viewer, wang: Viewer, qian: Viewer
) -> None:
    early = ask(paid, 1_000, by=qian)
    received(paid, by=wang, buyer=li)
    late = ask(paid, 300, by=qian)
    assert (owed("payable", paid), owed("prepaid", paid)) == (paid.goods.fen - 1_000, 1_000)
    assert findings() == {}

    send(late, by=qian)
    send(early, by=qian)

    assert (owed("payable", paid), owed("prepaid", paid)) == (paid.goods.fen - 1_300, 0)
    assert findings() == {}


def test_parts_before_and_after_receipt_make_no_more_than_was_paid(
    paid: Order, li: Viewer, wang: Viewer, qian: Viewer
) -> None:
    before = ask(paid, paid.goods.fen + 100, by=qian)
    received(paid, by=wang, buyer=li)
    assert (owed("payable", paid), owed("freight", paid)) == (0, paid.freight.fen - 100)
    with pytest.raises(TooMuch):
        ask(paid, paid.freight.fen - 99, by=qian)
    after = ask(paid, paid.freight.fen - 100, by=qian)

    for refund in (before, after):
        send(refund, by=qian)

    assert (owed("payable", paid), owed("freight", paid), owed("prepaid", paid)) == (0, 0, 0)
    assert findings() == {}


def test_an_order_of_which_all_went_back_arrives_and_earns_nothing(
    paid: Order, li: Viewer, wang: Viewer, qian: Viewer
) -> None:
    send(ask(paid, paid.total.fen, by=qian), by=qian)

    received(paid, by=wang, buyer=li)

    assert (owed("payable", paid), owed("prepaid", paid)) == (0, 0)
    assert findings() == {}


def test_calling_off_afterwards_sends_back_exactly_the_rest(paid: Order, li: Viewer, qian: Viewer) -> None:
    gone, waiting = ask(paid, 1_000, by=qian), ask(paid, 250, by=qian)
    send(gone, by=qian)

    cancel(paid, by=li)

    rest = session().query(Refund).filter_by(reason=RefundReason.CALLED_OFF).one()
    assert rest.amount == paid.total - Money(1_250)
    send(rest, by=qian)
    assert (payment_of(paid).state, findings()) == (PaymentState.REFUND_DUE, {})
    send(waiting, by=qian)
    assert (payment_of(paid).state, owed("prepaid", paid), findings()) == (PaymentState.REFUNDED, 0, {})


def test_calling_off_what_was_all_sent_back_before_sends_nothing_more(paid: Order, li: Viewer, qian: Viewer) -> None:
    send(ask(paid, paid.total.fen, by=qian), by=qian)

    cancel(paid, by=li)

    assert payment_of(paid).state is PaymentState.REFUNDED
    assert answer("SELECT count(*) FROM refunds") == 1
    with pytest.raises(NothingToRefund):
        ask(paid, 1, by=qian)
    assert findings() == {}


@pytest.fixture
def dear(li: Viewer, wang: Viewer, qian: Viewer) -> Order:
    """An order of more than ten thousand yuan, received."""
    box = a_pack(wang, said=described(price=1_100_000))
    placed = an_order_of(1, box, buyer=li)
    pay(placed, by=qian)
    return received(placed, by=wang, buyer=li)


def test_above_five_thousand_yuan_a_second_person_decides(dear: Order, qian: Viewer) -> None:
    second = a_viewer("吴县办", (Role.COUNTY, COUNTY))
    at_the_limit, above = ask(dear, 500_000, by=qian), ask(dear, 500_001, by=qian)
    assert (at_the_limit.state, above.state) == (RefundState.DUE, RefundState.ASKED)

    with pytest.raises(NothingToRefund):
        send(above, by=second)
    with pytest.raises(OwnRefund), transaction():
        refunds.decide(above.id, agrees=True, by=qian)
    with transaction():
        refunds.decide(above.id, agrees=True, by=second)
    with pytest.raises(IllegalMove), transaction():
        refunds.decide(above.id, agrees=False, by=second)
    send(above, by=second)

    assert owed("payable", dear) == dear.goods.fen - 500_001
    assert findings() == {}


@pytest.fixture
def dear_on_road(li: Viewer, wang: Viewer, qian: Viewer) -> Order:
    """An order of more than ten thousand yuan, paid and shipped."""
    box = a_pack(wang, said=described(price=1_100_000))
    placed = an_order_of(1, box, buyer=li)
    pay(placed, by=qian)
    pack(placed, by=wang)
    ship(placed, by=wang)
    return placed


@pytest.mark.parametrize("arrives_first", [False, True])
def test_a_large_part_that_is_refused_is_earned_after_all(
    dear_on_road: Order, li: Viewer, qian: Viewer, arrives_first: bool
) -> None:
    second, order = a_viewer("吴县办", (Role.COUNTY, COUNTY)), dear_on_road
    refund = ask(order, order.goods.fen + 100, by=qian)
    assert refund.state is RefundState.ASKED
    if arrives_first:
        receive(order, by=li)
        assert (owed("payable", order), owed("prepaid", order)) == (0, order.goods.fen + 100)
        assert findings() == {}

    with transaction():
        refunds.decide(refund.id, agrees=False, by=second)
    if not arrives_first:
        receive(order, by=li)

    assert (owed("payable", order), owed("freight", order)) == (order.goods.fen, order.freight.fen)
    assert (owed("prepaid", order), findings()) == (0, {})


def test_what_waits_for_a_second_person_goes_back_with_the_rest_when_the_order_is_called_off(
    li: Viewer, wang: Viewer, qian: Viewer
) -> None:
    order = an_order_of(1, a_pack(wang, said=described(price=1_100_000)), buyer=li)
    pay(order, by=qian)
    large = ask(order, 600_000, by=qian)

    cancel(order, by=li)

    for refund in session().query(Refund).populate_existing().all():
        assert refund.state is RefundState.DUE
        send(refund, by=qian)
    assert session().get_one(Refund, large.id).state is RefundState.SENT
    assert (payment_of(order).state, owed("prepaid", order)) == (PaymentState.REFUNDED, 0)
    assert findings() == {}


def test_what_was_refused_can_be_asked_for_again(dear: Order, qian: Viewer) -> None:
    second = a_viewer("吴县办", (Role.COUNTY, COUNTY))
    refund = ask(dear, dear.total.fen, by=qian)
    with pytest.raises(TooMuch):
        ask(dear, 1, by=qian)

    with transaction():
        refunds.decide(refund.id, agrees=False, by=second)

    assert ask(dear, 1, by=qian).state is RefundState.DUE


def test_nobody_but_the_county_asks_decides_or_sends(
    order: Order, li: Viewer, wang: Viewer, zhao: Viewer, sun: Viewer, qian: Viewer
) -> None:
    refund = ask(order, 100, by=qian)
    for other in (li, wang, zhao, sun):
        with pytest.raises(DomainError):
            ask(order, 100, by=other)
        with pytest.raises(NotFound):
            send(refund, by=other)
        assert refunds.to_send(other, besides="", tried=0) == []


def test_a_refund_of_money_that_came_online_goes_by_itself_and_the_seller_bears_it(
    li: Viewer, wang: Viewer, qian: Viewer, gift_box: Pack, stripe: StripeServer
) -> None:
    placed = online_order(1, gift_box, buyer=li)
    page = go_to_stripe(li, placed.checkout)
    stripe.pay(session_of(page))
    hear(stripe)
    received(placed, by=wang, buyer=li)

    ask(placed, 1_234, by=qian)
    work()

    assert stripe.book()[page.reference].refunded == 1_234
    assert at_stripe() == stripes_book(stripe).fen
    assert owed("payable", placed) == placed.goods.fen - 1_234
    assert findings() == {}


def test_a_partial_refund_that_fails_later_gives_the_seller_his_money_again(
    li: Viewer, wang: Viewer, qian: Viewer, gift_box: Pack, stripe: StripeServer
) -> None:
    placed = online_order(1, gift_box, buyer=li)
    page = go_to_stripe(li, placed.checkout)
    stripe.pay(session_of(page))
    hear(stripe)
    received(placed, by=wang, buyer=li)
    refund = ask(placed, 500, by=qian)
    work()
    sent = session().get_one(Refund, refund.id).reference
    assert sent is not None

    stripe.fail_refund(sent)
    for event in stripe.events[-4:]:
        hear(stripe)
        assert event.id

    assert len(stripe.objects("refund")) == 2
    assert owed("payable", placed) == placed.goods.fen - 500
    assert at_stripe() == stripes_book(stripe).fen
    assert findings() == {}


def test_an_official_refunds_part_of_an_order_at_his_desk(app: Flask, order: Order, qian: Viewer) -> None:
    desk, page = signed_in(app, qian), f"/desk/payments/{order.number}"
    form = form_to(desk, page, f"{page}/refunds")

    too_much = desk.post(form.action, data={**form.fields, "amount": "9999", "reason": "quality"})
    assert too_much.status_code == 422
    assert "最多还能退" in too_much.text
    said = {**form.fields, "amount": "１２.５０", "reason": "short_weight", "note": "少了半斤"}
    assert [desk.post(form.action, data=said).status_code for _ in range(5)] == [303] * 5

    assert answer("SELECT count(*) FROM refunds") == 1
    refund = session().query(Refund).one()
    assert (refund.amount, refund.note) == (Money(1_250), "少了半斤")
    sheet = f"/desk/payments/refunds/{refund.id}"
    assert sheet in desk.get(page).text
    assert sheet in desk.get("/desk/payments").text
    form = form_to(desk, sheet, sheet)
    assert desk.post(sheet, data={**form.fields, "reference": "R-77"}).status_code == 303
    assert desk.post(sheet, data={**form.fields, "reference": "R-77"}).status_code == 409
    assert "R-77" in desk.get(sheet).text


def test_a_second_official_decides_at_his_desk(app: Flask, dear: Order, qian: Viewer) -> None:
    refund = ask(dear, 600_000, by=qian)
    second = a_viewer("吴县办", (Role.COUNTY, COUNTY))
    sheet = f"/desk/payments/refunds/{refund.id}"
    first, other = signed_in(app, qian), signed_in(app, second)
    assert "请由另一位干部复核" in first.get(sheet).text
    form = form_to(other, sheet, f"{sheet}/decision")
    said = {**form.fields, "decision": "agree"}

    assert first.post(form.action, data=said).status_code in (400, 403)
    assert other.post(form.action, data=said).status_code == 303

    assert session().get_one(Refund, refund.id, populate_existing=True).state is RefundState.DUE

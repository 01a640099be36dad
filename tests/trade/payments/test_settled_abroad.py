"""An account at Stripe that settles in Hong Kong dollars: what it converts and keeps, in each currency by itself."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest

from app.gateways.stripe import Refund as SentBack
from app.gateways.stripe import Stripe
from app.kernel.db import session, transaction
from app.kernel.money import Money
from app.kernel.permissions import Viewer
from app.ledger.figures import FigureUnit, LedgerFigure, Scope, Side, Span
from app.trade.catalog.models import Pack
from app.trade.orders.figures import MONEY_RECEIVED
from app.trade.orders.models import Order
from app.trade.orders.states import PayBy
from app.trade.payments import online, refunds
from app.trade.payments.models import PayPage, Refund, RefundReason
from app.trade.stock import accounts
from tests.cast import a_pack, answer, fill, findings, place, terms
from tests.fakes.stripe_server import StripeServer
from tests.trade.payments.cast import (
    at_stripe,
    go_to_stripe,
    hear,
    online_order,
    page_of,
    refunds_of,
    session_of,
    standing,
    tell,
    work,
)

EVER = Scope(Span(None, date(2999, 12, 31)))
AT_STRIPE = LedgerFigure(
    key="at_stripe",
    title="",
    words="",
    unit=FigureUnit.FEN,
    roles=(accounts.MONEY_IN,),
    side=Side.DEBIT_LESS_CREDIT,
)


@pytest.fixture
def abroad(stripe: StripeServer) -> StripeServer:
    """The county's account, which settles in Hong Kong dollars."""
    stripe.knobs.settlement_currency, stripe.knobs.exchange_rate = "hkd", Decimal("1.0857")
    return stripe


def booked(kind: str) -> int:
    return answer("SELECT count(*) FROM ledger_events WHERE kind = :kind", kind=kind)


def sums() -> set[int]:
    """What each currency adds up to over the whole book."""
    codes = ("CNY", "HKD")
    query = (
        "SELECT sum(a.dr - a.cr) FROM ledger_accounts a JOIN ledger_commodities c ON c.id = a.commodity_id"
        " WHERE c.code = :code"
    )
    return {answer(query, code=code) for code in codes}


def paid(order: Order, buyer: Viewer, server: StripeServer) -> PayPage:
    """The buyer paid all that he bought on one page, and we heard of it."""
    page = go_to_stripe(buyer, order.checkout)
    server.pay(session_of(page))
    hear(server)
    return page


def sent_back(order: Order, fen: int, *, by: Viewer) -> Refund:
    with transaction():
        refund = refunds.ask(order.number, amount=Money(fen), reason=RefundReason.QUALITY, note="", by=by)
    work()
    return refund


def line_of(server: StripeServer, kind: str, place: int = 0) -> tuple[int, int]:
    """What a line of Stripe's balance came to, and what was kept of it."""
    line = [one for one in server.objects("balance_transaction") if one["type"] == kind][place]
    assert line["currency"] == "hkd"
    return line["amount"], line["fee"]


def test_what_stripe_converts_and_keeps_is_booked_and_each_currency_adds_up_to_nothing(
    li: Viewer, gift_box: Pack, abroad: StripeServer
) -> None:
    order = online_order(3, gift_box, buyer=li)
    paid(order, li, abroad)

    dollars, fee = line_of(abroad, "charge")
    assert fee > 0
    assert dollars > order.total.fen
    assert (standing("fx_position", "CNY"), standing("fx_position", "HKD")) == (order.total.fen, -dollars)
    assert (standing("gateway_fee", "CNY"), standing("gateway_fee", "HKD")) == (0, fee)
    assert (at_stripe("CNY"), at_stripe("HKD")) == (0, dollars - fee)
    assert abroad.balance() == {"hkd": dollars - fee}
    assert sums() == {0}
    assert findings() == {}


def test_an_account_that_settles_in_yuan_converts_nothing(li: Viewer, gift_box: Pack, stripe: StripeServer) -> None:
    page = paid(online_order(3, gift_box, buyer=li), li, stripe)

    assert (booked("payment.fee"), booked("payment.converted")) == (1, 0)
    assert answer("SELECT count(*) FROM ledger_accounts WHERE role = 'fx_position'") == 0
    fee = page_of(page).fee
    assert fee is not None
    assert fee.fen == standing("gateway_fee", "CNY") > 0
    assert stripe.balance() == {"cny": at_stripe()}


def test_a_payment_that_is_told_twenty_times_is_converted_once(
    li: Viewer, gift_box: Pack, abroad: StripeServer
) -> None:
    order = online_order(1, gift_box, buyer=li)
    paid(order, li, abroad)

    for _ in range(20):
        for event in abroad.events:
            tell(event)
        online.look_again()
        work()

    assert (booked("payment.converted"), booked("payment.fee")) == (1, 0)
    assert standing("fx_position", "CNY") == order.total.fen
    assert {"hkd": at_stripe("HKD")} == abroad.balance()


def test_a_page_of_several_orders_is_shared_among_their_townships_to_the_cent(
    li: Viewer, gao: Viewer, gift_box: Pack, abroad: StripeServer
) -> None:
    other = a_pack(gao)
    fill(li, {gift_box.slug: 1, other.slug: 2})
    mine, his = place(li, terms(li, pay_by=PayBy.ONLINE))
    assert mine.township_code != his.township_code
    paid(mine, li, abroad)

    dollars, fee = line_of(abroad, "charge")
    total = mine.total.fen + his.total.fen
    for order in (mine, his):
        town = order.township_code
        assert standing("fx_position", "CNY", town) == order.total.fen
        assert abs(-standing("fx_position", "HKD", town) * total - dollars * order.total.fen) < total
        assert abs(standing("gateway_fee", "HKD", town) * total - fee * order.total.fen) < total
        assert standing("money_in", "CNY", town) == 0
    assert (-standing("fx_position", "HKD"), standing("gateway_fee", "HKD")) == (dollars, fee)
    assert answer("SELECT count(*) FROM ledger_accounts WHERE role = 'fx_position' AND township = ''") == 0
    assert {"hkd": at_stripe("HKD")} == abroad.balance()
    assert findings() == {}


def test_a_refund_is_converted_back_at_its_own_rate(
    li: Viewer, qian: Viewer, gift_box: Pack, abroad: StripeServer
) -> None:
    order = online_order(2, gift_box, buyer=li)
    paid(order, li, abroad)
    abroad.knobs.exchange_rate = Decimal("1.1203")

    sent_back(order, 1_234, by=qian)
    for _ in range(3):
        hear(abroad)

    came, fee = line_of(abroad, "charge")
    went, _ = line_of(abroad, "refund")
    assert went == -1_382
    assert (booked("payment.refunded"), booked("payment.converted")) == (1, 2)
    assert standing("fx_position", "CNY") == order.total.fen - 1_234
    assert standing("fx_position", "HKD") == -(came + went)
    assert (at_stripe("CNY"), at_stripe("HKD")) == (0, came + went - fee)
    assert {"hkd": at_stripe("HKD")} == abroad.balance()
    assert sums() == {0}
    assert findings() == {}


def test_a_refund_that_fails_later_is_converted_again_and_so_is_the_next_try(
    li: Viewer, qian: Viewer, gift_box: Pack, abroad: StripeServer
) -> None:
    order = online_order(2, gift_box, buyer=li)
    paid(order, li, abroad)
    refund = sent_back(order, 1_234, by=qian)
    sent = session().get_one(Refund, refund.id).reference
    assert sent is not None
    abroad.knobs.exchange_rate = Decimal("1.0611")

    abroad.fail_refund(sent)
    for _ in range(3):
        hear(abroad)

    assert [len(abroad.objects("refund")), booked("refund.came_back"), booked("payment.converted")] == [2, 1, 4]
    assert standing("fx_position", "CNY") == order.total.fen - 1_234
    assert (at_stripe("CNY"), {"hkd": at_stripe("HKD")}) == (0, abroad.balance())
    assert findings() == {}


def test_a_refund_whose_line_comes_late_is_converted_when_it_is_there(
    li: Viewer, qian: Viewer, gift_box: Pack, abroad: StripeServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    order = online_order(2, gift_box, buyer=li)
    paid(order, li, abroad)
    ask_stripe = Stripe.refunds_of

    def without_lines(account: Stripe, intent: str) -> list[SentBack]:
        return [replace(one, gone=None) for one in ask_stripe(account, intent)]

    with monkeypatch.context() as early:
        early.setattr(Stripe, "refunds_of", without_lines)
        sent_back(order, 1_234, by=qian)
        assert [one.reference is not None for one in refunds_of(order)] == [True]
        assert (booked("payment.converted"), at_stripe("CNY")) == (1, -1_234)

    hear(abroad)

    assert (booked("payment.converted"), at_stripe("CNY")) == (2, 0)
    assert {"hkd": at_stripe("HKD")} == abroad.balance()


def test_a_fee_waits_until_the_payment_lies_in_the_balance(
    li: Viewer, gift_box: Pack, abroad: StripeServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    order = online_order(1, gift_box, buyer=li)
    with monkeypatch.context() as early:
        early.setattr(Stripe, "balance_of", lambda account, intent: None)
        page = paid(order, li, abroad)
        assert (page_of(page).fee, booked("payment.converted")) == (None, 0)

    work()

    assert (page_of(page).fee, booked("payment.converted")) == (Money(0), 1)
    assert {"hkd": at_stripe("HKD")} == abroad.balance()


def test_the_money_received_on_the_boards_is_the_same_in_whatever_currency_the_account_settles(
    li: Viewer, qian: Viewer, gift_box: Pack, stripe: StripeServer
) -> None:
    order = online_order(1, gift_box, buyer=li)
    paid(order, li, stripe)
    sent_back(order, 300, by=qian)
    in_yuan = MONEY_RECEIVED.total(EVER)
    stripe.knobs.settlement_currency, stripe.knobs.exchange_rate = "hkd", Decimal("1.0857")

    order = online_order(1, gift_box, buyer=li)
    paid(order, li, stripe)
    sent_back(order, 300, by=qian)

    assert in_yuan == order.total.fen - 300
    assert MONEY_RECEIVED.total(EVER) == 2 * in_yuan
    assert findings() == {}


def test_a_figure_of_yuan_counts_no_other_money(li: Viewer, gift_box: Pack, abroad: StripeServer) -> None:
    order = online_order(1, gift_box, buyer=li)
    paid(order, li, abroad)

    assert at_stripe("HKD") > 0
    assert AT_STRIPE.total(EVER) == 0
    assert sorted(entry.amount for entry in AT_STRIPE.entries(EVER).items) == [-order.total.fen, order.total.fen]

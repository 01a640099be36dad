"""A buyer's receipt, and his invoice over what the books say: once, with a clock, reversed when money goes back."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from flask import Flask
from sqlalchemy import select

from app.kernel import clock, events
from app.kernel.db import Base, session, transaction
from app.kernel.errors import BadValue, NotFound
from app.kernel.money import Money
from app.kernel.permissions import Viewer
from app.kernel.states import IllegalMove
from app.people.messages.models import Message
from app.trade.catalog.models import Pack
from app.trade.invoices import queries, receipts, service, taxno
from app.trade.invoices.errors import (
    AlreadyAsked,
    AskedTooOften,
    BadDocument,
    BadIssueDay,
    BadTaxNumber,
    NothingLeft,
    NothingToReverse,
    NotPaid,
)
from app.trade.invoices.models import Invoice, Reversal
from app.trade.invoices.service import Asked, Document
from app.trade.invoices.states import InvoiceState, Reason, TitleKind
from app.trade.orders.models import Order
from app.trade.orders.states import PayBy
from app.trade.payments import refunds
from app.trade.payments.models import RefundReason
from tests.cast import an_order_of, answer, at, cancel, findings, later, pack, pay, receive, ship, sql
from tests.web.browsing import form_to, signed_in
from tests.web.test_hostile_values import CORPUS

FIRM = "91350100M000100Y43"
PERSON = Asked(TitleKind.PERSONAL, "李晓月")


@pytest.fixture
def order(li: Viewer, wang: Viewer, qian: Viewer, gift_box: Pack) -> Order:
    """Two boxes of 68.00 with freight, paid by transfer and received."""
    placed = an_order_of(2, gift_box, buyer=li)
    pay(placed, by=qian)
    pack(placed, by=wang)
    ship(placed, by=wang)
    receive(placed, by=li)
    return placed


def ask(order: Order, *, by: Viewer, asked: Asked = PERSON) -> Invoice:
    with transaction():
        return service.ask(order.number, asked, by=by)


def document(number: str = "24997000000012345678", day: date | None = None) -> Document:
    return Document(number, day or clock.today())


def issue(invoice: Invoice, *, by: Viewer) -> Invoice:
    with transaction():
        return service.issue(invoice.number, document(), by=by)


def refund(order: Order, fen: int, *, by: Viewer) -> None:
    with transaction():
        row = refunds.ask(order.number, amount=Money(fen), reason=RefundReason.QUALITY, note="", by=by)
    with transaction():
        refunds.send(row.id, reference=f"R{row.id}", by=by)


def fresh(invoice: Invoice) -> Invoice:
    session().rollback()
    session().expire_all()
    return session().get_one(Invoice, invoice.id)


def to_reverse(invoice: Invoice) -> int:
    return queries.listed(fresh(invoice)).to_reverse.fen


def told(who: Viewer) -> list[str]:
    with transaction():
        events.drain()
    mine = select(Message.words).where(Message.person_id == who.person_id).order_by(Message.id)
    return list(session().scalars(mine))


def test_the_seller_issues_over_what_was_paid(order: Order, li: Viewer, wang: Viewer) -> None:
    invoice = issue(ask(order, by=li), by=wang)

    assert fresh(invoice).amount == order.total
    assert findings() == {}


def test_what_has_gone_back_by_then_is_left_out(order: Order, li: Viewer, wang: Viewer, qian: Viewer) -> None:
    invoice = ask(order, by=li)
    refund(order, 1_000, by=qian)

    issue(invoice, by=wang)

    assert fresh(invoice).amount == order.total - Money(1_000)
    assert to_reverse(invoice) == 0
    assert findings() == {}


def test_a_refund_after_issue_must_be_reversed_and_the_seller_is_told(
    order: Order, li: Viewer, wang: Viewer, qian: Viewer
) -> None:
    invoice = issue(ask(order, by=li), by=wang)

    refund(order, 1_000, by=qian)

    assert to_reverse(invoice) == 1_000
    assert any("红冲 10.00 元" in words for words in told(wang))
    with transaction():
        service.reverse(invoice.number, document("24997000000099999999"), by=wang)
    assert to_reverse(invoice) == 0
    assert session().scalars(select(Reversal.amount)).all() == [Money(1_000)]
    with pytest.raises(NothingToReverse), transaction():
        service.reverse(invoice.number, document("24997000000099999998"), by=wang)
    assert findings() == {}


def test_an_invoice_whose_order_is_called_off_must_be_reversed_as_a_whole(
    li: Viewer, wang: Viewer, qian: Viewer, gift_box: Pack
) -> None:
    order = an_order_of(1, gift_box, buyer=li)
    pay(order, by=qian)
    invoice = issue(ask(order, by=li), by=wang)

    cancel(order, by=li)

    assert to_reverse(invoice) == order.total.fen
    assert any("红冲" in words for words in told(wang))
    assert findings() == {}


def test_a_request_ends_when_its_order_is_called_off(li: Viewer, wang: Viewer, qian: Viewer, gift_box: Pack) -> None:
    order = an_order_of(1, gift_box, buyer=li)
    pay(order, by=qian)
    invoice = ask(order, by=li)

    cancel(order, by=li)

    assert fresh(invoice).state is InvoiceState.WITHDRAWN
    assert fresh(invoice).title_sealed is None
    with pytest.raises(NotPaid):
        ask(order, by=li)


def test_an_order_that_nobody_paid_has_no_invoice(li: Viewer, gift_box: Pack) -> None:
    with pytest.raises(NotPaid):
        ask(an_order_of(1, gift_box, buyer=li), by=li)


def test_cash_at_the_door_counts_once_the_parcel_is_received(li: Viewer, wang: Viewer, gift_box: Pack) -> None:
    order = an_order_of(1, gift_box, buyer=li, pay_by=PayBy.CASH_ON_DELIVERY)
    with pytest.raises(NotPaid):
        ask(order, by=li)
    pack(order, by=wang)
    ship(order, by=wang)
    receive(order, by=li)

    invoice = issue(ask(order, by=li), by=wang)

    assert fresh(invoice).amount == order.total
    session().rollback()
    session().expire_all()
    assert [one.amount for one in receipts.entries(session().get_one(Order, order.id))] == [order.total]
    assert findings() == {}


def test_an_order_has_one_request_at_a_time(order: Order, li: Viewer, wang: Viewer) -> None:
    first = ask(order, by=li)

    with pytest.raises(AlreadyAsked):
        ask(order, by=li)
    issue(first, by=wang)
    with pytest.raises(AlreadyAsked):
        ask(order, by=li)

    assert answer("SELECT count(*) FROM invoices") == 1


def test_a_withdrawn_request_leaves_no_title_and_another_may_follow(order: Order, li: Viewer, wang: Viewer) -> None:
    first = ask(order, by=li)

    with transaction():
        service.withdraw(order.number, by=li)

    assert (fresh(first).title_sealed, fresh(first).state) == (None, InvoiceState.WITHDRAWN)
    with pytest.raises(IllegalMove):
        issue(first, by=wang)
    ask(order, by=li)


def test_an_issued_invoice_is_not_withdrawn(order: Order, li: Viewer, wang: Viewer) -> None:
    issue(ask(order, by=li), by=wang)

    with pytest.raises(IllegalMove), transaction():
        service.withdraw(order.number, by=li)


def test_nobody_asks_without_end(order: Order, li: Viewer) -> None:
    for _ in range(service.MOST_ASKED):
        ask(order, by=li)
        with transaction():
            service.withdraw(order.number, by=li)

    with pytest.raises(AskedTooOften):
        ask(order, by=li)


def test_the_seller_says_why_there_is_none_and_the_buyer_is_told(order: Order, li: Viewer, wang: Viewer) -> None:
    invoice = ask(order, by=li)

    with transaction():
        service.decline(invoice.number, because=Reason.SELF_GROWN, words="下周去办", by=wang)

    assert fresh(invoice).state is InvoiceState.DECLINED
    assert fresh(invoice).title_sealed is None
    assert any("要到税务局代开" in words for words in told(li))


def test_when_all_has_gone_back_nothing_is_left_to_invoice(
    order: Order, li: Viewer, wang: Viewer, qian: Viewer
) -> None:
    invoice = ask(order, by=li)
    refund(order, order.total.fen, by=qian)

    with pytest.raises(NothingLeft):
        issue(invoice, by=wang)


def test_the_clock_runs_by_itself(order: Order, li: Viewer) -> None:
    invoice = ask(order, by=li)
    before, after = later(days=6), later(days=8)

    with at(before):
        assert not fresh(invoice).is_overdue(clock.now())
    with at(after):
        assert fresh(invoice).is_overdue(clock.now())


@pytest.mark.parametrize("days", [-400, 1, 9999])
def test_an_invoice_is_dated_between_payment_and_today(order: Order, li: Viewer, wang: Viewer, days: int) -> None:
    invoice = ask(order, by=li)

    with pytest.raises(BadIssueDay), transaction():
        service.issue(invoice.number, document(day=clock.today() + timedelta(days=days)), by=wang)


@pytest.mark.parametrize("number", ["", "12345", "发票一二三四五六", "1" * 31, "1234567-8"])
def test_an_invoice_has_a_number(order: Order, li: Viewer, wang: Viewer, number: str) -> None:
    invoice = ask(order, by=li)

    with pytest.raises(BadDocument), transaction():
        service.issue(invoice.number, document(number), by=wang)


@pytest.mark.parametrize("typed", [FIRM, FIRM.lower(), "９１３５０１００M000100Y43", "9135 0100 M000 100Y 43"])
def test_a_tax_number_is_read_however_it_is_typed(typed: str) -> None:
    assert taxno.parse(typed) == FIRM


@pytest.mark.parametrize(
    "typed",
    [
        "",
        FIRM[:-1],
        FIRM + "1",
        FIRM[:-1] + "4",
        "91350100M000100Y34",
        "19350100M000100Y43",
        "91350100I000100Y43",
        "一二三",
        "0" * 17 + "1",
    ],
)
def test_a_mistyped_tax_number_is_refused(typed: str) -> None:
    with pytest.raises(BadTaxNumber):
        taxno.parse(typed)


def test_every_single_mistyped_sign_of_a_tax_number_is_noticed() -> None:
    signs = "0123456789ABCDEFGHJKLMNPQRTUWXY"
    for place in range(18):
        for sign in signs:
            if sign != FIRM[place]:
                with pytest.raises(BadValue):
                    taxno.parse(FIRM[:place] + sign + FIRM[place + 1 :])


def test_a_firm_needs_its_tax_number_and_a_person_keeps_none(order: Order, li: Viewer) -> None:
    with pytest.raises(BadTaxNumber):
        ask(order, by=li, asked=Asked(TitleKind.FIRM, "太原某商贸有限公司"))

    invoice = ask(order, by=li, asked=Asked(TitleKind.PERSONAL, "李晓月", "not a number"))

    assert invoice.tax_no_sealed is None


def test_title_and_tax_number_lie_nowhere_in_clear(order: Order, li: Viewer, wang: Viewer) -> None:
    issue(ask(order, by=li, asked=Asked(TitleKind.FIRM, "太原某商贸有限公司", FIRM)), by=wang)
    told(wang)

    session().rollback()
    for table in Base.metadata.sorted_tables:
        for row in session().execute(select(table)):
            cells = "\n".join(
                bytes(cell).decode("utf-8", "ignore") if isinstance(cell, bytes | memoryview) else str(cell)
                for cell in row
            )
            assert "太原某商贸" not in cells, table.name
            assert FIRM not in cells, table.name


def test_strangers_find_neither_order_nor_invoice(
    app: Flask, order: Order, li: Viewer, hu: Viewer, wang: Viewer, gao: Viewer, zhao: Viewer
) -> None:
    number = ask(order, by=li).number
    buyer, seller = signed_in(app, hu), signed_in(app, gao)

    for url in ("receipt-slip", "invoice"):
        assert buyer.get(f"/orders/{order.number}/{url}").status_code == 404
    assert seller.get(f"/grower/invoices/{number}").status_code == 404
    assert signed_in(app, zhao).get("/desk/invoices").status_code == 403
    for act in (
        lambda: service.withdraw(order.number, by=hu),
        lambda: service.issue(number, document(), by=gao),
        lambda: service.decline(number, because=Reason.OTHER, by=gao),
        lambda: service.reverse(number, document(), by=gao),
    ):
        with pytest.raises(NotFound), transaction():
            act()


def test_the_buyer_asks_and_the_seller_registers_it_from_the_pages(
    app: Flask, order: Order, li: Viewer, wang: Viewer
) -> None:
    buyer, seller = signed_in(app, li), signed_in(app, wang)
    assert "要发票" in buyer.get(f"/orders/{order.number}").text
    here = f"/orders/{order.number}/invoice"
    form = form_to(buyer, here, here)
    filled = {**form.fields, "kind": "firm", "title": "太原某商贸有限公司", "tax_no": FIRM}
    assert {buyer.post(here, data=filled).status_code for _ in range(5)} == {303}
    assert answer("SELECT count(*) FROM invoices") == 1

    assert "买家要发票" in seller.get(f"/grower/orders/{order.number}").text
    number = session().scalars(select(Invoice.number)).one()
    assert number in seller.get("/grower/invoices").text
    page = f"/grower/invoices/{number}"
    assert FIRM in seller.get(page).text
    issue_form = form_to(seller, page, f"{page}/issue")
    answer_to = seller.post(issue_form.action, data={**issue_form.fields, "document": "24997000000012345678"})
    assert answer_to.status_code == 303

    assert "24997000000012345678" in buyer.get(here).text


def test_officials_read_that_there_is_a_request_but_no_title(
    app: Flask, order: Order, li: Viewer, qian: Viewer, sun: Viewer, zhao: Viewer
) -> None:
    ask(order, by=li, asked=Asked(TitleKind.FIRM, "太原某商贸有限公司", FIRM))

    for who in (qian, sun):
        page = signed_in(app, who).get("/desk/invoices").text
        assert order.number in page
        assert "太原某商贸" not in page
        assert "等卖家开" in signed_in(app, who).get(f"/desk/orders/{order.number}").text
    assert "等卖家开" not in signed_in(app, zhao).get(f"/desk/orders/{order.number}").text


def test_a_receipt_shows_each_movement_of_money_and_that_it_is_no_invoice(
    app: Flask, order: Order, li: Viewer, qian: Viewer
) -> None:
    refund(order, 1_000, by=qian)

    page = signed_in(app, li).get(f"/orders/{order.number}/receipt-slip").text

    assert "不是税务发票" in page
    assert f'value="{order.total.fen}"' in page
    assert 'value="-1000"' in page
    assert f'value="{order.total.fen - 1_000}"' in page
    entries = answer("SELECT count(*) FROM ledger_events WHERE kind IN ('payment.confirmed', 'payment.refunded')")
    assert entries == page.count("账目第")


def test_there_is_no_receipt_before_money_came(app: Flask, li: Viewer, gift_box: Pack) -> None:
    order = an_order_of(1, gift_box, buyer=li)

    assert signed_in(app, li).get(f"/orders/{order.number}/receipt-slip").status_code == 404
    assert "要发票" not in signed_in(app, li).get(f"/orders/{order.number}").text


@pytest.mark.corrupts
@pytest.mark.parametrize(
    ("statement", "code"),
    [
        ("UPDATE invoices SET paid = paid + 100, amount = amount + 100", "B2"),
        ("UPDATE invoices SET gone_back = gone_back + 100, amount = amount - 100", "B2"),
        ("UPDATE invoice_reversals SET amount = 99999999", "B2"),
        ("UPDATE invoices SET title_sealed = tax_no_sealed", "B3"),
    ],
)
def test_an_invoice_that_somebody_changed_by_hand_is_found(
    order: Order, li: Viewer, wang: Viewer, qian: Viewer, statement: str, code: str
) -> None:
    invoice = issue(ask(order, by=li, asked=Asked(TitleKind.FIRM, "太原某商贸有限公司", FIRM)), by=wang)
    refund(order, 1_000, by=qian)
    with transaction():
        service.reverse(invoice.number, document("24997000000099999999"), by=wang)
    assert findings() == {}

    sql(statement)

    assert set(findings()) == {code}


@pytest.mark.timeout(300)
def test_no_hostile_value_in_any_field_of_the_request_makes_a_fault_and_refused_ones_no_row(
    app: Flask, order: Order, li: Viewer
) -> None:
    here = f"/orders/{order.number}/invoice"
    client = signed_in(app, li)
    form = form_to(client, here, here)
    good = {**form.fields, "kind": "firm", "title": "某公司", "tax_no": FIRM}
    rows = 0

    for place, name in enumerate(form.typed):
        for number, value in enumerate(CORPUS[place % 3 :: 3]):
            status = client.post(here, data={**good, "request_key": f"{name}{number}", name: value}).status_code
            assert status in (303, 409, 422), (name, value[:40], status)
            if status == 303:
                rows += 1
                with transaction():
                    service.withdraw(order.number, by=li)
            assert answer("SELECT count(*) FROM invoices") == rows, (name, value[:40])
    assert findings() == {}


@pytest.mark.timeout(300)
@pytest.mark.parametrize("act", ["issue", "refusal", "reversal"])
def test_no_hostile_value_of_the_seller_makes_a_fault(
    app: Flask, order: Order, li: Viewer, wang: Viewer, qian: Viewer, act: str
) -> None:
    invoice = ask(order, by=li)
    if act == "reversal":
        issue(invoice, by=wang)
        refund(order, 1_000, by=qian)
    page = f"/grower/invoices/{invoice.number}"
    client = signed_in(app, wang)
    form = form_to(client, page, f"{page}/{act}")
    good = {**form.fields, "document": "24997000000012345678"}

    for place, name in enumerate(form.typed):
        for value in CORPUS[place % 3 :: 3]:
            status = client.post(form.action, data={**good, name: value}).status_code
            # Once a value was good, the others come too late.
            assert status in (303, 409, 422), (name, value[:40], status)
    assert findings() == {}

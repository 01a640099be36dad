"""Returns as buyer, seller and official meet them in a browser."""

from __future__ import annotations

import pytest
from flask import Flask
from flask.testing import FlaskClient

from app.kernel.db import session
from app.kernel.permissions import Viewer
from app.trade.catalog.models import Pack
from app.trade.orders.models import Order
from app.trade.payments.models import Refund
from app.trade.returns.models import Return
from app.trade.returns.states import ReturnState, Why
from tests.cast import an_order_of, answer, available, findings, fresh
from tests.trade.returns.cast import agree, ask, come_back
from tests.web.browsing import PageForm, form_to, forms_of, signed_in
from tests.web.test_hostile_values import CORPUS


def the_return() -> Return:
    session().rollback()
    return session().query(Return).populate_existing().one()


def ask_form(buyer: FlaskClient, order: Order) -> PageForm:
    page = f"/orders/{order.number}/returns"
    return form_to(buyer, page, page)


def press(client: FlaskClient, page: str, action: str, **said: str) -> int:
    form = form_to(client, page, action)
    return client.post(action, data={**form.fields, **said}).status_code


def test_boxes_go_back_from_door_to_door_and_the_money_too(
    app: Flask, order: Order, box: Pack, li: Viewer, wang: Viewer, qian: Viewer
) -> None:
    buyer, seller, county = (signed_in(app, who) for who in (li, wang, qian))
    (line,) = fresh(order).lines
    assert f"/orders/{order.number}/returns" in buyer.get(f"/orders/{order.number}").text
    form = ask_form(buyer, order)
    said = {**form.fields, "kind": "no_reason", f"pieces_{line.id}": "２", "note": "买多了"}
    assert [buyer.post(form.action, data=said).status_code for _ in range(3)] == [303] * 3
    found = the_return()
    mine, his = f"/orders/{order.number}/returns/{found.number}", f"/grower/returns/{found.number}"
    for client, page in (
        (buyer, f"/orders/{order.number}"),
        (buyer, mine),
        (seller, f"/grower/orders/{order.number}"),
        (seller, "/grower/returns"),
        (county, f"/desk/orders/{order.number}"),
        (county, "/desk/returns"),
        (county, f"/desk/returns/{found.number}"),
    ):
        assert "等卖家答复" in client.get(page).text, page
    assert "买多了" in seller.get(his).text

    assert press(seller, his, f"{his}/agreement") == 303
    assert press(buyer, mine, f"{mine}/parcel", courier="中国邮政", tracking="YZ77") == 303
    assert "YZ77" in seller.get(his).text
    assert press(seller, his, f"{his}/arrival") == 303
    assert "不验货也退" in buyer.get(mine).text
    (one,) = [name for name in form_to(seller, his, f"{his}/inspection").fields if name.startswith("sound_")]
    assert press(seller, his, f"{his}/inspection", **{one: "3"}) == 422
    assert press(seller, his, f"{his}/inspection", **{one: "2"}) == 303

    assert (the_return().state, available(box)) == (ReturnState.DONE, 4)
    refund = session().query(Refund).one()
    sheet = f"/desk/payments/refunds/{refund.id}"
    assert press(county, sheet, sheet, reference="R-5") == 303
    for client, page in ((buyer, f"/orders/{order.number}"), (county, f"/desk/orders/{order.number}")):
        text = client.get(page).text
        assert "买家退了货" in text
        assert "¥136.00" in text
        assert "已退" in text
    assert "2 件放回货架" in buyer.get(mine).text
    assert findings() == {}


def test_what_buyer_and_seller_cannot_settle_the_township_decides_at_its_desk(
    app: Flask, order: Order, li: Viewer, wang: Viewer, zhao: Viewer, sun: Viewer
) -> None:
    buyer, seller, clerk, auditor = (signed_in(app, who) for who in (li, wang, zhao, sun))
    form = ask_form(buyer, order)
    assert buyer.post(form.action, data={**form.fields, "kind": "short_weight", "amount": "12.5"}).status_code == 303
    code = the_return().number
    his, desk = f"/grower/returns/{code}", f"/desk/returns/{code}"
    assert press(seller, his, f"{his}/refusal", because="") == 422
    assert press(seller, his, f"{his}/refusal", because="称过的") == 303

    assert code in clerk.get("/desk/returns").text
    assert f"{desk}/decision" not in auditor.get(desk).text
    assert press(clerk, desk, f"{desk}/decision", decision="agree", amount="13", because="看了秤") == 422
    assert press(clerk, desk, f"{desk}/decision", decision="agree", amount="8", because="看了秤") == 303

    assert the_return().refunded.fen == 800
    for client, page in ((buyer, f"/orders/{order.number}/returns/{code}"), (seller, his)):
        assert "看了秤" in client.get(page).text
    assert findings() == {}


def test_a_form_that_asks_for_nothing_says_so(app: Flask, order: Order, li: Viewer) -> None:
    buyer = signed_in(app, li)
    form = ask_form(buyer, order)
    (line,) = fresh(order).lines

    for said in (
        {},
        {"kind": "no_reason"},
        {"kind": "no_reason", f"pieces_{line.id}": "5"},
        {"kind": "quality_goods", f"pieces_{line.id}": "0"},
        {"kind": "quality_money"},
        {"kind": "short_weight", "amount": "99999"},
        {"kind": "everything", f"pieces_{line.id}": "1"},
    ):
        assert buyer.post(form.action, data={**form.fields, **said}).status_code == 422, said
    assert answer("SELECT count(*) FROM returns") == 0


def test_before_it_has_arrived_the_page_says_when_to_come_again(app: Flask, li: Viewer, box: Pack) -> None:
    placed = an_order_of(1, box, buyer=li)

    assert "现在不能申请" in signed_in(app, li).get(f"/orders/{placed.number}/returns").text


def test_another_finds_nothing(app: Flask, order: Order, li: Viewer, hu: Viewer, gao: Viewer) -> None:
    found = ask(order, 1, by=li)

    for who, page in (
        (hu, f"/orders/{order.number}/returns"),
        (hu, f"/orders/{order.number}/returns/{found.number}"),
        (gao, f"/grower/returns/{found.number}"),
        (li, f"/orders/{order.number}/returns/T-nothing"),
    ):
        assert signed_in(app, who).get(page).status_code == 404, page


@pytest.mark.timeout(300)
def test_no_value_in_any_field_makes_a_fault(
    app: Flask, order: Order, fresh_order: Order, li: Viewer, wang: Viewer, zhao: Viewer
) -> None:
    disputed = ask(fresh_order, by=li, why=Why.QUALITY, amount=100)
    agreed = agree(ask(order, 1, by=li), by=wang)
    arrived = come_back(ask(order, 1, by=li), buyer=li, seller=wang)
    buyer, seller, clerk = (signed_in(app, who) for who in (li, wang, zhao))
    step = 7 if app.extensions["liulin.database"].is_sqlite else 23
    faults, fields = [], 0

    def send_all(client: FlaskClient, page: str) -> None:
        nonlocal fields
        for form in forms_of(client, page):
            for name in form.typed:
                for value in CORPUS[fields % step :: step]:
                    status = client.post(form.action, data={**form.fields, name: value}).status_code
                    if status >= 500:
                        faults.append((status, form.action, name, value[:40]))
                fields += 1

    send_all(buyer, f"/orders/{order.number}/returns")
    send_all(buyer, f"/orders/{order.number}/returns/{agreed.number}")
    send_all(seller, f"/grower/returns/{disputed.number}")
    send_all(clerk, f"/desk/returns/{disputed.number}")
    send_all(seller, f"/grower/returns/{arrived.number}")

    assert fields > 8
    assert faults == []

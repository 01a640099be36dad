"""The doors of paying online: Stripe's notices, the buyer's page, the official's list of what does not fit."""

from __future__ import annotations

import json
import time
from collections.abc import Callable

import pytest
from flask import Flask
from flask.testing import FlaskClient

from app.kernel.permissions import Viewer
from app.trade.catalog.models import Pack
from app.trade.orders.models import Order
from app.trade.orders.states import OrderState, PayBy
from tests.cast import answer, at, basket_of, fill, fresh, later
from tests.fakes.stripe_server import StripeServer
from tests.fakes.stripe_webhooks import StripeEvent
from tests.trade.payments.cast import SECRET, go_to_stripe, hear, online_order, problems, session_of, work
from tests.web.browsing import form_to, forms_of, signed_in

DOOR = "/webhooks/stripe"
JSON = "application/json"


@pytest.fixture
def paid(li: Viewer, gift_box: Pack, stripe: StripeServer) -> tuple[Order, StripeEvent]:
    """An order that was paid at Stripe, and the notice that says so, which has not come yet."""
    order = online_order(1, gift_box, buyer=li)
    stripe.pay(session_of(go_to_stripe(li, order.checkout)))
    return order, next(event for event in stripe.events if event.type == "checkout.session.completed")


@pytest.fixture
def open_app(app: Flask) -> Flask:
    """The product with online payment on offer."""
    app.extensions["liulin.ways"] = (PayBy.ONLINE, PayBy.BANK_TRANSFER, PayBy.CASH_ON_DELIVERY)
    return app


def knock(client: FlaskClient, body: bytes, signature: str | None, kind: str = JSON) -> int:
    headers = {} if signature is None else {"Stripe-Signature": signature}
    return client.post(DOOR, data=body, content_type=kind, headers=headers).status_code


def test_a_signed_notice_is_kept_and_carried_out_by_the_worker(
    client: FlaskClient, paid: tuple[Order, StripeEvent]
) -> None:
    order, event = paid

    assert knock(client, event.payload, event.header(SECRET)) == 200
    assert fresh(order).paid_at is None
    work()

    assert fresh(order).state is OrderState.PAID


def test_a_notice_signed_with_either_of_two_secrets_is_heard_while_they_are_changed(
    client: FlaskClient, paid: tuple[Order, StripeEvent]
) -> None:
    _order, event = paid
    both = f"{event.header('whsec_of_yesterday')},{event.header(SECRET).split(',')[1]}"

    assert knock(client, event.payload, both) == 200


Knock = tuple[bytes, str | None, str]


def _signed(body: bytes) -> Knock:
    """Something else under our own secret."""
    return body, StripeEvent(body).header(SECRET), JSON


FORGERIES: dict[str, Callable[[StripeEvent], Knock]] = {
    "no signature": lambda event: (event.payload, None, JSON),
    "another secret": lambda event: (event.payload, event.header("whsec_of_somebody"), JSON),
    "only an old scheme": lambda event: (event.payload, event.header(SECRET).replace("v1=", "v0="), JSON),
    "too old": lambda event: (event.payload, event.header(SECRET, at=int(time.time()) - 301), JSON),
    "written anew": lambda event: (json.dumps(json.loads(event.payload)).encode(), event.header(SECRET), JSON),
    "a space more": lambda event: (event.payload + b" ", event.header(SECRET), JSON),
    "another amount": lambda event: (event.altered(amount_total=1).payload, event.header(SECRET), JSON),
    "another type": lambda event: (event.payload, event.header(SECRET), "text/plain"),
    "not even text": lambda event: (b"\xff{", event.header(SECRET), JSON),
    "too big": lambda event: _signed(event.payload + b" " * 300_000),
    "no notice": lambda event: _signed(b"[]"),
    "from the live world": lambda event: _signed(event.payload.replace(b'"livemode": false', b'"livemode": true')),
}


@pytest.mark.parametrize("forgery", FORGERIES)
def test_a_forged_notice_is_refused_and_leaves_nothing_but_a_note(
    client: FlaskClient, paid: tuple[Order, StripeEvent], forgery: str
) -> None:
    order, event = paid
    before = answer("SELECT count(*) FROM audit_rows")

    assert knock(client, *FORGERIES[forgery](event)) == 400
    work()

    assert answer("SELECT count(*) FROM stripe_notices") == 0
    assert answer("SELECT count(*) FROM audit_rows WHERE act = 'webhooks.refused'") == 1
    assert answer("SELECT count(*) FROM audit_rows") == before + 1
    assert fresh(order).paid_at is None


def test_many_forgeries_are_turned_away_before_they_fill_the_audit(
    client: FlaskClient, paid: tuple[Order, StripeEvent]
) -> None:
    _order, event = paid

    answers = [knock(client, event.payload, None) for _ in range(61)]
    assert (answers[59], answers[60]) == (400, 429)
    assert answer("SELECT count(*) FROM audit_rows WHERE act = 'webhooks.refused'") == 60


def test_the_buyer_goes_from_his_basket_to_stripe_and_back(
    open_app: Flask, li: Viewer, gift_box: Pack, stripe: StripeServer
) -> None:
    browser = signed_in(open_app, li)
    add = next(form for form in forms_of(browser, f"/packs/{gift_box.slug}") if form.action.startswith("/cart/"))
    browser.post(add.action, data=add.fields)
    form = form_to(browser, "/checkout", "/checkout")
    said = {"pay_by": "online", "address": "太原市迎泽区桃园路四十七号", "consignee": "李晓月", "phone": "13812345678"}
    placed = browser.post("/checkout", data={**form.fields, **said})
    assert placed.status_code == 303
    where = placed.headers["Location"]
    assert where.startswith("/pay/G")

    form = form_to(browser, where, where)
    assert browser.post(where, data=form.fields).status_code == 422
    gone = browser.post(where, data={**form.fields, "consent": "y"})
    assert gone.status_code == 303
    assert gone.headers["Location"].startswith(f"{stripe.url}/pay/")
    stripe.pay(gone.headers["Location"].rsplit("/", 1)[1])

    assert "正在确认付款" in browser.get(f"{where}?from=stripe").text
    hear(stripe)
    assert "货款已经收到" in browser.get(f"{where}?from=stripe").text


def test_an_address_that_claims_payment_changes_nothing(
    open_app: Flask, li: Viewer, hu: Viewer, gift_box: Pack, stripe: StripeServer
) -> None:
    order = online_order(1, gift_box, buyer=li)
    page = f"/pay/{order.checkout}"

    shown = signed_in(open_app, li).get(f"{page}?paid=1&from=stripe&session_id=cs_test_x").text

    assert "货款已经收到" not in shown
    assert fresh(order).paid_at is None
    assert signed_in(open_app, hu).get(page).status_code == 404
    assert open_app.test_client().get(page).status_code in (302, 303, 401)


def test_when_stripe_does_not_answer_the_buyer_reads_it_and_nothing_is_lost(
    open_app: Flask, li: Viewer, gift_box: Pack, stripe: StripeServer
) -> None:
    order = online_order(1, gift_box, buyer=li)
    browser, page = signed_in(open_app, li), f"/pay/{order.checkout}"
    form = form_to(browser, page, page)
    stripe.knobs.break_before(times=2)

    refused = browser.post(page, data={**form.fields, "consent": "y"})

    assert refused.status_code == 503
    assert "支付公司暂时没有回应" in refused.text
    assert browser.post(page, data={**form.fields, "consent": "y"}).status_code == 303


def test_a_checkout_whose_time_is_over_says_so(
    open_app: Flask, li: Viewer, gift_box: Pack, stripe: StripeServer
) -> None:
    order = online_order(1, gift_box, buyer=li)
    page = f"/pay/{order.checkout}"
    browser = signed_in(open_app, li)
    form = form_to(browser, page, page)

    with at(later(minutes=16)):
        assert "不用付了" in browser.get(page).text
        assert browser.post(page, data={**form.fields, "consent": "y"}).status_code == 409


def test_without_an_account_nobody_is_offered_to_pay_online(app: Flask, li: Viewer, gift_box: Pack) -> None:
    fill(li, {gift_box.slug: 1})
    browser = signed_in(app, li)
    add = next(form for form in forms_of(browser, f"/packs/{gift_box.slug}") if form.action.startswith("/cart/"))
    browser.post(add.action, data=add.fields)

    assert "在线支付" not in browser.get("/checkout").text
    assert knock(browser, b"{}", "t=1,v1=0") == 409
    assert basket_of(li)


def test_an_official_sees_what_does_not_fit_and_says_how_it_ended(
    open_app: Flask, li: Viewer, qian: Viewer, sun: Viewer, gift_box: Pack, stripe: StripeServer
) -> None:
    order = online_order(1, gift_box, buyer=li)
    page = go_to_stripe(li, order.checkout)
    stripe.tamper(session_of(page), amount_total=1)
    stripe.pay(session_of(page))
    hear(stripe)
    (problem,) = problems()
    desk, url = signed_in(open_app, qian), f"/desk/payments/problems/{problem.id}"
    assert url in desk.get("/desk/payments").text
    assert order.number in desk.get(url).text

    form = form_to(desk, url, url)
    assert desk.post(url, data={**form.fields, "because": "退"}).status_code == 422
    assert signed_in(open_app, sun).post(url, data={**form.fields, "because": "已经退了"}).status_code in (400, 403)
    said = {**form.fields, "because": "在支付公司后台退了一分钱"}
    assert desk.post(url, data=said).status_code == 303
    assert desk.post(url, data=said).status_code == 409

    assert url not in desk.get("/desk/payments").text
    assert "在支付公司后台退了一分钱" in desk.get(url).text

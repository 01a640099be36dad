"""The hosted page of the fake Stripe, as a buyer's browser meets it, and the command that serves it alone."""

from __future__ import annotations

import signal
import subprocess
import sys
from http.client import HTTPConnection, HTTPResponse
from pathlib import Path
from urllib.parse import urlsplit

import stripe

from tests.fakes.shop import KEY, a_session, read
from tests.fakes.stripe_server import StripeServer


def ask(url: str, *, act: str | None = None) -> tuple[HTTPResponse, str]:
    where = urlsplit(url)
    connection = HTTPConnection(where.hostname or "", where.port, timeout=5)
    if act is None:
        connection.request("GET", where.path)
    else:
        form = {"Content-Type": "application/x-www-form-urlencoded"}
        connection.request("POST", where.path, body=f"act={act}", headers=form)
    answer = connection.getresponse()
    return answer, answer.read().decode()


def test_the_page_says_that_no_money_moves_and_offers_each_method(client: stripe.StripeClient) -> None:
    answer, page = ask(a_session(client).url)

    assert answer.status == 200
    for words in ("沙盒 · 不会真的扣钱", "¥128.00", "支付宝付款", "微信付款", "银行卡付款", "不付了"):
        assert words in page
    assert "<script" not in page


def test_the_page_offers_only_the_methods_of_the_session(client: stripe.StripeClient) -> None:
    _, page = ask(a_session(client, allowed_payment_method_types=["alipay"]).url)

    assert "支付宝付款" in page
    assert "银行卡付款" not in page


def test_what_the_shop_sent_is_escaped(client: stripe.StripeClient) -> None:
    _, page = ask(a_session(client, client_reference_id="<script>alert(1)</script>").url)

    assert "<script" not in page


def test_paying_sends_the_buyer_back_with_the_session(server: StripeServer, client: stripe.StripeClient) -> None:
    session = a_session(client)

    answer, _ = ask(session.url, act="wechat_pay")

    assert (answer.status, answer.headers["Location"]) == (303, f"https://shop.example/paid?s={session.id}")
    assert read(client, session.id).payment_status == "paid"
    assert server.objects("charge")[0]["payment_method_details"]["type"] == "wechat_pay"


def test_leaving_sends_the_buyer_back_unpaid(client: stripe.StripeClient) -> None:
    session = a_session(client)

    answer, _ = ask(session.url, act="cancel")

    assert (answer.status, answer.headers["Location"]) == (303, "https://shop.example/cart")
    assert read(client, session.id).status == "open"


def test_a_session_that_is_over_cannot_be_paid(server: StripeServer, client: stripe.StripeClient) -> None:
    session = a_session(client)
    server.let_expire(session.id)

    _, page = ask(session.url)
    answer, _ = ask(session.url, act="alipay")

    assert "付款时间已过" in page
    assert answer.status == 409
    assert server.objects("charge") == []


def test_an_unknown_session_has_no_page(server: StripeServer) -> None:
    answer, page = ask(f"{server.url}/pay/cs_test_nobody")

    assert answer.status == 404
    assert "没有这笔付款" in page


def test_the_command_serves_until_it_is_told_to_stop() -> None:
    command = [sys.executable, "-m", "tests.fakes.stripe_server", "--key", KEY]
    with subprocess.Popen(
        command, cwd=Path(__file__).parents[2], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        url = process.stdout.readline().strip()
        client = stripe.StripeClient(KEY, base_addresses={"api": url}, max_network_retries=0)
        session = a_session(client)
        answer, _ = ask(session.url, act="alipay")
        process.send_signal(signal.SIGTERM)
        said = process.stdout.read() + process.stderr.read()

    assert answer.status == 303
    assert (process.returncode, said) == (0, "")

"""Each fault of the fake Stripe does what its name says, to the requests it is meant for and to no other."""

from __future__ import annotations

import socket
import time
from concurrent.futures import ThreadPoolExecutor
from urllib.parse import urlsplit

import pytest
import stripe

from tests.fakes.shop import KEY, a_session, refund
from tests.fakes.stripe_server import StripeServer

REFUNDS = "POST /v1/refunds"


@pytest.fixture
def intent(server: StripeServer, client: stripe.StripeClient) -> str:
    return server.pay(a_session(client).id)


def refunded(server: StripeServer) -> int:
    return server.book()["LL-1"].refunded


def test_a_dropped_answer_leaves_its_effect_and_the_retry_finds_it(
    server: StripeServer, client: stripe.StripeClient, intent: str
) -> None:
    server.knobs.drop_answer(REFUNDS)

    with pytest.raises(stripe.APIConnectionError):
        refund(client, intent, 100, key="k1")
    again = refund(client, intent, 100, key="k1")

    assert again.last_response.headers["Idempotent-Replayed"] == "true"
    assert refunded(server) == 100


def test_too_many_requests_do_nothing_and_leave_the_key_free(
    server: StripeServer, client: stripe.StripeClient, intent: str
) -> None:
    server.knobs.too_many(REFUNDS, retry_after=7)

    with pytest.raises(stripe.RateLimitError) as refused:
        refund(client, intent, 100, key="k1")

    assert refused.value.headers is not None
    assert refused.value.headers["Retry-After"] == "7"
    assert refunded(server) == 0
    assert refund(client, intent, 100, key="k1").status == "succeeded"


def test_a_500_before_the_effect_leaves_the_key_free(
    server: StripeServer, client: stripe.StripeClient, intent: str
) -> None:
    server.knobs.break_before(REFUNDS)

    with pytest.raises(stripe.APIError) as broken:
        refund(client, intent, 100, key="k1")

    assert (broken.value.http_status, refunded(server)) == (500, 0)
    assert refund(client, intent, 100, key="k1").status == "succeeded"


def test_a_500_after_the_effect_is_replayed(server: StripeServer, client: stripe.StripeClient, intent: str) -> None:
    server.knobs.break_after(REFUNDS)

    for _ in range(2):
        with pytest.raises(stripe.APIError) as broken:
            refund(client, intent, 100, key="k1")

    assert broken.value.headers is not None
    assert (broken.value.http_status, broken.value.headers["Idempotent-Replayed"]) == (500, "true")
    assert refunded(server) == 100


def test_a_key_in_use_conflicts_while_others_are_served(
    server: StripeServer, client: stripe.StripeClient, intent: str
) -> None:
    server.knobs.delay_before(REFUNDS, seconds=0.4)
    with ThreadPoolExecutor(1) as pool:
        first = pool.submit(refund, client, intent, 100, key="k1")
        time.sleep(0.1)

        with pytest.raises(stripe.APIError) as conflict:
            refund(client, intent, 100, key="k1")
        refund(client, intent, 200, key="k2")
        was_waiting = not first.done()

    assert conflict.value.http_status == 409
    assert was_waiting
    assert refunded(server) == 300


def test_an_answer_delayed_after_the_effect_is_there_already(
    server: StripeServer, client: stripe.StripeClient, intent: str
) -> None:
    server.knobs.delay_after(REFUNDS, seconds=0.3)
    with ThreadPoolExecutor(1) as pool:
        answer = pool.submit(refund, client, intent, 100)
        time.sleep(0.15)

        assert refunded(server) == 100
        assert not answer.done()


def test_a_dripping_answer_comes_byte_by_byte(server: StripeServer, intent: str) -> None:
    server.knobs.drip("GET /v1/payment_intents/*", bytes_per_second=50)
    where = urlsplit(server.url)
    asked = f"GET /v1/payment_intents/{intent} HTTP/1.0\r\nAuthorization: Bearer {KEY}\r\n\r\n"

    with socket.create_connection((where.hostname, where.port), timeout=1) as wire:
        wire.sendall(asked.encode())
        pieces = [wire.recv(4096) for _ in range(5)]

    assert pieces == [b"H", b"T", b"T", b"P", b"/"]


def test_faults_are_used_up_in_order_by_the_requests_they_match(
    server: StripeServer, client: stripe.StripeClient, intent: str
) -> None:
    server.knobs.too_many(REFUNDS)
    server.knobs.break_before(REFUNDS)

    a_session(client)
    with pytest.raises(stripe.RateLimitError):
        refund(client, intent, 1)
    with pytest.raises(stripe.APIError):
        refund(client, intent, 1)
    refund(client, intent, 1)

    assert refunded(server) == 1


def test_a_fault_without_end_lasts_until_it_is_cleared(
    server: StripeServer, client: stripe.StripeClient, intent: str
) -> None:
    server.knobs.break_before("*", times=None)
    for _ in range(3):
        with pytest.raises(stripe.APIError):
            client.v1.payment_intents.retrieve(intent)

    server.knobs.clear_faults()

    assert client.v1.payment_intents.retrieve(intent).status == "succeeded"


def test_closing_the_server_does_not_wait_for_a_delay(client: stripe.StripeClient, server: StripeServer) -> None:
    server.knobs.delay_before("*", seconds=60)
    with ThreadPoolExecutor(1) as pool:
        pool.submit(a_session, client)
        time.sleep(0.1)
        began = time.monotonic()

        server.close()

        assert time.monotonic() - began < 2

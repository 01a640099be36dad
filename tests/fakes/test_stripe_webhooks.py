"""The fake Stripe posts its events as the webhook knobs say."""

from __future__ import annotations

from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread

import pytest
import stripe

from tests.fakes.shop import SECRET, a_session, kinds
from tests.fakes.stripe_knobs import Sending
from tests.fakes.stripe_server import StripeServer


class Receiver(ThreadingHTTPServer):
    """Verifies and keeps what is posted; answers the statuses it was given, then 200."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Door)
        self.got: list[stripe.Event] = []
        self.statuses: list[int] = []

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}/webhooks/stripe"

    @property
    def kinds(self) -> list[str]:
        return [event.type for event in self.got]


class _Door(BaseHTTPRequestHandler):
    server: Receiver

    def do_POST(self) -> None:
        payload = self.rfile.read(int(self.headers["Content-Length"]))
        event = stripe.Webhook.construct_event(payload, self.headers["Stripe-Signature"], SECRET)
        self.server.got.append(event)
        self.send_response(self.server.statuses.pop(0) if self.server.statuses else 200)
        self.end_headers()

    def log_message(self, format: str, *args: object) -> None:
        """Say nothing."""


@pytest.fixture
def receiver(server: StripeServer) -> Iterator[Receiver]:
    receiver = Receiver()
    thread = Thread(target=receiver.serve_forever, args=(0.05,), daemon=True)
    thread.start()
    server.send_webhooks_to(receiver.url, SECRET)
    yield receiver
    receiver.shutdown()
    receiver.server_close()


def test_events_are_posted_signed_and_in_order(
    server: StripeServer, client: stripe.StripeClient, receiver: Receiver
) -> None:
    server.pay(a_session(client).id)
    server.wait_for_webhooks()

    assert receiver.kinds == kinds(server)


def test_an_event_is_posted_again_until_it_is_taken(
    server: StripeServer, client: stripe.StripeClient, receiver: Receiver
) -> None:
    server.knobs.webhook_retry_seconds = 0.01
    receiver.statuses = [500, 302]

    server.let_expire(a_session(client).id)
    server.wait_for_webhooks()

    assert [d.status for d in server.deliveries] == [500, 302, 200]
    assert len({event.id for event in receiver.got}) == 1


def test_an_event_that_nobody_takes_is_given_up(server: StripeServer, client: stripe.StripeClient) -> None:
    server.knobs.webhook_attempts, server.knobs.webhook_retry_seconds = 2, 0.01
    server.send_webhooks_to("http://127.0.0.1:1/webhooks/stripe", SECRET)

    server.let_expire(a_session(client).id)
    server.wait_for_webhooks()

    assert [d.status for d in server.deliveries] == [None, None]


def test_each_event_is_posted_as_often_as_told(
    server: StripeServer, client: stripe.StripeClient, receiver: Receiver
) -> None:
    server.knobs.webhook_copies = 3

    server.let_expire(a_session(client).id)
    server.wait_for_webhooks()

    assert receiver.kinds == ["checkout.session.expired"] * 3


def test_held_events_come_when_delivered_shuffled_by_the_seed(
    server: StripeServer, client: stripe.StripeClient, receiver: Receiver
) -> None:
    server.knobs.webhooks = Sending.HELD
    server.pay(a_session(client).id)
    server.wait_for_webhooks()
    before = list(receiver.got)

    server.deliver(seed=1)

    assert before == []
    assert receiver.kinds != kinds(server)
    assert sorted(receiver.kinds) == sorted(kinds(server))


def test_events_never_sent_are_still_in_the_list(
    server: StripeServer, client: stripe.StripeClient, receiver: Receiver
) -> None:
    server.knobs.webhooks = Sending.NEVER
    server.let_expire(a_session(client).id)

    server.deliver()

    assert receiver.got == []
    assert [event.type for event in client.v1.events.list().data] == ["checkout.session.expired"]

"""A shop at the fake Stripe, for tests of the fake: it speaks through the real SDK only."""

from __future__ import annotations

from typing import Any

import stripe

from tests.fakes.stripe_server import StripeServer

KEY = "sk_test_of_the_fake"
SECRET = "whsec_of_the_fake"


def client_of(server: StripeServer, key: str = KEY) -> stripe.StripeClient:
    return stripe.StripeClient(key, base_addresses={"api": server.url}, max_network_retries=0)


def a_session(client: stripe.StripeClient, *, fen: int = 12_800, **more: Any) -> Any:
    """An open session as the SDK gives it; `Any`, for half the SDK's fields are `Optional[Union[str, …]]`."""
    price = {"currency": "cny", "unit_amount": fen, "product_data": {"name": "红枣"}}
    params: Any = {
        "mode": "payment",
        "success_url": "https://shop.example/paid?s={CHECKOUT_SESSION_ID}",
        "cancel_url": "https://shop.example/cart",
        "client_reference_id": "LL-1",
        "line_items": [{"price_data": price, "quantity": 1}],
    }
    return client.v1.checkout.sessions.create(params | more)


def read(client: stripe.StripeClient, session_id: str, *expand: str) -> Any:
    return client.v1.checkout.sessions.retrieve(session_id, {"expand": list(expand)})


def refund(client: stripe.StripeClient, intent: str, fen: int, *, key: str | None = None) -> Any:
    return client.v1.refunds.create({"payment_intent": intent, "amount": fen}, {"idempotency_key": key})


def kinds(server: StripeServer) -> list[str]:
    return [event.type for event in server.events]

"""The fake Stripe and a client of it, for the tests of the fake itself."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
import stripe

from tests.fakes.shop import KEY, client_of
from tests.fakes.stripe_server import StripeServer


@pytest.fixture
def server() -> Iterator[StripeServer]:
    with StripeServer(key=KEY) as server:
        yield server


@pytest.fixture
def client(server: StripeServer) -> stripe.StripeClient:
    return client_of(server)

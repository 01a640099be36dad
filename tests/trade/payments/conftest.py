"""An account at a Stripe that keeps its own book."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from app.gateways.stripe import Stripe
from app.kernel.db import Database
from app.trade.payments import gateway
from tests.fakes.stripe_server import StripeServer
from tests.trade.payments.cast import KEY, SECRET


@pytest.fixture
def stripe(db: Database) -> Iterator[StripeServer]:
    """The county's account; nothing is told unless the test tells it."""
    with StripeServer(key=KEY) as server:
        gateway.use(Stripe(KEY, base=server.url, webhook_secrets=(SECRET,)), on=db)
        yield server
        gateway.use(None, on=db)

"""The fake Stripe keeps its promises to the real SDK: objects, refusals, keys and events."""

from __future__ import annotations

import time
from concurrent.futures import ThreadPoolExecutor
from decimal import Decimal
from typing import Any

import pytest
import stripe

from tests.fakes.shop import KEY, a_session, client_of, kinds, read, refund
from tests.fakes.stripe_errors import NotPossible
from tests.fakes.stripe_server import StripeServer


def test_only_the_secret_key_is_let_in(server: StripeServer) -> None:
    with pytest.raises(stripe.AuthenticationError):
        a_session(client_of(server, "sk_test_stolen"))

    assert server.objects("checkout.session") == []


def test_another_api_version_is_refused(server: StripeServer) -> None:
    old = stripe.StripeClient(KEY, base_addresses={"api": server.url}, stripe_version="2024-06-20")

    with pytest.raises(stripe.InvalidRequestError, match="API version"):
        a_session(old)


def test_a_new_session_is_open_for_a_day_on_a_hosted_page(server: StripeServer, client: stripe.StripeClient) -> None:
    session = a_session(client, metadata={"order": "LL-1"})

    assert (session.status, session.payment_status, session.payment_intent) == ("open", "unpaid", None)
    assert (session.amount_total, session.currency, session.livemode) == (12_800, "cny", False)
    assert (session.client_reference_id, session.metadata["order"]) == ("LL-1", "LL-1")
    assert session.ui_mode == "hosted_page"
    assert session.url == f"{server.url}/pay/{session.id}"
    assert session.expires_at - session.created == 24 * 3600


def test_a_paid_session_holds_its_intent_charge_and_fee(server: StripeServer, client: stripe.StripeClient) -> None:
    session = a_session(client, payment_intent_data={"metadata": {"order": "LL-1"}})

    intent_id = server.pay(session.id, method="alipay")

    paid = read(client, session.id, "payment_intent.latest_charge.balance_transaction")
    assert (paid.status, paid.payment_status, paid.url) == ("complete", "paid", None)
    intent = paid.payment_intent
    assert (intent.id, intent.status, intent.amount_received) == (intent_id, "succeeded", 12_800)
    assert intent.metadata["order"] == "LL-1"
    charge = intent.latest_charge
    assert (charge.amount_captured, charge.payment_method_details.type) == (12_800, "alipay")
    assert (charge.balance_transaction.fee, charge.balance_transaction.net) == (435, 12_365)


def test_each_object_can_be_read_by_its_id(server: StripeServer, client: stripe.StripeClient) -> None:
    intent_id = server.pay(a_session(client).id)
    refund_id = server.refund_from_dashboard(intent_id, 100)

    intent: Any = client.v1.payment_intents.retrieve(intent_id, {"expand": ["latest_charge"]})
    charge: Any = client.v1.charges.retrieve(intent.latest_charge.id)
    line = client.v1.balance_transactions.retrieve(charge.balance_transaction)

    assert charge.payment_intent == intent_id
    assert (line.source, line.amount, line.type) == (charge.id, 12_800, "charge")
    assert client.v1.refunds.retrieve(refund_id).amount == 100
    assert client.v1.events.retrieve(server.events[0].id).type == server.events[0].type


def test_a_session_is_found_by_its_intent(server: StripeServer, client: stripe.StripeClient) -> None:
    first, _ = a_session(client), a_session(client)
    intent_id = server.pay(first.id)

    found = client.v1.checkout.sessions.list({"payment_intent": intent_id})

    assert [session.id for session in found.data] == [first.id]


def test_an_id_that_is_not_in_the_book_answers_404(client: stripe.StripeClient) -> None:
    with pytest.raises(stripe.InvalidRequestError) as refused:
        client.v1.payment_intents.retrieve("pi_of_nobody")

    assert (refused.value.http_status, refused.value.code) == (404, "resource_missing")


@pytest.mark.parametrize(
    ("more", "code", "param"),
    [
        ({"custmer_email": "li@example.com"}, "parameter_unknown", "custmer_email"),
        ({"payment_method_types": ["card"]}, "parameter_unknown", "payment_method_types"),
        (
            {"line_items": [{"price_data": {}, "quantity": "two"}]},
            "parameter_invalid_integer",
            "line_items[0][quantity]",
        ),
        ({"line_items": [{"prize": "x"}]}, "parameter_unknown", "line_items[0][prize]"),
        (
            {"line_items": [{"price_data": {"unit_amount": 1}, "quantity": 1}]},
            "parameter_missing",
            "line_items[0][price_data][currency]",
        ),
        ({"client_reference_id": ""}, "parameter_invalid_empty", "client_reference_id"),
        ({"ui_mode": "hosted"}, None, "ui_mode"),
        ({"allowed_payment_method_types": ["aliplay"]}, None, "allowed_payment_method_types[0]"),
        ({"allow_promotion_codes": "yes"}, None, "allow_promotion_codes"),
        ({"metadata": {"note": "x" * 501}}, None, "metadata"),
        ({"metadata": "order"}, None, "metadata"),
    ],
)
def test_a_misspelt_or_wrongly_typed_parameter_is_refused(
    client: stripe.StripeClient, more: dict[str, Any], code: str | None, param: str
) -> None:
    with pytest.raises(stripe.InvalidRequestError) as refused:
        a_session(client, **more)

    assert (refused.value.http_status, refused.value.code, refused.value.param) == (400, code, param)


def test_allowed_methods_that_the_account_lacks_are_dropped_in_silence(
    server: StripeServer, client: stripe.StripeClient
) -> None:
    server.knobs.account_methods = ["card", "alipay"]

    session = a_session(client, allowed_payment_method_types=["wechat_pay", "alipay"])

    assert session.payment_method_types == ["alipay"]
    with pytest.raises(NotPossible):
        server.pay(session.id, method="wechat_pay")


def test_a_session_without_any_method_left_is_refused(server: StripeServer, client: stripe.StripeClient) -> None:
    server.knobs.account_methods = ["card"]

    with pytest.raises(stripe.InvalidRequestError, match="No valid payment method types"):
        a_session(client, allowed_payment_method_types=["alipay"])


@pytest.mark.parametrize("seconds", [15 * 60, 25 * 3600])
def test_a_session_must_last_between_half_an_hour_and_a_day(client: stripe.StripeClient, seconds: int) -> None:
    with pytest.raises(stripe.InvalidRequestError) as refused:
        a_session(client, expires_at=int(time.time()) + seconds)

    assert refused.value.param == "expires_at"


def test_an_open_session_past_its_time_is_expired() -> None:
    seconds = [1_800_000_000.0]
    with StripeServer(key=KEY, clock=lambda: seconds[0]) as server:
        client = client_of(server)
        session = a_session(client, expires_at=int(seconds[0]) + 1800)

        seconds[0] += 1800

        assert read(client, session.id).status == "expired"
        assert kinds(server) == ["checkout.session.expired"]


def test_expiring_ends_an_open_session_once(server: StripeServer, client: stripe.StripeClient) -> None:
    session = a_session(client)

    assert client.v1.checkout.sessions.expire(session.id).status == "expired"

    with pytest.raises(stripe.InvalidRequestError, match=r"status in \[\"open\"\] can be expired.*`expired`"):
        client.v1.checkout.sessions.expire(session.id)
    assert kinds(server) == ["checkout.session.expired"]


def test_expiring_a_complete_session_is_refused(server: StripeServer, client: stripe.StripeClient) -> None:
    session = a_session(client)
    server.pay(session.id)

    with pytest.raises(stripe.InvalidRequestError, match="`complete`"):
        client.v1.checkout.sessions.expire(session.id)


def test_a_refund_sends_back_no_more_than_was_captured(server: StripeServer, client: stripe.StripeClient) -> None:
    intent_id = server.pay(a_session(client, fen=1000).id)
    refund(client, intent_id, 600)

    with pytest.raises(stripe.InvalidRequestError, match="greater than unrefunded") as refused:
        refund(client, intent_id, 401)
    refund(client, intent_id, 400)
    with pytest.raises(stripe.InvalidRequestError) as done:
        refund(client, intent_id, 1)

    assert (refused.value.param, done.value.code) == ("amount", "charge_already_refunded")
    assert [r.amount for r in client.v1.refunds.list({"payment_intent": intent_id}).data] == [400, 600]
    assert server.book()["LL-1"].refunded == 1000


def test_an_unpaid_intent_has_nothing_to_refund(server: StripeServer, client: stripe.StripeClient) -> None:
    intent_id = server.decline(a_session(client).id)

    with pytest.raises(stripe.InvalidRequestError) as refused:
        refund(client, intent_id, 1)

    assert refused.value.code == "payment_intent_unexpected_state"


def test_the_book_sums_what_each_reference_paid(server: StripeServer, client: stripe.StripeClient) -> None:
    for _ in range(2):
        intent_id = server.pay(a_session(client, fen=1000).id)
    server.refund_from_dashboard(intent_id, 300)
    a_session(client, client_reference_id="LL-2")

    book = server.book()

    assert (book["LL-1"].captured, book["LL-1"].refunded, book["LL-1"].fees) == (2000, 300, 68)
    assert book["LL-2"].captured == 0


def test_settlement_in_another_currency_converts_half_up(server: StripeServer, client: stripe.StripeClient) -> None:
    server.knobs.settlement_currency, server.knobs.exchange_rate = "hkd", Decimal("1.085")

    server.pay(a_session(client, fen=1001).id)

    line = server.objects("balance_transaction")[0]
    assert (line["currency"], line["amount"], line["fee"], line["net"]) == ("hkd", 1086, 37, 1049)
    assert server.balance() == {"hkd": 1049}


def test_requests_are_kept_with_headers_and_nested_parameters(
    server: StripeServer, client: stripe.StripeClient
) -> None:
    a_session(client, metadata={"order": "LL-1"})

    request = server.requests[0]
    assert (request.method, request.path) == ("POST", "/v1/checkout/sessions")
    assert request.params["metadata"] == {"order": "LL-1"}
    assert request.params["line_items"][0]["price_data"]["unit_amount"] == "12800"
    assert request.headers["stripe-version"] == "2026-10-28.endive"


def test_the_same_key_replays_the_first_answer(server: StripeServer, client: stripe.StripeClient) -> None:
    intent_id = server.pay(a_session(client).id)

    first = refund(client, intent_id, 100, key="k1")
    again = refund(client, intent_id, 100, key="k1")

    assert again.id == first.id
    assert again.last_response.body == first.last_response.body
    assert again.last_response.headers["Idempotent-Replayed"] == "true"
    assert len(server.objects("refund")) == 1


def test_the_same_key_with_other_parameters_is_an_error(server: StripeServer, client: stripe.StripeClient) -> None:
    intent_id = server.pay(a_session(client).id)
    refund(client, intent_id, 100, key="k1")

    with pytest.raises(stripe.IdempotencyError):
        refund(client, intent_id, 101, key="k1")


def test_a_refusal_during_execution_is_replayed(server: StripeServer, client: stripe.StripeClient) -> None:
    intent_id = server.pay(a_session(client, fen=1000).id)

    for _ in range(2):
        with pytest.raises(stripe.InvalidRequestError) as refused:
            refund(client, intent_id, 1001, key="k1")

    assert refused.value.headers is not None
    assert refused.value.headers["Idempotent-Replayed"] == "true"


def test_refused_parameters_leave_the_key_free(server: StripeServer, client: stripe.StripeClient) -> None:
    intent_id = server.pay(a_session(client).id)
    with pytest.raises(stripe.InvalidRequestError):
        refund(client, intent_id, 0, key="k1")

    assert refund(client, intent_id, 100, key="k1").status == "succeeded"


def test_a_key_is_forgotten_after_a_day() -> None:
    seconds = [1_800_000_000.0]
    with StripeServer(key=KEY, clock=lambda: seconds[0]) as server:
        client = client_of(server)
        intent_id = server.pay(a_session(client).id)
        refund(client, intent_id, 100, key="k1")

        seconds[0] += 24 * 3600

        refund(client, intent_id, 100, key="k1")
        assert server.book()["LL-1"].refunded == 200


def test_events_are_listed_newest_first_in_pages(server: StripeServer, client: stripe.StripeClient) -> None:
    server.pay(a_session(client).id)
    names = [event.id for event in reversed(server.events)]

    first = client.v1.events.list({"limit": 3})
    rest = client.v1.events.list({"limit": 3, "starting_after": names[2]})
    newer = client.v1.events.list({"limit": 2, "ending_before": names[3]})

    assert ([e.id for e in first.data], first.has_more) == (names[:3], True)
    assert ([e.id for e in rest.data], rest.has_more) == (names[3:], False)
    assert ([e.id for e in newer.data], newer.has_more) == (names[1:3], True)
    assert [e.id for e in client.v1.events.list({"limit": 1}).auto_paging_iter()] == names


def test_events_are_listed_by_time_and_type() -> None:
    seconds = [1_800_000_000.0]
    with StripeServer(key=KEY, clock=lambda: seconds[0]) as server:
        client = client_of(server)
        for _ in range(2):
            server.pay(a_session(client).id)
            seconds[0] += 60

        later = client.v1.events.list({"created": {"gte": 1_800_000_060}, "types": ["charge.succeeded"]})
        charges = client.v1.events.list({"type": "charge.*"})

    assert [event.created for event in later.data] == [1_800_000_060]
    assert len(charges.data) == 2


def test_a_list_takes_at_most_a_hundred(client: stripe.StripeClient) -> None:
    with pytest.raises(stripe.InvalidRequestError) as refused:
        client.v1.events.list({"limit": 101})

    assert refused.value.param == "limit"


def test_a_path_that_names_no_object_cannot_be_expanded(server: StripeServer, client: stripe.StripeClient) -> None:
    session = a_session(client)

    with pytest.raises(stripe.InvalidRequestError, match="cannot be expanded"):
        read(client, session.id, "currency")


def test_many_buyers_pay_at_once_and_nothing_is_lost(server: StripeServer, client: stripe.StripeClient) -> None:
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda _: server.pay(a_session(client, fen=100).id), range(40)))

    assert server.book()["LL-1"].captured == 4000

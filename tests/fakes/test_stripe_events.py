"""What buyers, banks and the dashboard do at the fake Stripe is told by the events that Stripe would send."""

from __future__ import annotations

import pytest
import stripe

from tests.fakes.shop import SECRET, a_session, kinds, read, refund
from tests.fakes.stripe_errors import NotPossible
from tests.fakes.stripe_server import StripeServer


def test_a_payment_tells_of_intent_charge_and_session(server: StripeServer, client: stripe.StripeClient) -> None:
    server.pay(a_session(client).id)

    assert kinds(server) == [
        "payment_intent.created",
        "charge.succeeded",
        "payment_intent.succeeded",
        "checkout.session.completed",
    ]
    assert server.events[-1].object["payment_status"] == "paid"
    assert server.events[0].object["status"] == "requires_payment_method"


def test_a_listed_event_shows_its_object_as_it_was(server: StripeServer, client: stripe.StripeClient) -> None:
    server.pay(a_session(client).id)

    created = client.v1.events.list({"type": "payment_intent.created"}).data[0]

    assert created.data.object["status"] == "requires_payment_method"


def test_a_declined_buyer_may_try_again(server: StripeServer, client: stripe.StripeClient) -> None:
    session = a_session(client)

    declined = server.decline(session.id)

    assert kinds(server)[1:] == ["charge.failed", "payment_intent.payment_failed"]
    assert read(client, session.id).status == "open"
    assert server.pay(session.id) == declined
    assert server.book()["LL-1"].captured == 12_800


def test_a_session_is_paid_once(server: StripeServer, client: stripe.StripeClient) -> None:
    session = a_session(client)
    server.pay(session.id)

    with pytest.raises(NotPossible):
        server.pay(session.id, even_if_expired=True)


def test_a_delayed_method_completes_the_session_before_the_money_comes(
    server: StripeServer, client: stripe.StripeClient
) -> None:
    server.knobs.delayed_methods.add("alipay")
    session = a_session(client)

    server.pay(session.id, method="alipay")
    awaited = read(client, session.id, "payment_intent")
    server.clear(session.id)

    assert (awaited.status, awaited.payment_status) == ("complete", "unpaid")
    assert awaited.payment_intent.status == "processing"
    assert kinds(server)[3:] == [
        "checkout.session.completed",
        "charge.succeeded",
        "payment_intent.succeeded",
        "checkout.session.async_payment_succeeded",
    ]
    assert read(client, session.id).payment_status == "paid"
    assert server.book()["LL-1"].captured == 12_800


def test_a_delayed_payment_may_never_arrive(server: StripeServer, client: stripe.StripeClient) -> None:
    server.knobs.delayed_methods.add("alipay")
    session = a_session(client)
    server.pay(session.id, method="alipay")

    server.bounce(session.id)

    assert kinds(server)[-1] == "checkout.session.async_payment_failed"
    assert read(client, session.id).payment_status == "unpaid"
    assert server.book()["LL-1"].captured == 0


def test_an_expired_session_is_paid_only_when_told(server: StripeServer, client: stripe.StripeClient) -> None:
    session = a_session(client)
    server.let_expire(session.id)
    with pytest.raises(NotPossible):
        server.pay(session.id)

    server.pay(session.id, even_if_expired=True)

    late = read(client, session.id)
    assert (late.status, late.payment_status) == ("complete", "paid")
    assert (kinds(server)[0], kinds(server)[-1]) == ("checkout.session.expired", "checkout.session.completed")


def test_expiring_cancels_the_intent_of_a_failed_attempt(server: StripeServer, client: stripe.StripeClient) -> None:
    session = a_session(client)
    intent = server.decline(session.id)

    server.let_expire(session.id)

    assert client.v1.payment_intents.retrieve(intent).status == "canceled"
    assert kinds(server)[-2:] == ["payment_intent.canceled", "checkout.session.expired"]


def test_a_tampered_session_is_paid_as_it_then_says(server: StripeServer, client: stripe.StripeClient) -> None:
    session = a_session(client)
    server.tamper(session.id, amount_total=1, currency="jpy", metadata={"order": "LL-9"})

    server.pay(session.id)

    told = server.events[-1].object
    assert (told["amount_total"], told["currency"], told["metadata"]) == (1, "jpy", {"order": "LL-9"})
    assert server.book()["LL-1"].captured == 1


def test_tampering_after_payment_reaches_intent_and_charge(server: StripeServer, client: stripe.StripeClient) -> None:
    session = a_session(client)
    intent = server.pay(session.id)

    server.tamper(session.id, amount_total=12_799)

    found = client.v1.payment_intents.retrieve(intent, {"expand": ["latest_charge"]})
    assert (found.amount, found.amount_received) == (12_799, 12_799)
    assert server.objects("charge")[0]["amount_captured"] == 12_799


def test_a_refund_tells_of_refund_and_charge(server: StripeServer, client: stripe.StripeClient) -> None:
    intent = server.pay(a_session(client).id)

    refund(client, intent, 100, key="k1")

    assert kinds(server)[4:] == ["refund.created", "charge.refunded"]
    event = client.v1.events.retrieve(server.events[-1].id)
    assert event.request is not None
    assert event.request.idempotency_key == "k1"
    assert server.events[-1].object["amount_refunded"] == 100


def test_a_held_refund_is_pending_until_it_arrives(server: StripeServer, client: stripe.StripeClient) -> None:
    intent = server.pay(a_session(client).id)
    server.knobs.hold_refunds(because="insufficient_funds")

    held = refund(client, intent, 100)
    server.finish_refund(held.id)

    assert (held.status, held.pending_reason) == ("pending", "insufficient_funds")
    assert client.v1.refunds.retrieve(held.id).status == "succeeded"
    assert kinds(server)[6:] == ["refund.updated", "charge.refund.updated"]
    assert refund(client, intent, 100).status == "succeeded"


def test_a_failed_refund_is_the_shops_money_again(server: StripeServer, client: stripe.StripeClient) -> None:
    intent = server.pay(a_session(client, fen=1000).id)
    server.knobs.hold_refunds()
    held = refund(client, intent, 1000)

    server.fail_refund(held.id, because="expired_or_canceled_card")

    failed = client.v1.refunds.retrieve(held.id, {"expand": ["failure_balance_transaction"]})
    assert (failed.status, failed.failure_reason) == ("failed", "expired_or_canceled_card")
    assert kinds(server)[6:] == ["refund.updated", "charge.refund.updated", "refund.failed"]
    assert server.book()["LL-1"].refunded == 0
    assert refund(client, intent, 1000).status == "succeeded"


def test_a_refund_from_the_dashboard_takes_all_that_is_left(server: StripeServer, client: stripe.StripeClient) -> None:
    intent = server.pay(a_session(client, fen=1000).id)
    refund(client, intent, 300)

    by_hand = server.refund_from_dashboard(intent)

    assert client.v1.refunds.retrieve(by_hand).amount == 700
    assert kinds(server)[-2:] == ["refund.created", "charge.refunded"]


def test_a_dispute_takes_the_money_and_gives_it_back_when_won(
    server: StripeServer, client: stripe.StripeClient
) -> None:
    intent = server.pay(a_session(client, fen=1000).id)

    dispute = server.dispute(intent)
    with pytest.raises(stripe.InvalidRequestError) as refused:
        refund(client, intent, 100)
    server.win_dispute(dispute)

    assert refused.value.code == "charge_disputed"
    assert kinds(server)[4:] == [
        "charge.dispute.created",
        "charge.dispute.funds_withdrawn",
        "charge.dispute.closed",
        "charge.dispute.funds_reinstated",
    ]
    found = client.v1.disputes.retrieve(dispute)
    assert (found.status, [line.amount for line in found.balance_transactions]) == ("won", [-1000, 1000])


def test_a_lost_dispute_is_closed(server: StripeServer, client: stripe.StripeClient) -> None:
    dispute = server.dispute(server.pay(a_session(client).id))

    server.lose_dispute(dispute)

    assert server.object(dispute)["status"] == "lost"
    assert kinds(server)[-1] == "charge.dispute.closed"


def test_an_event_carries_a_signature_that_the_sdk_accepts(server: StripeServer, client: stripe.StripeClient) -> None:
    session = a_session(client, client_reference_id="枣-1")
    server.pay(session.id)
    sent = server.events[-1]

    event = stripe.Webhook.construct_event(sent.payload, sent.header(SECRET), SECRET)

    assert (event.id, event.type) == (sent.id, "checkout.session.completed")
    assert event.data.object["client_reference_id"] == "枣-1"


def test_an_event_signed_long_ago_is_too_old(server: StripeServer, client: stripe.StripeClient) -> None:
    server.pay(a_session(client).id)
    sent = server.events[-1]

    with pytest.raises(stripe.SignatureVerificationError):
        stripe.Webhook.construct_event(sent.payload, sent.header(SECRET, at=1_700_000_000), SECRET)


def test_an_altered_event_keeps_its_id_and_says_something_else(
    server: StripeServer, client: stripe.StripeClient
) -> None:
    server.pay(a_session(client).id)
    sent = server.events[-1]

    altered = sent.altered(amount_total="12800")

    assert (altered.id, altered.object["amount_total"]) == (sent.id, "12800")
    assert sent.object["amount_total"] == 12_800

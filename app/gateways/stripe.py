"""Stripe: hosted payment pages, refunds, signed notices. The only importer of its SDK.

No call is made inside a transaction. A refusal that Stripe states is `StripeRefused`; after anything else (no answer,
a 500, too slow) nobody knows whether it happened: `StripeUnsure`. The same call with the same key may then be repeated
for a day without a second effect.
"""

from __future__ import annotations

import json
import logging
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from concurrent.futures import TimeoutError as TookTooLong
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final, TypeVar

import stripe

from app.kernel.db import let_go
from app.kernel.errors import BadValue, DomainError
from app.kernel.money import Money

METHODS: Final = ("card", "alipay", "wechat_pay")
CURRENCY: Final = "cny"
CALL_SECONDS: Final = 10
TOLERANCE_SECONDS: Final = 300
MOST_BODY: Final = 256 * 1024
T = TypeVar("T")
# The SDK says each call and its address; what goes wrong is ours to say.
logging.getLogger("stripe").setLevel(logging.WARNING)


class StripeUnsure(DomainError):
    """No answer, or none that says what happened; to be asked again with the same key."""

    code = "stripe_unsure"
    status = 503
    sentence = "支付公司暂时没有回应，请过一会儿再试；没有扣款，或者扣了会原路退回。"
    retry_after = 30


class StripeBusy(StripeUnsure):
    """The same call under the same key is still running; whoever began it gets the answer."""


class StripeRefused(DomainError):
    """Stripe understood and said no; nothing was changed there."""

    code = "stripe_refused"
    status = 502
    sentence = "支付公司没有接受这笔付款，请换一种付款方式，或联系投诉处。"


class BadSignature(BadValue):
    """A notice that Stripe did not sign with our secret, or not within the last five minutes."""

    code = "bad_signature"
    status = 400
    sentence = "签名不对。"


@dataclass(frozen=True, slots=True)
class Session:
    """A hosted payment page as Stripe has it now; `amount` in the smallest unit of `currency`."""

    id: str
    url: str
    is_open: bool
    is_expired: bool
    is_paid: bool
    amount: int
    currency: str
    reference: str
    intent: str
    is_live: bool


@dataclass(frozen=True, slots=True)
class BalanceTransaction:
    """A line of the account's own balance, in the smallest unit of the currency that the account settles in.

    `amount` came in, or went out when it is below nothing; `fee` is what Stripe kept of it.
    """

    id: str
    amount: int
    fee: int
    currency: str

    @property
    def net(self) -> int:
        """What the account has more for it, or less."""
        return self.amount - self.fee


@dataclass(frozen=True, slots=True)
class Refund:
    """Money on its way back, as Stripe has it now.

    `gone` and `came_back` are the lines of the balance for both ways, where they were asked for and are there.
    """

    id: str
    intent: str
    amount: int
    status: str
    reference: str
    gone: BalanceTransaction | None = None
    came_back: BalanceTransaction | None = None

    @property
    def has_failed(self) -> bool:
        """Whether the money came back to us instead."""
        return self.status in ("failed", "canceled")


@dataclass(frozen=True, slots=True)
class Event:
    """A notice: something of that kind happened to that object. What it is now must be asked."""

    id: str
    kind: str
    object_id: str
    object_kind: str
    intent: str
    created: datetime
    is_live: bool


class Stripe:
    """One account at Stripe."""

    def __init__(self, api_key: str, *, base: str | None, webhook_secrets: tuple[str, ...]) -> None:
        addresses: Any = {"api": base} if base else {}
        self._client = stripe.StripeClient(
            api_key,
            base_addresses=addresses,
            http_client=stripe.RequestsClient(timeout=(4, CALL_SECONDS - 1)),
            max_network_retries=0,
        )
        self._secrets = webhook_secrets
        self._is_live = "_live_" in api_key
        self._calls = _threads()

    def open_session(
        self, *, key: str, amount: Money, reference: str, words: str, until: datetime, back: str, away: str
    ) -> Session:
        """A hosted page on which that amount of yuan can be paid; `back` follows a payment, `away` a change of mind.

        `reference` and `words` go abroad: nothing of a person may stand in them. Stripe keeps a page for half an hour
        at least, so whoever needs it shorter calls `end_session`. Asked again with the same key, all must be the same.
        Raises `StripeRefused`, `StripeUnsure`.
        """
        line: Any = {
            "quantity": 1,
            "price_data": {"currency": CURRENCY, "unit_amount": amount.fen, "product_data": {"name": words}},
        }
        params: Any = {
            "mode": "payment",
            "ui_mode": "hosted_page",
            "allowed_payment_method_types": list(METHODS),
            "client_reference_id": reference,
            "line_items": [line],
            "payment_intent_data": {"metadata": {"reference": reference}},
            "expires_at": int(until.timestamp()),
            "success_url": back,
            "cancel_url": away,
            "locale": "zh",
        }
        options: Any = {"idempotency_key": key}
        return _session(self._call(lambda: self._client.v1.checkout.sessions.create(params, options)))

    def session(self, session_id: str) -> Session:
        """The page as it is now. Raises `StripeRefused`, `StripeUnsure`."""
        return _session(self._call(lambda: self._client.v1.checkout.sessions.retrieve(session_id)))

    def session_of(self, intent: str) -> Session | None:
        """The page that a payment was made on, if it was made on one. Raises `StripeRefused`, `StripeUnsure`."""
        params: Any = {"payment_intent": intent, "limit": 1}
        found = self._call(lambda: self._client.v1.checkout.sessions.list(params)).data
        return _session(found[0]) if found else None

    def end_session(self, session_id: str) -> Session:
        """Nobody can pay on the page any more, unless somebody has: look at what comes back.

        Raises `StripeUnsure`, and `StripeRefused` for a page that is not there.
        """
        try:
            return _session(self._call(lambda: self._client.v1.checkout.sessions.expire(session_id)))
        except StripeRefused:
            return self.session(session_id)

    def refund(self, *, key: str, intent: str, amount: Money) -> Refund:
        """That much of a payment goes back the way it came; `key` names it from then on.

        Raises `StripeRefused`, `StripeUnsure`.
        """
        params: Any = {"payment_intent": intent, "amount": amount.fen, "metadata": {"reference": key}}
        options: Any = {"idempotency_key": key}
        return _refund(self._call(lambda: self._client.v1.refunds.create(params, options)))

    def refund_now(self, refund_id: str) -> Refund:
        """The refund as it is now. Raises `StripeRefused`, `StripeUnsure`."""
        return _refund(self._call(lambda: self._client.v1.refunds.retrieve(refund_id)))

    def refunds_of(self, intent: str) -> list[Refund]:
        """Everything that went back of a payment, whoever asked for it, with its lines of the balance.

        Raises `StripeRefused`, `StripeUnsure`.
        """
        lines = ["data.balance_transaction", "data.failure_balance_transaction"]
        params: Any = {"payment_intent": intent, "limit": 100, "expand": lines}
        return [_refund(one) for one in self._call(lambda: self._client.v1.refunds.list(params)).data]

    def balance_of(self, intent: str) -> BalanceTransaction | None:
        """What a payment brought, and what Stripe kept of it; None as long as it does not lie in the balance.

        Raises `StripeRefused`, `StripeUnsure`.
        """
        params: Any = {"expand": ["latest_charge.balance_transaction"]}
        found: Any = self._call(lambda: self._client.v1.payment_intents.retrieve(intent, params))
        return _line(getattr(getattr(found, "latest_charge", None), "balance_transaction", None))

    def events(self, *, since: datetime) -> Iterator[Event]:
        """Every notice that Stripe has from that moment on, newest first. Raises `StripeRefused`, `StripeUnsure`."""
        last: str | None = None
        while True:
            params: Any = {"created": {"gte": int(since.timestamp())}, "limit": 100}
            if last is not None:
                params["starting_after"] = last
            page: Any = self._call(lambda params=params: self._client.v1.events.list(params))  # type: ignore[misc]
            for one in page.data:
                last = one.id
                yield event_of(json.loads(str(one)))
            if not page.has_more or last is None:
                return

    def read(self, body: bytes, signature: str | None) -> Event:
        """The notice in a signed body, checked byte by byte before anything in it is read. Raises `BadSignature`."""
        if len(body) > MOST_BODY or not signature:
            raise BadSignature()
        if not any(self._is_signed(body, signature, secret) for secret in self._secrets):
            raise BadSignature()
        try:
            event = event_of(json.loads(body))
        except (ValueError, KeyError, TypeError) as error:
            raise BadSignature() from error
        if event.is_live is not self._is_live:
            raise BadSignature()
        return event

    @staticmethod
    def _is_signed(body: bytes, signature: str, secret: str) -> bool:
        try:
            stripe.WebhookSignature.verify_header(body, signature, secret, TOLERANCE_SECONDS)
        except (stripe.SignatureVerificationError, ValueError):
            return False
        return True

    def _call(self, act: Callable[[], T]) -> T:
        """The answer, within ten seconds in all, however slowly it drips."""
        let_go()
        waiting = self._calls.submit(act)
        try:
            return waiting.result(timeout=CALL_SECONDS)
        except TookTooLong as error:
            if not waiting.cancel():
                # Its thread may listen to the drip for an hour; eight of them would keep everybody else from asking.
                self._calls = _threads()
            raise StripeUnsure() from error
        except stripe.StripeError as error:
            raise _refusal(error) from error


def _threads() -> ThreadPoolExecutor:
    return ThreadPoolExecutor(max_workers=8, thread_name_prefix="stripe")


def _refusal(error: stripe.StripeError) -> DomainError:
    stated = (
        stripe.InvalidRequestError,
        stripe.IdempotencyError,
        stripe.AuthenticationError,
        stripe.PermissionError,
        stripe.CardError,
    )
    if error.http_status == 409:
        return StripeBusy()
    # 429: not even tried; to be asked again.
    is_stated = isinstance(error, stated) and error.http_status != 429
    return StripeRefused() if is_stated else StripeUnsure()


def _session(found: Any) -> Session:
    intent = found.payment_intent
    return Session(
        id=found.id,
        url=found.url or "",
        is_open=found.status == "open",
        is_expired=found.status == "expired",
        is_paid=found.payment_status == "paid",
        amount=found.amount_total or 0,
        currency=found.currency or "",
        reference=found.client_reference_id or "",
        intent=intent if isinstance(intent, str) else (intent.id if intent else ""),
        is_live=bool(found.livemode),
    )


def _refund(found: Any) -> Refund:
    intent = found.payment_intent
    return Refund(
        id=found.id,
        intent=intent if isinstance(intent, str) else intent.id,
        amount=found.amount,
        status=found.status or "",
        reference=getattr(found.metadata, "reference", "") or "",
        gone=_line(getattr(found, "balance_transaction", None)),
        came_back=_line(getattr(found, "failure_balance_transaction", None)),
    )


def _line(found: Any) -> BalanceTransaction | None:
    """None for what is not there, or is there by its name alone."""
    if found is None or isinstance(found, str):
        return None
    return BalanceTransaction(id=found.id, amount=found.amount, fee=found.fee, currency=found.currency)


def event_of(values: dict[str, Any]) -> Event:
    """A notice from its JSON. Raises `KeyError`, `TypeError`, `ValueError` for anything else."""
    thing = values["data"]["object"]
    kind = str(thing["object"])
    intent = thing["id"] if kind == "payment_intent" else thing.get("payment_intent") or ""
    return Event(
        id=str(values["id"]),
        kind=str(values["type"]),
        object_id=str(thing["id"]),
        object_kind=kind,
        intent=str(intent),
        created=datetime.fromtimestamp(int(values["created"]), tz=UTC),
        is_live=bool(values["livemode"]),
    )

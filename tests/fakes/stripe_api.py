"""The fake's API: who may ask, which route, which parameters, and what an idempotency key remembers."""

from __future__ import annotations

import json
import re
import secrets
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from functools import partial
from threading import Lock
from typing import Any

from stripe import params as p
from stripe.params import checkout

from tests.fakes.stripe_book import Book
from tests.fakes.stripe_errors import InvalidParameters, Refusal
from tests.fakes.stripe_knobs import Fault, FaultKind
from tests.fakes.stripe_lists import expanded, page
from tests.fakes.stripe_params import checked
from tests.fakes.stripe_payments import Payments
from tests.fakes.stripe_returns import Returns
from tests.fakes.stripe_shapes import API_VERSION, Shape

_REMEMBERED_SECONDS = 24 * 3600


@dataclass(frozen=True)
class Received:
    """One request as it came: header names in lower case, parameters nested, their leaves strings."""

    method: str
    path: str
    headers: dict[str, str]
    params: dict[str, Any]
    raw: str


@dataclass(frozen=True)
class Answer:
    """A status, a JSON body, and headers beyond the usual."""

    status: int
    body: bytes
    headers: dict[str, str] = field(default_factory=dict)

    @classmethod
    def of(cls, thing: Shape, *, status: int = 200, **headers: str) -> Answer:
        """The answer that carries this JSON."""
        return cls(status, json.dumps(thing, ensure_ascii=False, indent=2).encode(), headers)


@dataclass
class _Key:
    fingerprint: tuple[str, str, str]
    since: int
    answer: Answer | None = None


class _Keys:
    """What each idempotency key was first used for, and its answer, for 24 hours."""

    def __init__(self) -> None:
        self._keys: dict[str, _Key] = {}
        self._lock = Lock()

    def begin(self, key: str, fingerprint: tuple[str, str, str], *, at: int) -> Answer | None:
        """The answer to replay, or None when the caller is the first; then `end` must follow.

        Refuses other parameters (400) and a key whose first request is still running (409).
        """
        with self._lock:
            known = self._keys.get(key)
            if known is None or known.since + _REMEMBERED_SECONDS <= at:
                self._keys[key] = _Key(fingerprint, at)
                return None
            if known.fingerprint != fingerprint:
                said = (
                    "Keys for idempotent requests can only be used with the same parameters they were first used with."
                )
                raise Refusal(f"{said} Use another key than '{key}'.", kind="idempotency_error")
            if known.answer is None:
                said = f"Another request with the idempotency key '{key}' is still in progress."
                raise Refusal(said, status=409, kind="idempotency_error", code="idempotency_key_in_use")
            return known.answer

    def end(self, key: str, answer: Answer | None) -> None:
        """Remember the answer; without one, forget that the key was used."""
        with self._lock:
            if answer is None:
                del self._keys[key]
            else:
                self._keys[key].answer = answer


class Api:
    """Answers the requests of one account."""

    def __init__(self, book: Book, payments: Payments, returns: Returns, *, secret_key: str) -> None:
        self._book = book
        self._payments = payments
        self._secret_key = secret_key
        self._keys = _Keys()
        self._routes = _routes(book, payments, returns)

    def answer(self, request: Received, fault: Fault | None, *, wait: Callable[[float], object]) -> Answer:
        """The answer to one request, after its effect and with the trouble that the fault means; `wait` sleeps."""
        kind = fault.kind if fault else None
        try:
            self._let_in(request.headers)
            if fault and kind is FaultKind.TOO_MANY:
                return _too_many(fault.retry_after)
            if kind is FaultKind.BREAK_BEFORE:
                return _broken()
            call, params = self._routed(request)
            answer = self._once(request, lambda key: self._execute(call, params, key, fault, wait))
        except Refusal as refusal:
            return Answer.of(refusal.body, status=refusal.status)
        if fault and kind is FaultKind.DELAY_AFTER:
            wait(fault.seconds)
        return answer

    def _let_in(self, headers: dict[str, str]) -> None:
        scheme, _, key = headers.get("authorization", "").partition(" ")
        if scheme != "Bearer" or not secrets.compare_digest(key.encode(), self._secret_key.encode()):
            raise Refusal(f"Invalid API Key provided: {key[:8]}****", status=401)
        version = headers.get("stripe-version", API_VERSION)
        if version != API_VERSION:
            raise Refusal(f"Invalid Stripe API version: {version}; this fake speaks {API_VERSION}")

    def _routed(self, request: Received) -> tuple[Callable[[Shape], Shape], Shape]:
        for route in self._routes:
            match = route.pattern.fullmatch(request.path)
            if match and route.method == request.method:
                params = checked(request.params, route.params)
                return partial(route.call, *match.groups()), params
        said = f"Unrecognized request URL ({request.method}: {request.path})."
        raise Refusal(said, status=404)

    def _once(self, request: Received, execute: Callable[[str | None], Answer]) -> Answer:
        key = request.headers.get("idempotency-key")
        if request.method != "POST" or not key:
            return execute(None)
        kept = self._keys.begin(key, (request.method, request.path, request.raw), at=self._book.now())
        if kept is not None:
            return replace(kept, headers={**kept.headers, "Idempotent-Replayed": "true"})
        answer = None
        try:
            answer = execute(key)
        finally:
            self._keys.end(key, answer)
        return answer

    def _execute(
        self,
        call: Callable[[Shape], Shape],
        params: Shape,
        key: str | None,
        fault: Fault | None,
        wait: Callable[[float], object],
    ) -> Answer:
        if fault and fault.kind is FaultKind.DELAY_BEFORE:
            wait(fault.seconds)
        with self._book.lock:
            self._payments.expire_overdue()
        try:
            with self._book.asked_with(key):
                thing = call(params)
                answer = Answer.of(expanded(thing, params.get("expand", []), book=self._book))
        except InvalidParameters:
            raise
        except Refusal as refusal:
            answer = Answer.of(refusal.body, status=refusal.status)
        return _broken() if fault and fault.kind is FaultKind.BREAK_AFTER else answer


@dataclass(frozen=True)
class _Route:
    method: str
    pattern: re.Pattern[str]
    params: Any
    call: Callable[..., Shape]


def _routes(book: Book, payments: Payments, returns: Returns) -> list[_Route]:
    sessions = "/v1/checkout/sessions"
    return [
        _route("POST", sessions, checkout.SessionCreateParams, payments.open_session),
        _list(book, sessions, checkout.SessionListParams, "checkout.session"),
        _one(book, sessions, checkout.SessionRetrieveParams, "checkout.session", "session"),
        _route(
            "POST", f"{sessions}/*/expire", checkout.SessionExpireParams, lambda name, params: payments.expire(name)
        ),
        _one(book, "/v1/payment_intents", p.PaymentIntentRetrieveParams, "payment_intent", "intent"),
        _list(book, "/v1/charges", p.ChargeListParams, "charge"),
        _one(book, "/v1/charges", p.ChargeRetrieveParams, "charge", "id"),
        _route("POST", "/v1/refunds", p.RefundCreateParams, returns.refund),
        _list(book, "/v1/refunds", p.RefundListParams, "refund"),
        _one(book, "/v1/refunds", p.RefundRetrieveParams, "refund", "id"),
        _list(book, "/v1/balance_transactions", p.BalanceTransactionListParams, "balance_transaction"),
        _one(book, "/v1/balance_transactions", p.BalanceTransactionRetrieveParams, "balance_transaction", "id"),
        _list(book, "/v1/disputes", p.DisputeListParams, "dispute"),
        _one(book, "/v1/disputes", p.DisputeRetrieveParams, "dispute", "dispute"),
        _list(book, "/v1/events", p.EventListParams, "event"),
        _one(book, "/v1/events", p.EventRetrieveParams, "event", "id"),
    ]


def _route(method: str, path: str, params: Any, call: Callable[..., Shape]) -> _Route:
    return _Route(method, re.compile(re.escape(path).replace(r"\*", "([^/]+)")), params, call)


def _one(book: Book, path: str, params: Any, kind: str, param: str) -> _Route:
    return _route("GET", f"{path}/*", params, lambda name, _: book.get(kind, name, param=param))


def _list(book: Book, path: str, params: Any, kind: str) -> _Route:
    return _route("GET", path, params, lambda given: page(book.all(kind), given, url=path))


def _too_many(retry_after: int) -> Answer:
    refusal = Refusal("Request rate limit exceeded.", status=429, code="rate_limit")
    return replace(Answer.of(refusal.body, status=429), headers={"Retry-After": str(retry_after)})


def _broken() -> Answer:
    refusal = Refusal("An unknown error occurred.", status=500, kind="api_error")
    return Answer.of(refusal.body, status=500)

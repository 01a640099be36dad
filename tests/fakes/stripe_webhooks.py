"""Webhooks: events as Stripe posts them, and the thread that posts them."""

from __future__ import annotations

import json
import random
from collections.abc import Callable
from dataclasses import dataclass
from http.client import HTTPConnection, HTTPException, HTTPSConnection
from queue import Queue
from threading import Event, Lock, Thread
from typing import Any
from urllib.parse import urlsplit

import stripe

from tests.fakes.stripe_knobs import Knobs, Sending

_PATIENCE_SECONDS = 10.0


@dataclass(frozen=True)
class StripeEvent:
    """One event exactly as its webhook carries it."""

    payload: bytes

    @classmethod
    def of(cls, event: dict[str, Any]) -> StripeEvent:
        """The event written as Stripe writes it: indented, UTF-8."""
        return cls(json.dumps(event, ensure_ascii=False, indent=2).encode())

    @property
    def id(self) -> str:
        """The event's `evt_…`."""
        name: str = json.loads(self.payload)["id"]
        return name

    @property
    def type(self) -> str:
        """What happened, such as `checkout.session.completed`."""
        kind: str = json.loads(self.payload)["type"]
        return kind

    @property
    def object(self) -> dict[str, Any]:
        """The object as it was when it happened."""
        thing: dict[str, Any] = json.loads(self.payload)["data"]["object"]
        return thing

    def header(self, secret: str, *, at: int | None = None) -> str:
        """The `Stripe-Signature` of this payload, made at this second (now when None)."""
        made: str = stripe.WebhookSignature.generate_signature_header(self.payload.decode(), secret, at)
        return made

    def altered(self, **changes: Any) -> StripeEvent:
        """The same event, same id, about an object that says something else."""
        event = json.loads(self.payload)
        event["data"]["object"].update(changes)
        return StripeEvent.of(event)


@dataclass(frozen=True)
class Delivery:
    """One attempt to post an event; `status` is None when nobody answered."""

    event: StripeEvent
    attempt: int
    status: int | None


@dataclass(frozen=True)
class _Endpoint:
    url: str
    secret: str


class Courier:
    """Posts events in the background, in order, each until a 2xx comes or the attempts of the knobs are used up."""

    def __init__(self, knobs: Knobs, *, clock: Callable[[], float]) -> None:
        self.events: list[StripeEvent] = []
        self.deliveries: list[Delivery] = []
        self._knobs = knobs
        self._clock = clock
        self._endpoint: _Endpoint | None = None
        self._held: list[StripeEvent] = []
        self._queue: Queue[StripeEvent | None] = Queue()
        self._lock = Lock()
        self._closing = Event()
        self._thread = Thread(target=self._run, name="stripe-webhooks", daemon=True)
        self._thread.start()

    def send_to(self, url: str, secret: str) -> None:
        """Events from now on go to this address, signed with this secret."""
        self._endpoint = _Endpoint(url, secret)

    def announce(self, event: dict[str, Any]) -> None:
        """Keep an event, and post or hold it as the knobs say."""
        signed = StripeEvent.of(event)
        with self._lock:
            self.events.append(signed)
            if self._endpoint is None or self._knobs.webhooks is Sending.NEVER:
                return
            if self._knobs.webhooks is Sending.HELD:
                self._held.append(signed)
                return
        self._enqueue([signed])

    def deliver(self, *, seed: int | None = None) -> None:
        """All held events have been posted, copies included, in order or shuffled by the seed."""
        with self._lock:
            held, self._held = self._held, []
        self._enqueue(held, seed=seed)
        self.wait()

    def wait(self) -> None:
        """Everything enqueued has been posted, or given up."""
        self._queue.join()

    def close(self) -> None:
        """Nothing more is posted."""
        self._closing.set()
        self._queue.put(None)
        self._thread.join(_PATIENCE_SECONDS)

    def _enqueue(self, events: list[StripeEvent], *, seed: int | None = None) -> None:
        copies = [event for event in events for _ in range(self._knobs.webhook_copies)]
        if seed is not None:
            random.Random(seed).shuffle(copies)
        for event in copies:
            self._queue.put(event)

    def _run(self) -> None:
        while (event := self._queue.get()) is not None:
            if not self._closing.is_set():
                self._post(event)
            self._queue.task_done()
        self._queue.task_done()

    def _post(self, event: StripeEvent) -> None:
        for attempt in range(1, self._knobs.webhook_attempts + 1):
            status = self._attempt(event)
            self.deliveries.append(Delivery(event, attempt, status))
            if status is not None and 200 <= status < 300:
                return
            if self._closing.wait(self._knobs.webhook_retry_seconds * 2 ** (attempt - 1)):
                return

    def _attempt(self, event: StripeEvent) -> int | None:
        if self._endpoint is None:
            return None
        where = urlsplit(self._endpoint.url)
        connect = HTTPSConnection if where.scheme == "https" else HTTPConnection
        connection = connect(where.hostname or "", where.port, timeout=_PATIENCE_SECONDS)
        headers = {
            "Content-Type": "application/json; charset=utf-8",
            "Stripe-Signature": event.header(self._endpoint.secret, at=int(self._clock())),
            "User-Agent": "Stripe/1.0 (+https://stripe.com/docs/webhooks)",
        }
        try:
            connection.request("POST", where.path or "/", body=event.payload, headers=headers)
            answer = connection.getresponse()
            answer.read()
        except (OSError, HTTPException):
            return None
        finally:
            connection.close()
        return answer.status

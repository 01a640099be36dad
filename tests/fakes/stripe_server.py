"""A stateful fake Stripe on loopback, for tests and for the sandbox of the demo.

`with StripeServer(key="sk_test_…") as server:` serves `server.url`, which the real SDK takes as
`stripe.StripeClient("sk_test_…", base_addresses={"api": server.url})`. The server's methods are the other side: the
buyer, the bank and Stripe's dashboard. `python -m tests.fakes.stripe_server --help` serves it alone.
"""

from __future__ import annotations

import argparse
import copy
import secrets
import signal
import socket
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Event, Thread
from types import TracebackType
from typing import Any, Self
from urllib.parse import urlsplit

from tests.fakes.stripe_api import Answer, Api, Received
from tests.fakes.stripe_book import Book, Sums
from tests.fakes.stripe_errors import NotPossible, Refusal
from tests.fakes.stripe_knobs import Fault, FaultKind, Knobs
from tests.fakes.stripe_pages import missing_page, payment_page
from tests.fakes.stripe_params import decode
from tests.fakes.stripe_payments import Payments
from tests.fakes.stripe_returns import Returns
from tests.fakes.stripe_webhooks import Courier, Delivery, StripeEvent

_LARGEST_BODY = 1 << 20


class StripeServer:
    """One fake account, its API and its hosted pages, from `with` to its end; the state is in memory only."""

    def __init__(
        self,
        *,
        key: str = "sk_test_fake",
        host: str = "127.0.0.1",
        port: int = 0,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self.key = key
        self.knobs = Knobs()
        self.requests: list[Received] = []
        self._closing = Event()
        self._http = _Http((host, port), self)
        self.url = f"http://{host}:{self._http.server_address[1]}"
        self._courier = Courier(self.knobs, clock=clock)
        self._book = Book(self.knobs, clock=clock, announce=self._courier.announce)
        self._payments = Payments(self._book, base_url=self.url)
        self._returns = Returns(self._book)
        self._api = Api(self._book, self._payments, self._returns, secret_key=key)
        self._thread = Thread(target=self._http.serve_forever, args=(0.05,), name="stripe-fake", daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, raised: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Stop answering and posting, for good; delays under way are cut short. Twice is as once."""
        if self._closing.is_set():
            return
        self._closing.set()
        self._http.shutdown()
        self._http.server_close()
        self._courier.close()

    @property
    def events(self) -> list[StripeEvent]:
        """Every event so far, oldest first, ready to be signed and posted by the test itself."""
        return list(self._courier.events)

    @property
    def deliveries(self) -> list[Delivery]:
        """Every attempt to post an event so far."""
        return list(self._courier.deliveries)

    def book(self) -> dict[str, Sums]:
        """What Stripe holds for each `client_reference_id`."""
        return self._book.sums()

    def balance(self) -> dict[str, int]:
        """Currency → what the account has in it, in its smallest unit, to be paid out."""
        return self._book.nets()

    def object(self, name: str) -> dict[str, Any]:
        """The object with this id, as the API would render it unexpanded; raises `NotPossible`."""
        with self._book.lock:
            thing = self._book.find(name)
            if thing is None:
                raise NotPossible(f"no object {name}")
            return copy.deepcopy(thing)

    def objects(self, kind: str) -> list[dict[str, Any]]:
        """All objects of a kind, such as "checkout.session" or "refund", oldest first."""
        with self._book.lock:
            return copy.deepcopy(self._book.all(kind)[::-1])

    def pay(self, session_id: str, method: str | None = None, *, even_if_expired: bool = False) -> str:
        """The buyer pays on Stripe's page, by default with the first method offered; the id of the intent."""
        with self._book.lock:
            return str(self._payments.pay(session_id, method=method, even_if_expired=even_if_expired)["id"])

    def decline(self, session_id: str, method: str | None = None) -> str:
        """The buyer's attempt fails, the session stays open; the id of the intent."""
        with self._book.lock:
            return str(self._payments.decline(session_id, method=method)["id"])

    def clear(self, session_id: str) -> None:
        """The money of a delayed method arrives."""
        with self._book.lock:
            self._payments.clear(session_id)

    def bounce(self, session_id: str) -> None:
        """The money of a delayed method never arrives."""
        with self._book.lock:
            self._payments.bounce(session_id)

    def let_expire(self, session_id: str) -> None:
        """The session's time is over."""
        with self._book.lock:
            self._payments.expire(session_id)

    def tamper(self, session_id: str, **changes: Any) -> None:
        """From now on the session says something else; amount_total and currency go on to what was or will be paid."""
        with self._book.lock:
            self._payments.tamper(session_id, changes)

    def refund_from_dashboard(self, intent_id: str, amount: int | None = None) -> str:
        """Somebody refunds by hand, by default all that is left; the id of the refund."""
        params = {"payment_intent": intent_id} | ({} if amount is None else {"amount": amount})
        with self._book.lock:
            return str(self._returns.refund(params)["id"])

    def finish_refund(self, refund_id: str) -> None:
        """A pending refund succeeds."""
        with self._book.lock:
            self._returns.finish(refund_id)

    def fail_refund(self, refund_id: str, *, because: str = "declined") -> None:
        """A refund, pending or succeeded, fails and its money is back in the account."""
        with self._book.lock:
            self._returns.fail(refund_id, because=because)

    def dispute(self, intent_id: str, *, amount: int | None = None, reason: str = "general") -> str:
        """The buyer complains to the bank, by default about the whole charge; the id of the dispute."""
        with self._book.lock:
            return str(self._returns.dispute(intent_id, amount=amount, reason=reason)["id"])

    def win_dispute(self, dispute_id: str) -> None:
        """The bank sides with the shop."""
        with self._book.lock:
            self._returns.win(dispute_id)

    def lose_dispute(self, dispute_id: str) -> None:
        """The bank sides with the buyer."""
        with self._book.lock:
            self._returns.lose(dispute_id)

    def send_webhooks_to(self, url: str, secret: str) -> None:
        """Events from now on are posted there, signed; see the webhook knobs."""
        self._courier.send_to(url, secret)

    def deliver(self, *, seed: int | None = None) -> None:
        """All held events have been posted, in order or shuffled by the seed."""
        self._courier.deliver(seed=seed)

    def wait_for_webhooks(self) -> None:
        """Every event not held has been posted, or its attempts are used up."""
        self._courier.wait()

    def _serve_api(self, request: Received) -> tuple[Answer, Fault | None]:
        self.requests.append(request)
        fault = self.knobs.take_fault(request.method, request.path)
        return self._api.answer(request, fault, wait=self._closing.wait), fault

    def _serve_page(self, request: Received) -> Answer:
        session_id = request.path.removeprefix("/pay/")
        with self._book.lock:
            self._payments.expire_overdue()
            try:
                session = self._book.get("checkout.session", session_id)
                if request.method == "GET":
                    return Answer(200, payment_page(session))
                return self._act(session, request.params.get("act"))
            except Refusal:
                return Answer(404, missing_page())
            except NotPossible:
                return Answer(409, payment_page(session))

    def _act(self, session: dict[str, Any], act: Any) -> Answer:
        where = session["cancel_url"]
        if act != "cancel" or not where:
            self._payments.pay(session["id"], method=str(act), even_if_expired=False)
            where = session["success_url"].replace("{CHECKOUT_SESSION_ID}", session["id"])
        return Answer(303, b"", {"Location": where})


class _Http(ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = False

    def __init__(self, address: tuple[str, int], fake: StripeServer) -> None:
        self.fake = fake
        super().__init__(address, _Handler)

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Stay quiet about clients that hang up, and about nothing else."""
        if not isinstance(sys.exception(), OSError):
            super().handle_error(request, client_address)


class _Handler(BaseHTTPRequestHandler):
    server: _Http

    def do_GET(self) -> None:
        self._answer()

    def do_POST(self) -> None:
        self._answer()

    def log_message(self, format: str, *args: Any) -> None:
        """Say nothing."""

    def _answer(self) -> None:
        fake, fault = self.server.fake, None
        try:
            request = self._received()
            if request.path.startswith("/pay/"):
                answer = fake._serve_page(request)
            else:
                answer, fault = fake._serve_api(request)
        except Refusal as refusal:
            answer = Answer.of(refusal.body, status=refusal.status)
        self._send(answer, fault)

    def _received(self) -> Received:
        size = int(self.headers.get("Content-Length") or 0)
        if size > _LARGEST_BODY:
            raise Refusal("Request too large.", status=413)
        url = urlsplit(self.path)
        raw = self.rfile.read(size).decode(errors="replace") if self.command == "POST" else url.query
        headers = {name.lower(): value for name, value in self.headers.items()}
        return Received(str(self.command), url.path, headers, decode(raw), raw)

    def _send(self, answer: Answer, fault: Fault | None) -> None:
        kind = fault.kind if fault else None
        if kind is FaultKind.DROP:
            self.close_connection = True
            with suppress(OSError):
                self.connection.shutdown(socket.SHUT_RDWR)
            return
        is_page = self.path.startswith("/pay/")
        headers = {
            "Content-Type": "text/html; charset=utf-8" if is_page else "application/json",
            "Content-Length": str(len(answer.body)),
            "Request-Id": f"req_{secrets.token_hex(7)}",
            **answer.headers,
        }
        lines = [f"HTTP/1.0 {answer.status} -", *(f"{name}: {value}" for name, value in headers.items()), "", ""]
        whole = "\r\n".join(lines).encode() + answer.body
        with suppress(OSError):
            if fault and kind is FaultKind.DRIP:
                self._drip(whole, fault.bytes_per_second)
            else:
                self.wfile.write(whole)

    def _drip(self, whole: bytes, bytes_per_second: float) -> None:
        for byte in whole:
            self.wfile.write(bytes([byte]))
            if self.server.fake._closing.wait(1 / bytes_per_second):
                return


def main() -> None:
    """Serve one account until SIGTERM or SIGINT, saying only where."""
    parser = argparse.ArgumentParser(description="A fake Stripe: no money moves.")
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=0, help="0 takes a free one")
    parser.add_argument("--key", required=True, help="the secret key that clients must send")
    parser.add_argument("--webhook", help="where events are posted")
    parser.add_argument("--secret", help="the whsec_… that they are signed with")
    given = parser.parse_args()
    if bool(given.webhook) != bool(given.secret):
        parser.error("--webhook and --secret go together")
    done = Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: done.set())
    with StripeServer(key=given.key, host=given.host, port=given.port) as server:
        if given.webhook:
            server.send_webhooks_to(given.webhook, given.secret)
        print(server.url, flush=True)
        done.wait()


if __name__ == "__main__":
    main()

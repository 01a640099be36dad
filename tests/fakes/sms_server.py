"""A provider of texts on loopback, for tests: takes each id once, and fails in the ways that providers fail.

`with SmsServer() as server:` serves `server.url`, an address as `SMS_URL` takes it.
"""

from __future__ import annotations

import json
import time
from collections import deque
from dataclasses import dataclass
from enum import Enum
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Event, Lock, Thread
from types import TracebackType
from typing import Self

TOKEN = "sms-token-for-tests"


class Fault(Enum):
    """What goes wrong with one request; the text is taken or not by then."""

    NOT_TAKEN = "500 before it is taken"
    TAKEN = "500 after it is taken"
    SILENT = "taken, and the line is cut before the answer"
    LATE = "taken, and the answer drips for longer than anybody waits"
    HTML = "200 with a page, as a captive portal gives it"
    FLOOD = "taken, and an answer of ten megabytes"
    ELSEWHERE = "a redirect"
    REFUSED = "422: no such number"
    BROKEN = "an answer that is not HTTP"
    OTHER_ID = "200 with another id"


_IS_TAKEN = {Fault.TAKEN, Fault.SILENT, Fault.LATE, Fault.FLOOD, None}


@dataclass(frozen=True, slots=True)
class Text:
    """A text as it was asked for."""

    id: str
    to: str
    words: str


class SmsServer:
    """One provider, from `with` to its end; `asked` is every request, `taken` every text that phones got."""

    def __init__(self, *, token: str = TOKEN) -> None:
        self.token = token
        self.asked: list[Text] = []
        self.taken: list[Text] = []
        self.faults: deque[Fault | None] = deque()
        self.delay = 0.0
        self.lock = Lock()
        self.closing = Event()
        self._http = _Http(self)
        self.url = f"http://{token}@127.0.0.1:{self._http.server_address[1]}/texts"
        self._thread = Thread(target=self._http.serve_forever, args=(0.05,), name="sms-fake", daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, raised: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.closing.set()
        self._http.shutdown()
        self._http.server_close()

    def take(self, text: Text) -> Fault | None:
        """Note the request and, unless its fault comes first or the id is known, the text; the fault to show."""
        with self.lock:
            self.asked.append(text)
            fault = self.faults.popleft() if self.faults else None
            if fault in _IS_TAKEN and text.id not in {one.id for one in self.taken}:
                self.taken.append(text)
        return fault


class _Http(ThreadingHTTPServer):
    daemon_threads = True

    def __init__(self, owner: SmsServer) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.owner = owner


class _Handler(BaseHTTPRequestHandler):
    server: _Http

    def do_POST(self) -> None:
        owner = self.server.owner
        owner.closing.wait(owner.delay)
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        if self.headers["Authorization"] != f"Bearer {owner.token}":
            self._answer(401, b"{}")
            return
        text = Text(body["id"], body["to"], body["text"])
        self._show(owner.take(text), text)

    def _show(self, fault: Fault | None, text: Text) -> None:
        good = json.dumps({"id": text.id}).encode()
        if fault in (Fault.NOT_TAKEN, Fault.TAKEN):
            self._answer(500, b"oops")
        elif fault is Fault.SILENT:
            self.close_connection = True
        elif fault is Fault.LATE:
            self._drip(good)
        elif fault is Fault.HTML:
            self._answer(200, "<html>请先登录</html>".encode())
        elif fault is Fault.FLOOD:
            self._answer(200, b" " * 10_000_000)
        elif fault is Fault.ELSEWHERE:
            self._answer(307, b"", Location=f"http://127.0.0.1:{self.server.server_address[1]}/other")
        elif fault is Fault.REFUSED:
            self._answer(422, b'{"error": "no such number"}')
        elif fault is Fault.BROKEN:
            self.wfile.write(b"hello\r\n\r\n")
            self.close_connection = True
        else:
            self._answer(200, json.dumps({"id": "another"}).encode() if fault is Fault.OTHER_ID else good)

    def _answer(self, status: int, body: bytes, **headers: str) -> None:
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        try:
            self.wfile.write(body)
        except OSError:
            self.close_connection = True

    def _drip(self, body: bytes) -> None:
        self.wfile.write(b"HTTP/1.1 200 OK\r\n")
        for number in range(10_000):
            if self.server.owner.closing.is_set():
                return
            try:
                self.wfile.write(f"X-{number}: y\r\n".encode())
            except OSError:
                return
            time.sleep(0.05)

    def log_message(self, format: str, *args: object) -> None:
        """Say nothing."""

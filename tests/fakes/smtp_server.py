"""A mail server on loopback, for tests: takes what it is given, and fails in the ways that mail servers fail.

`with SmtpServer() as server:` serves `server.url`, an address as `MAIL_URL` takes it. It checks names and passwords,
and, given a context, speaks TLS at once or after STARTTLS.
"""

from __future__ import annotations

import base64
import ssl
from collections import deque
from dataclasses import dataclass, field
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from enum import Enum
from socketserver import StreamRequestHandler, ThreadingTCPServer
from threading import Event, Lock, Thread
from types import TracebackType
from typing import Self

USER, PASSWORD = "county", "p@ss word"
SENDER = "noreply@zao.example"
URL_USER, URL_PASSWORD = "county", "p%40ss%20word"


class Fault(Enum):
    """What goes wrong with one mail."""

    NO_SUCH_BOX = "550 to RCPT: for good"
    NOT_NOW = "451 to RCPT: for now"
    SPAM = "554 after DATA: for good"
    FULL = "452 after DATA: for now"
    SENDER = "550 to MAIL: the sender is not liked"
    GOODBYE = "421 to MAIL, and the line is cut"
    SILENT = "taken, and the line is cut before the answer"
    LATE = "taken, and the answer drips for longer than anybody waits"
    NONSENSE = "an answer that is not SMTP"


_TAKEN = {None, Fault.SILENT, Fault.LATE}
_AT_RCPT = {Fault.NO_SUCH_BOX: "550 5.1.1 <{to}> no such box", Fault.NOT_NOW: "451 4.7.1 <{to}> greylisted"}
_AT_MAIL = {Fault.SENDER: "550 5.7.1 not you", Fault.GOODBYE: "421 4.3.2 closing", Fault.NONSENSE: "hello there"}
_AT_DATA = {Fault.SPAM: "554 5.7.1 spam", Fault.FULL: "452 4.2.2 full"}


@dataclass(frozen=True, slots=True)
class Taken:
    """A mail as it came over the line: the envelope, the bytes, and whether the line was encrypted."""

    sender: str
    to: list[str]
    raw: bytes
    was_tls: bool
    signed_in: bool

    @property
    def message(self) -> EmailMessage:
        """The mail, parsed."""
        return message_from_bytes(self.raw, policy=default)

    @property
    def body(self) -> str:
        """What people read."""
        return str(self.message.get_content())


@dataclass
class _Session:
    """What one client has said so far."""

    sender: str = ""
    to: list[str] = field(default_factory=list)
    is_tls: bool = False
    is_signed_in: bool = False
    fault: Fault | None = None


class SmtpServer:
    """One server, from `with` to its end; `taken` is every mail that it took, `tried` counts every MAIL command."""

    def __init__(self, *, tls: ssl.SSLContext | None = None, at_once: bool = False) -> None:
        self.tls, self.at_once = tls, at_once
        self.taken: list[Taken] = []
        self.tried = 0
        self.faults: deque[Fault | None] = deque()
        self.needs_sign_in = False
        self.lock = Lock()
        self.closing = Event()
        self._tcp = _Tcp(self)
        self.port = self._tcp.server_address[1]
        scheme = "smtps" if at_once else "smtp"
        self.url = f"{scheme}://{URL_USER}:{URL_PASSWORD}@127.0.0.1:{self.port}?from={SENDER}"
        self._thread = Thread(target=self._tcp.serve_forever, args=(0.05,), name="smtp-fake", daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, raised: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.closing.set()
        self._tcp.shutdown()
        self._tcp.server_close()

    def begin(self) -> Fault | None:
        """The fault of the mail that begins now."""
        with self.lock:
            self.tried += 1
            return self.faults.popleft() if self.faults else None

    def take(self, mail: Taken) -> None:
        """The mail is ours to carry."""
        with self.lock:
            self.taken.append(mail)


class _Tcp(ThreadingTCPServer):
    daemon_threads = True
    allow_reuse_address = True

    def __init__(self, owner: SmtpServer) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.owner = owner

    def handle_error(self, request: object, client_address: object) -> None:
        """A client that goes away is no news."""


class _Handler(StreamRequestHandler):
    server: _Tcp

    def handle(self) -> None:
        self.owner = self.server.owner
        self.state = _Session()
        if self.owner.at_once:
            self._encrypt()
        self._say("220 fake ESMTP")
        while line := self.rfile.readline(2000):
            verb, _, rest = line.decode("ascii", "replace").strip().partition(" ")
            act = getattr(self, f"_{verb.lower()}", None)
            if act is None:
                self._say("502 5.5.1 unknown")
            elif act(rest) is False:
                return

    def _ehlo(self, rest: str) -> None:
        offers = ["fake", "8BITMIME"]
        if self.owner.tls is not None and not self.state.is_tls:
            offers.append("STARTTLS")
        else:
            offers.append("AUTH PLAIN")
        for offer in offers[:-1]:
            self._say(f"250-{offer}")
        self._say(f"250 {offers[-1]}")

    def _starttls(self, rest: str) -> None:
        self._say("220 go ahead")
        self._encrypt()

    def _auth(self, rest: str) -> None:
        given = base64.b64decode(rest.removeprefix("PLAIN ")).decode().split("\0")
        self.state.is_signed_in = given[1:] == [USER, PASSWORD]
        self._say("235 2.7.0 welcome" if self.state.is_signed_in else "535 5.7.8 wrong")

    def _mail(self, rest: str) -> bool | None:
        self.state.fault = self.owner.begin()
        self.state.sender, self.state.to = _address(rest), []
        if self.owner.needs_sign_in and not self.state.is_signed_in:
            self._say("530 5.7.0 sign in first")
            return None
        self._say(_AT_MAIL.get(self.state.fault, "250 ok"))  # type: ignore[arg-type]
        return self.state.fault is not Fault.GOODBYE

    def _rcpt(self, rest: str) -> None:
        to = _address(rest)
        answer = _AT_RCPT.get(self.state.fault)  # type: ignore[arg-type]
        if answer is None:
            self.state.to.append(to)
        self._say((answer or "250 ok").format(to=to))

    def _data(self, rest: str) -> bool | None:
        self._say("354 go on")
        lines = []
        while (line := self.rfile.readline()) not in (b".\r\n", b""):
            lines.append(line.removeprefix(b".") if line.startswith(b"..") else line)
        state, fault = self.state, self.state.fault
        if fault in _TAKEN:
            self.owner.take(Taken(state.sender, state.to, b"".join(lines), state.is_tls, state.is_signed_in))
        if fault is Fault.SILENT:
            return False
        if fault is Fault.LATE:
            self._drip()
            return False
        self._say(_AT_DATA.get(fault, "250 2.0.0 taken"))  # type: ignore[arg-type]
        return None

    def _rset(self, rest: str) -> None:
        self._say("250 ok")

    def _quit(self, rest: str) -> bool:
        self._say("221 bye")
        return False

    def _drip(self) -> None:
        while not self.owner.closing.wait(0.05):
            self._say("250-still thinking")

    def _say(self, words: str) -> None:
        self.wfile.write(f"{words}\r\n".encode())

    def _encrypt(self) -> None:
        assert self.owner.tls is not None
        self.connection = self.owner.tls.wrap_socket(self.request, server_side=True)
        self.rfile = self.connection.makefile("rb")
        self.wfile = self.connection.makefile("wb", buffering=0)
        self.state.is_tls = True


def _address(rest: str) -> str:
    return rest.partition("<")[2].partition(">")[0]

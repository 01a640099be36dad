"""Texts to phones: a provider asked over HTTP, or, where the county has none, a line in the log.

No call is made inside a transaction. What is asked, as JSON by POST, with the user part of the address as bearer token:
`{"to": "13812345678", "text": "…", "id": "…"}`. A provider that has taken the text answers 2xx with a JSON object
whose `id` is the same, and sends a text once however often it comes under one id.
"""

from __future__ import annotations

import json
import re
import socket
from concurrent.futures import ThreadPoolExecutor
from concurrent.futures import TimeoutError as TookTooLong
from contextlib import suppress
from http.client import HTTPConnection, HTTPException, HTTPSConnection
from typing import Final, Protocol
from urllib.parse import unquote, urlsplit

from app.kernel.db import let_go
from app.kernel.logs import get_logger

CALL_SECONDS: Final = 5.0
MOST_ANSWER: Final = 16 * 1024
_REFUSALS: Final = frozenset({400, 422})
_CODES: Final = re.compile(r"\d{4,}", re.ASCII)
log = get_logger("sms")


class TextUnsure(Exception):
    """No answer, or none that says what happened; to be asked again under the same id."""


class TextRefused(Exception):
    """The provider will not send this text, ever."""


class Sms(Protocol):
    """A way to phones."""

    def send(self, *, to: str, words: str, reference: str) -> None:
        """Afterwards the text is with whoever sends it. Raises `TextUnsure`, `TextRefused`."""


class LogSms:
    """No provider: the log says that there was a text, for whom only by the last four digits."""

    def send(self, *, to: str, words: str, reference: str) -> None:
        """The log has the text, without any code in it."""
        log.info("text", to=f"*******{to[-4:]}", reference=reference, words=without_codes(words))


class HttpSms:
    """A provider at an address such as `https://token@sms.example/texts`, as `config` has checked it.

    Five seconds in all for an answer, however slowly it drips; 16 KiB of it are read; a redirect is not followed.
    """

    def __init__(self, url: str) -> None:
        parts = urlsplit(url)
        self._host, self._port = parts.hostname or "", parts.port
        self._connects = HTTPSConnection if parts.scheme == "https" else HTTPConnection
        self._path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
        self._token = unquote(parts.username or "")
        self._calls = _threads()

    def send(self, *, to: str, words: str, reference: str) -> None:
        """The provider has the text. Raises `TextUnsure`, and `TextRefused` when the number or the words are not
        taken."""
        let_go()
        connection = self._connects(self._host, self._port, timeout=CALL_SECONDS)
        body = json.dumps({"to": to, "text": words, "id": reference}, ensure_ascii=False).encode()
        waiting = self._calls.submit(self._ask, connection, body)
        try:
            status, answer = waiting.result(timeout=CALL_SECONDS)
        except TookTooLong as error:
            if not waiting.cancel():
                _cut(connection)
                self._calls = _threads()
            raise TextUnsure("no answer in time") from error
        except (OSError, HTTPException, ValueError) as error:
            raise TextUnsure(type(error).__name__) from error
        if status in _REFUSALS:
            raise TextRefused(f"answered {status}")
        if not 200 <= status < 300:
            raise TextUnsure(f"answered {status}")
        if _id_in(answer) != reference:
            raise TextUnsure(f"answered {status} with something else than our id")

    def _ask(self, connection: HTTPConnection, body: bytes) -> tuple[int, bytes]:
        try:
            connection.request(
                "POST",
                self._path,
                body,
                {
                    "Authorization": f"Bearer {self._token}",
                    "Content-Type": "application/json; charset=utf-8",
                    "Accept": "application/json",
                },
            )
            response = connection.getresponse()
            return response.status, response.read(MOST_ANSWER)
        finally:
            connection.close()


def without_codes(words: str) -> str:
    """The words with every run of four or more digits hidden, for logs and pages: it might be a code or a number."""
    return _CODES.sub("****", words)


def _threads() -> ThreadPoolExecutor:
    return ThreadPoolExecutor(max_workers=2, thread_name_prefix="sms")


def _cut(connection: HTTPConnection) -> None:
    """Whoever still listens to the drip stops."""
    if connection.sock is not None:
        with suppress(OSError):
            connection.sock.shutdown(socket.SHUT_RDWR)


def _id_in(answer: bytes) -> object:
    try:
        found = json.loads(answer)
    except (ValueError, RecursionError):
        return None
    return found.get("id") if isinstance(found, dict) else None

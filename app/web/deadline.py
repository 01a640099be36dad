"""How long the body of a request may take to come in, so that nobody keeps a thread by dripping."""

from __future__ import annotations

import socket
from collections.abc import Iterable
from contextlib import suppress
from threading import Timer
from wsgiref.types import InputStream, StartResponse, WSGIApplication, WSGIEnvironment

SECONDS = 180.0
"""Three megabytes on a village's 2G line take two and a half minutes."""


class Deadline:
    """The app, for which a body that has not come within `seconds` ends where it is, and is refused as incomplete."""

    def __init__(self, app: WSGIApplication, *, seconds: float = SECONDS) -> None:
        self._app, self._seconds = app, seconds

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        """Answer; while it is worked on, the clock runs for who sends a body over a socket that we know."""
        # Gunicorn names the socket; behind it nobody else bounds how long a read may wait.
        line = environ.get("gunicorn.socket")
        if environ.get("CONTENT_LENGTH"):
            # Or a body that breaks off would be taken for a whole one.
            environ.pop("wsgi.input_terminated", None)
        has_body = environ.get("CONTENT_LENGTH", "0") not in ("", "0") or "HTTP_TRANSFER_ENCODING" in environ
        if "HTTP_TRANSFER_ENCODING" in environ:
            environ["wsgi.input"] = _Pieces(environ["wsgi.input"])
        if not isinstance(line, socket.socket) or not has_body:
            return self._app(environ, start_response)
        alarm = Timer(self._seconds, _hear_no_more, [line])
        alarm.daemon = True
        alarm.start()
        try:
            return self._app(environ, start_response)
        finally:
            alarm.cancel()


class _Pieces:
    """A body in pieces, in which a piece that is none is a broken line, and no fault of ours."""

    def __init__(self, body: InputStream) -> None:
        self._body = body

    def read(self, size: int = -1, /) -> bytes:
        """What comes next. Raises `OSError`."""
        try:
            return self._body.read(size)
        except OSError:
            raise
        except Exception as error:
            raise OSError(str(error)) from error


def _hear_no_more(line: socket.socket) -> None:
    """Whoever reads finds the end; the answer can still be sent."""
    with suppress(OSError):
        line.shutdown(socket.SHUT_RD)

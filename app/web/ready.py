"""Pages that look alike to everybody who is not signed in: drawn once a second, and handed out ready.

Only what is the visitor's own is put in anew: the token of his forms. So a page that a thousand people open in a second
costs the database one reading, and prices and stock on it are never older than that second.
"""

from __future__ import annotations

import functools
import struct
import threading
import time
import zlib
from collections import OrderedDict
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeVar

from flask import Flask, Response, current_app, g, request, session
from flask.typing import ResponseReturnValue
from flask_wtf.csrf import generate_csrf

from app.web.context import CHOICES

View = TypeVar("View", bound=Callable[..., Any])
_MOST_PAGES = 64
_PATIENCE_SECONDS = 0.25
_ONES_OWN = ("_user_id", "cart", "_flashes")
_GZIP_HEAD = b"\x1f\x8b\x08\x00\x00\x00\x00\x00\x00\xff"
_DEFLATE_END = b"\x03\x00"


def keep(app: Flask, *, seconds: float) -> None:
    """From here on the app hands out pages of views marked `ready` that are at most so many seconds old."""
    app.extensions["liulin.ready"] = _Rack(seconds)


def ready(view: View) -> View:
    """A view whose page is the same for every visitor without sign-in, basket and message; only 200 is kept."""

    @functools.wraps(view)
    def kept(*args: Any, **kwargs: Any) -> Any:
        rack: _Rack | None = current_app.extensions.get("liulin.ready")
        if rack is None or request.method != "GET" or any(name in session for name in _ONES_OWN):
            return view(*args, **kwargs)
        key = (request.full_path, *(g.get(name) for name in CHOICES))
        return rack.give(key, lambda: view(*args, **kwargs))

    return kept  # type: ignore[return-value]


@dataclass(frozen=True, slots=True)
class _Page:
    """A page between whose parts the visitor's token belongs, and the moment before its first reading."""

    parts: Sequence[bytes]
    zipped: Sequence[bytes]
    drawn_at: float


@dataclass(slots=True)
class _Place:
    """Where one page lies, and the lock of whoever draws it anew."""

    lock: threading.Lock = field(default_factory=threading.Lock)
    page: _Page | None = None


class _Rack:
    """The pages that lie ready in this process, the longest unused thrown out first."""

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds
        self._places: OrderedDict[tuple[str | None, ...], _Place] = OrderedDict()
        self._lock = threading.Lock()

    def give(self, key: tuple[str | None, ...], draw: Callable[[], ResponseReturnValue]) -> ResponseReturnValue:
        """The page, drawn by one visitor while others wait a moment; who has waited too long draws his own."""
        place = self._place(key)
        page = self._fresh(place)
        if page is None:
            if not place.lock.acquire(timeout=_PATIENCE_SECONDS):
                return draw()
            try:
                page = self._fresh(place)
                if page is None:
                    return _redraw(place, draw)
            finally:
                place.lock.release()
        return _answer(page)

    def _place(self, key: tuple[str | None, ...]) -> _Place:
        with self._lock:
            place = self._places.setdefault(key, _Place())
            self._places.move_to_end(key)
            if len(self._places) > _MOST_PAGES:
                self._places.popitem(last=False)
        return place

    def _fresh(self, place: _Place) -> _Page | None:
        page = place.page
        return page if page and time.monotonic() - page.drawn_at < self._seconds else None


def _redraw(place: _Place, draw: Callable[[], ResponseReturnValue]) -> ResponseReturnValue:
    began = time.monotonic()
    drawn = draw()
    html, status = drawn if isinstance(drawn, tuple) and len(drawn) == 2 else (drawn, 200)
    if isinstance(html, str) and status == 200:
        token = g.get("csrf_token")
        parts = [part.encode() for part in (html.split(token) if token else [html])]
        place.page = _Page(parts, _zipped(parts), began)
    return drawn


def _answer(page: _Page) -> Response:
    token = generate_csrf().encode() if len(page.parts) > 1 else b""
    body = token.join(page.parts)
    if request.accept_encodings["gzip"] <= 0:
        return Response(body, content_type="text/html; charset=utf-8")
    response = Response(_gzip(body, token, page.zipped), content_type="text/html; charset=utf-8")
    response.content_encoding = "gzip"
    return response


def _zipped(parts: Sequence[bytes]) -> list[bytes]:
    """Each part as deflate blocks that end on a byte and refer to no other part (RFC 1951)."""
    deflate = zlib.compressobj(level=6, wbits=-zlib.MAX_WBITS)
    return [deflate.compress(part) + deflate.flush(zlib.Z_FULL_FLUSH) for part in parts]


def _gzip(body: bytes, token: bytes, zipped: Sequence[bytes]) -> bytes:
    """The body as one gzip member (RFC 1952): the parts as they lie ready, the token between them uncompressed."""
    stored = struct.pack("<BHH", 0, len(token), 0xFFFF ^ len(token)) + token
    return b"".join((_GZIP_HEAD, stored.join(zipped), _DEFLATE_END, struct.pack("<II", zlib.crc32(body), len(body))))

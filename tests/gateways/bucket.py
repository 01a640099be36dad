"""A bucket in memory that speaks as much of the S3 protocol as the media store uses; it can be full or broken."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from types import TracebackType
from typing import Self
from urllib.parse import parse_qs, unquote, urlsplit
from xml.sax.saxutils import escape

LISTED = """<?xml version="1.0"?><ListBucketResult><IsTruncated>false</IsTruncated>{}</ListBucketResult>"""
ENTRY = (
    "<Contents><Key>{}</Key><Size>{}</Size><ETag>&quot;1&quot;</ETag>"
    "<LastModified>2016-01-25T00:00:00.000Z</LastModified></Contents>"
)


@dataclass
class Bucket:
    """Objects by key, each with its content type; `refusal` is the status that every request gets instead."""

    objects: dict[str, tuple[bytes, str]] = field(default_factory=dict)
    refusal: int | None = None

    def __post_init__(self) -> None:
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), _handler_of(self))
        self._thread = Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.05})

    @property
    def endpoint(self) -> str:
        return f"http://127.0.0.1:{self._server.server_port}"

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()


def _handler_of(bucket: Bucket) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def answer(self, status: int, body: bytes = b"", kind: str = "application/xml", size: int = -1) -> None:
            self.send_response(status)
            self.send_header("Content-Type", kind)
            self.send_header("Content-Length", str(len(body) if size < 0 else size))
            self.send_header("ETag", '"1"')
            self.send_header("Last-Modified", "Mon, 25 Jan 2016 00:00:00 GMT")
            self.end_headers()
            self.wfile.write(body)

        def key(self) -> str:
            return unquote(urlsplit(self.path).path).removeprefix("/media").removeprefix("/")

        def do_PUT(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            if bucket.refusal is None:
                bucket.objects[self.key()] = (body, self.headers["Content-Type"])
            self.answer(bucket.refusal or 200)

        def do_GET(self) -> None:
            if bucket.refusal is not None:
                self.answer(bucket.refusal)
            elif not self.key():
                prefix = parse_qs(urlsplit(self.path).query).get("prefix", [""])[0]
                found = {key: value for key, value in bucket.objects.items() if key.startswith(prefix)}
                entries = [ENTRY.format(escape(key), len(data)) for key, (data, _) in found.items()]
                self.answer(200, LISTED.format("".join(entries)).encode())
            elif self.key() in bucket.objects:
                self.answer(200, *bucket.objects[self.key()])
            else:
                self.answer(404, b"<Error><Code>NoSuchKey</Code></Error>")

        def do_HEAD(self) -> None:
            data, kind = bucket.objects.get(self.key(), (b"", ""))
            status = bucket.refusal or (200 if kind else 404)
            self.answer(status, kind=kind or "application/xml", size=len(data))

        def do_POST(self) -> None:
            """The client deletes by a list of keys, and wants to hear each of them again."""
            body = self.rfile.read(int(self.headers["Content-Length"])).decode()
            gone = re.findall("<Key>(.*?)</Key>", body)
            if bucket.refusal is None:
                for key in gone:
                    bucket.objects.pop(key, None)
            told = "".join(f"<Deleted><Key>{key}</Key></Deleted>" for key in gone)
            self.answer(bucket.refusal or 200, f"<DeleteResult>{told}</DeleteResult>".encode())

        def log_message(self, format: str, *args: object) -> None:
            pass

    return Handler

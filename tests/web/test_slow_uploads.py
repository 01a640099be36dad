"""Bodies that drip, never end or break off, sent to a real gunicorn: each is answered, and none keeps a thread.

Source: U6 of the table of provoked faults.
"""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
SECONDS = 1.5
SERVED = f"""
from app.factory import create_app
from app.web import guards
from app.web.deadline import Deadline
from app.web.security import csrf
from flask import request

app = create_app()

@app.post("/take")
@csrf.exempt
@guards.public
def take():
    return str(len(request.get_data()) + len(request.form))

app.wsgi_app = Deadline(app.wsgi_app, seconds={SECONDS})
"""


@pytest.fixture(scope="module")
def port(tmp_path_factory: pytest.TempPathFactory) -> Iterator[int]:
    """Where the product listens, with one thread, so that whoever keeps it keeps all."""
    folder = tmp_path_factory.mktemp("served")
    (folder / "served.py").write_text(SERVED)
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        number: int = probe.getsockname()[1]
    environ = {
        **{name: value for name, value in os.environ.items() if name in ("PATH", "HOME", "LANG")},
        "INSTANCE_DIR": str(folder / "instance"),
        "PYTHONPATH": f"{folder}:{ROOT}",
        "PORT": str(number),
    }
    command = [sys.executable, "-m", "gunicorn", "-c", str(ROOT / "gunicorn.conf.py"), "-b", f"127.0.0.1:{number}"]
    with subprocess.Popen([*command, "-w", "1", "--threads", "1", "served:app"], env=environ, cwd=ROOT) as served:
        try:
            _wait_for(number)
            yield number
        finally:
            served.terminate()


def _wait_for(port: int) -> None:
    patience = time.monotonic() + 60
    while time.monotonic() < patience:
        try:
            if status_of(exchange(port, b"GET /healthz HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")):
                return
        except OSError:
            time.sleep(0.2)
    raise TimeoutError("gunicorn did not come up")


def exchange(port: int, *parts: bytes, every: float = 0.0, half_close: bool = False) -> bytes:
    """What comes back when these parts are sent, one after another, as long as the other side takes them."""
    with socket.create_connection(("127.0.0.1", port), timeout=30) as line:
        try:
            for part in parts:
                line.sendall(part)
                time.sleep(every)
            if half_close:
                line.shutdown(socket.SHUT_WR)
        except OSError:
            pass
        heard = b""
        try:
            while part := line.recv(65536):
                heard += part
        except ConnectionError:
            pass
        return heard


def status_of(heard: bytes) -> int:
    return int(heard.split(b" ", 2)[1]) if heard.startswith(b"HTTP/1.1 ") else 0


def head(*more: str, kind: str = "multipart/form-data; boundary=b") -> bytes:
    lines = [
        "POST /take HTTP/1.1",
        "Host: localhost",
        "Accept: application/json",
        f"Content-Type: {kind}",
        "Connection: close",
        *more,
        "",
        "",
    ]
    return "\r\n".join(lines).encode()


PART = b'--b\r\nContent-Disposition: form-data; name="x"\r\n\r\n1'


def test_a_whole_body_is_taken(port: int) -> None:
    body = PART + b"\r\n--b--\r\n"

    assert status_of(exchange(port, head(f"Content-Length: {len(body)}"), body)) == 200


def test_a_body_that_drips_is_refused_when_its_time_is_over(port: int) -> None:
    began = time.monotonic()

    heard = exchange(port, head("Content-Length: 1000000"), PART, *[b"1"] * 12, every=0.2)

    assert status_of(heard) == 400
    assert time.monotonic() - began < SECONDS + 3
    assert status_of(exchange(port, b"GET /healthz HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")) == 200


def test_a_body_that_stops_coming_is_refused_when_its_time_is_over(port: int) -> None:
    began = time.monotonic()

    assert status_of(exchange(port, head("Content-Length: 1000000"), PART)) == 400
    assert SECONDS - 0.5 < time.monotonic() - began < SECONDS + 3


def test_a_body_that_breaks_off_is_refused_at_once(port: int) -> None:
    began = time.monotonic()

    assert status_of(exchange(port, head("Content-Length: 1000000"), PART, half_close=True)) == 400
    assert time.monotonic() - began < SECONDS


def test_a_length_above_the_cap_is_refused_without_its_body(port: int) -> None:
    assert status_of(exchange(port, head("Content-Length: 99999999999"))) == 413


@pytest.mark.parametrize("length", ["-1", "1e3", "x", "1, 2"])
def test_a_length_that_is_no_number_is_refused(port: int, length: str) -> None:
    assert status_of(exchange(port, head(f"Content-Length: {length}"), PART)) == 400


def test_pieces_without_end_are_refused_at_the_cap(port: int) -> None:
    piece = b"%x\r\n" % 1_000_000 + b"1" * 1_000_000 + b"\r\n"
    first = b"%x\r\n" % len(PART) + PART + b"\r\n"

    heard = exchange(port, head("Transfer-Encoding: chunked"), first, *[piece] * 40)

    # The answer comes while pieces are still sent, so that the line may break before it is read.
    assert status_of(heard) in (0, 413)
    assert status_of(exchange(port, b"GET /healthz HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")) == 200


def test_pieces_that_are_none_are_refused(port: int) -> None:
    assert status_of(exchange(port, head("Transfer-Encoding: chunked"), PART + b"\r\n", half_close=True)) == 400


def test_pieces_that_drip_without_end_are_refused_when_their_time_is_over(port: int) -> None:
    began = time.monotonic()
    first = b"%x\r\n" % len(PART) + PART + b"\r\n"

    heard = exchange(port, head("Transfer-Encoding: chunked"), first, *[b"1\r\n1\r\n"] * 12, every=0.2)

    assert status_of(heard) == 400
    assert time.monotonic() - began < SECONDS + 3

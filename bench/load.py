"""A load client of our own: keep-alive connections that each send the next request as soon as the last is answered.

For flows that a fixed command line cannot say (every order with a buyer, a basket and a key of its own), and for pages
where wrk is not installed.
"""

from __future__ import annotations

import asyncio
import itertools
import time
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field

CONNECTIONS = 16
_PATIENCE_SECONDS = 30


@dataclass(slots=True)
class Outcome:
    """What one stretch of load gave: answers by status, how long it took, and how long each answer took."""

    seconds: float = 0.0
    statuses: Counter[int] = field(default_factory=Counter)
    answer_seconds: list[float] = field(default_factory=list)

    def count(self, *statuses: int) -> int:
        """Answers with one of these statuses; all of them when none is named."""
        return sum(number for status, number in self.statuses.items() if not statuses or status in statuses)

    def per_second(self, *statuses: int) -> float:
        """The same for each second."""
        return self.count(*statuses) / self.seconds if self.seconds else 0.0

    def percentile_ms(self, percent: int) -> float:
        """So many per cent of the answers came within this time."""
        times = sorted(self.answer_seconds)
        return 1000 * times[min(len(times) - 1, len(times) * percent // 100)] if times else 0.0


def request(
    method: str, path: str, *, port: int, headers: Mapping[str, str] | None = None, body: str | None = None
) -> bytes:
    """The bytes of a request; `body` is a form."""
    lines = [f"{method} {path} HTTP/1.1", f"Host: localhost:{port}"]
    lines += [f"{name}: {value}" for name, value in (headers or {}).items()]
    sent = (body or "").encode()
    if body is not None:
        lines += ["Content-Type: application/x-www-form-urlencoded", f"Content-Length: {len(sent)}"]
    return "\r\n".join([*lines, "", ""]).encode() + sent


def drive(requests: Iterable[bytes], *, port: int, seconds: float, connections: int = CONNECTIONS) -> Outcome:
    """Send the requests until the time is over or none is left. Raises `OSError` when nobody listens."""
    return asyncio.run(_drive(iter(requests), port, seconds, connections))


def again_and_again(one: bytes) -> Iterator[bytes]:
    """The same request for ever."""
    return itertools.repeat(one)


async def _drive(requests: Iterator[bytes], port: int, seconds: float, connections: int) -> Outcome:
    outcome = Outcome()
    loop = asyncio.get_running_loop()
    start = time.perf_counter()
    buyers = []
    for _ in range(connections):
        buyer = _Buyer(requests, outcome, port, until=start + seconds)
        await loop.create_connection(lambda buyer=buyer: buyer, "127.0.0.1", port)  # type: ignore[misc]
        buyers.append(buyer)
    async with asyncio.timeout(seconds + _PATIENCE_SECONDS):
        await asyncio.gather(*(buyer.done for buyer in buyers))
    outcome.seconds = time.perf_counter() - start
    return outcome


class _Buyer(asyncio.Protocol):
    """One connection, opened again where the server closes it between two requests."""

    def __init__(self, requests: Iterator[bytes], outcome: Outcome, port: int, *, until: float) -> None:
        self.done: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._requests, self._outcome, self._port, self._until = requests, outcome, port, until
        self._sent_at = 0.0
        self._received = bytearray()
        self._whole = -1
        self._waiting: bytes | None = None
        self._transport: asyncio.Transport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport
        if self._waiting is not None:
            self._send(self._waiting)
        else:
            self._next()

    def data_received(self, data: bytes) -> None:
        self._received += data
        if self._whole < 0:
            self._read_head()
        if 0 <= self._whole <= len(self._received):
            self._outcome.statuses[int(self._received[9:12])] += 1
            self._outcome.answer_seconds.append(time.perf_counter() - self._sent_at)
            self._waiting = None
            self._received.clear()
            self._whole = -1
            self._next()

    def connection_lost(self, exc: Exception | None) -> None:
        if not self.done.done():
            task = asyncio.get_running_loop().create_task(self._come_again())
            task.add_done_callback(self._give_up)

    async def _come_again(self) -> None:
        self._received.clear()
        self._whole = -1
        await asyncio.get_running_loop().create_connection(lambda: self, "127.0.0.1", self._port)

    def _give_up(self, task: asyncio.Task[None]) -> None:
        failure = task.exception()
        if failure is not None and not self.done.done():
            self.done.set_exception(failure)

    def _read_head(self) -> None:
        end = self._received.find(b"\r\n\r\n")
        if end < 0:
            return
        head = bytes(self._received[:end]).lower()
        at = head.find(b"\r\ncontent-length:")
        if at < 0:
            raise ValueError(f"an answer without Content-Length: {head[:200]!r}")
        self._whole = end + 4 + int(head[at + 17 :].partition(b"\r\n")[0])

    def _next(self) -> None:
        one = next(self._requests, None) if time.perf_counter() < self._until else None
        if one is None:
            self.done.set_result(None)
            if self._transport is not None:
                self._transport.close()
        else:
            self._send(one)

    def _send(self, one: bytes) -> None:
        assert self._transport is not None
        self._waiting = one
        self._sent_at = time.perf_counter()
        self._transport.write(one)

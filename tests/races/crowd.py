"""Many at once: real threads, released together, each with a connection of its own."""

from __future__ import annotations

import contextvars
import threading
from collections.abc import Callable, Sequence
from typing import TypeVar

T = TypeVar("T")
PATIENCE_SECONDS = 50


def together(jobs: Sequence[Callable[[], T]]) -> list[T | Exception]:
    """What each job gave or raised, in the order of the jobs. The clock that is pinned here is pinned in them."""
    outcomes: list[T | Exception] = [NeverEnded() for _ in jobs]
    gate = threading.Barrier(len(jobs))

    def run(place: int, job: Callable[[], T]) -> None:
        gate.wait(PATIENCE_SECONDS)
        try:
            outcomes[place] = job()
        except Exception as error:  # noqa: BLE001  (every kind of outcome is what the race is about)
            outcomes[place] = error

    threads = [
        threading.Thread(target=contextvars.copy_context().run, args=(run, place, job), daemon=True)
        for place, job in enumerate(jobs)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(PATIENCE_SECONDS)
    return outcomes


class NeverEnded(Exception):
    """The job is still running: a deadlock that nobody ended."""


def tally(outcomes: Sequence[object]) -> dict[str, int]:
    """How often each kind of outcome came; errors by the name of their class, anything else as `done`."""
    kinds = [type(outcome).__name__ if isinstance(outcome, Exception) else "done" for outcome in outcomes]
    return {kind: kinds.count(kind) for kind in sorted(set(kinds))}

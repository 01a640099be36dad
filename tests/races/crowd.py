"""Many at once: real threads, released together, each with a connection of its own."""

from __future__ import annotations

import contextvars
import threading
from collections.abc import Callable, Sequence
from typing import TypeVar

from app.kernel.db import Busy, Database, database, session

T = TypeVar("T")
PATIENCE_SECONDS = 50
Act = Callable[[], object]
Crowd = Callable[[Sequence[Act]], list[object]]


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


def crowd_in(room: Database) -> Crowd:
    """Runs acts together on the room's database, each thread in a unit of work of its own."""

    def alone(act: Act) -> Act:
        def run() -> object:
            with room.unit_of_work():
                return patiently(act)

        return run

    def run_all(acts: Sequence[Act]) -> list[object]:
        # What the test holds is read whole first, or every thread would read on in the test's own session.
        for row in list(session()):
            session().refresh(row)
        session().commit()
        return list(together([alone(act) for act in acts]))

    return run_all


def patiently(act: Act) -> object:
    """As somebody who was told to come back in a moment: SQLite queues its writers unfairly, PostgreSQL does not."""
    while True:
        try:
            return act()
        except Busy:
            if not database().is_sqlite:
                raise


def meeting(of: int) -> Act:
    """Where so many wait for each other."""
    barrier = threading.Barrier(of)
    return lambda: barrier.wait(30)

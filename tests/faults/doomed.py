"""A process of its own that does some work and is killed in the middle of it, as by a power cut."""

from __future__ import annotations

import os
import signal
import time
import traceback
from collections.abc import Callable
from pathlib import Path
from typing import Any

from sqlalchemy import event
from sqlalchemy.orm import Session

from app.kernel.db import Database, in_transaction, session
from app.ledger import books
from app.people.accounts import sealing
from app.trade.catalog import media

Work = Callable[[Callable[[str], None]], None]


class Doomed:
    """Runs work in a child on the same database; `step` is what the work says that it is about to do."""

    def __init__(self, database: Database, url: str, notes: Path) -> None:
        self._database = database
        self._url = url
        self._notes = notes

    def run(self, work: Work, *, until: str = "", after_seconds: float | None = None) -> bool:
        """Whether the work was killed: at the point `until` (`step:point`), or when that time was over.

        Points are before-record, after-record, before-commit and after-commit. Raises `AssertionError` with the
        child's own words when it failed.
        """
        session().rollback()
        # Neither the locks of SQLite nor a socket to PostgreSQL survive being in two processes.
        self._database.dispose()
        child = os.fork()
        if child == 0:
            self._live(work, until)
        if after_seconds is not None:
            time.sleep(after_seconds)
            os.kill(child, signal.SIGKILL)
        _, status = os.waitpid(child, 0)
        if os.WIFSIGNALED(status):
            assert os.WTERMSIG(status) == signal.SIGKILL
            return True
        assert os.WEXITSTATUS(status) == 0, self._notes.read_text()
        return False

    def _live(self, work: Work, until: str) -> None:
        try:
            mine = Database(self._url, pool_size=2)
            sealing.use(sealing.vault(), on=mine)
            media.use(media.store(), on=mine)
            step = _die_at(until)
            with mine.unit_of_work():
                work(step)
        except BaseException:  # noqa: BLE001  (whatever it is, the child must end here and not in pytest)
            self._notes.write_text(traceback.format_exc())
            os._exit(1)
        os._exit(0)


def _die_at(until: str) -> Callable[[str], None]:
    """From here on this process dies at that point; what it gives tells it which step has begun."""
    now = [""]

    def reach(point: str) -> None:
        if f"{now[0]}:{point}" == until:
            os.kill(os.getpid(), signal.SIGKILL)

    record = books.record

    def recording(*given: Any, **named: Any) -> books.Recorded:
        reach("before-record")
        done = record(*given, **named)
        reach("after-record")
        return done

    books.record = recording

    def committing(point: str) -> Callable[[Session], None]:
        # A reading ends in a commit too; only those that write are points of a step.
        return lambda _session: reach(point) if in_transaction() else None

    event.listen(Session, "before_commit", committing("before-commit"))
    event.listen(Session, "after_commit", committing("after-commit"))

    def begin(step: str) -> None:
        now[0] = step

    return begin

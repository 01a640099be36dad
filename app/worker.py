"""The worker: carries out the timetable and the outbox until it is told to stop."""

from __future__ import annotations

import threading
import time

from sqlalchemy.exc import SQLAlchemyError

from app.kernel import events, logs
from app.kernel.db import Database, transaction
from app.kernel.errors import DomainError
from app.timetable import TIMETABLE, Job

log = logs.get_logger("worker")
_PAUSE_SECONDS = 1.0


def work(database: Database, *, stop: threading.Event, once: bool = False) -> None:
    """Do what is due, again and again; with `once`, everything in the timetable a single time and the whole outbox."""
    due = dict.fromkeys(TIMETABLE, 0.0)
    while not stop.is_set():
        for job in TIMETABLE:
            if due[job] <= time.monotonic():
                _run(database, job)
                due[job] = time.monotonic() + job.every.total_seconds()
        while not stop.is_set() and carry_out_one(database):
            pass
        if once:
            return
        stop.wait(_PAUSE_SECONDS)


def _run(database: Database, job: Job) -> None:
    try:
        with database.unit_of_work():
            logs.set_request_id(f"job:{job.name}")
            if job.asks_outside:
                job.run()
            else:
                with transaction():
                    job.run()
    except (DomainError, SQLAlchemyError) as error:
        log.warning("job failed", job=job.name, error=f"{type(error).__name__}: {error}"[:300])


def carry_out_one(database: Database) -> bool:
    """Carry out the outbox row that is due first; False when none is."""
    with database.unit_of_work():
        with transaction():
            row = events.claim()
        if row is None:
            return False
        try:
            with transaction():
                events.carry_out(row)
        except Exception as error:  # noqa: BLE001  (whatever a job raises, its row must not be lost)
            log.warning("outbox row failed", row=row, error=f"{type(error).__name__}: {error}"[:300])
            with transaction():
                events.put_off(row, because=error)
    return True

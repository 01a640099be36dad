"""Running the checks: asked for in a request, carried out by the worker, kept for officials to see."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

from sqlalchemy import CursorResult, delete, select, text
from sqlalchemy.exc import DBAPIError

from app.audit import service as audit
from app.insight.consistency import queries, registry
from app.insight.consistency.errors import AskedJustNow, RunsAlready
from app.insight.consistency.models import CheckResult, CheckRun
from app.kernel import clock
from app.kernel.checks import Check, Finding
from app.kernel.db import database, locked, session, steady, transaction
from app.kernel.permissions import Viewer

MOST_KEPT = 50
MOST_WORDS = 300
ASKED_EVERY = timedelta(minutes=1)
LEASE = timedelta(minutes=15)
KEPT_FOR = timedelta(days=90)
RUNNING = 141_125_003


def ask(*, by: Viewer) -> CheckRun:
    """A run waits for the worker, who takes it within seconds.

    Raises `RunsAlready` while one waits or is under way, and `AskedJustNow` within a minute of the last one.
    """
    _alone()
    if session().scalars(queries.unfinished()).first() is not None:
        raise RunsAlready()
    moment = clock.now()
    lately = select(CheckRun.id).where(CheckRun.asked_at > moment - ASKED_EVERY).limit(1)
    if session().scalars(lately).first() is not None:
        raise AskedJustNow()
    run = CheckRun(asked_at=moment, asked_by=by.actor)
    session().add(run)
    session().flush()
    audit.note("checks.asked", f"check_run:{run.id}", by=by.actor)
    return run


def carry_out_due(*, by: str) -> bool:
    """The run that somebody asked for, or that of the night, is done and kept; False when none is due.

    Opens its own transactions: the checks read for long, and nobody must wait for them. A run whose worker died is
    taken up again after a quarter of an hour.
    """
    if session().scalars(queries.unfinished()).first() is None and not queries.is_night_due(by=by):
        return False
    with transaction():
        run_id = _begin(by=by)
    if run_id is None:
        return False
    found = look()
    with transaction():
        _end(run_id, found)
    return True


def look() -> dict[str, list[Finding]]:
    """Each check's code with what breaks it; all see the database as it was at one moment."""
    with steady():
        return {one.code: _look_at(one) for one in registry.all_checks()}


def _look_at(check: Check) -> list[Finding]:
    try:
        with session().begin_nested():
            return list(check.find())
    except Exception as error:
        # What could not be looked at is not proven, whatever stopped it.
        if isinstance(error, DBAPIError) and error.connection_invalidated:
            raise
        return [Finding(f"check {check.code}", f"could not be looked at: {type(error).__name__}: {error}")]


def _begin(*, by: str) -> int | None:
    """The id of the run that is from now on the caller's to do, or None."""
    _alone()
    moment = clock.now()
    run = session().scalars(locked(queries.unfinished())).first()
    if run is None:
        if not queries.is_night_due(by=by):
            return None
        run = CheckRun(asked_at=moment, asked_by=by)
        session().add(run)
    elif run.started_at is not None and run.started_at > moment - LEASE:
        return None
    run.started_at = moment
    session().flush()
    return run.id


def _end(run_id: int, found: dict[str, list[Finding]]) -> None:
    run = session().scalars(locked(select(CheckRun).where(CheckRun.id == run_id))).one()
    if run.ended_at is not None:
        return
    run.ended_at = clock.now()
    for code, findings in found.items():
        kept = [(one.row, _first_line(one.words)) for one in findings[:MOST_KEPT]]
        session().add(
            CheckResult(run_id=run_id, code=code, found=len(findings), kept=json.dumps(kept, ensure_ascii=False))
        )


def _first_line(words: str) -> str:
    """The rest of what a database says of an error names values, which may be personal."""
    return (words.splitlines() or [""])[0][:MOST_WORDS]


def _alone() -> None:
    """At most one run is asked for or begun at a time."""
    if not database().is_sqlite:
        session().execute(text(f"SELECT pg_advisory_xact_lock({RUNNING})"))


def forget_old() -> int:
    """Forget runs that ended more than 90 days ago, but not the newest and none that found anything; how many."""
    last = queries.newest()
    if last is None:
        return 0
    red = select(CheckResult.run_id).where(CheckResult.found > 0)
    old = select(CheckRun.id).where(CheckRun.ended_at < clock.now() - KEPT_FOR, CheckRun.id != last.id)
    gone = session().scalars(old.where(CheckRun.id.not_in(red))).all()
    session().execute(delete(CheckResult).where(CheckResult.run_id.in_(gone)))
    done: CursorResult[Any] = session().execute(delete(CheckRun).where(CheckRun.id.in_(gone)))  # type: ignore[assignment]
    return done.rowcount

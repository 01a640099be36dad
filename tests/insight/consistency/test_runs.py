"""Runs of the checks: when they are due, one at a time, what they keep, and when they are forgotten."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from datetime import datetime, timedelta

import pytest
from sqlalchemy import select

from app import worker
from app.insight.consistency import queries, registry, service
from app.insight.consistency.errors import AskedJustNow, RunsAlready
from app.insight.consistency.models import CheckResult, CheckRun
from app.insight.consistency.states import Verdict
from app.kernel import clock
from app.kernel.checks import Check, Finding
from app.kernel.db import Database, session, transaction
from app.kernel.permissions import Viewer
from app.wiring import CHECKS
from tests.cast import later

WORKER = "worker"
EVENING = datetime(2026, 3, 1, 20, tzinfo=clock.SHANGHAI)
NIGHT = datetime(2026, 3, 2, 3, tzinfo=clock.SHANGHAI)


@pytest.fixture
def trees() -> Iterator[list[Finding]]:
    """One check instead of all; whatever the test puts into the list, it finds."""
    found: list[Finding] = []
    registry.use([Check("T1", "每棵树都有主人", lambda: iter(list(found)))])
    yield found
    registry.use(CHECKS)


def read_anew() -> None:
    session().rollback()
    session().expire_all()
    session().info.clear()


def run_at(moment: datetime) -> bool:
    read_anew()
    with clock.pinned(moment):
        return service.carry_out_due(by=WORKER)


def ask_at(moment: datetime, who: Viewer) -> CheckRun:
    with clock.pinned(moment), transaction():
        return service.ask(by=who)


def runs() -> list[CheckRun]:
    read_anew()
    return list(session().scalars(select(CheckRun).order_by(CheckRun.id)))


def test_the_checks_run_by_themselves_once_a_night(db: Database, trees: list[Finding]) -> None:
    assert run_at(EVENING)
    assert not run_at(NIGHT - timedelta(seconds=1))
    assert run_at(NIGHT)
    assert not run_at(NIGHT + timedelta(hours=20))
    assert run_at(NIGHT + timedelta(days=1, hours=5))

    assert {run.asked_by for run in runs()} == {WORKER}


def test_a_run_keeps_how_many_rows_it_found_and_the_first_fifty(db: Database, trees: list[Finding]) -> None:
    trees += [Finding(f"tree {number}", "has no owner") for number in range(60)]

    run_at(NIGHT)

    standing = queries.standing("T1")
    assert (standing.verdict, standing.found) == (Verdict.BROKEN, 60)
    assert standing.findings == trees[:50]
    assert standing.at == NIGHT


def test_what_a_database_says_beyond_its_first_line_is_not_kept(db: Database, trees: list[Finding]) -> None:
    trees.append(Finding("tree 1", "IntegrityError: taken\nDETAIL: Key (phone)=(13812345678) already exists."))

    run_at(NIGHT)

    assert queries.standing("T1").findings == [Finding("tree 1", "IntegrityError: taken")]


def test_a_check_that_cannot_look_is_red_and_the_others_still_look(db: Database) -> None:
    def stumble() -> Iterator[Finding]:
        raise LookupError("no such tree")
        yield

    def wrong_sql() -> Iterator[Finding]:
        session().connection().exec_driver_sql("SELECT nothing FROM nowhere")
        yield Finding("never", "reached")

    registry.use([Check("T1", "a", stumble), Check("T2", "b", wrong_sql), Check("T3", "c", lambda: iter(()))])
    try:
        run_at(NIGHT)
        verdicts = {one.check.code: one.verdict for one in queries.overview().standings}
        (found,) = queries.standing("T2").findings
    finally:
        registry.use(CHECKS)

    assert verdicts == {"T1": Verdict.BROKEN, "T2": Verdict.BROKEN, "T3": Verdict.HOLDS}
    assert found.row == "check T2"
    assert "could not be looked at" in found.words


def test_a_run_that_was_asked_for_is_carried_out_by_the_worker(db: Database, qian: Viewer) -> None:
    with clock.pinned(later(minutes=-2)):
        worker.work(db, stop=threading.Event(), once=True)
    with transaction():
        asked = service.ask(by=qian)
    assert queries.overview().is_running

    worker.work(db, stop=threading.Event(), once=True)

    (_nightly, run) = runs()
    assert (run.id, run.asked_by) == (asked.id, qian.actor)
    assert run.ended_at is not None
    assert not queries.overview().is_running
    assert queries.overview().run is run


def test_one_run_is_enough_at_a_time(db: Database, trees: list[Finding], qian: Viewer) -> None:
    ask_at(NIGHT, qian)

    with pytest.raises(RunsAlready):
        ask_at(NIGHT + timedelta(hours=1), qian)


def test_a_run_can_be_asked_for_once_a_minute(db: Database, trees: list[Finding], qian: Viewer) -> None:
    ask_at(NIGHT, qian)
    run_at(NIGHT + timedelta(seconds=2))

    with pytest.raises(AskedJustNow):
        ask_at(NIGHT + timedelta(seconds=59), qian)

    ask_at(NIGHT + timedelta(seconds=61), qian)


def test_a_run_under_way_is_left_to_its_worker_until_that_must_be_dead(
    db: Database, trees: list[Finding], qian: Viewer
) -> None:
    run_at(NIGHT)
    ask_at(NIGHT + timedelta(hours=1), qian)
    begun = NIGHT + timedelta(hours=1, seconds=2)
    with clock.pinned(begun), transaction():
        assert service._begin(by=WORKER) is not None

    assert not run_at(begun + timedelta(minutes=14))
    assert run_at(begun + timedelta(minutes=16))

    assert [run.ended_at is not None for run in runs()] == [True, True]


def test_the_first_worker_to_end_a_run_is_believed(db: Database, trees: list[Finding]) -> None:
    with clock.pinned(NIGHT), transaction():
        run = service._begin(by=WORKER)
    assert run is not None
    run_at(NIGHT + timedelta(minutes=16))

    with transaction():
        service._end(run, {"T1": [Finding("tree 1", "late news")]})

    assert queries.standing("T1").verdict is Verdict.HOLDS


def test_a_check_that_is_new_since_the_newest_run_is_not_called_sound(db: Database, trees: list[Finding]) -> None:
    run_at(NIGHT)
    registry.use([*registry.all_checks(), Check("T2", "每棵树都有编号", lambda: iter(()))])

    assert [(one.check.code, one.verdict) for one in queries.overview().standings] == [
        ("T2", Verdict.UNKNOWN),
        ("T1", Verdict.HOLDS),
    ]


def test_old_runs_are_forgotten_but_not_the_newest_nor_a_red_one(db: Database, trees: list[Finding]) -> None:
    run_at(NIGHT)
    trees.append(Finding("tree 1", "has no owner"))
    run_at(NIGHT + timedelta(days=1))
    trees.clear()
    run_at(NIGHT + timedelta(days=2))
    run_at(NIGHT + timedelta(days=3))
    first, broken, third, newest = (run.id for run in runs())

    def forget_at(moment: datetime) -> list[int]:
        with clock.pinned(moment), transaction():
            service.forget_old()
        return [run.id for run in runs()]

    assert forget_at(NIGHT + timedelta(days=89)) == [first, broken, third, newest]
    assert forget_at(NIGHT + timedelta(days=91)) == [broken, third, newest]
    assert forget_at(NIGHT + timedelta(days=1000)) == [broken, newest]
    assert {row.run_id for row in session().scalars(select(CheckResult))} == {broken, newest}

"""The worker dies while it tries or writes a table; whoever comes next goes on, and each row is there once."""

from __future__ import annotations

import random
from collections.abc import Callable
from pathlib import Path

import pytest
from sqlalchemy import insert, select

from app.kernel.db import Database, session, transaction
from app.kernel.permissions import Viewer
from app.office.imports import kinds, queries, rows, service, working
from app.office.imports.models import Import, ImportRow
from app.office.imports.states import ImportState, Outcome
from tests.cast import answer
from tests.faults.doomed import Doomed
from tests.faults.points import Point, after, before, die
from tests.office.imports.bringing import a_household, bring, growers_file, tried

pytestmark = [pytest.mark.durable, pytest.mark.timeout(300)]

ROWS = 2_500
TRYING = [before(working, "_try"), after(working, "_try"), before(working, "_end"), after(working, "_end")]
WRITING = [
    before(working, "_write"),
    before(rows, "judge"),
    after(rows, "judge"),
    after(working, "_count"),
    after(working, "_write"),
]


@pytest.fixture
def child(county: Database, database_url: str, tmp_path: Path) -> Doomed:
    return Doomed(county, database_url, tmp_path / "last-words.txt")


def a_file(count: int = ROWS) -> bytes:
    head = "户主姓名,电话,家庭人口\n"
    return (head + "".join(f"户主{n},137{n:08d},4\n" for n in range(count))).encode()


def now(import_id: int) -> Import:
    session().rollback()
    session().expire_all()
    return queries.by_id(import_id)


def go_on_to_the_end() -> None:
    session().rollback()
    while working.go_on():
        session().rollback()


def staged() -> int:
    session().rollback()
    return answer("SELECT count(*) FROM import_rows")


@pytest.mark.parametrize("point", TRYING, ids=str)
def test_a_trial_survives_a_kill_at_each_point(point: Point, child: Doomed, zhao: Viewer) -> None:
    import_id = bring(a_file(), zhao).id

    def work(step: object) -> None:
        point.arm()
        working.go_on()

    assert child.run(work), f"never came there: {point}"
    go_on_to_the_end()

    one = now(import_id)
    assert (one.state, one.rows, one.made) == (ImportState.READY, ROWS, ROWS)
    assert staged() == ROWS


@pytest.mark.parametrize("point", WRITING, ids=str)
def test_writing_survives_a_kill_at_each_point(point: Point, child: Doomed, zhao: Viewer) -> None:
    one = tried(a_file(), zhao)
    before_it = answer("SELECT count(*) FROM sellers")
    with transaction():
        service.confirm(one.number, by=zhao)

    def work(step: object) -> None:
        point.arm()
        working.go_on()

    assert child.run(work), f"never came there: {point}"
    session().rollback()
    assert answer("SELECT count(*) FROM sellers") in (before_it, before_it + ROWS)
    go_on_to_the_end()

    assert now(one.id).state is ImportState.DONE
    assert answer("SELECT count(*) FROM sellers") == before_it + ROWS


@pytest.mark.deep
@pytest.mark.timeout(3000)
def test_thirty_kills_at_random_moments_leave_each_row_once_and_progress_only_grows(
    child: Doomed, zhao: Viewer
) -> None:
    chance = random.Random(46)
    import_id = bring(a_file(100_000), zhao).id
    seen = [0]
    for _kill in range(30):
        child.run(lambda step: go_on_to_the_end(), after_seconds=chance.uniform(0.2, 4))
        seen.append(now(import_id).rows)
        if now(import_id).state is not ImportState.READING:
            break
    go_on_to_the_end()

    assert seen == sorted(seen)
    assert (now(import_id).state, now(import_id).made, staged()) == (ImportState.READY, 100_000, 100_000)


def write_chunk_by_chunk(import_id: int, *, then: Callable[[], None]) -> None:
    """What everybody writes first: each chunk in a transaction of its own, and the state at the end."""
    one = queries.by_id(import_id)
    kind, scope = kinds.kind_of(one.kind), one.scope
    for chunk in list(queries.chunks(import_id)):
        with transaction():
            lines = [rows.unseal(number, cells, import_id=import_id) for number, cells, _faults in chunk]
            rows.judge(lines, kind, scope)
            new = [line for line in lines if line.outcome is not Outcome.SAME]
            kind.apply(new, scope, by="person:1", because="导入")
        then()


def test_without_one_transaction_a_kill_leaves_half_a_table(child: Doomed, zhao: Viewer) -> None:
    one = tried(a_file(), zhao)
    before_it = answer("SELECT count(*) FROM sellers")
    import_id = one.id

    def work(step: object) -> None:
        write_chunk_by_chunk(import_id, then=die)

    assert child.run(work)
    session().rollback()

    assert answer("SELECT count(*) FROM sellers") == before_it + 1_000


def stage_without_looking(import_id: int, chunk: list[dict[str, object]], after_row: int) -> None:
    """The twin of `_try` that remembers how far it came only afterwards."""
    with transaction():
        session().execute(insert(ImportRow), chunk)
    with transaction():
        queries.by_id(import_id, lock=True).read_to = after_row


def test_a_trial_that_remembers_afterwards_cannot_go_on(child: Doomed, zhao: Viewer) -> None:
    import_id = bring(growers_file([a_household(1)]), zhao).id
    row: dict[str, object] = {
        "import_id": import_id,
        "row_no": 2,
        "cells": b"",
        "key": "",
        "outcome": None,
        "faults": "",
    }

    def work(step: object) -> None:
        before(queries, "by_id").arm()
        stage_without_looking(import_id, [row], 2)

    assert child.run(work)
    session().rollback()

    assert now(import_id).read_to == 0
    assert list(session().scalars(select(ImportRow.row_no))) == [2]

"""Facts are heard in the transaction that makes them true, or afterwards exactly once."""

from __future__ import annotations

import time
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta

import pytest
from sqlalchemy import select, text

from app.kernel import clock, events
from app.kernel.db import Database, TransactionMisused, session, transaction
from app.kernel.errors import NotFound
from app.kernel.events import LEASE, MOST_ATTEMPTS, Fact, OutboxRow
from app.kernel.logs import request_id, set_request_id
from tests.kernel.child import killed_after
from tests.races.crowd import tally, together


@dataclass(frozen=True)
class BoxShipped(Fact):
    number: str
    pieces: int = 1


@dataclass(frozen=True)
class BoxLost(Fact):
    number: str


@pytest.fixture(autouse=True)
def hearers(db: Database, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Two facts with hearers of their own, and a table of what they did."""
    monkeypatch.setattr(events, "_now", defaultdict(list))
    monkeypatch.setattr(events, "_afterwards", defaultdict(list))
    monkeypatch.setattr(events, "_jobs", {})
    with transaction() as current:
        current.execute(text("CREATE TABLE effects (words TEXT)"))
    events.hear_afterwards(BoxShipped, "tell", tell)
    before = request_id()
    yield
    set_request_id(before)


def tell(fact: BoxShipped) -> None:
    session().execute(text("INSERT INTO effects VALUES (:words)"), {"words": f"{fact.number} {fact.pieces}"})


def emit(fact: Fact) -> None:
    with transaction():
        events.emit(fact)


def effects() -> list[str]:
    found = list(session().scalars(text("SELECT words FROM effects ORDER BY words")))
    session().rollback()
    return found


def rows() -> list[OutboxRow]:
    found = list(session().scalars(select(OutboxRow).order_by(OutboxRow.id)))
    session().rollback()
    return found


def claim() -> int | None:
    with transaction():
        return events.claim()


def carry_out(row: int | None) -> None:
    assert row is not None
    with transaction():
        events.carry_out(row)


def test_a_fact_outside_a_transaction_is_our_mistake() -> None:
    with pytest.raises(TransactionMisused):
        events.emit(BoxShipped("D-1"))


def test_who_hears_now_hears_inside_the_transaction_and_can_refuse_it() -> None:
    def refuse(fact: BoxLost) -> None:
        tell(BoxShipped(fact.number))
        raise NotFound()

    events.hear_now(BoxLost, refuse)

    with pytest.raises(NotFound):
        emit(BoxLost("D-1"))

    assert effects() == []


def test_hearing_twice_is_hearing_once() -> None:
    heard: list[BoxLost] = []
    events.hear_now(BoxLost, heard.append)
    events.hear_now(BoxLost, heard.append)
    events.hear_afterwards(BoxShipped, "tell", tell)

    emit(BoxLost("D-1"))
    emit(BoxShipped("D-1"))

    assert len(heard) == 1
    assert len(rows()) == 1


def test_what_is_heard_afterwards_waits_in_the_outbox_and_is_done_once() -> None:
    emit(BoxShipped("红枣-1", 3))
    assert effects() == []

    carry_out(claim())

    assert effects() == ["红枣-1 3"]
    assert claim() is None
    assert rows()[0].done_at is not None


def test_a_fact_of_a_transaction_that_failed_was_never_told() -> None:
    with pytest.raises(NotFound):
        emit_and_refuse()

    assert rows() == []


def emit_and_refuse() -> None:
    with transaction():
        events.emit(BoxShipped("D-1"))
        raise NotFound()


def test_the_job_carries_the_id_of_the_request_that_told_the_fact() -> None:
    heard: list[str] = []
    events.hear_afterwards(BoxLost, "remember", lambda fact: heard.append(request_id()))
    set_request_id("request-7")
    emit(BoxLost("D-1"))
    set_request_id("worker")

    carry_out(claim())

    assert heard == ["request-7"]


def test_a_leased_row_is_not_given_to_another_until_the_lease_ends() -> None:
    emit(BoxShipped("D-1"))
    first = claim()

    assert claim() is None
    with transaction():
        later = clock.now() + LEASE + timedelta(seconds=1)
    with clock.pinned(later):
        assert claim() == first


def test_a_worker_who_comes_back_after_his_lease_does_not_do_it_again() -> None:
    emit(BoxShipped("D-1"))
    row = claim()
    carry_out(row)

    carry_out(row)

    assert effects() == ["D-1 1"]


def test_many_workers_never_run_one_row_twice(db: Database) -> None:
    for number in range(40):
        emit(BoxShipped(f"D-{number:02}"))

    def work() -> None:
        with db.unit_of_work():
            while (row := claim()) is not None:
                carry_out(row)

    outcomes = together([work] * 4)

    assert tally(outcomes) == {"done": 4}
    assert effects() == [f"D-{number:02} 1" for number in range(40)]
    assert {row.attempts for row in rows()} == {1}


def test_two_at_once_on_the_same_row_have_one_effect(db: Database) -> None:
    emit(BoxShipped("D-1"))
    row = claim()

    def work() -> None:
        with db.unit_of_work():
            carry_out(row)

    assert tally(together([work] * 4)) == {"done": 4}
    assert effects() == ["D-1 1"]


CHILD = """
from dataclasses import dataclass
@dataclass(frozen=True)
class BoxShipped(events.Fact):
    number: str
    pieces: int
def tell(fact):
    session().execute(text("INSERT INTO effects VALUES (:words)"), {"words": f"{fact.number} {fact.pieces}"})
    STOP_INSIDE
events.hear_afterwards(BoxShipped, "tell", tell)
with transaction():
    row = events.claim()
STOP_CLAIMED
with transaction():
    events.carry_out(row)
    STOP_DONE
STOP_COMMITTED
"""


@pytest.mark.parametrize("place", ["STOP_CLAIMED", "STOP_INSIDE", "STOP_DONE", "STOP_COMMITTED"])
def test_a_worker_killed_anywhere_leaves_one_effect_in_the_end(database_url: str, place: str) -> None:
    emit(BoxShipped("D-1"))
    code = CHILD.replace(place, "ready()")
    for other in ("STOP_CLAIMED", "STOP_INSIDE", "STOP_DONE", "STOP_COMMITTED"):
        code = code.replace(other, "pass")

    killed_after(database_url, code)
    wait_until_the_dead_have_let_go()

    with transaction():
        later = clock.now() + LEASE + timedelta(seconds=1)
    with clock.pinned(later):
        row = claim()
        if row is not None:
            carry_out(row)
    assert effects() == ["D-1 1"]
    assert (row is None) == (place == "STOP_COMMITTED")


def wait_until_the_dead_have_let_go() -> None:
    """PostgreSQL ends the session of a killed client when it next looks, which is at once, but not in no time."""
    deadline = time.monotonic() + 10
    while time.monotonic() < deadline:
        with transaction() as current:
            if current.connection().dialect.name == "sqlite":
                return
            found = select(OutboxRow.id).where(OutboxRow.done_at.is_(None))
            free = current.scalars(found.with_for_update(skip_locked=True)).all()
            if len(free) == len(current.scalars(found).all()):
                return
        time.sleep(0.02)


def fail(times: int) -> None:
    for _ in range(times):
        with transaction():
            moment = clock.now()
        with clock.pinned(max([moment, *(row.run_after for row in rows())])):
            row = claim()
            assert row is not None
            with transaction():
                events.put_off(row, because=ValueError("no answer"))


def test_a_failed_row_is_tried_again_later_and_each_time_later() -> None:
    emit(BoxShipped("D-1"))
    waits = []
    for _ in range(3):
        fail(1)
        [row] = rows()
        assert claim() is None
        waits.append(row.run_after)

    assert waits == sorted(waits)
    assert waits[2] - waits[1] > waits[1] - waits[0]


def test_after_eight_attempts_a_row_is_given_up_with_its_error_kept() -> None:
    emit(BoxShipped("D-1"))

    fail(MOST_ATTEMPTS - 1)
    assert rows()[0].dead_at is None
    fail(1)

    [row] = rows()
    assert row.dead_at is not None
    assert row.last_error == "ValueError: no answer"
    with clock.pinned(row.run_after + timedelta(days=365)):
        assert claim() is None


def test_a_row_that_kills_its_worker_each_time_is_given_up_too() -> None:
    emit(BoxShipped("D-1"))
    emit(BoxShipped("D-2"))
    with transaction():
        moment = clock.now()
    for attempt in range(MOST_ATTEMPTS):
        with clock.pinned(moment + (LEASE + timedelta(seconds=1)) * attempt), transaction():
            events.claim(name="tell")

    with clock.pinned(moment + (LEASE + timedelta(seconds=1)) * MOST_ATTEMPTS):
        assert claim() == rows()[1].id

    assert rows()[0].dead_at is not None
    assert "died" in (rows()[0].last_error or "")


def test_a_failure_after_another_worker_has_done_it_changes_nothing() -> None:
    emit(BoxShipped("D-1"))
    row = claim()
    carry_out(row)

    with transaction():
        events.put_off(row or 0, because=ValueError("too late"))

    assert rows()[0].last_error is None
    assert rows()[0].done_at is not None


def test_one_kind_of_job_can_be_asked_for() -> None:
    events.hear_afterwards(BoxLost, "search", lambda fact: None)
    emit(BoxShipped("D-1"))
    emit(BoxLost("D-2"))

    with transaction():
        assert events.claim(name="search") == rows_of("search")


def rows_of(job: str) -> int | None:
    return session().scalar(select(OutboxRow.id).where(OutboxRow.job == job))

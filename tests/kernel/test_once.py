"""A request that comes many times is carried out once."""

from __future__ import annotations

import time
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import text

from app.kernel import clock, once
from app.kernel.db import Busy, Database, session, transaction
from app.kernel.errors import NotFound
from app.kernel.once import KeyReused, MissingKey, Request, StillRunning
from tests.kernel.child import killed_after
from tests.races.crowd import tally, together

NOON = datetime(2026, 1, 15, 4, tzinfo=UTC)


def request(key: str = "k", *, actor: str = "person:1", act: str = "order", content: object = ("红枣", 2)) -> Request:
    return Request.of(actor=actor, key=key, act=act, content=content)


@pytest.fixture(autouse=True)
def a_table_of_acts(db: Database) -> None:
    with transaction() as current:
        current.execute(text("CREATE TABLE acts (answer TEXT)"))


def act_on(asked: Request, *, answer: str = "D-1") -> str:
    """What a view does: look for the earlier answer, else act."""
    with transaction() as current:
        earlier = once.earlier_answer(asked, answer=answer)
        if earlier is not None:
            return earlier
        current.execute(text("INSERT INTO acts VALUES (:answer)"), {"answer": answer})
        return answer


def acts() -> int:
    found = session().scalar(text("SELECT count(*) FROM acts")) or 0
    session().rollback()
    return int(found)


def test_the_second_time_the_first_answer_comes_back() -> None:
    assert act_on(request(), answer="D-1") == "D-1"
    assert act_on(request(), answer="D-2") == "D-1"

    assert acts() == 1


@pytest.mark.parametrize("other", [{"content": ("红枣", 3)}, {"act": "refund"}])
def test_a_key_with_another_content_or_act_is_refused(other: dict[str, object]) -> None:
    act_on(request())

    with pytest.raises(KeyReused):
        act_on(request(**other))  # type: ignore[arg-type]

    assert acts() == 1


def test_a_key_is_its_actors_own() -> None:
    act_on(request(actor="person:1"))
    act_on(request(actor="person:2"), answer="D-2")

    assert acts() == 2


def test_an_act_that_was_refused_leaves_its_key_free() -> None:
    with pytest.raises(NotFound):
        claim_and_refuse()

    act_on(request())

    assert acts() == 1


def claim_and_refuse() -> None:
    with transaction():
        once.earlier_answer(request(), answer="D-0")
        raise NotFound()


@pytest.mark.parametrize("key", ["", "x" * 101, "a\0b"])
def test_a_key_that_is_none_is_refused(key: str) -> None:
    with pytest.raises(MissingKey):
        request(key)


def test_five_at_once_are_one_act_with_one_answer(db: Database) -> None:
    def ask(number: int) -> str:
        with db.unit_of_work():
            return act_on(request(), answer=f"D-{number}")

    outcomes = together([lambda number=number: ask(number) for number in range(5)])  # type: ignore[misc]

    assert tally(outcomes) == {"done": 5}
    assert len(set(outcomes)) == 1
    assert acts() == 1


def test_after_a_crash_in_the_middle_the_retry_is_carried_out_at_once(database_url: str) -> None:
    session().rollback()
    killed_after(
        database_url,
        """
with transaction():
    once.earlier_answer(once.Request.of(actor="person:1", key="k", act="order", content=("红枣", 2)), answer="D-9")
    session().execute(text("INSERT INTO acts VALUES ('D-9')"))
    ready()
""",
    )
    began = time.monotonic()

    assert act_on(request(), answer="D-1") == "D-1"

    assert time.monotonic() - began < 4
    assert acts() == 1


def test_after_a_crash_at_the_end_the_retry_has_the_answer(database_url: str) -> None:
    session().rollback()
    killed_after(
        database_url,
        """
with transaction():
    once.earlier_answer(once.Request.of(actor="person:1", key="k", act="order", content=("红枣", 2)), answer="D-9")
    session().execute(text("INSERT INTO acts VALUES ('D-9')"))
ready()
""",
    )

    assert act_on(request(), answer="D-1") == "D-9"
    assert acts() == 1


@pytest.mark.only("postgresql")
def test_who_cannot_wait_for_the_first_is_told_to_come_back(db: Database) -> None:
    with transaction():
        once.earlier_answer(request(), answer="D-1")
        with pytest.raises(StillRunning) as refusal, db.unit_of_work():
            claim_without_patience()

    assert refusal.value.retry_after


def claim_without_patience() -> None:
    with transaction() as current:
        current.execute(text("SET LOCAL lock_timeout = 50"))
        once.earlier_answer(request(), answer="D-2")


@pytest.mark.only("sqlite")
def test_on_sqlite_who_cannot_wait_for_the_one_writer_is_told_to_come_back(
    database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("app.kernel.db.LOCK_WAIT_MS", 20)
    impatient = Database(database_url)
    with transaction():
        once.earlier_answer(request(), answer="D-1")
        with pytest.raises(Busy) as refusal, impatient.unit_of_work():
            act_on(request())
    impatient.dispose()

    assert refusal.value.retry_after


def test_keys_are_kept_for_seven_days() -> None:
    with clock.pinned(NOON):
        act_on(request("old"))
    with clock.pinned(NOON + timedelta(days=1)):
        act_on(request("young"))

    with clock.pinned(NOON + timedelta(days=7, seconds=1)), transaction():
        assert once.forget_old_keys() == 1

    assert act_on(request("young")) == "D-1"
    assert acts() == 2

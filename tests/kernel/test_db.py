"""One transaction per act, opened at the door: what it promises on both databases."""

from __future__ import annotations

import threading
from datetime import UTC, date, datetime, timedelta, timezone
from enum import StrEnum

import pytest
from sqlalchemy import Boolean, Column, Date, Integer, MetaData, Table, Text, insert, select, text
from sqlalchemy.exc import DBAPIError, StatementError

from app.kernel import db as kernel_db
from app.kernel.area import Area
from app.kernel.db import (
    AreaColumn,
    Busy,
    Chosen,
    Database,
    Instant,
    MoneyColumn,
    TransactionMisused,
    WeightColumn,
    doom,
    in_transaction,
    session,
    steady,
    transaction,
)
from app.kernel.errors import NotFound
from app.kernel.events import OutboxRow
from app.kernel.money import Money
from app.kernel.weight import Weight


class Colour(StrEnum):
    RED = "red"


things = Table(
    "things",
    MetaData(),
    Column("id", Integer, primary_key=True),
    Column("at", Instant),
    Column("day", Date),
    Column("colour", Chosen(Colour)),
    Column("is_sweet", Boolean),
    Column("price", MoneyColumn),
    Column("weight", WeightColumn),
    Column("area", AreaColumn),
    Column("words", Text),
)


@pytest.fixture(autouse=True)
def a_table_of_things(db: Database) -> None:
    with transaction() as current:
        things.create(current.connection())


def put(number: int, **values: object) -> None:
    session().execute(insert(things).values(id=number, **values))


def count() -> int:
    found = session().scalar(text("SELECT count(*) FROM things")) or 0
    session().rollback()
    return int(found)


def test_what_is_written_is_there_after_the_block() -> None:
    with transaction():
        put(1)

    assert count() == 1


def test_any_error_takes_everything_back_and_flies_on() -> None:
    with pytest.raises(NotFound):
        write_and_refuse()

    assert count() == 0
    assert not in_transaction()


def write_and_refuse() -> None:
    with transaction():
        put(1)
        raise NotFound()


def test_a_write_outside_a_transaction_is_refused_by_the_database() -> None:
    with pytest.raises(DBAPIError, match=r"read-?only"):
        put(1)
    session().rollback()

    assert count() == 0


def test_a_read_before_does_not_open_the_door_to_writes() -> None:
    with transaction():
        put(1)
    assert count() == 1

    with pytest.raises(DBAPIError, match=r"read-?only"):
        put(2)
    session().rollback()


def test_a_transaction_refuses_to_nest_and_the_outer_one_is_lost() -> None:
    with pytest.raises(TransactionMisused):
        nest()

    assert count() == 0


def nest() -> None:
    with transaction():
        put(1)
        with transaction():
            put(2)


def test_a_doomed_transaction_is_not_committed() -> None:
    with pytest.raises(TransactionMisused):
        write_after_doom()
    with transaction():
        put(2)

    assert count() == 1


def write_after_doom() -> None:
    with transaction():
        put(1)
        doom()


def test_there_is_no_session_without_a_unit_of_work() -> None:
    outcome: list[Exception] = []

    def bare() -> None:
        try:
            session()
        except TransactionMisused as error:
            outcome.append(error)

    thread = threading.Thread(target=bare)
    thread.start()
    thread.join()

    assert len(outcome) == 1


def test_a_unit_inside_another_has_a_session_of_its_own(db: Database) -> None:
    outer = session()

    with db.unit_of_work():
        assert session() is not outer

    assert session() is outer


def test_what_was_read_before_is_read_anew_inside(db: Database) -> None:
    with transaction() as current:
        current.add(an_outbox_row())
    row = session().scalars(select(OutboxRow)).one()
    session().rollback()
    with db.unit_of_work(), transaction() as other:
        other.scalars(select(OutboxRow)).one().attempts = 5

    with transaction() as current:
        assert current.scalars(select(OutboxRow)).one().attempts == 5
        assert row.attempts == 5


def an_outbox_row() -> OutboxRow:
    moment = datetime(2026, 1, 1, tzinfo=UTC)
    return OutboxRow(job="x", payload="{}", request_id="", created_at=moment, run_after=moment)


@pytest.mark.only("sqlite")
def test_who_waits_too_long_for_the_one_writer_is_told_to_come_back(
    database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(kernel_db, "LOCK_WAIT_MS", 20)
    impatient = Database(database_url)
    with transaction():
        put(1)
        with pytest.raises(Busy), impatient.unit_of_work():
            write_one(2)
    impatient.dispose()

    assert count() == 1


@pytest.mark.only("postgresql")
def test_who_waits_too_long_for_a_row_is_told_to_come_back(db: Database) -> None:
    with transaction():
        put(1)
    with transaction():
        session().execute(text("UPDATE things SET words = 'a'"))
        with pytest.raises(Busy), db.unit_of_work():
            wait_a_moment_for_the_row()


def wait_a_moment_for_the_row() -> None:
    with transaction() as current:
        current.execute(text("SET LOCAL lock_timeout = 50"))
        current.execute(text("UPDATE things SET words = 'b'"))


def write_one(number: int) -> None:
    with transaction():
        put(number)


@pytest.mark.only("postgresql")
def test_a_statement_that_takes_too_long_ends_as_busy() -> None:
    with pytest.raises(Busy):
        sleep_beyond_the_limit()


def sleep_beyond_the_limit() -> None:
    with transaction() as current:
        current.execute(text("SET LOCAL statement_timeout = 50"))
        current.execute(text("SELECT pg_sleep(5)"))


@pytest.mark.only("postgresql")
def test_no_free_connection_is_busy_and_no_error_of_ours(database_url: str) -> None:
    narrow = Database(database_url, pool_size=1)
    narrow.engine.pool._timeout = 0.05  # type: ignore[attr-defined]
    taken = [narrow.engine.connect() for _ in range(5)]

    with pytest.raises(Busy), narrow.unit_of_work():
        write_one(1)

    for connection in taken:
        connection.close()
    narrow.dispose()


def test_wrong_sql_is_our_mistake_and_not_called_busy() -> None:
    with pytest.raises(DBAPIError), transaction() as current:
        current.execute(text("SELECT nothing FROM nowhere"))


def test_a_steady_view_holds_one_moment_over_many_queries(db: Database) -> None:
    with steady() as current:
        assert current.scalar(text("SELECT count(*) FROM things")) == 0
        with db.unit_of_work():
            write_one(1)
        assert current.scalar(text("SELECT count(*) FROM things")) == 0

    assert count() == 1


def test_a_steady_view_is_not_given_inside_a_transaction() -> None:
    with pytest.raises(TransactionMisused):
        look_inside()


def look_inside() -> None:
    with transaction(), steady():
        pass


@pytest.mark.parametrize(
    "values",
    [
        {"at": datetime(2026, 1, 1, 8, 0, 0, 123456, tzinfo=timezone(timedelta(hours=8)))},
        {"day": date(2026, 2, 28)},
        {"colour": Colour.RED},
        {"is_sweet": True},
        {"price": Money(-5)},
        {"weight": Weight(500)},
        {"area": Area(10_000)},
        {"words": "红枣🌰\n'\"\\%_"},
    ],
)
def test_a_value_comes_back_as_it_went(values: dict[str, object]) -> None:
    with transaction():
        put(1, **values)

    row = session().execute(select(things)).one()._mapping
    name, value = next(iter(values.items()))
    assert row[name] == value
    assert type(row[name]) is type(value)
    session().rollback()


def test_moments_sort_by_time_whatever_their_zone() -> None:
    early = datetime(2026, 1, 1, 9, tzinfo=timezone(timedelta(hours=8)))
    late = datetime(2026, 1, 1, 2, tzinfo=UTC)
    with transaction():
        put(1, at=late)
        put(2, at=early)

    assert list(session().scalars(select(things.c.id).order_by(things.c.at))) == [2, 1]
    session().rollback()


@pytest.mark.parametrize("values", [{"at": datetime(2026, 1, 1)}, {"colour": "green"}])  # noqa: DTZ001
def test_a_value_with_two_meanings_is_refused(values: dict[str, object]) -> None:
    with pytest.raises((StatementError, ValueError)), transaction():
        put(1, **values)


@pytest.mark.only("sqlite")
def test_sqlite_loses_no_committed_row_to_a_power_cut_and_checks_references() -> None:
    found = [session().scalar(text(f"PRAGMA {name}")) for name in ("journal_mode", "synchronous", "foreign_keys")]
    session().rollback()

    assert found == ["wal", 2, 1]


def test_read_then_update_by_many_loses_nothing(db: Database) -> None:
    with transaction():
        put(1, price=Money(0))

    def raise_by_one() -> None:
        with db.unit_of_work():
            for _ in range(20):
                with transaction() as current:
                    price = current.scalars(select(things.c.price).with_for_update()).one()
                    current.execute(things.update().values(price=price + Money(1)))

    threads = [threading.Thread(target=raise_by_one) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert session().scalars(select(things.c.price)).one() == Money(80)
    session().rollback()

"""The database's clock."""

from __future__ import annotations

import time
from datetime import UTC, date, datetime, timedelta

import pytest
from sqlalchemy import select

from app.kernel import clock
from app.kernel.db import Database, TransactionMisused, session, transaction

MIDNIGHT = datetime(2015, 12, 31, 16, tzinfo=UTC)

pytestmark = pytest.mark.usefixtures("db")


def test_now_is_the_databases_time_and_aware() -> None:
    with transaction():
        assert abs(clock.now() - datetime.now(UTC)) < timedelta(minutes=1)


def test_now_stands_still_within_a_transaction_and_moves_between_two() -> None:
    with transaction():
        first = clock.now()
        time.sleep(0.01)
        assert clock.now() == first
    time.sleep(0.01)
    with transaction():
        assert clock.now() > first


def test_now_and_the_clock_inside_a_query_agree() -> None:
    with clock.pinned(MIDNIGHT), transaction() as current:
        assert current.scalar(select(clock.sql_now())) == clock.now() == MIDNIGHT


def test_a_pin_lasts_as_long_as_its_block() -> None:
    with clock.pinned(MIDNIGHT), transaction():
        assert clock.now() == MIDNIGHT
    with transaction():
        assert clock.now() > MIDNIGHT


def test_a_pin_goes_for_reading_too() -> None:
    with clock.pinned(MIDNIGHT):
        assert clock.now() == MIDNIGHT
        session().rollback()
    with clock.pinned(MIDNIGHT + timedelta(days=1)):
        assert clock.now() == MIDNIGHT + timedelta(days=1)
        session().rollback()


def test_a_pin_is_not_left_behind_on_the_connection(db: Database) -> None:
    with clock.pinned(MIDNIGHT), transaction():
        clock.now()

    with db.unit_of_work(), transaction():
        assert clock.now() > MIDNIGHT


def test_an_event_written_anew_has_its_own_time() -> None:
    with transaction():
        now = clock.now()
        with clock.taken_as(MIDNIGHT):
            assert clock.now() == MIDNIGHT
        assert clock.now() == now


@pytest.mark.parametrize(
    ("moment", "day"),
    [
        (MIDNIGHT, date(2016, 1, 1)),
        (MIDNIGHT - timedelta(microseconds=1), date(2015, 12, 31)),
        (datetime(1989, 7, 1, 15, 30, tzinfo=UTC), date(1989, 7, 2)),
    ],
)
def test_a_day_is_a_day_in_shanghai(moment: datetime, day: date) -> None:
    assert clock.day_of(moment) == day
    with clock.pinned(moment), transaction():
        assert clock.today() == day


def test_a_day_begins_where_the_one_before_ends() -> None:
    assert clock.start_of(date(2016, 1, 1)) == MIDNIGHT == clock.end_of(date(2015, 12, 31))


def test_one_transaction_can_live_through_several_moments() -> None:
    with transaction() as current:
        before = clock.now()
        with clock.living_at(MIDNIGHT):
            assert current.scalar(select(clock.sql_now())) == clock.now() == MIDNIGHT
        with clock.living_at(MIDNIGHT + timedelta(days=1)):
            assert current.scalar(select(clock.sql_now())) == clock.now() == MIDNIGHT + timedelta(days=1)

        assert clock.now() == before
        assert current.scalars(select(clock.sql_now())).one() >= before


def test_a_past_is_lived_through_inside_a_transaction_only() -> None:
    with pytest.raises(TransactionMisused), clock.living_at(MIDNIGHT):
        pass

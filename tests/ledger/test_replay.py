"""I10: the events alone make the same books, with the same balances and the same checksum."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta

import pytest
from click.testing import CliRunner, Result
from sqlalchemy import text

from app.kernel import clock
from app.kernel.db import Database, session, steady, transaction
from app.ledger.books import queries, replay, seals, service
from app.ledger.books.checks import CHECKS
from app.ledger.books.cli import ledger_cli
from app.ledger.books.errors import FloorBroken
from app.ledger.books.movements import Hold, Kind, Post
from tests.ledger.cast import (
    NOON,
    SOON,
    bank,
    fund,
    held,
    lay_open,
    made,
    post,
    settle,
    sold,
    sql,
    stock,
    stocked,
    undo,
    void,
    write,
)
from tests.services.databases import Kind as DatabaseKind
from tests.services.databases import TestDatabases

NOTHING = Kind("test.nothing", "")


@pytest.fixture(autouse=True)
def a_busy_month(db: Database) -> Iterator[None]:
    with clock.pinned(NOON - timedelta(days=20)):
        stocked(100, "A", "B")
        post(Post(bank(), fund(), 500), on=date(2025, 12, 1))
        settle(held(3), 2)
        void(held(4, "B"))
        undo(undo(post(Post(sold("B"), stock("B"), 9)).event_id).event_id)
        undo(post(Post(bank(), fund(), 9), Hold(sold("B"), stock("B"), 9, None)).event_id)
        undo(settle(held(1)).event_id)
    with clock.pinned(NOON), transaction():
        seals.seal(date(2026, 1, 14))
        seals.close_period(date(2025, 12, 1))
    with clock.pinned(NOON):
        held(6, until=SOON)
        settle(held(5, until=SOON))
        with transaction():
            service.record(kind=NOTHING, movements=[], by="x", subject="y", key="no movement")
        yield


@pytest.fixture
def empty(databases: TestDatabases, database_kind: DatabaseKind) -> Iterator[Database]:
    """A second, migrated database of the same kind."""
    with databases.fresh(database_kind, durable=False) as url:
        database = Database(url)
        yield database
        database.dispose()


def test_the_events_alone_make_the_same_books(empty: Database) -> None:
    with steady():
        events = replay.replay_into(empty)

        assert replay.first_difference(empty) is None
        ours = seals.checksum()
        balance = queries.balance(stock("B"))
    with empty.unit_of_work():
        assert events == session().scalar(text("SELECT count(*) FROM ledger_events"))
        assert ours == seals.checksum()
        assert balance == queries.balance(stock("B"))
        assert [finding for check in CHECKS for finding in check.find()] == []


def test_the_replayed_accounts_have_their_floors_again(empty: Database) -> None:
    with steady():
        replay.replay_into(empty)

    with empty.unit_of_work(), pytest.raises(FloorBroken):
        post(Post(sold("A"), stock("A"), 1000))


def test_a_moment_in_the_past_has_the_checksum_it_had_then() -> None:
    until = NOON - timedelta(seconds=1)
    with steady():
        then = seals.checksum(until=until)
    with clock.pinned(NOON + timedelta(days=1)):
        post(Post(sold("A"), stock("A"), 1))

    with steady():
        assert seals.checksum(until=until) == then
        assert seals.checksum() != then


@pytest.mark.corrupts
def test_an_event_that_took_effect_before_one_of_a_smaller_number_is_replayed_too(empty: Database) -> None:
    given = post(Post(stock("C"), made(), 1)).event_id
    taken = post(Post(sold("C"), stock("C"), 1)).event_id
    lay_open()
    # As when the giving had its number last but its account first.
    for old, new in ((taken, 0), (given, taken), (0, given)):
        sql("UPDATE ledger_transfers SET event_id = :new WHERE event_id = :old", new=new, old=old)
        sql("UPDATE ledger_events SET id = :new WHERE id = :old", new=new, old=old)

    with steady():
        replay.replay_into(empty)

        assert replay.first_difference(empty) is None


def run(*arguments: str) -> Result:
    session().rollback()
    return CliRunner().invoke(ledger_cli, list(arguments))


def test_the_command_replays_into_a_file_of_its_own_and_says_so() -> None:
    result = run("replay")

    assert (result.exit_code, result.stderr) == (0, "")
    assert "全部相同" in result.stdout


@pytest.mark.corrupts
def test_the_command_names_the_first_account_that_differs() -> None:
    sql("UPDATE ledger_accounts SET dr = dr + 1 WHERE role = 'stock' AND subject = 'B'")

    result = run("replay")

    assert result.exit_code == 1
    assert "account pack:gift/stock/seller:1/141125100//B" in result.stderr


@pytest.mark.corrupts
def test_the_command_names_an_event_that_cannot_have_happened() -> None:
    lay_open()
    sql("UPDATE ledger_transfers SET amount = 4 WHERE phase = 'S' AND amount = 2")

    result = run("replay")

    assert result.exit_code == 1
    assert "event" in result.stderr


@pytest.mark.corrupts
def test_the_command_finds_an_event_that_was_reworded() -> None:
    lay_open()
    sql("UPDATE ledger_transfers SET phase = 'H' WHERE phase = 'P' AND amount = 500")

    result = run("replay")

    assert result.exit_code == 1


@pytest.mark.parametrize("at", ["2026-01-14", "2026-01-14T23:59:59.999999", "2026-01-14T15:59:59.999999+00:00"])
def test_a_checksum_is_of_the_books_or_of_a_moment_in_shanghai(at: str) -> None:
    now, then = run("checksum").stdout.split(), run("checksum", "--at", at).stdout.split()

    assert len(now[0]) == 64
    assert now != then
    assert then == run("checksum", "--at", "2026-01-14").stdout.split()


def test_a_moment_that_is_none_is_refused_with_an_example() -> None:
    result = run("checksum", "--at", "昨天")

    assert result.exit_code == 2
    assert "2016-01-31" in result.stderr


def test_a_whole_book_is_held_while_posting_goes_on(db: Database) -> None:
    with steady():
        before = seals.checksum()
        with db.unit_of_work(), transaction():
            write(Post(sold("A"), stock("A"), 1))

        assert seals.checksum() == before
    assert seals.checksum() != before

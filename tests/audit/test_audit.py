"""Who did what: rows that stay as they are, and a chain that shows it when they do not."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from datetime import UTC, datetime

import pytest
from click.testing import CliRunner, Result
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from app import audit
from app.audit import service
from app.audit.cli import audit_cli
from app.audit.models import AuditLink, AuditRow
from app.kernel import clock
from app.kernel.db import Database, TransactionMisused, session, transaction
from app.kernel.errors import NotFound
from tests.ledger.cast import bare_tables, sql
from tests.races.crowd import tally, together

DIGEST = "13fa2b1271658cfea5576641dd8133f2e43f437c4ba710fdb22f92d3b1425219"
NOON = datetime(2026, 1, 15, 4, tzinfo=UTC)


@pytest.fixture(autouse=True)
def at_noon(db: Database) -> Iterator[None]:
    with clock.pinned(NOON):
        yield


def note(thing: str, *, act: str = "order.cancelled", because: str = "") -> None:
    with transaction():
        audit.note(act, thing, by="person:1", because=because)


def noted(*things: str) -> None:
    for thing in things:
        note(thing)


def link() -> int:
    with transaction():
        return service.link()


def verify() -> service.Verdict:
    verdict = service.verify()
    session().rollback()
    return verdict


def ids() -> list[int]:
    found = list(session().scalars(select(AuditRow.id).order_by(AuditRow.id)))
    session().rollback()
    return found


def lay_open() -> None:
    bare_tables("audit_rows", "audit_links")


def test_a_note_says_who_did_what_to_which_thing_when_and_why() -> None:
    with transaction():
        audit.note("price.changed", "pack:7", by="person:3", because="促销", old=1200, new=990, is_sale=True)

    [row] = session().scalars(select(AuditRow)).all()
    assert (row.act, row.thing, row.actor, row.because, row.at) == ("price.changed", "pack:7", "person:3", "促销", NOON)
    assert json.loads(row.details) == {"is_sale": True, "new": 990, "old": 1200}
    session().rollback()


def test_a_note_outside_a_transaction_is_our_mistake() -> None:
    with pytest.raises(TransactionMisused):
        audit.note("x", "y", by="z")


def test_a_note_goes_with_its_act() -> None:
    with pytest.raises(NotFound):
        note_and_refuse()

    assert ids() == []


def note_and_refuse() -> None:
    with transaction():
        audit.note("x", "y", by="z")
        raise NotFound()


@pytest.mark.parametrize("table", ["audit_rows", "audit_links"])
@pytest.mark.parametrize("statement", ["UPDATE {table} SET {column} = {column}", "DELETE FROM {table}"])
def test_the_database_itself_refuses_to_change_or_delete(table: str, statement: str) -> None:
    noted("a")
    link()
    column = "thing" if table == "audit_rows" else "digest"

    with pytest.raises(IntegrityError, match="append-only"):
        sql(statement.format(table=table, column=column))


@pytest.mark.only("postgresql")
@pytest.mark.parametrize("table", ["audit_rows", "audit_links"])
def test_the_database_itself_refuses_to_sweep_away(table: str) -> None:
    with pytest.raises(IntegrityError, match="append-only"):
        sql(f"TRUNCATE {table} CASCADE")


def test_a_row_is_linked_once() -> None:
    noted("a", "b", "c")

    assert link() == 3
    assert link() == 0
    noted("d")
    assert link() == 1
    assert verify() == service.Verdict(4, None, [])


def test_rows_that_are_not_linked_yet_are_the_tail() -> None:
    noted("a", "b")
    link()
    noted("c", "d")

    assert verify() == service.Verdict(2, None, ids()[2:])


def test_an_empty_audit_is_whole() -> None:
    assert verify() == service.Verdict(0, None, [])


def test_each_link_stands_on_the_one_before() -> None:
    noted("a", "b", "c")
    link()

    links = session().scalars(select(AuditLink).order_by(AuditLink.seq)).all()
    assert [each.prev for each in links] == [service.FIRST_DIGEST, links[0].digest, links[1].digest]
    session().rollback()


@pytest.mark.corrupts
@pytest.mark.parametrize(
    "falsification",
    [
        "UPDATE audit_rows SET actor = 'person:2' WHERE id = :row",
        "UPDATE audit_rows SET at = '2026-01-15 04:00:00.000001' WHERE id = :row",
        "UPDATE audit_rows SET details = '{\"x\": 1}' WHERE id = :row",
        "UPDATE audit_rows SET request_id = 'x' WHERE id = :row",
        "UPDATE audit_rows SET thing = 'order.cancelled', act = thing WHERE id = :row",
        "DELETE FROM audit_rows WHERE id = :row",
        "UPDATE audit_links SET digest = prev WHERE audit_id = :row",
        "UPDATE audit_links SET prev = digest WHERE audit_id = :row",
    ],
)
def test_a_row_or_link_that_was_changed_or_deleted_is_named(falsification: str) -> None:
    noted(*"abcde")
    link()
    row = ids()[2]
    lay_open()

    sql(falsification, row=row)

    assert verify() == service.Verdict(2, row, [])


@pytest.mark.corrupts
def test_a_deleted_link_is_noticed_at_the_next_one() -> None:
    noted(*"abcde")
    link()
    row = ids()[2]
    lay_open()

    sql("DELETE FROM audit_links WHERE audit_id = :row", row=row)

    assert verify() == service.Verdict(2, row + 1, [])


@pytest.mark.corrupts
def test_two_rows_that_changed_places_are_noticed() -> None:
    noted(*"abcde")
    link()
    second, third = ids()[1:3]
    lay_open()

    sql("UPDATE audit_links SET audit_id = :a + :b - audit_id WHERE audit_id IN (:a, :b)", a=second, b=third)

    assert verify() == service.Verdict(1, third, [])


@pytest.mark.corrupts
def test_a_text_that_moved_to_the_next_column_is_noticed() -> None:
    note("a\x1fb", because="c")
    link()
    lay_open()

    sql("UPDATE audit_rows SET thing = 'a', because = 'b' || :sign || because", sign="\x1f")

    assert verify().broken_row == 1


@pytest.mark.corrupts
def test_a_broken_chain_is_not_mended_by_linking_on() -> None:
    noted("a", "b")
    link()
    lay_open()
    sql("UPDATE audit_rows SET actor = 'x' WHERE id = (SELECT min(id) FROM audit_rows)")
    sql("INSERT INTO audit_rows SELECT max(id) + 1, max(at), 'p', 'q', 'c', '', '{}', '' FROM audit_rows")

    link()

    assert verify().broken_row == ids()[0]


@pytest.mark.only("postgresql")
def test_a_row_that_commits_after_a_later_one_is_linked_too(db: Database) -> None:
    with transaction():
        audit.note("x", "early", by="slow")
        with db.unit_of_work():
            note("late")
            assert link() == 1

    assert link() == 1
    assert verify() == service.Verdict(2, None, [])


def test_notes_and_linkers_at_once_never_break_the_chain(db: Database) -> None:
    def repeat(act: Callable[[], object], times: int) -> Callable[[], None]:
        def run() -> None:
            with db.unit_of_work():
                for _ in range(times):
                    act()

        return run

    outcomes = together([repeat(lambda: note("x"), 25)] * 6 + [repeat(link, 15)] * 2)

    assert tally(outcomes) == {"done": 8}
    link()
    assert verify() == service.Verdict(150, None, [])


def run() -> Result:
    session().rollback()
    return CliRunner().invoke(audit_cli, ["verify"])


def test_the_command_says_that_the_chain_is_whole_and_what_waits() -> None:
    noted("a", "b")
    link()
    noted("c")

    result = run()

    assert (result.exit_code, result.stderr) == (0, "")
    assert "共 2 环" in result.stdout
    assert f"尚未入链 1 条：{ids()[-1]}" in result.stdout


@pytest.mark.corrupts
def test_the_command_names_the_first_broken_row_and_fails() -> None:
    noted("a", "b", "c")
    link()
    row = ids()[1]
    lay_open()
    sql("UPDATE audit_rows SET actor = 'x' WHERE id = :row", row=row)

    result = run()

    assert result.exit_code == 1
    assert f"记录 {row}" in result.stderr


def test_a_digest_is_the_same_on_both_databases() -> None:
    noted("红枣")
    row = session().scalars(select(AuditRow)).one()
    session().rollback()

    assert row.at.isoformat() == "2026-01-15T04:00:00+00:00"
    assert service.digest_of(row, prev=service.FIRST_DIGEST) == DIGEST

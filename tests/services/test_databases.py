"""The fixtures that give every test its databases."""

from pathlib import Path

import pytest
from sqlalchemy import text

from app.kernel.db import Database, session, transaction
from config import Settings
from tests.services.databases import Kind, TestDatabases


def test_a_test_that_uses_db_runs_on_the_database_its_name_says(db: Database, database_kind: Kind) -> None:
    assert db.engine.dialect.name == database_kind


@pytest.mark.only("postgresql")
def test_a_test_about_postgresql_runs_nowhere_else(db: Database, request: pytest.FixtureRequest) -> None:
    assert db.engine.dialect.name == "postgresql"
    assert request.node.name.endswith("[postgresql]")


@pytest.mark.only("sqlite")
def test_a_test_about_sqlite_runs_nowhere_else(db: Database, request: pytest.FixtureRequest) -> None:
    assert db.engine.dialect.name == "sqlite"
    assert request.node.name.endswith("[sqlite]")


@pytest.mark.parametrize("turn", ["first", "second"])
def test_what_one_test_writes_the_next_does_not_see(db: Database, turn: str) -> None:
    with transaction() as current:
        current.execute(text("CREATE TABLE left_over (turn text)"))

    assert session().scalar(text("SELECT count(*) FROM left_over")) == 0


def test_two_fresh_databases_are_the_same_schema_and_separate(databases: TestDatabases, database_kind: Kind) -> None:
    with (
        databases.fresh(database_kind, durable=False) as here,
        databases.fresh(database_kind, durable=False) as there,
    ):
        assert here != there
        assert revision_of(here) == revision_of(there)


def revision_of(url: str) -> list[str]:
    database = Database(url)
    with database.unit_of_work():
        revisions = list(session().scalars(text("SELECT version_num FROM alembic_version")))
    database.dispose()
    return revisions


@pytest.mark.only("postgresql")
@pytest.mark.durable
def test_a_durable_test_has_a_server_that_flushes(db: Database) -> None:
    assert session().scalar(text("SHOW fsync")) == "on"


def test_each_test_has_an_instance_folder_of_its_own(settings: Settings, tmp_path: Path) -> None:
    assert settings.instance.is_relative_to(tmp_path)

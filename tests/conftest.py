"""What every test may ask for. A test that uses `db` runs on SQLite and on PostgreSQL."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from app.kernel.db import Database
from config import Settings
from tests.services.databases import Kind, TestDatabases
from tests.services.postgres import PostgresCluster


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Run a test on both databases, or, with `@pytest.mark.only(…)`, on the one it is about."""
    if "database_kind" not in metafunc.fixturenames:
        return
    only = metafunc.definition.get_closest_marker("only")
    kinds = [Kind(name) for name in only.args] if only else list(Kind)
    metafunc.parametrize("database_kind", kinds, ids=[kind.value for kind in kinds], indirect=True)


@pytest.fixture
def database_kind(request: pytest.FixtureRequest) -> Kind:
    """Which database this run of the test is on."""
    kind: Kind = request.param
    return kind


@pytest.fixture(scope="session")
def databases() -> Iterator[TestDatabases]:
    """The servers and templates of this test process."""
    databases = TestDatabases()
    yield databases
    databases.close()


@pytest.fixture
def is_durable(request: pytest.FixtureRequest) -> bool:
    """Whether the test asked, by `@pytest.mark.durable`, for a PostgreSQL that flushes to disk."""
    return request.node.get_closest_marker("durable") is not None


@pytest.fixture
def cluster(databases: TestDatabases, is_durable: bool) -> PostgresCluster:
    """The PostgreSQL that the test's database is on, for tests that kill it."""
    return databases.cluster(durable=is_durable)


@pytest.fixture
def database_url(databases: TestDatabases, database_kind: Kind, is_durable: bool) -> Iterator[str]:
    """A fresh, migrated database."""
    with databases.fresh(database_kind, durable=is_durable) as url:
        yield url


@pytest.fixture
def settings(database_url: str, tmp_path: Path) -> Settings:
    """Settings as an environment would give them, with an `instance/` of the test's own."""
    return Settings.from_env(
        {
            "DATABASE_URL": database_url,
            "INSTANCE_DIR": str(tmp_path / "instance"),
            "SECRET_KEY": "for tests only, long enough to be taken",
        }
    )


@pytest.fixture
def db(settings: Settings) -> Iterator[Database]:
    """The fresh database, with a unit of work open for the test itself."""
    database = Database(settings.database_url)
    with database.unit_of_work():
        yield database
    database.dispose()

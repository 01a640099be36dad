"""What every test may ask for. A test that uses `db` runs on SQLite and on PostgreSQL."""

from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from app.factory import create_app
from app.kernel.db import Database, TransactionMisused, session
from app.kernel.logs import set_request_id
from config import Settings
from tests.services import invariants, routes
from tests.services.databases import Kind, TestDatabases
from tests.services.postgres import PostgresCluster

routes.compile_late()


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Run a test on both databases, or, with `@pytest.mark.only(…)`, on the one it is about."""
    if "database_kind" not in metafunc.fixturenames:
        return
    only = metafunc.definition.get_closest_marker("only")
    kinds = [Kind(name) for name in only.args] if only else list(Kind)
    metafunc.parametrize("database_kind", kinds, ids=[kind.value for kind in kinds], indirect=True)


@pytest.fixture(autouse=True)
def _no_request() -> None:
    """No test runs under the request id that another left behind."""
    set_request_id("")


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
    with databases.standing(database_kind, durable=is_durable) as url:
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
def assembled(settings: Settings, databases: TestDatabases) -> Iterator[Flask]:
    """The whole product on the fresh database."""
    app = create_app(settings)
    database: Database = app.extensions["liulin.database"]
    databases.lend_engine(database, settings.database_url)
    yield app
    database.dispose()


@pytest.fixture
def db(assembled: Flask, request: pytest.FixtureRequest) -> Iterator[Database]:
    """The product's own fresh database, with a unit of work open for the test itself.

    After the test every invariant must hold, or the test fails, whatever it asserted.
    """
    database: Database = assembled.extensions["liulin.database"]
    with database.unit_of_work():
        yield database
    if request.node.get_closest_marker("corrupts") is None:
        invariants.hold_in(database)


@pytest.fixture
def app(assembled: Flask, db: Database) -> Flask:
    """The whole product, ready to be asked; the test's own unit of work is on the same database."""
    assembled.test_client_class = FreshClient
    return assembled


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    """A browser without a screen: follows cookies, runs no scripts, is nobody until it signs in."""
    return app.test_client()


class FreshClient(FlaskClient):
    """A client whose requests end what the test was reading, so that the test then reads what they wrote."""

    def open(self, *args: Any, **kwargs: Any) -> TestResponse:
        """Answer one request in a unit of work of its own."""
        with suppress(TransactionMisused):
            session().rollback()
        return super().open(*args, **kwargs)

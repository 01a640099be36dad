"""The database alone, for tests of the floors below the product: no app is assembled, only the books are checked."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from app.kernel.db import Database
from app.ledger.books.checks import CHECKS


@pytest.fixture
def db(database_url: str, request: pytest.FixtureRequest) -> Iterator[Database]:
    """A fresh database with a unit of work open for the test; the books must be sound after it."""
    database = Database(database_url)
    with database.unit_of_work():
        yield database
    if request.node.get_closest_marker("corrupts") is None:
        with database.unit_of_work():
            assert [finding for check in CHECKS for finding in check.find()] == []
    database.dispose()

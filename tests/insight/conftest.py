from collections.abc import Iterator

import pytest
from flask import Flask

from app.kernel.db import Database
from app.ledger.books import checks as books
from app.ledger.figures import checks as figures


@pytest.fixture
def db(assembled: Flask, request: pytest.FixtureRequest) -> Iterator[Database]:
    """The product's database for made-up books: they balance and their figures add up, though no lot stands behind."""
    database: Database = assembled.extensions["liulin.database"]
    with database.unit_of_work():
        yield database
    if request.node.get_closest_marker("corrupts") is None:
        with database.unit_of_work():
            found = [(check.code, one) for check in (*books.CHECKS, *figures.CHECKS) for one in check.find()]
        assert found == []

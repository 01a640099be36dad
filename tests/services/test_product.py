"""The fixtures that put the whole product on a fresh database."""

import pytest
from flask.testing import FlaskClient
from sqlalchemy import text

from app import cli
from app.kernel.checks import Check, Finding
from app.kernel.db import Database, session
from tests.services import invariants


def test_a_fresh_database_breaks_no_invariant(db: Database) -> None:
    invariants.hold_in(db)


def test_a_test_that_leaves_a_broken_invariant_fails(db: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    bites = Check(code="V0", promise="nothing is wrong", find=lambda: iter([Finding("lot 7", "short of 3 g")]))
    with monkeypatch.context() as patch:
        patch.setattr(cli, "CHECKS", (bites,))

        with pytest.raises(pytest.fail.Exception, match="V0: lot 7: short of 3 g"):
            invariants.hold_in(db)


def test_the_client_asks_the_whole_product(client: FlaskClient) -> None:
    assert client.get("/healthz").status_code == 200


def test_after_a_request_the_test_reads_what_it_wrote(client: FlaskClient) -> None:
    session().execute(text("SELECT 1"))

    client.get("/healthz")

    assert not session().in_transaction()

"""The role that serves: it can run the whole county, but no right of its own can rewrite the books."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import pytest
from sqlalchemy import Connection, text
from sqlalchemy.exc import IntegrityError, ProgrammingError

from app.audit import service as audit
from app.kernel import clock, db_roles
from app.kernel.db import Database, transaction
from app.kernel.db_roles import UnfitRole
from app.kernel.permissions import Viewer
from app.ledger.books import seals
from app.trade.catalog.models import Pack
from app.trade.orders.states import OrderState
from tests.cast import an_order_of, answer, findings, fresh, later, pack, pay, receive, ship
from tests.services.postgres import SUPERUSER

ROLE = "liulin_serves"
FOR_EVER = (
    "approval_decisions",
    "audit_links",
    "audit_rows",
    "complaint_entries",
    "disclosures",
    "ledger_events",
    "ledger_seals",
    "ledger_snapshots",
    "ledger_transfers",
    "review_foldings",
    "review_replies",
    "reviews",
    "seller_status_changes",
)
pytestmark = pytest.mark.only("postgresql")


@pytest.fixture
def owner(db: Database) -> Iterator[Connection]:
    """The owner's connection; the role is there while the test runs, with no right but what the test gives it."""
    with db.engine.connect().execution_options(isolation_level="AUTOCOMMIT", liulin_writes=True) as connection:
        connection.execute(text(f"CREATE ROLE {ROLE} LOGIN"))
        yield connection
        connection.execute(text(f"DROP OWNED BY {ROLE}"))
        connection.execute(text(f"DROP ROLE {ROLE}"))


@pytest.fixture
def serving(db: Database, database_url: str, owner: Connection) -> Iterator[Database]:
    """The product's own database from now on under the role that serves."""
    assert tuple(db_roles.let_serve(owner, ROLE)) == FOR_EVER
    owners, url = db.engine, database_url.replace(f"//{SUPERUSER}@", f"//{ROLE}@")
    mine = Database(url)
    db.engine = mine.engine
    with db.unit_of_work():
        yield db
    mine.dispose()
    db.engine = owners


def test_a_purchase_a_seal_and_the_chain_need_no_more_than_the_role_has(
    li: Viewer, wang: Viewer, qian: Viewer, gift_box: Pack, serving: Database
) -> None:
    assert answer("SELECT count(*) FROM pg_roles WHERE rolname = current_user AND rolname = :role", role=ROLE) == 1
    order = an_order_of(3, gift_box, buyer=li)
    pay(order, by=qian)
    pack(order, by=wang)
    ship(order, by=wang)
    receive(order, by=li)
    with clock.pinned(later(days=1)), transaction():
        seals.seal(clock.today() - timedelta(days=1))
    with transaction():
        seals.feed_daily()
    with transaction():
        audit.link()

    assert fresh(order).state is OrderState.RECEIVED
    assert findings() == {}


@pytest.mark.parametrize("table", FOR_EVER)
@pytest.mark.parametrize("act", ["DELETE FROM {}", "TRUNCATE {}", "UPDATE {} SET {} = {}"])
def test_the_role_may_not_rewrite_what_is_for_ever(serving: Database, table: str, act: str) -> None:
    with serving.engine.connect().execution_options(liulin_writes=True) as connection:
        column = connection.execute(
            text("SELECT attname FROM pg_attribute WHERE attrelid = CAST(:table AS regclass) AND attnum = 1"),
            {"table": table},
        ).scalar_one()
        with pytest.raises(ProgrammingError, match="permission denied"):
            connection.execute(text(act.format(table, column, column)))


@pytest.mark.parametrize(
    "act",
    [
        "ALTER TABLE ledger_transfers DISABLE TRIGGER ALL",
        "DROP TRIGGER ledger_transfers_for_ever ON ledger_transfers",
        "DROP TABLE ledger_transfers",
        "CREATE TABLE second_book (id bigint)",
        "UPDATE alembic_version SET version_num = '0001'",
        "SET session_replication_role = 'replica'",
    ],
)
def test_the_role_may_not_change_the_schema_or_get_round_its_triggers(serving: Database, act: str) -> None:
    with (
        serving.engine.connect().execution_options(liulin_writes=True) as connection,
        pytest.raises(ProgrammingError, match=r"permission denied|must be owner"),
    ):
        connection.execute(text(act))


def test_even_the_owner_is_stopped_by_the_triggers_until_he_takes_them_off(gift_box: Pack, owner: Connection) -> None:
    with pytest.raises(IntegrityError, match="append-only"):
        owner.execute(text("UPDATE ledger_transfers SET amount = amount + 1"))


@pytest.mark.parametrize("role", ["nobody_of_this_name", SUPERUSER, 'x"; DROP TABLE orders; --'])
def test_a_role_that_is_not_there_or_too_strong_is_refused(owner: Connection, role: str) -> None:
    with pytest.raises(UnfitRole):
        db_roles.let_serve(owner, role)


def test_a_role_that_owns_a_table_is_refused(owner: Connection) -> None:
    owner.execute(text("CREATE TABLE its_own (id bigint)"))
    owner.execute(text(f"ALTER TABLE its_own OWNER TO {ROLE}"))

    with pytest.raises(UnfitRole):
        db_roles.let_serve(owner, ROLE)

"""Audit rows and the chain that links them, append-only in the database itself.

Why it is safe while the old code runs: it only adds tables that nothing reads yet.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

FOR_EVER = ("audit_rows", "audit_links")


def upgrade() -> None:
    """Make the tables and the triggers."""
    op.create_table(
        "audit_rows",
        sa.Column("id", sa.BigInteger, sa.Identity(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("actor", sa.Text, nullable=False),
        sa.Column("act", sa.Text, nullable=False),
        sa.Column("thing", sa.Text, nullable=False),
        sa.Column("because", sa.Text, nullable=False),
        sa.Column("details", sa.Text, nullable=False),
        sa.Column("request_id", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_audit_rows"),
        sqlite_strict=True,
    )
    op.create_index("ix_audit_rows_actor", "audit_rows", ["actor"])
    op.create_index("ix_audit_rows_thing", "audit_rows", ["thing"])
    op.create_table(
        "audit_links",
        sa.Column("seq", sa.BigInteger, autoincrement=False, nullable=False),
        sa.Column("audit_id", sa.BigInteger, nullable=False),
        sa.Column("digest", sa.Text, nullable=False),
        sa.Column("prev", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint("seq", name="pk_audit_links"),
        sa.ForeignKeyConstraint(["audit_id"], ["audit_rows.id"], name="fk_audit_links_audit_id"),
        sa.UniqueConstraint("audit_id", name="uq_audit_links_audit_id"),
        sqlite_strict=True,
    )
    if op.get_bind().dialect.name == "postgresql":
        _postgresql_triggers()
    else:
        _sqlite_triggers()


def _sqlite_triggers() -> None:
    for table in FOR_EVER:
        for act in ("UPDATE", "DELETE"):
            op.execute(
                f"CREATE TRIGGER {table}_no_{act.lower()} BEFORE {act} ON {table} "
                "BEGIN SELECT RAISE(ABORT, 'audit: append-only'); END"
            )


def _postgresql_triggers() -> None:
    op.execute(
        "CREATE FUNCTION audit_append_only() RETURNS trigger LANGUAGE plpgsql AS "
        "$$ BEGIN RAISE EXCEPTION 'audit: append-only' USING ERRCODE = 'integrity_constraint_violation'; END $$"
    )
    for table in FOR_EVER:
        op.execute(
            f"CREATE TRIGGER {table}_for_ever BEFORE UPDATE OR DELETE ON {table} "
            "FOR EACH ROW EXECUTE FUNCTION audit_append_only()"
        )
        op.execute(
            f"CREATE TRIGGER {table}_no_truncate BEFORE TRUNCATE ON {table} "
            "FOR EACH STATEMENT EXECUTE FUNCTION audit_append_only()"
        )
        op.execute(f"REVOKE UPDATE, DELETE, TRUNCATE ON {table} FROM PUBLIC")

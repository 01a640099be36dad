"""Runs of processing with what went in and came out, who may use the mark, and which packs bear it.

Why it is safe while the old code runs: new tables, which it does not know, and a column with a default. No pack bears
the mark until the new code sets it.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0027"
down_revision = "0026"
branch_labels = None
depends_on = None

INSTANT = sa.DateTime(timezone=True)
STEPS = "'sort', 'wash', 'dry', 'mix'"


def _id() -> sa.Column[int]:
    return sa.Column("id", sa.BigInteger, sa.Identity(), nullable=False)


def _number(name: str, *, nullable: bool = False) -> sa.Column[int]:
    return sa.Column(name, sa.BigInteger, nullable=nullable)


def _words(name: str, *, nullable: bool = False) -> sa.Column[str]:
    return sa.Column(name, sa.Text, nullable=nullable)


def _moment(name: str, *, nullable: bool = False) -> sa.Column[sa.DateTime]:
    return sa.Column(name, INSTANT, nullable=nullable)


def upgrade() -> None:
    """Make the tables, and say of every pack that it does not bear the mark."""
    flag = "INTEGER" if op.get_bind().dialect.name == "sqlite" else "BOOLEAN"
    op.execute(f"ALTER TABLE packs ADD COLUMN bears_mark {flag} NOT NULL DEFAULT FALSE")
    _mark_users()
    _runs()
    _parts()


def _mark_users() -> None:
    op.create_table(
        "mark_users",
        _id(),
        _number("seller_id"),
        _words("number"),
        sa.Column("valid_from", sa.Date, nullable=False),
        sa.Column("valid_to", sa.Date, nullable=False),
        _moment("recorded_at"),
        _words("recorded_by"),
        _moment("ended_at", nullable=True),
        _words("ended_by", nullable=True),
        _words("because"),
        sa.PrimaryKeyConstraint("id", name="pk_mark_users"),
        sa.ForeignKeyConstraint(["seller_id"], ["sellers.id"], name="fk_mark_users_seller_id"),
        sa.CheckConstraint("valid_from <= valid_to", name="ck_mark_users_order"),
        sa.CheckConstraint("(ended_at IS NULL) = (ended_by IS NULL)", name="ck_mark_users_ended"),
        sqlite_strict=True,
    )
    op.create_index("ix_mark_users_seller_id", "mark_users", ["seller_id"])
    op.create_index(
        "uq_mark_users_number",
        "mark_users",
        ["number"],
        unique=True,
        sqlite_where=sa.text("ended_at IS NULL"),
        postgresql_where=sa.text("ended_at IS NULL"),
    )


def _runs() -> None:
    op.create_table(
        "processing_runs",
        _id(),
        _words("number"),
        _number("seller_id"),
        _words("township_code"),
        _words("step"),
        sa.Column("done_on", sa.Date, nullable=False),
        _number("loss"),
        _words("because"),
        _moment("created_at"),
        _words("created_by"),
        _number("event_id", nullable=True),
        _words("state"),
        _moment("undone_at", nullable=True),
        _words("undone_by", nullable=True),
        _words("undone_because"),
        sa.PrimaryKeyConstraint("id", name="pk_processing_runs"),
        sa.UniqueConstraint("number", name="uq_processing_runs_number"),
        sa.ForeignKeyConstraint(["seller_id"], ["sellers.id"], name="fk_processing_runs_seller_id"),
        sa.ForeignKeyConstraint(["township_code"], ["townships.code"], name="fk_processing_runs_township_code"),
        sa.CheckConstraint(f"step IN ({STEPS})", name="ck_processing_runs_step"),
        sa.CheckConstraint("loss >= 0", name="ck_processing_runs_loss"),
        sa.CheckConstraint("loss = 0 OR because <> ''", name="ck_processing_runs_because"),
        sa.CheckConstraint("state IN ('done', 'undone')", name="ck_processing_runs_state"),
        sa.CheckConstraint("(state = 'undone') = (undone_at IS NOT NULL)", name="ck_processing_runs_undone"),
        sqlite_strict=True,
    )
    op.create_index("ix_processing_runs_seller_id", "processing_runs", ["seller_id", "id"])
    op.create_index("ix_processing_runs_township_code", "processing_runs", ["township_code", "id"])


def _parts() -> None:
    op.create_table(
        "processing_inputs",
        _id(),
        _number("run_id"),
        _number("lot_id"),
        _number("used"),
        _number("lost"),
        sa.PrimaryKeyConstraint("id", name="pk_processing_inputs"),
        sa.UniqueConstraint("run_id", "lot_id", name="uq_processing_inputs_run_id_lot_id"),
        sa.ForeignKeyConstraint(["run_id"], ["processing_runs.id"], name="fk_processing_inputs_run_id"),
        sa.ForeignKeyConstraint(["lot_id"], ["lots.id"], name="fk_processing_inputs_lot_id"),
        sa.CheckConstraint("used > 0 AND lost >= 0 AND lost <= used", name="ck_processing_inputs_grams"),
        sqlite_strict=True,
    )
    op.create_index("ix_processing_inputs_lot_id", "processing_inputs", ["lot_id"])
    op.create_table(
        "processing_outputs",
        _id(),
        _number("run_id"),
        _number("lot_id"),
        _number("made"),
        _words("product_key", nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_processing_outputs"),
        sa.UniqueConstraint("lot_id", name="uq_processing_outputs_lot_id"),
        sa.ForeignKeyConstraint(["run_id"], ["processing_runs.id"], name="fk_processing_outputs_run_id"),
        sa.ForeignKeyConstraint(["lot_id"], ["lots.id"], name="fk_processing_outputs_lot_id"),
        sa.ForeignKeyConstraint(["product_key"], ["products.key"], name="fk_processing_outputs_product_key"),
        sa.CheckConstraint("made > 0", name="ck_processing_outputs_made"),
        sqlite_strict=True,
    )
    op.create_index("ix_processing_outputs_run_id", "processing_outputs", ["run_id"])

"""When each check last ran, who asked for it and what it found.

Why it is safe while the old code runs: it only adds tables that nothing reads yet.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None

INSTANT = sa.DateTime(timezone=True)


def upgrade() -> None:
    """Make the tables."""
    op.create_table(
        "check_runs",
        sa.Column("id", sa.BigInteger, sa.Identity(), nullable=False),
        sa.Column("asked_at", INSTANT, nullable=False),
        sa.Column("asked_by", sa.Text, nullable=False),
        sa.Column("started_at", INSTANT),
        sa.Column("ended_at", INSTANT),
        sa.PrimaryKeyConstraint("id", name="pk_check_runs"),
        sa.CheckConstraint("ended_at IS NULL OR started_at IS NOT NULL", name="ck_check_runs_started"),
        sqlite_strict=True,
    )
    op.create_table(
        "check_results",
        sa.Column("run_id", sa.BigInteger, nullable=False),
        sa.Column("code", sa.Text, nullable=False),
        sa.Column("found", sa.BigInteger, nullable=False),
        sa.Column("kept", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint("run_id", "code", name="pk_check_results"),
        sa.ForeignKeyConstraint(["run_id"], ["check_runs.id"], name="fk_check_results_run_id"),
        sa.CheckConstraint("found >= 0", name="ck_check_results_found"),
        sqlite_strict=True,
    )

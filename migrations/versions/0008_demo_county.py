"""The mark of the demo county.

Why it is safe while the old code runs: it only adds a table that nothing reads yet.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the table with its one row."""
    op.create_table(
        "demo_county",
        sa.Column("id", sa.BigInteger, autoincrement=False, nullable=False),
        sa.Column("seed", sa.BigInteger, nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_demo_county"),
        sa.CheckConstraint("id = 1", name="ck_demo_county_one_row"),
        sqlite_strict=True,
    )

"""Prices as they changed, the price that may be struck through, and that a buyer of alcohol said he is of age.

Why it is safe while the old code runs: a table that it does not know, and columns that may stay empty.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0031"
down_revision = "0030"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the table and add the columns."""
    is_sqlite = op.get_bind().dialect.name == "sqlite"
    number, moment = ("INTEGER", "TEXT") if is_sqlite else ("BIGINT", "TIMESTAMPTZ")
    op.create_table(
        "price_changes",
        sa.Column("id", sa.BigInteger, sa.Identity(), nullable=False),
        sa.Column("pack_id", sa.BigInteger, nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("by", sa.Text, nullable=False),
        sa.Column("old", sa.BigInteger, nullable=False),
        sa.Column("new", sa.BigInteger, nullable=False),
        sa.Column("lowest_deal", sa.BigInteger),
        sa.PrimaryKeyConstraint("id", name="pk_price_changes"),
        sa.ForeignKeyConstraint(["pack_id"], ["packs.id"], name="fk_price_changes_pack_id"),
        sa.CheckConstraint("old > 0 AND new > 0", name="ck_price_changes_amounts"),
        sqlite_strict=True,
    )
    op.create_index("ix_price_changes_pack_id", "price_changes", ["pack_id", "id"])
    op.execute(
        f"ALTER TABLE packs ADD COLUMN struck {number} CONSTRAINT ck_packs_struck CHECK (struck IS NULL OR struck > 0)"
    )
    op.execute(f"ALTER TABLE packs ADD COLUMN struck_until {moment}")
    op.execute(f"ALTER TABLE orders ADD COLUMN adult_confirmed_at {moment}")

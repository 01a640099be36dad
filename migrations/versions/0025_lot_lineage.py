"""Where a lot came from, what it was made of, where it lies, its certificate, and whether it was recalled.

Why it is safe while the old code runs: new columns that are empty or have a default, and a table that it does not
know. Lots of households, all of them listed by their growers so far, get their grower in one short statement.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0025"
down_revision = "0024"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the columns, fill in the growers that are known, and make the table of sources."""
    is_sqlite = op.get_bind().dialect.name == "sqlite"
    number, moment = ("INTEGER", "TEXT") if is_sqlite else ("BIGINT", "TIMESTAMPTZ")
    # SQLite takes no check and no reference on a column that it adds, except in the column's own definition.
    for column in (
        "origin TEXT NOT NULL DEFAULT 'own'"
        " CONSTRAINT ck_lots_origin CHECK (origin IN ('own', 'bought', 'outside', 'made'))",
        f"grower_id {number} CONSTRAINT fk_lots_grower_id REFERENCES sellers (id)",
        "store_place TEXT NOT NULL DEFAULT ''",
        "certificate_no TEXT NOT NULL DEFAULT ''",
        "certificate_key TEXT",
        "certificate_sha256 TEXT",
        f"recalled_at {moment}",
        f"recall_id {number}",
    ):
        op.execute(f"ALTER TABLE lots ADD COLUMN {column}")
    op.execute(
        "UPDATE lots SET grower_id = seller_id"
        " WHERE EXISTS (SELECT 1 FROM sellers WHERE sellers.id = lots.seller_id AND sellers.kind = 'household')"
    )
    op.create_index("ix_lots_grower_id", "lots", ["grower_id"])
    op.create_table(
        "lot_sources",
        sa.Column("id", sa.BigInteger, sa.Identity(), nullable=False),
        sa.Column("child_id", sa.BigInteger, nullable=False),
        sa.Column("parent_id", sa.BigInteger, nullable=False),
        sa.Column("grams", sa.BigInteger, nullable=False),
        sa.Column("step", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_lot_sources"),
        sa.ForeignKeyConstraint(["child_id"], ["lots.id"], name="fk_lot_sources_child_id"),
        sa.ForeignKeyConstraint(["parent_id"], ["lots.id"], name="fk_lot_sources_parent_id"),
        sa.UniqueConstraint("child_id", "parent_id", name="uq_lot_sources_child_id_parent_id"),
        sa.CheckConstraint("grams > 0", name="ck_lot_sources_grams"),
        sa.CheckConstraint("child_id <> parent_id", name="ck_lot_sources_apart"),
        sqlite_strict=True,
    )
    op.create_index("ix_lot_sources_parent_id", "lot_sources", ["parent_id"])

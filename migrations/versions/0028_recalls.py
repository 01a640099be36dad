"""Recalls: a lot that may not be eaten, why, who said so, who lifted it, and which lots it took with it.

Why it is safe while the old code runs: new tables that it does not know.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0028"
down_revision = "0027"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make both tables."""
    op.create_table(
        "recalls",
        sa.Column("id", sa.BigInteger, sa.Identity(), nullable=False),
        sa.Column("number", sa.Text, nullable=False),
        sa.Column("lot_id", sa.BigInteger, nullable=False),
        sa.Column("seller_id", sa.BigInteger, nullable=False),
        sa.Column("township_code", sa.Text, nullable=False),
        sa.Column("level", sa.Text, nullable=False),
        sa.Column("because", sa.Text, nullable=False),
        sa.Column("made_by_id", sa.BigInteger, nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("by_seller", sa.Boolean, nullable=False),
        sa.Column("is_sample", sa.Boolean, nullable=False, server_default=sa.false()),
        sa.Column("state", sa.Text, nullable=False, server_default="in_force"),
        sa.Column("ended_at", sa.DateTime(timezone=True)),
        sa.Column("ended_by_id", sa.BigInteger),
        sa.Column("ended_because", sa.Text, nullable=False, server_default=""),
        sa.PrimaryKeyConstraint("id", name="pk_recalls"),
        sa.UniqueConstraint("number", name="uq_recalls_number"),
        sa.ForeignKeyConstraint(["lot_id"], ["lots.id"], name="fk_recalls_lot_id"),
        sa.ForeignKeyConstraint(["seller_id"], ["sellers.id"], name="fk_recalls_seller_id"),
        sa.ForeignKeyConstraint(["township_code"], ["townships.code"], name="fk_recalls_township_code"),
        sa.ForeignKeyConstraint(["made_by_id"], ["people.id"], name="fk_recalls_made_by_id"),
        sa.ForeignKeyConstraint(["ended_by_id"], ["people.id"], name="fk_recalls_ended_by_id"),
        sa.CheckConstraint("level IN ('first', 'second', 'third')", name="ck_recalls_level"),
        sa.CheckConstraint("state IN ('in_force', 'lifted', 'done')", name="ck_recalls_state"),
        sa.CheckConstraint("(state = 'in_force') = (ended_at IS NULL)", name="ck_recalls_ended"),
        sa.CheckConstraint("ended_by_id <> made_by_id OR state <> 'lifted'", name="ck_recalls_two_people"),
        sqlite_strict=True,
    )
    op.create_index("ix_recalls_lot_id", "recalls", ["lot_id"])
    op.create_table(
        "recall_lots",
        sa.Column("recall_id", sa.BigInteger, nullable=False),
        sa.Column("lot_id", sa.BigInteger, nullable=False),
        sa.PrimaryKeyConstraint("recall_id", "lot_id", name="pk_recall_lots"),
        sa.ForeignKeyConstraint(["recall_id"], ["recalls.id"], name="fk_recall_lots_recall_id"),
        sa.ForeignKeyConstraint(["lot_id"], ["lots.id"], name="fk_recall_lots_lot_id"),
        sqlite_strict=True,
    )
    op.create_index("ix_recall_lots_lot_id", "recall_lots", ["lot_id"])

"""Daily sums by role and township instead of by account, and transfers findable by day.

Why it is safe while the old code runs: nothing is lost, because the daily sums are made from the transfers and the
watermark goes back to the beginning; until the worker has fed them again, boards add the transfers themselves up.
Code from before this step cannot feed the new table, so stop its worker first.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Put the coarser table in the place of the old one, empty."""
    op.execute("DELETE FROM ledger_watermark")
    op.drop_table("ledger_daily")
    op.create_table(
        "ledger_daily",
        sa.Column("role", sa.Text, nullable=False),
        sa.Column("commodity_id", sa.BigInteger, nullable=False),
        sa.Column("township", sa.Text, nullable=False),
        sa.Column("effective_on", sa.Date, nullable=False),
        sa.Column("kind", sa.Text, nullable=False),
        sa.Column("dr", sa.BigInteger, nullable=False),
        sa.Column("cr", sa.BigInteger, nullable=False),
        sa.Column("debits", sa.BigInteger, nullable=False),
        sa.Column("credits", sa.BigInteger, nullable=False),
        sa.PrimaryKeyConstraint("role", "commodity_id", "effective_on", "township", "kind", name="pk_ledger_daily"),
        sa.ForeignKeyConstraint(["commodity_id"], ["ledger_commodities.id"], name="fk_ledger_daily_commodity_id"),
        sqlite_strict=True,
    )
    op.create_index("ix_ledger_transfers_effective_on_id", "ledger_transfers", ["effective_on", "id"])

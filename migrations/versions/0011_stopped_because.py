"""Why an official stopped a pack.

Why it is safe while the old code runs: the column is empty by default and nothing else reads it.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the column."""
    op.add_column("packs", sa.Column("stopped_because", sa.Text, nullable=False, server_default=""))

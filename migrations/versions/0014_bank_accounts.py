"""Bank accounts to which growers are paid.

Why it is safe while the old code runs: it only adds tables that nothing reads yet.
"""

from __future__ import annotations

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the table."""

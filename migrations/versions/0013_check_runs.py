"""When each check last ran and what it found.

Why it is safe while the old code runs: it only adds tables that nothing reads yet.
"""

from __future__ import annotations

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the table."""

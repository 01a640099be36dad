"""Tables for what a buyer agreed to about returning, what was weighed, and the returns themselves.

Why it is safe: new tables only, which running code does not know.
"""

from __future__ import annotations

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Nothing yet."""

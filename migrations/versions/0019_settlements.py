"""Tables for statements of what is a seller's.

Why it is safe: new tables only, which running code does not know.
"""

from __future__ import annotations

revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Nothing yet."""

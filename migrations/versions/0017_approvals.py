"""Tables for what one person asks and another decides.

Why it is safe: new tables only, which running code does not know.
"""

from __future__ import annotations

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Nothing yet."""

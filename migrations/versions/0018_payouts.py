"""Tables for money on its way to people's accounts, bank files and the banks' answers.

Why it is safe: new tables only, which running code does not know.
"""

from __future__ import annotations

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Nothing yet."""

"""Tables for texts and mails on their way out.

Why it is safe: new tables only, which running code does not know.
"""

from __future__ import annotations

revision = "0020"
down_revision = "0019"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Nothing yet."""

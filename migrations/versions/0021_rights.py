"""Tables for address book, invoices, complaints.

Why it is safe: new tables only, which running code does not know.
"""

from __future__ import annotations

revision = "0021"
down_revision = "0020"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Nothing yet."""

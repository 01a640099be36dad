"""Bank accounts to which growers are paid.

Why it is safe while the old code runs: it only adds tables that nothing reads yet.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None

INSTANT = sa.DateTime(timezone=True)
STATES = "'waiting', 'verified', 'refused', 'ended'"
BANKS = "'rural', 'agricultural', 'postal', 'industrial', 'construction', 'china', 'other'"


def _words(name: str, *, nullable: bool = False) -> sa.Column[str]:
    return sa.Column(name, sa.Text, nullable=nullable)


def _moment(name: str, *, nullable: bool = False) -> sa.Column[sa.DateTime]:
    return sa.Column(name, INSTANT, nullable=nullable)


def _number(name: str) -> sa.Column[int]:
    return sa.Column(name, sa.BigInteger, nullable=False)


def upgrade() -> None:
    """Make the table; one seller has at most one account that waits and one that is verified."""
    op.create_table(
        "bank_accounts",
        sa.Column("id", sa.BigInteger, sa.Identity(), nullable=False),
        _number("seller_id"),
        _number("person_id"),
        _words("holder"),
        _words("bank"),
        _words("bank_name"),
        _words("tail"),
        _words("number_index", nullable=True),
        sa.Column("number_sealed", sa.LargeBinary),
        _number("consent_id"),
        _words("entered_by"),
        _moment("entered_at"),
        _words("state"),
        _moment("decided_at", nullable=True),
        _words("decided_by", nullable=True),
        _words("because", nullable=True),
        _moment("ended_at", nullable=True),
        _words("ending", nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_bank_accounts"),
        sa.ForeignKeyConstraint(["seller_id"], ["sellers.id"], name="fk_bank_accounts_seller_id"),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"], name="fk_bank_accounts_person_id"),
        sa.ForeignKeyConstraint(["consent_id"], ["consents.id"], name="fk_bank_accounts_consent_id"),
        sa.UniqueConstraint("number_index", name="uq_bank_accounts_number_index"),
        sa.CheckConstraint(f"state IN ({STATES})", name="ck_bank_accounts_state"),
        sa.CheckConstraint(f"bank IN ({BANKS})", name="ck_bank_accounts_bank"),
        sa.CheckConstraint("(bank = 'other') = (bank_name <> '')", name="ck_bank_accounts_bank_name"),
        sa.CheckConstraint("length(tail) = 4", name="ck_bank_accounts_tail"),
        sa.CheckConstraint(
            "(state IN ('waiting', 'verified')) = (number_sealed IS NOT NULL)", name="ck_bank_accounts_sealed"
        ),
        sa.CheckConstraint(
            "(number_sealed IS NULL) = (number_index IS NULL)", name="ck_bank_accounts_index_goes_with_number"
        ),
        sa.CheckConstraint(
            "(decided_at IS NULL) = (decided_by IS NULL) AND (decided_at IS NULL) = (because IS NULL)",
            name="ck_bank_accounts_decided",
        ),
        sa.CheckConstraint(
            "CASE state WHEN 'waiting' THEN decided_at IS NULL WHEN 'ended' THEN 1 = 1 ELSE decided_at IS NOT NULL END",
            name="ck_bank_accounts_state_is_decided",
        ),
        sa.CheckConstraint(
            "(state = 'ended') = (ended_at IS NOT NULL) AND (ended_at IS NULL) = (ending IS NULL)",
            name="ck_bank_accounts_ended",
        ),
        sa.CheckConstraint("decided_by <> entered_by", name="ck_bank_accounts_two_people"),
        sqlite_strict=True,
    )
    for state in ("waiting", "verified"):
        is_so = sa.text(f"state = '{state}'")
        op.create_index(
            f"uq_bank_accounts_{state}",
            "bank_accounts",
            ["seller_id"],
            unique=True,
            postgresql_where=is_so,
            sqlite_where=is_so,
        )
    op.create_index("ix_bank_accounts_seller_id", "bank_accounts", ["seller_id"])
    op.create_index("ix_bank_accounts_person_id", "bank_accounts", ["person_id"])
    op.create_index("ix_bank_accounts_state", "bank_accounts", ["state", "id"])

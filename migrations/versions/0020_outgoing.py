"""Tables for texts on their way out, and for what verified sellers want changed.

Why it is safe: new tables only, which running code does not know.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0020"
down_revision = "0019"
branch_labels = None
depends_on = None

INSTANT = sa.DateTime(timezone=True)
TEXT_STATES = "'waiting', 'failed', 'sent', 'given_up', 'held_back'"
CHANGE_STATES = "'waiting', 'approved', 'refused', 'withdrawn'"


def _words(name: str, *, nullable: bool = False) -> sa.Column[str]:
    return sa.Column(name, sa.Text, nullable=nullable)


def _moment(name: str, *, nullable: bool = False) -> sa.Column[sa.DateTime]:
    return sa.Column(name, INSTANT, nullable=nullable)


def _number(name: str) -> sa.Column[int]:
    return sa.Column(name, sa.BigInteger, nullable=False)


def upgrade() -> None:
    """Make both tables; a seller has at most one change that waits."""
    _outgoing_texts()
    _seller_changes()


def _outgoing_texts() -> None:
    op.create_table(
        "outgoing_texts",
        sa.Column("id", sa.BigInteger, sa.Identity(), nullable=False),
        _words("reference"),
        _number("person_id"),
        _words("words"),
        _moment("created_at"),
        _moment("run_after"),
        _words("state"),
        _number("tries"),
        _moment("leased_until", nullable=True),
        _moment("sent_at", nullable=True),
        _words("last_error", nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_outgoing_texts"),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"], name="fk_outgoing_texts_person_id"),
        sa.UniqueConstraint("reference", name="uq_outgoing_texts_reference"),
        sa.CheckConstraint(f"state IN ({TEXT_STATES})", name="ck_outgoing_texts_state"),
        sa.CheckConstraint("length(words) BETWEEN 1 AND 70", name="ck_outgoing_texts_words"),
        sa.CheckConstraint("tries >= 0", name="ck_outgoing_texts_tries"),
        sa.CheckConstraint("(state = 'sent') = (sent_at IS NOT NULL)", name="ck_outgoing_texts_sent"),
        sa.CheckConstraint("state <> 'given_up' OR last_error IS NOT NULL", name="ck_outgoing_texts_given_up"),
        sqlite_strict=True,
    )
    op.create_index("ix_outgoing_texts_person_id", "outgoing_texts", ["person_id", "created_at"])
    op.create_index("ix_outgoing_texts_state", "outgoing_texts", ["state", "id"])
    is_due = sa.text("state IN ('waiting', 'failed')")
    op.create_index(
        "ix_outgoing_texts_due", "outgoing_texts", ["run_after"], postgresql_where=is_due, sqlite_where=is_due
    )


def _seller_changes() -> None:
    op.create_table(
        "seller_changes",
        sa.Column("id", sa.BigInteger, sa.Identity(), nullable=False),
        _number("seller_id"),
        _words("name"),
        _words("licence_no", nullable=True),
        _words("words"),
        _words("old_name"),
        _words("old_licence_no", nullable=True),
        _words("old_words"),
        _words("state"),
        _words("proposed_by"),
        _moment("proposed_at"),
        _moment("decided_at", nullable=True),
        _words("decided_by", nullable=True),
        _words("because", nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_seller_changes"),
        sa.ForeignKeyConstraint(["seller_id"], ["sellers.id"], name="fk_seller_changes_seller_id"),
        sa.CheckConstraint(f"state IN ({CHANGE_STATES})", name="ck_seller_changes_state"),
        sa.CheckConstraint(
            "(decided_at IS NULL) = (decided_by IS NULL) AND (decided_at IS NULL) = (because IS NULL)",
            name="ck_seller_changes_decided",
        ),
        sa.CheckConstraint(
            "(state IN ('approved', 'refused')) = (decided_at IS NOT NULL)", name="ck_seller_changes_state_is_decided"
        ),
        sa.CheckConstraint("decided_by <> proposed_by", name="ck_seller_changes_two_people"),
        sqlite_strict=True,
    )
    waits = sa.text("state = 'waiting'")
    op.create_index(
        "uq_seller_changes_waiting",
        "seller_changes",
        ["seller_id"],
        unique=True,
        postgresql_where=waits,
        sqlite_where=waits,
    )
    op.create_index("ix_seller_changes_seller_id", "seller_changes", ["seller_id", "id"])

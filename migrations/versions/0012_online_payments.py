"""Hosted payment pages, the notices that Stripe sends about them, and money that a person must look at.

Why it is safe while the old code runs: it adds tables that nothing reads yet, and columns that have their defaults.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None

INSTANT = sa.DateTime(timezone=True)


def _id() -> sa.Column[int]:
    return sa.Column("id", sa.BigInteger, sa.Identity(), nullable=False)


def _words(name: str, *, nullable: bool = False) -> sa.Column[str]:
    return sa.Column(name, sa.Text, nullable=nullable)


def _moment(name: str, *, nullable: bool = False) -> sa.Column[sa.DateTime]:
    return sa.Column(name, INSTANT, nullable=nullable)


def upgrade() -> None:
    """Make the tables."""
    _pages()
    op.create_table(
        "stripe_notices",
        _id(),
        _words("event"),
        _words("kind"),
        _words("object_kind"),
        _words("object_id"),
        _words("intent"),
        _moment("received_at"),
        _moment("run_after"),
        sa.Column("tries", sa.BigInteger, nullable=False),
        _moment("done_at", nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_stripe_notices"),
        sa.UniqueConstraint("event", name="uq_stripe_notices_event"),
        sqlite_strict=True,
    )
    op.create_index("ix_stripe_notices_done_at", "stripe_notices", ["done_at", "run_after"])
    op.create_table(
        "payment_problems",
        _id(),
        _words("kind"),
        _words("reference"),
        _words("checkout"),
        sa.Column("amount", sa.BigInteger),
        _words("details"),
        _moment("at"),
        _moment("resolved_at", nullable=True),
        _words("resolved_by", nullable=True),
        _words("because", nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_payment_problems"),
        sa.UniqueConstraint("kind", "reference", name="uq_payment_problems_kind_reference"),
        sqlite_strict=True,
    )
    op.add_column("payments", sa.Column("refund_tries", sa.BigInteger, nullable=False, server_default="0"))


def _pages() -> None:
    op.create_table(
        "pay_pages",
        _id(),
        _words("reference"),
        _words("checkout"),
        sa.Column("buyer_id", sa.BigInteger, nullable=False),
        sa.Column("amount", sa.BigInteger, nullable=False),
        _words("state"),
        _moment("made_at"),
        _moment("open_until"),
        _moment("hold_until"),
        _words("session", nullable=True),
        _words("url"),
        _words("intent", nullable=True),
        _moment("ended_at", nullable=True),
        sa.Column("fee", sa.BigInteger),
        sa.PrimaryKeyConstraint("id", name="pk_pay_pages"),
        sa.UniqueConstraint("reference", name="uq_pay_pages_reference"),
        sa.UniqueConstraint("session", name="uq_pay_pages_session"),
        sa.UniqueConstraint("intent", name="uq_pay_pages_intent"),
        sa.ForeignKeyConstraint(["buyer_id"], ["people.id"], name="fk_pay_pages_buyer_id"),
        sa.CheckConstraint("amount > 0", name="ck_pay_pages_amount"),
        sqlite_strict=True,
    )
    op.create_index("ix_pay_pages_checkout", "pay_pages", ["checkout"])
    op.create_index("ix_pay_pages_state", "pay_pages", ["state", "hold_until"])
    op.create_table(
        "pay_page_parts",
        sa.Column("page_id", sa.BigInteger, nullable=False),
        sa.Column("order_id", sa.BigInteger, nullable=False),
        sa.Column("amount", sa.BigInteger, nullable=False),
        sa.PrimaryKeyConstraint("page_id", "order_id", name="pk_pay_page_parts"),
        sa.ForeignKeyConstraint(["page_id"], ["pay_pages.id"], name="fk_pay_page_parts_page_id"),
        sa.ForeignKeyConstraint(["order_id"], ["orders.id"], name="fk_pay_page_parts_order_id"),
        sa.CheckConstraint("amount > 0", name="ck_pay_page_parts_amount"),
        sqlite_strict=True,
    )

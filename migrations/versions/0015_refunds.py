"""Refunds as rows of their own: part of a payment or all of it, several times, never more than was paid.

Why it is safe: what waits to go back and what has gone back becomes a row. The columns that said so are dropped, so
code from before this step must be stopped first.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None

INSTANT = sa.DateTime(timezone=True)
OLD = ("refunded_at", "refunded_by", "refund_reference", "refund_tries")


def _words(name: str, *, nullable: bool = False) -> sa.Column[str]:
    return sa.Column(name, sa.Text, nullable=nullable)


def _number(name: str) -> sa.Column[int]:
    return sa.Column(name, sa.BigInteger, nullable=False)


def upgrade() -> None:
    """Make the table, carry over what there is, and drop what it replaces."""
    op.create_table(
        "refunds",
        sa.Column("id", sa.BigInteger, sa.Identity(), nullable=False),
        _number("payment_id"),
        _number("amount"),
        _words("reason"),
        _words("note"),
        _words("state"),
        sa.Column("asked_at", INSTANT, nullable=False),
        _words("asked_by"),
        sa.Column("decided_at", INSTANT),
        _words("decided_by", nullable=True),
        sa.Column("sent_at", INSTANT),
        _words("sent_by", nullable=True),
        _words("reference", nullable=True),
        _number("tries"),
        _number("from_goods"),
        _number("from_freight"),
        sa.PrimaryKeyConstraint("id", name="pk_refunds"),
        sa.ForeignKeyConstraint(["payment_id"], ["payments.id"], name="fk_refunds_payment_id"),
        sa.CheckConstraint("amount > 0", name="ck_refunds_amount"),
        sa.CheckConstraint(
            "from_goods >= 0 AND from_freight >= 0 AND from_goods + from_freight <= amount", name="ck_refunds_sources"
        ),
        sa.CheckConstraint("decided_by IS NULL OR decided_by <> asked_by", name="ck_refunds_two_people"),
        sqlite_strict=True,
    )
    op.create_index("ix_refunds_payment_id", "refunds", ["payment_id"])
    op.create_index("ix_refunds_state", "refunds", ["state"])
    op.execute(
        "INSERT INTO refunds (payment_id, amount, reason, note, state, asked_at, asked_by, "
        "sent_at, sent_by, reference, tries, from_goods, from_freight) "
        "SELECT id, amount, 'called_off', '', CASE state WHEN 'refunded' THEN 'sent' ELSE 'due' END, "
        "confirmed_at, confirmed_by, refunded_at, refunded_by, refund_reference, refund_tries, 0, 0 "
        "FROM payments WHERE state <> 'confirmed'"
    )
    # SQLite takes no check on a column that it adds to a table, except in the column's own definition.
    op.execute(
        "ALTER TABLE payments ADD COLUMN refunded "
        + ("INTEGER" if op.get_bind().dialect.name == "sqlite" else "BIGINT")
        + " NOT NULL DEFAULT 0 CONSTRAINT ck_payments_refunded CHECK (refunded >= 0 AND refunded <= amount)"
    )
    op.execute("UPDATE payments SET refunded = amount WHERE state <> 'confirmed'")
    for column in OLD:
        op.drop_column("payments", column)

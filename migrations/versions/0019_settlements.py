"""Settlements, statements and the entries in them, corrections of what is a seller's, and the county's fee.

Why it is safe: new tables only, which running code does not know.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None

INSTANT = sa.DateTime(timezone=True)


def _id() -> sa.Column[int]:
    return sa.Column("id", sa.BigInteger, sa.Identity(), nullable=False)


def _words(name: str) -> sa.Column[str]:
    return sa.Column(name, sa.Text, nullable=False)


def _number(name: str, *, nullable: bool = False) -> sa.Column[int]:
    return sa.Column(name, sa.BigInteger, nullable=nullable)


def _made(table: str) -> list[sa.schema.SchemaItem]:
    """When and by whom something was made, and its own number."""
    return [
        sa.Column("made_at", INSTANT, nullable=False),
        _number("made_by"),
        sa.PrimaryKeyConstraint("id", name=f"pk_{table}"),
        sa.UniqueConstraint("number", name=f"uq_{table}_number"),
        sa.ForeignKeyConstraint(["made_by"], ["people.id"], name=f"fk_{table}_made_by"),
    ]


def upgrade() -> None:
    """Make the five tables."""
    _settlements()
    _statements()
    op.create_table(
        "corrections",
        _id(),
        _words("number"),
        _number("seller_id"),
        _number("amount"),
        _words("because"),
        sa.Column("booked_at", INSTANT),
        *_made("corrections"),
        sa.ForeignKeyConstraint(["seller_id"], ["sellers.id"], name="fk_corrections_seller_id"),
        sa.CheckConstraint("amount <> 0", name="ck_corrections_amount"),
        sqlite_strict=True,
    )
    op.create_index("ix_corrections_seller_id", "corrections", ["seller_id"])
    op.create_table(
        "fee_rates",
        _id(),
        _words("number"),
        _number("rate"),
        sa.Column("valid_from", sa.Date, nullable=False),
        _words("because"),
        sa.Column("approved_at", INSTANT),
        *_made("fee_rates"),
        sa.CheckConstraint("rate >= 0 AND rate <= 1000", name="ck_fee_rates_rate"),
        sqlite_strict=True,
    )


def _settlements() -> None:
    op.create_table(
        "settlements",
        _id(),
        _words("number"),
        sa.Column("starts_on", sa.Date),
        sa.Column("through", sa.Date, nullable=False),
        _number("fee_rate"),
        _words("state"),
        sa.Column("is_live", sa.Boolean, nullable=False),
        _number("cursor"),
        _number("count"),
        _number("closing"),
        _number("pays"),
        sa.Column("ended_at", INSTANT),
        *_made("settlements"),
        sa.CheckConstraint("fee_rate >= 0 AND fee_rate <= 1000", name="ck_settlements_fee_rate"),
        sqlite_strict=True,
    )
    is_live = sa.text("is_live")
    op.create_index(
        "uq_settlements_live", "settlements", ["is_live"], unique=True, sqlite_where=is_live, postgresql_where=is_live
    )


def _statements() -> None:
    lines = ("paid", "sales", "freight", "refunds", "fees", "corrections")
    amounts = ("brought", *lines, "closing", "in_flight", "awaited", "pays")
    op.create_table(
        "statements",
        _id(),
        _words("number"),
        _number("settlement_id"),
        _number("seller_id"),
        _words("township_code"),
        *(_number(name) for name in amounts),
        _number("bank_account_id", nullable=True),
        sa.Column("closed_at", INSTANT),
        sa.PrimaryKeyConstraint("id", name="pk_statements"),
        sa.UniqueConstraint("number", name="uq_statements_number"),
        sa.UniqueConstraint("settlement_id", "seller_id", name="uq_statements_settlement_seller"),
        sa.ForeignKeyConstraint(["settlement_id"], ["settlements.id"], name="fk_statements_settlement_id"),
        sa.ForeignKeyConstraint(["seller_id"], ["sellers.id"], name="fk_statements_seller_id"),
        sa.ForeignKeyConstraint(["township_code"], ["townships.code"], name="fk_statements_township_code"),
        sa.ForeignKeyConstraint(["bank_account_id"], ["bank_accounts.id"], name="fk_statements_bank_account_id"),
        sa.CheckConstraint(
            "brought + paid + sales + freight + refunds + fees + corrections = closing", name="ck_statements_adds_up"
        ),
        sa.CheckConstraint("pays >= 0 AND in_flight >= 0 AND awaited >= 0", name="ck_statements_amounts"),
        sqlite_strict=True,
    )
    op.create_index("ix_statements_seller_id_id", "statements", ["seller_id", "id"])
    op.create_table(
        "statement_entries",
        _number("transfer_id"),
        _number("statement_id"),
        _words("line"),
        _number("amount"),
        sa.PrimaryKeyConstraint("transfer_id", name="pk_statement_entries"),
        sa.ForeignKeyConstraint(["statement_id"], ["statements.id"], name="fk_statement_entries_statement_id"),
        sqlite_strict=True,
    )
    op.create_index(
        "ix_statement_entries_statement_id_line", "statement_entries", ["statement_id", "line", "transfer_id"]
    )

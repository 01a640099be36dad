"""Codes for signing in by phone, texts that carry one, and by what a sign-in was opened.

Why it is safe while the old code runs: a new table, which it does not know, two columns that may be empty, and one with
a default. Only the new code writes texts that carry a code; the old one would send no more than such a text's name.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0023"
down_revision = "0022"
branch_labels = None
depends_on = None

INSTANT = sa.DateTime(timezone=True)


def upgrade() -> None:
    """Make the table; every sign-in until now was by password, and no text until now carried a code."""
    op.create_table(
        "phone_codes",
        sa.Column("id", sa.BigInteger, sa.Identity(), nullable=False),
        sa.Column("phone_index", sa.Text, nullable=False),
        sa.Column("code_key", sa.Text),
        sa.Column("asked_at", INSTANT, nullable=False),
        sa.Column("until", INSTANT, nullable=False),
        sa.Column("used_at", INSTANT),
        sa.Column("sign_in_id", sa.BigInteger),
        sa.PrimaryKeyConstraint("id", name="pk_phone_codes"),
        sa.ForeignKeyConstraint(["sign_in_id"], ["sign_ins.id"], name="fk_phone_codes_sign_in_id"),
        sa.UniqueConstraint("sign_in_id", name="uq_phone_codes_sign_in_id"),
        sa.CheckConstraint("used_at IS NULL OR code_key IS NULL", name="ck_phone_codes_used"),
        sa.CheckConstraint("(used_at IS NULL) = (sign_in_id IS NULL)", name="ck_phone_codes_sign_in"),
        sqlite_strict=True,
    )
    is_live = sa.text("code_key IS NOT NULL")
    op.create_index(
        "uq_phone_codes_live",
        "phone_codes",
        ["phone_index"],
        unique=True,
        postgresql_where=is_live,
        sqlite_where=is_live,
    )
    op.create_index("ix_phone_codes_asked_at", "phone_codes", ["asked_at"])
    # SQLite takes no check and no reference on a column that it adds, except in the column's own definition.
    number = "INTEGER" if op.get_bind().dialect.name == "sqlite" else "BIGINT"
    op.execute(
        "ALTER TABLE sign_ins ADD COLUMN way TEXT NOT NULL DEFAULT 'password'"
        " CONSTRAINT ck_sign_ins_way CHECK (way IN ('password', 'code'))"
    )
    op.execute(
        "ALTER TABLE outgoing_texts ADD COLUMN carries TEXT"
        " CONSTRAINT ck_outgoing_texts_carries CHECK (carries IS NULL OR way = 'text')"
    )
    op.execute(
        f"ALTER TABLE outgoing_texts ADD COLUMN carried_id {number}"
        " CONSTRAINT ck_outgoing_texts_carried CHECK ((carried_id IS NULL) = (carries IS NULL))"
    )

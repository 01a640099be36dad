"""Mail addresses that people give, and mails beside the texts that are on their way out.

Why it is safe while the old code runs: a new table, which it does not know, and two columns with a default. Only who
has confirmed an address gets mails, and only the new code lets an address be confirmed.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0022"
down_revision = "0021"
branch_labels = None
depends_on = None

INSTANT = sa.DateTime(timezone=True)


def _number(name: str) -> sa.Column[int]:
    return sa.Column(name, sa.BigInteger, nullable=False)


def _moment(name: str, *, nullable: bool = False) -> sa.Column[sa.DateTime]:
    return sa.Column(name, INSTANT, nullable=nullable)


def upgrade() -> None:
    """Make the table; what waits to go out is a text unless it says that it is a mail."""
    op.create_table(
        "mail_addresses",
        sa.Column("id", sa.BigInteger, sa.Identity(), nullable=False),
        _number("person_id"),
        _number("consent_id"),
        sa.Column("address_sealed", sa.LargeBinary, nullable=False),
        _moment("given_at"),
        sa.Column("code_key", sa.Text),
        _moment("code_until", nullable=True),
        _moment("confirmed_at", nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_mail_addresses"),
        sa.UniqueConstraint("person_id", name="uq_mail_addresses_person_id"),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"], name="fk_mail_addresses_person_id"),
        sa.ForeignKeyConstraint(["consent_id"], ["consents.id"], name="fk_mail_addresses_consent_id"),
        sa.CheckConstraint("(code_key IS NULL) = (code_until IS NULL)", name="ck_mail_addresses_code"),
        sa.CheckConstraint("(code_key IS NULL) = (confirmed_at IS NOT NULL)", name="ck_mail_addresses_confirmed"),
        sqlite_strict=True,
    )
    # SQLite takes no check and no reference on a column that it adds, except in the column's own definition.
    number = "INTEGER" if op.get_bind().dialect.name == "sqlite" else "BIGINT"
    op.execute(
        "ALTER TABLE outgoing_texts ADD COLUMN way TEXT NOT NULL DEFAULT 'text'"
        " CONSTRAINT ck_outgoing_texts_way CHECK (way IN ('text', 'mail'))"
    )
    op.execute(
        f"ALTER TABLE outgoing_texts ADD COLUMN message_id {number} CONSTRAINT fk_outgoing_texts_message_id"
        " REFERENCES messages (id) CONSTRAINT ck_outgoing_texts_message CHECK (message_id IS NULL OR way = 'mail')"
    )

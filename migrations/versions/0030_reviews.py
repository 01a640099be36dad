"""Reviews of what buyers received, sellers' replies, and the county's reasons for folding one.

Why it is safe while the old code runs: new tables only, which it does not know.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0030"
down_revision = "0029"
branch_labels = None
depends_on = None

INSTANT = sa.DateTime(timezone=True)
FOR_EVER = ("reviews", "review_replies", "review_foldings")


def _words(name: str) -> sa.Column[str]:
    return sa.Column(name, sa.Text, nullable=False)


def _number(name: str) -> sa.Column[int]:
    return sa.Column(name, sa.BigInteger, nullable=False)


def _id() -> sa.Column[int]:
    return sa.Column("id", sa.BigInteger, sa.Identity(), nullable=False)


def _moment(name: str) -> sa.Column[sa.DateTime]:
    return sa.Column(name, INSTANT, nullable=False)


def upgrade() -> None:
    """Make the tables, then the triggers by which no review, reply or reason can be changed or deleted."""
    op.create_table(
        "reviews",
        _id(),
        _words("number"),
        _number("order_line_id"),
        _number("pack_id"),
        _number("seller_id"),
        _number("buyer_id"),
        _words("township_code"),
        _moment("at"),
        _number("stars"),
        _words("words"),
        sa.Column("is_sample", sa.Boolean, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_reviews"),
        sa.UniqueConstraint("number", name="uq_reviews_number"),
        sa.UniqueConstraint("order_line_id", name="uq_reviews_order_line_id"),
        sa.ForeignKeyConstraint(["order_line_id"], ["order_lines.id"], name="fk_reviews_order_line_id"),
        sa.ForeignKeyConstraint(["pack_id"], ["packs.id"], name="fk_reviews_pack_id"),
        sa.ForeignKeyConstraint(["seller_id"], ["sellers.id"], name="fk_reviews_seller_id"),
        sa.ForeignKeyConstraint(["buyer_id"], ["people.id"], name="fk_reviews_buyer_id"),
        sa.ForeignKeyConstraint(["township_code"], ["townships.code"], name="fk_reviews_township_code"),
        sa.CheckConstraint("stars BETWEEN 1 AND 5", name="ck_reviews_stars"),
        sqlite_strict=True,
    )
    op.create_index("ix_reviews_pack_id", "reviews", ["pack_id", "id"])
    op.create_index("ix_reviews_seller_id", "reviews", ["seller_id", "id"])
    op.create_table(
        "review_replies",
        _id(),
        _number("review_id"),
        _moment("at"),
        _words("by"),
        _words("words"),
        sa.PrimaryKeyConstraint("id", name="pk_review_replies"),
        sa.UniqueConstraint("review_id", name="uq_review_replies_review_id"),
        sa.ForeignKeyConstraint(["review_id"], ["reviews.id"], name="fk_review_replies_review_id"),
        sqlite_strict=True,
    )
    op.create_table(
        "review_foldings",
        _id(),
        _number("review_id"),
        _moment("at"),
        _words("by"),
        sa.Column("is_folded", sa.Boolean, nullable=False),
        _words("because"),
        sa.PrimaryKeyConstraint("id", name="pk_review_foldings"),
        sa.ForeignKeyConstraint(["review_id"], ["reviews.id"], name="fk_review_foldings_review_id"),
        sqlite_strict=True,
    )
    op.create_index("ix_review_foldings_review_id", "review_foldings", ["review_id", "id"])
    if op.get_bind().dialect.name == "postgresql":
        _postgresql_triggers()
    else:
        _sqlite_triggers()


def _postgresql_triggers() -> None:
    op.execute(
        "CREATE FUNCTION reviews_append_only() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
        "RAISE EXCEPTION 'reviews: append-only' USING ERRCODE = 'integrity_constraint_violation'; END $$"
    )
    for table in FOR_EVER:
        op.execute(
            f"CREATE TRIGGER {table}_for_ever BEFORE UPDATE OR DELETE ON {table} "
            "FOR EACH ROW EXECUTE FUNCTION reviews_append_only()"
        )
        op.execute(
            f"CREATE TRIGGER {table}_no_truncate BEFORE TRUNCATE ON {table} "
            "FOR EACH STATEMENT EXECUTE FUNCTION reviews_append_only()"
        )
        op.execute(f"REVOKE UPDATE, DELETE, TRUNCATE ON {table} FROM PUBLIC")


def _sqlite_triggers() -> None:
    for table in FOR_EVER:
        for act in ("UPDATE", "DELETE"):
            op.execute(
                f"CREATE TRIGGER {table}_no_{act.lower()} BEFORE {act} ON {table} "
                "BEGIN SELECT RAISE(ABORT, 'reviews: append-only'); END"
            )

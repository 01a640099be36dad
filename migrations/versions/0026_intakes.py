"""Purchase points, the prices posted there, and the fruit that is weighed, graded, priced and taken in.

Why it is safe while the old code runs: it only adds tables that the old code does not know.
"""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0026"
down_revision = "0025"
branch_labels = None
depends_on = None

INSTANT = sa.DateTime(timezone=True)


def upgrade() -> None:
    """Make the tables."""
    _make_points()
    _make_prices()
    _make_intakes()
    _make_what_hangs_on_an_intake()


def _id() -> sa.Column[int]:
    return sa.Column("id", sa.BigInteger, sa.Identity(), nullable=False)


def _words(name: str, *, nullable: bool = False) -> sa.Column[str]:
    return sa.Column(name, sa.Text, nullable=nullable)


def _number(name: str, *, nullable: bool = False) -> sa.Column[int]:
    return sa.Column(name, sa.BigInteger, nullable=nullable)


def _moment(name: str, *, nullable: bool = False) -> sa.Column[Any]:
    return sa.Column(name, INSTANT, nullable=nullable)


def _reference(table: str, column: str, to: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint([column], [to], name=f"fk_{table}_{column}")


def _make_points() -> None:
    op.create_table(
        "purchase_points",
        _id(),
        _words("slug"),
        _number("seller_id"),
        _words("name"),
        _words("township_code"),
        _words("place"),
        _moment("opened_at"),
        _words("opened_by"),
        _moment("closed_at", nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_purchase_points"),
        sa.UniqueConstraint("slug", name="uq_purchase_points_slug"),
        _reference("purchase_points", "seller_id", "sellers.id"),
        _reference("purchase_points", "township_code", "townships.code"),
        sqlite_strict=True,
    )
    op.create_index("ix_purchase_points_seller_id", "purchase_points", ["seller_id"])


def _make_prices() -> None:
    op.create_table(
        "price_lists",
        _id(),
        _number("point_id"),
        _number("version"),
        _moment("effective_from"),
        _moment("posted_at"),
        _words("posted_by"),
        _words("note"),
        sa.PrimaryKeyConstraint("id", name="pk_price_lists"),
        sa.UniqueConstraint("point_id", "version", name="uq_price_lists_point_id_version"),
        _reference("price_lists", "point_id", "purchase_points.id"),
        sa.CheckConstraint("effective_from >= posted_at", name="ck_price_lists_posted_before"),
        sqlite_strict=True,
    )
    op.create_table(
        "price_list_lines",
        _id(),
        _number("list_id"),
        _words("variety_key"),
        _words("grade_key"),
        _number("per_jin"),
        _words("size"),
        sa.PrimaryKeyConstraint("id", name="pk_price_list_lines"),
        sa.UniqueConstraint(
            "list_id", "variety_key", "grade_key", name="uq_price_list_lines_list_id_variety_key_grade_key"
        ),
        _reference("price_list_lines", "list_id", "price_lists.id"),
        _reference("price_list_lines", "variety_key", "varieties.key"),
        _reference("price_list_lines", "grade_key", "grades.key"),
        sa.CheckConstraint("per_jin > 0", name="ck_price_list_lines_per_jin"),
        sqlite_strict=True,
    )


def _make_intakes() -> None:
    op.create_table(
        "intakes",
        _id(),
        _words("number"),
        _number("point_id"),
        _number("seller_id"),
        _words("township_code"),
        _number("list_id"),
        _words("ticket"),
        _words("variety_key"),
        _number("grower_id", nullable=True),
        _words("outside_name"),
        _words("outside_place"),
        sa.Column("is_member", sa.Boolean, nullable=False),
        _words("village_name"),
        _number("harvest_year"),
        _words("unit"),
        _number("gross"),
        _number("tare"),
        _number("net"),
        _moment("delivered_at"),
        _words("state"),
        _words("presence", nullable=True),
        _words("present_name"),
        _number("moisture", nullable=True),
        _number("defects", nullable=True),
        _number("impurities"),
        _number("returned"),
        _words("grading_note"),
        _number("total"),
        _moment("accepted_at", nullable=True),
        _words("refused_because"),
        _words("store_place"),
        sa.PrimaryKeyConstraint("id", name="pk_intakes"),
        sa.UniqueConstraint("number", name="uq_intakes_number"),
        sa.UniqueConstraint("point_id", "ticket", name="uq_intakes_point_id_ticket"),
        _reference("intakes", "point_id", "purchase_points.id"),
        _reference("intakes", "seller_id", "sellers.id"),
        _reference("intakes", "township_code", "townships.code"),
        _reference("intakes", "list_id", "price_lists.id"),
        _reference("intakes", "variety_key", "varieties.key"),
        _reference("intakes", "grower_id", "sellers.id"),
        sa.CheckConstraint("tare >= 0 AND net > 0 AND net = gross - tare", name="ck_intakes_net"),
        sa.CheckConstraint("impurities >= 0 AND returned >= 0 AND total >= 0", name="ck_intakes_parts"),
        sa.CheckConstraint("(grower_id IS NULL) = (outside_name <> '')", name="ck_intakes_supplier"),
        sa.CheckConstraint(
            "state IN ('delivered', 'weighed') OR presence IS NOT NULL OR state = 'refused'", name="ck_intakes_presence"
        ),
        sa.CheckConstraint(
            "(state IN ('accepted', 'in_store')) = (accepted_at IS NOT NULL)", name="ck_intakes_accepted"
        ),
        sqlite_strict=True,
    )
    op.create_index("ix_intakes_seller_id_id", "intakes", ["seller_id", "id"])
    op.create_index("ix_intakes_grower_id", "intakes", ["grower_id", "id"])
    op.create_index("ix_intakes_township_code", "intakes", ["township_code", "id"])
    op.create_index("ix_intakes_accepted_at", "intakes", ["accepted_at"])


def _make_what_hangs_on_an_intake() -> None:
    op.create_table(
        "intake_steps",
        _id(),
        _number("intake_id"),
        _words("state"),
        _moment("at"),
        _words("by"),
        sa.PrimaryKeyConstraint("id", name="pk_intake_steps"),
        _reference("intake_steps", "intake_id", "intakes.id"),
        sqlite_strict=True,
    )
    op.create_index("ix_intake_steps_intake_id", "intake_steps", ["intake_id"])
    op.create_table(
        "intake_lines",
        _id(),
        _number("intake_id"),
        _words("grade_key"),
        _number("weight"),
        _number("posted"),
        _number("per_jin"),
        _words("better_because"),
        _number("amount"),
        _number("lot_id", nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_intake_lines"),
        sa.UniqueConstraint("intake_id", "grade_key", name="uq_intake_lines_intake_id_grade_key"),
        sa.UniqueConstraint("lot_id", name="uq_intake_lines_lot_id"),
        _reference("intake_lines", "intake_id", "intakes.id"),
        _reference("intake_lines", "grade_key", "grades.key"),
        _reference("intake_lines", "lot_id", "lots.id"),
        sa.CheckConstraint("weight > 0 AND amount >= 0", name="ck_intake_lines_weight"),
        sa.CheckConstraint("per_jin >= posted AND posted > 0", name="ck_intake_lines_never_below"),
        sa.CheckConstraint("per_jin = posted OR better_because <> ''", name="ck_intake_lines_reason"),
        sqlite_strict=True,
    )
    op.create_table(
        "intake_payments",
        _id(),
        _number("intake_id"),
        _number("amount"),
        _words("way"),
        _words("reference"),
        _moment("at"),
        _words("by"),
        sa.PrimaryKeyConstraint("id", name="pk_intake_payments"),
        _reference("intake_payments", "intake_id", "intakes.id"),
        sa.CheckConstraint("amount > 0", name="ck_intake_payments_amount"),
        sqlite_strict=True,
    )
    op.create_index("ix_intake_payments_intake_id", "intake_payments", ["intake_id"])
    op.create_table(
        "intake_objections",
        _id(),
        _number("intake_id"),
        _words("words"),
        _moment("at"),
        _words("by"),
        _words("answer"),
        _moment("answered_at", nullable=True),
        _words("answered_by", nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_intake_objections"),
        _reference("intake_objections", "intake_id", "intakes.id"),
        sa.CheckConstraint("(answered_at IS NULL) = (answer = '')", name="ck_intake_objections_answer"),
        sqlite_strict=True,
    )
    op.create_index(
        "uq_intake_objections_open",
        "intake_objections",
        ["intake_id"],
        unique=True,
        sqlite_where=sa.text("answered_at IS NULL"),
        postgresql_where=sa.text("answered_at IS NULL"),
    )

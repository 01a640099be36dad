"""Returns: the rule of a purchase, what it weighed, money that goes back before or after goods, and what comes back.

Why it is safe: running code leaves the new columns at their defaults. Lines of fresh fruit that were bought before get
the rule that the checkout made their buyers confirm. No refund of part of an order was asked before it was received.
What couriers took at the door becomes payments; the old code would miss one for an order that it books as received
meanwhile, which `flask check` shows, so it must be stopped first.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None

INSTANT = sa.DateTime(timezone=True)


def upgrade() -> None:
    """Add the columns and say of old lines what was true of them."""
    _remember_the_rule()
    _set_money_aside()
    _say_what_couriers_took()
    _make_returns()


def _remember_the_rule() -> None:
    op.add_column("order_lines", sa.Column("return_rule", sa.Text, nullable=False, server_default="seven_days"))
    # SQLite takes no check on a column that it adds to a table, except in the column's own definition.
    op.execute(
        "ALTER TABLE order_lines ADD COLUMN rule_confirmed_at "
        + ("TEXT" if op.get_bind().dialect.name == "sqlite" else "TIMESTAMP WITH TIME ZONE")
        + " CONSTRAINT ck_order_lines_rule"
        " CHECK ((return_rule = 'excluded_confirmed') = (rule_confirmed_at IS NOT NULL))"
    )
    number = "INTEGER" if op.get_bind().dialect.name == "sqlite" else "BIGINT"
    op.execute(
        f"ALTER TABLE order_lines ADD COLUMN weighed {number} CONSTRAINT ck_order_lines_weighed"
        " CHECK (weighed IS NULL OR (2 * weighed >= net * pieces AND 2 * weighed <= 3 * net * pieces))"
    )
    op.execute(
        f"ALTER TABLE order_lines ADD COLUMN asked_back {number} NOT NULL DEFAULT 0"
        " CONSTRAINT ck_order_lines_asked_back CHECK (asked_back >= 0 AND asked_back <= pieces)"
    )
    op.execute(
        "UPDATE order_lines SET return_rule = 'excluded_confirmed', "
        "rule_confirmed_at = (SELECT placed_at FROM orders WHERE orders.id = order_lines.order_id) "
        "WHERE pack_id IN (SELECT packs.id FROM packs JOIN products ON products.key = packs.product_key "
        "WHERE products.kind = 'fresh')"
    )


def _set_money_aside() -> None:
    number = "INTEGER" if op.get_bind().dialect.name == "sqlite" else "BIGINT"
    flag = "INTEGER" if op.get_bind().dialect.name == "sqlite" else "BOOLEAN"
    op.execute(
        f"ALTER TABLE orders ADD COLUMN given_back {number} NOT NULL DEFAULT 0 CONSTRAINT ck_orders_given_back"
        " CHECK (given_back >= 0 AND given_back <= goods + freight)"
    )
    op.execute(
        f"ALTER TABLE refunds ADD COLUMN is_prepaid {flag} NOT NULL DEFAULT FALSE CONSTRAINT ck_refunds_prepaid"
        " CHECK (NOT is_prepaid OR from_goods + from_freight = 0)"
    )
    op.execute(
        "UPDATE refunds SET is_prepaid = TRUE WHERE payment_id IN (SELECT id FROM payments WHERE state <> 'confirmed')"
    )


def _say_what_couriers_took() -> None:
    op.execute(
        "INSERT INTO payments (order_id, channel, reference, amount, state, confirmed_at, confirmed_by) "
        "SELECT id, 'cash_on_delivery', number, goods + freight, 'collected', received_at, 'system' "
        "FROM orders WHERE pay_by = 'cash_on_delivery' AND received_at IS NOT NULL"
    )


def _words(name: str) -> sa.Column[str]:
    return sa.Column(name, sa.Text, nullable=False)


def _number(name: str, *, nullable: bool = False) -> sa.Column[int]:
    return sa.Column(name, sa.BigInteger, nullable=nullable)


def _make_returns() -> None:
    op.create_table(
        "returns",
        sa.Column("id", sa.BigInteger, sa.Identity(), nullable=False),
        _words("number"),
        _number("order_id"),
        _number("buyer_id"),
        _number("seller_id"),
        _words("township_code"),
        _words("why"),
        sa.Column("with_goods", sa.Boolean, nullable=False),
        _number("amount", nullable=True),
        _words("note"),
        sa.Column("asked_at", INSTANT, nullable=False),
        _words("state"),
        _words("answer"),
        sa.Column("answered_at", INSTANT),
        _words("decision"),
        sa.Column("decided_at", INSTANT),
        sa.Column("decided_by", sa.Text),
        _words("courier"),
        _words("tracking"),
        sa.Column("sent_at", INSTANT),
        sa.Column("arrived_at", INSTANT),
        _words("inspection"),
        sa.Column("inspected_at", INSTANT),
        sa.Column("inspected_by", sa.Text),
        _number("refund_id", nullable=True),
        _number("refunded"),
        sa.Column("ended_at", INSTANT),
        sa.PrimaryKeyConstraint("id", name="pk_returns"),
        sa.UniqueConstraint("number", name="uq_returns_number"),
        sa.UniqueConstraint("refund_id", name="uq_returns_refund_id"),
        sa.ForeignKeyConstraint(["order_id"], ["orders.id"], name="fk_returns_order_id"),
        sa.ForeignKeyConstraint(["buyer_id"], ["people.id"], name="fk_returns_buyer_id"),
        sa.ForeignKeyConstraint(["seller_id"], ["sellers.id"], name="fk_returns_seller_id"),
        sa.ForeignKeyConstraint(["township_code"], ["townships.code"], name="fk_returns_township_code"),
        sa.ForeignKeyConstraint(["refund_id"], ["refunds.id"], name="fk_returns_refund_id"),
        sa.CheckConstraint("with_goods = (amount IS NULL)", name="ck_returns_amount"),
        sa.CheckConstraint("amount IS NULL OR amount > 0", name="ck_returns_amount_above_nothing"),
        sa.CheckConstraint("(refund_id IS NULL) = (refunded = 0)", name="ck_returns_refunded"),
        sqlite_strict=True,
    )
    op.create_index("ix_returns_order_id", "returns", ["order_id"])
    op.create_index("ix_returns_seller_id_id", "returns", ["seller_id", "id"])
    op.create_index("ix_returns_state_township_code", "returns", ["state", "township_code"])
    op.create_table(
        "return_lines",
        sa.Column("id", sa.BigInteger, sa.Identity(), nullable=False),
        _number("return_id"),
        _number("order_line_id"),
        _number("pieces"),
        _number("first", nullable=True),
        _number("sound"),
        _number("spoilt"),
        _number("sent_away"),
        sa.PrimaryKeyConstraint("id", name="pk_return_lines"),
        sa.ForeignKeyConstraint(["return_id"], ["returns.id"], name="fk_return_lines_return_id"),
        sa.ForeignKeyConstraint(["order_line_id"], ["order_lines.id"], name="fk_return_lines_order_line_id"),
        sa.CheckConstraint("pieces > 0", name="ck_return_lines_pieces"),
        sa.CheckConstraint("sound >= 0 AND spoilt >= 0 AND sent_away >= 0", name="ck_return_lines_parts"),
        sa.CheckConstraint(
            "sound + spoilt + sent_away = 0 OR sound + spoilt + sent_away = pieces",
            name="ck_return_lines_all_inspected",
        ),
        sqlite_strict=True,
    )
    op.create_index("ix_return_lines_return_id", "return_lines", ["return_id"])
    op.create_index("ix_return_lines_order_line_id", "return_lines", ["order_line_id"])

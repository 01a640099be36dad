"""What a buyer agreed to about returning, and what his order weighed; money set aside to go back before goods arrive.

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


def upgrade() -> None:
    """Add the columns and say of old lines what was true of them."""
    _remember_the_rule()
    _set_money_aside()
    _say_what_couriers_took()


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

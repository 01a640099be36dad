"""Baskets, freight rates, orders and payments.

Why it is safe while the old code runs: it only adds tables that nothing reads yet.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

INSTANT = sa.DateTime(timezone=True)


def _id() -> sa.Column[int]:
    return sa.Column("id", sa.BigInteger, sa.Identity(), nullable=False)


def _number(name: str, *, nullable: bool = False) -> sa.Column[int]:
    return sa.Column(name, sa.BigInteger, nullable=nullable)


def _words(name: str) -> sa.Column[str]:
    return sa.Column(name, sa.Text, nullable=False)


def _flag(name: str) -> sa.Column[bool]:
    return sa.Column(name, sa.Boolean, nullable=False)


def _table(name: str, *parts: sa.schema.SchemaItem) -> None:
    op.create_table(name, *parts, sqlite_strict=True)


def _to(table: str, column: str, target: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint([column], [target], name=f"fk_{table}_{column}")


def _key(table: str, *columns: str) -> sa.PrimaryKeyConstraint:
    return sa.PrimaryKeyConstraint(*columns, name=f"pk_{table}")


def _unique(table: str, *columns: str) -> sa.UniqueConstraint:
    return sa.UniqueConstraint(*columns, name=f"uq_{table}_{'_'.join(columns)}")


def _check(table: str, name: str, rule: str) -> sa.CheckConstraint:
    return sa.CheckConstraint(rule, name=f"ck_{table}_{name}")


def _index(table: str, *columns: str) -> None:
    op.create_index(f"ix_{table}_{'_'.join(columns)}", table, list(columns))


def upgrade() -> None:
    """Make the tables of buying."""
    _freight()
    _orders()
    _payments()


def _freight() -> None:
    _table(
        "provinces",
        _words("code"),
        _words("name"),
        _words("zone"),
        _flag("is_served"),
        _key("provinces", "code"),
        _unique("provinces", "name"),
    )
    _table(
        "freight_rates",
        _id(),
        _words("zone"),
        sa.Column("valid_from", sa.Date, nullable=False),
        _number("first_kg"),
        _number("next_kg"),
        _number("free_from", nullable=True),
        _words("set_by"),
        sa.Column("set_at", INSTANT, nullable=False),
        _flag("is_sample"),
        _key("freight_rates", "id"),
        _unique("freight_rates", "zone", "valid_from"),
        _check("freight_rates", "not_negative", "first_kg >= 0 AND next_kg >= 0"),
    )
    _table(
        "cart_lines",
        _words("cart_key"),
        _number("pack_id"),
        _number("pieces"),
        sa.Column("added_at", INSTANT, nullable=False),
        _key("cart_lines", "cart_key", "pack_id"),
        _to("cart_lines", "pack_id", "packs.id"),
        _check("cart_lines", "pieces", "pieces BETWEEN 1 AND 999"),
    )


def _orders() -> None:
    moments = ("paid_at", "packed_at", "shipped_at", "received_at", "ended_at")
    _table(
        "orders",
        _id(),
        _words("number"),
        _words("checkout"),
        _number("buyer_id"),
        _number("seller_id"),
        _words("township_code"),
        _words("pay_by"),
        sa.Column("placed_at", INSTANT, nullable=False),
        sa.Column("placed_on", sa.Date, nullable=False),
        sa.Column("hold_until", INSTANT),
        _number("goods"),
        _number("freight"),
        _number("weight"),
        sa.Column("consignee_sealed", sa.LargeBinary, nullable=False),
        sa.Column("phone_sealed", sa.LargeBinary, nullable=False),
        sa.Column("address_sealed", sa.LargeBinary, nullable=False),
        _words("province_code"),
        _words("note"),
        _words("state"),
        *(sa.Column(name, INSTANT) for name in moments),
        _words("courier"),
        _words("tracking"),
        _words("cancelled_because"),
        _flag("is_sample"),
        _key("orders", "id"),
        _unique("orders", "number"),
        _to("orders", "buyer_id", "people.id"),
        _to("orders", "seller_id", "sellers.id"),
        _to("orders", "township_code", "townships.code"),
        _to("orders", "province_code", "provinces.code"),
        _check("orders", "amounts", "goods > 0 AND freight >= 0"),
    )
    _index("orders", "checkout")
    _index("orders", "buyer_id", "id")
    _index("orders", "seller_id", "id")
    _index("orders", "placed_on", "township_code")
    _table(
        "order_lines",
        _id(),
        _number("order_id"),
        _number("pack_id"),
        _words("title"),
        _number("net"),
        _number("price"),
        _number("pieces"),
        _key("order_lines", "id"),
        _to("order_lines", "order_id", "orders.id"),
        _to("order_lines", "pack_id", "packs.id"),
        _check("order_lines", "amounts", "pieces > 0 AND price > 0 AND net > 0"),
    )
    _index("order_lines", "order_id")
    _index("order_lines", "pack_id")


def _payments() -> None:
    _table(
        "payments",
        _id(),
        _number("order_id"),
        _words("channel"),
        _words("reference"),
        _number("amount"),
        _words("state"),
        sa.Column("confirmed_at", INSTANT, nullable=False),
        _words("confirmed_by"),
        sa.Column("refunded_at", INSTANT),
        sa.Column("refunded_by", sa.Text),
        sa.Column("refund_reference", sa.Text),
        _key("payments", "id"),
        _to("payments", "order_id", "orders.id"),
        _unique("payments", "channel", "reference", "order_id"),
        _check("payments", "amount", "amount > 0"),
    )
    _index("payments", "order_id")

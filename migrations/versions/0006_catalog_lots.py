"""Varieties, grades and products as data; packs, their photos and their words; lots.

Why it is safe while the old code runs: it only adds tables that nothing reads yet.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
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
    """Make the tables of the catalogue, of lots and of what is packed from them."""
    _facts()
    _packs()
    _lots()
    if op.get_bind().dialect.name == "postgresql":
        op.execute(
            "CREATE TABLE pack_words (pack_id BIGINT PRIMARY KEY REFERENCES packs (id), words TSVECTOR NOT NULL)"
        )
        op.execute("CREATE INDEX ix_pack_words_words ON pack_words USING gin (words)")
    else:
        op.execute("CREATE VIRTUAL TABLE pack_words USING fts5(words)")


def _facts() -> None:
    _table(
        "varieties",
        _words("key"),
        _words("name"),
        _words("alias"),
        _words("words"),
        _words("source"),
        _words("status"),
        _number("position"),
        _key("varieties", "key"),
        _unique("varieties", "name"),
    )
    _table(
        "grades",
        _words("key"),
        _words("standard"),
        _words("edition"),
        _words("category"),
        _words("name"),
        _number("rank"),
        sa.Column("effective_from", sa.Date),
        sa.Column("effective_to", sa.Date),
        _words("measures"),
        _words("source"),
        _words("status"),
        _key("grades", "key"),
        _unique("grades", "standard", "edition", "category", "name"),
    )
    _table(
        "products",
        _words("key"),
        _words("name"),
        _words("kind"),
        _flag("needs_licence"),
        _flag("is_alcohol"),
        _number("shelf_life_days", nullable=True),
        _words("source"),
        _words("status"),
        _number("position"),
        _key("products", "key"),
        _unique("products", "name"),
    )


def _packs() -> None:
    _table(
        "packs",
        _id(),
        _words("slug"),
        _number("seller_id"),
        _words("township_code"),
        _words("variety_key"),
        _words("grade_key"),
        _words("product_key"),
        _words("title"),
        _words("words"),
        _number("net"),
        _number("price"),
        _number("per_jin"),
        sa.Column("created_at", INSTANT, nullable=False),
        _words("state"),
        _flag("is_sample"),
        _number("version"),
        _key("packs", "id"),
        _unique("packs", "slug"),
        _to("packs", "seller_id", "sellers.id"),
        _to("packs", "township_code", "townships.code"),
        _to("packs", "variety_key", "varieties.key"),
        _to("packs", "grade_key", "grades.key"),
        _to("packs", "product_key", "products.key"),
        _check("packs", "net", "net > 0"),
        _check("packs", "price", "price > 0"),
    )
    _index("packs", "seller_id")
    _index("packs", "price", "id")
    _index("packs", "per_jin", "id")
    _table(
        "pack_photos",
        _id(),
        _number("pack_id"),
        _number("position"),
        _words("stem"),
        _number("width"),
        _number("height"),
        _words("sha256"),
        _words("alt"),
        _key("pack_photos", "id"),
        _to("pack_photos", "pack_id", "packs.id"),
        _unique("pack_photos", "pack_id", "position"),
    )
    _index("pack_photos", "pack_id")


def _lots() -> None:
    _table(
        "lots",
        _id(),
        _words("code"),
        _number("seller_id"),
        _words("township_code"),
        _words("village_name"),
        _words("variety_key"),
        _words("grade_key"),
        _number("harvest_year"),
        _number("weight_in"),
        sa.Column("best_before", sa.Date, nullable=False),
        sa.Column("received_on", sa.Date, nullable=False),
        sa.Column("created_at", INSTANT, nullable=False),
        _words("created_by"),
        _key("lots", "id"),
        _unique("lots", "code"),
        _to("lots", "seller_id", "sellers.id"),
        _to("lots", "township_code", "townships.code"),
        _to("lots", "variety_key", "varieties.key"),
        _to("lots", "grade_key", "grades.key"),
        _check("lots", "weight_in", "weight_in > 0"),
    )
    _index("lots", "seller_id")
    _index("lots", "best_before")
    _table(
        "packed_lots",
        _id(),
        _number("pack_id"),
        _number("lot_id"),
        _number("account_id"),
        _key("packed_lots", "id"),
        _to("packed_lots", "pack_id", "packs.id"),
        _to("packed_lots", "lot_id", "lots.id"),
        _to("packed_lots", "account_id", "ledger_accounts.id"),
        _unique("packed_lots", "pack_id", "lot_id"),
        _unique("packed_lots", "account_id"),
    )
    _index("packed_lots", "pack_id")
    _index("packed_lots", "lot_id")

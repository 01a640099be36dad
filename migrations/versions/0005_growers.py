"""Sellers with their households, people and status changes; resident IDs under consent.

Why it is safe while the old code runs: it only adds tables that nothing reads yet.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

INSTANT = sa.DateTime(timezone=True)
OPEN = sa.text("ended_at IS NULL")
STATUSES = "'applied', 'active', 'suspended', 'closed', 'refused'"


def upgrade() -> None:
    """Make the tables, then the triggers that keep status changes for ever."""
    _sellers()
    _people_of_sellers()
    if op.get_bind().dialect.name == "postgresql":
        _postgresql_triggers()
    else:
        _sqlite_triggers()


def _table(name: str, *parts: sa.schema.SchemaItem) -> None:
    op.create_table(name, *parts, sqlite_strict=True)


def _words(name: str, *, nullable: bool = False) -> sa.Column[str]:
    return sa.Column(name, sa.Text, nullable=nullable)


def _moment(name: str, *, nullable: bool = False) -> sa.Column[object]:
    return sa.Column(name, INSTANT, nullable=nullable)


def _number(name: str, *, nullable: bool = False) -> sa.Column[int]:
    return sa.Column(name, sa.BigInteger, nullable=nullable)


def _counted(name: str) -> sa.Column[int]:
    return sa.Column(name, sa.BigInteger, autoincrement=False, nullable=False)


def _id() -> sa.Column[int]:
    return sa.Column("id", sa.BigInteger, sa.Identity(), nullable=False)


def _sellers() -> None:
    _table(
        "sellers",
        _id(),
        _words("slug"),
        _words("name"),
        _words("kind"),
        _words("township_code"),
        _number("village_id", nullable=True),
        _words("status"),
        _number("contact_person_id"),
        _words("licence_no", nullable=True),
        _moment("created_at"),
        _moment("verified_at", nullable=True),
        _words("verified_by", nullable=True),
        _words("words"),
        sa.PrimaryKeyConstraint("id", name="pk_sellers"),
        sa.ForeignKeyConstraint(["township_code"], ["townships.code"], name="fk_sellers_township_code"),
        sa.ForeignKeyConstraint(["village_id"], ["villages.id"], name="fk_sellers_village_id"),
        sa.ForeignKeyConstraint(["contact_person_id"], ["people.id"], name="fk_sellers_contact_person_id"),
        sa.UniqueConstraint("slug", name="uq_sellers_slug"),
        sa.CheckConstraint("kind IN ('household', 'coop', 'processor')", name="ck_sellers_kind"),
        sa.CheckConstraint(f"status IN ({STATUSES})", name="ck_sellers_status"),
        sa.CheckConstraint("kind <> 'processor' OR licence_no IS NOT NULL", name="ck_sellers_licence"),
        sa.CheckConstraint("(verified_at IS NULL) = (verified_by IS NULL)", name="ck_sellers_verified"),
        sa.CheckConstraint(
            "verified_at IS NOT NULL OR status NOT IN ('active', 'suspended')", name="ck_sellers_active_is_verified"
        ),
    )
    op.create_index("ix_sellers_township_code_status", "sellers", ["township_code", "status"])
    op.create_index("ix_sellers_contact_person_id", "sellers", ["contact_person_id"])
    _table(
        "households",
        _counted("seller_id"),
        _words("head_name"),
        _number("members"),
        sa.PrimaryKeyConstraint("seller_id", name="pk_households"),
        sa.ForeignKeyConstraint(["seller_id"], ["sellers.id"], name="fk_households_seller_id"),
        sa.CheckConstraint("members BETWEEN 1 AND 30", name="ck_households_members"),
    )
    _table(
        "seller_status_changes",
        _id(),
        _number("seller_id"),
        _moment("at"),
        _words("by"),
        _words("old", nullable=True),
        _words("new"),
        _words("because"),
        sa.PrimaryKeyConstraint("id", name="pk_seller_status_changes"),
        sa.ForeignKeyConstraint(["seller_id"], ["sellers.id"], name="fk_seller_status_changes_seller_id"),
    )
    op.create_index("ix_seller_status_changes_seller_id", "seller_status_changes", ["seller_id"])


def _people_of_sellers() -> None:
    _table(
        "seller_memberships",
        _id(),
        _number("seller_id"),
        _number("person_id"),
        _moment("since"),
        _moment("ended_at", nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_seller_memberships"),
        sa.ForeignKeyConstraint(["seller_id"], ["sellers.id"], name="fk_seller_memberships_seller_id"),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"], name="fk_seller_memberships_person_id"),
    )
    op.create_index(
        "uq_seller_memberships_open",
        "seller_memberships",
        ["seller_id", "person_id"],
        unique=True,
        postgresql_where=OPEN,
        sqlite_where=OPEN,
    )
    op.create_index("ix_seller_memberships_person_id", "seller_memberships", ["person_id"])
    _table(
        "resident_ids",
        _counted("person_id"),
        _words("id_index"),
        sa.Column("id_sealed", sa.LargeBinary, nullable=False),
        _number("consent_id"),
        _moment("stored_at"),
        sa.PrimaryKeyConstraint("person_id", name="pk_resident_ids"),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"], name="fk_resident_ids_person_id"),
        sa.ForeignKeyConstraint(["consent_id"], ["consents.id"], name="fk_resident_ids_consent_id"),
        sa.UniqueConstraint("id_index", name="uq_resident_ids_id_index"),
    )


def _sqlite_triggers() -> None:
    for act in ("UPDATE", "DELETE"):
        op.execute(
            f"CREATE TRIGGER seller_status_changes_no_{act.lower()} BEFORE {act} ON seller_status_changes "
            "BEGIN SELECT RAISE(ABORT, 'seller status changes: append-only'); END"
        )


def _postgresql_triggers() -> None:
    op.execute(
        "CREATE FUNCTION seller_status_changes_append_only() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
        "RAISE EXCEPTION 'seller status changes: append-only' USING ERRCODE = 'integrity_constraint_violation'; "
        "END $$"
    )
    op.execute(
        "CREATE TRIGGER seller_status_changes_for_ever BEFORE UPDATE OR DELETE ON seller_status_changes "
        "FOR EACH ROW EXECUTE FUNCTION seller_status_changes_append_only()"
    )

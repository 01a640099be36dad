"""Townships and villages; people, roles, sign-ins, counted attempts, consents and disclosures.

Why it is safe while the old code runs: it only adds tables that nothing reads yet.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

INSTANT = sa.DateTime(timezone=True)
OPEN = sa.text("ended_at IS NULL")
ROLES = "'buyer', 'seller', 'township_official', 'county_official', 'auditor', 'administrator'"


def upgrade() -> None:
    """Make the tables, then the triggers that keep disclosures for ever."""
    _townships()
    _people()
    _sign_ins()
    _consents()
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


def _number(name: str) -> sa.Column[int]:
    return sa.Column(name, sa.BigInteger, nullable=False)


def _id() -> sa.Column[int]:
    return sa.Column("id", sa.BigInteger, sa.Identity(), nullable=False)


def _townships() -> None:
    _table(
        "townships",
        _words("code"),
        _words("name"),
        _words("kind"),
        sa.Column("along_river", sa.Boolean, nullable=False),
        _words("successor_code", nullable=True),
        sa.Column("from_day", sa.Date),
        sa.Column("to_day", sa.Date),
        _words("note"),
        sa.PrimaryKeyConstraint("code", name="pk_townships"),
        sa.ForeignKeyConstraint(["successor_code"], ["townships.code"], name="fk_townships_successor_code"),
        sa.CheckConstraint("length(code) = 9", name="ck_townships_code"),
        sa.CheckConstraint("successor_code <> code", name="ck_townships_successor"),
    )
    _table(
        "villages",
        _id(),
        _words("township_code"),
        _words("name"),
        _words("as_of"),
        _words("source"),
        _words("status"),
        sa.PrimaryKeyConstraint("id", name="pk_villages"),
        sa.ForeignKeyConstraint(["township_code"], ["townships.code"], name="fk_villages_township_code"),
        sa.UniqueConstraint("township_code", "name", name="uq_villages_township_code_name"),
    )


def _people() -> None:
    _table(
        "people",
        _id(),
        _words("phone_index"),
        sa.Column("phone_sealed", sa.LargeBinary, nullable=False),
        _words("name"),
        _words("password_hash"),
        _moment("password_changed_at"),
        _moment("password_expires_at", nullable=True),
        _moment("created_at"),
        _moment("disabled_at", nullable=True),
        sa.Column("totp_sealed", sa.LargeBinary),
        _moment("totp_enrolled_at", nullable=True),
        sa.Column("totp_last_step", sa.BigInteger),
        _words("recovery_hashes"),
        sa.PrimaryKeyConstraint("id", name="pk_people"),
        sa.UniqueConstraint("phone_index", name="uq_people_phone_index"),
        sa.CheckConstraint("totp_enrolled_at IS NULL OR totp_sealed IS NOT NULL", name="ck_people_totp"),
    )
    _table(
        "role_grants",
        _id(),
        _number("person_id"),
        _words("role"),
        _words("scope"),
        _words("granted_by"),
        _moment("granted_at"),
        _moment("ended_at", nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_role_grants"),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"], name="fk_role_grants_person_id"),
        sa.CheckConstraint(f"role IN ({ROLES})", name="ck_role_grants_role"),
    )
    op.create_index(
        "uq_role_grants_open",
        "role_grants",
        ["person_id", "role", "scope"],
        unique=True,
        postgresql_where=OPEN,
        sqlite_where=OPEN,
    )
    op.create_index("ix_role_grants_scope", "role_grants", ["scope"])


def _sign_ins() -> None:
    _table(
        "sign_ins",
        _id(),
        _words("token_digest"),
        _number("person_id"),
        _moment("created_at"),
        _moment("last_seen_at"),
        _words("device"),
        _words("address"),
        _moment("stepped_up_at", nullable=True),
        _moment("ended_at", nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_sign_ins"),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"], name="fk_sign_ins_person_id"),
        sa.UniqueConstraint("token_digest", name="uq_sign_ins_token_digest"),
    )
    op.create_index("ix_sign_ins_person_id", "sign_ins", ["person_id"])
    _table(
        "attempts",
        _id(),
        _words("kind"),
        _words("subject"),
        _moment("at"),
        sa.PrimaryKeyConstraint("id", name="pk_attempts"),
    )
    op.create_index("ix_attempts_subject", "attempts", ["kind", "subject", "at"])
    op.create_index("ix_attempts_at", "attempts", ["at"])


def _consents() -> None:
    _table(
        "consents",
        _id(),
        _number("person_id"),
        _words("purpose"),
        _words("text_version"),
        _moment("given_at"),
        _moment("withdrawn_at", nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_consents"),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"], name="fk_consents_person_id"),
    )
    op.create_index("ix_consents_person_id", "consents", ["person_id"])
    _table(
        "disclosures",
        _id(),
        _number("viewer_id"),
        _number("person_id"),
        _words("field"),
        _words("because"),
        _moment("at"),
        sa.PrimaryKeyConstraint("id", name="pk_disclosures"),
        sa.ForeignKeyConstraint(["viewer_id"], ["people.id"], name="fk_disclosures_viewer_id"),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"], name="fk_disclosures_person_id"),
    )
    op.create_index("ix_disclosures_viewer_id", "disclosures", ["viewer_id", "at"])
    op.create_index("ix_disclosures_person_id", "disclosures", ["person_id"])


def _sqlite_triggers() -> None:
    for act in ("UPDATE", "DELETE"):
        op.execute(
            f"CREATE TRIGGER disclosures_no_{act.lower()} BEFORE {act} ON disclosures "
            "BEGIN SELECT RAISE(ABORT, 'disclosures: append-only'); END"
        )


def _postgresql_triggers() -> None:
    op.execute(
        "CREATE FUNCTION disclosures_append_only() RETURNS trigger LANGUAGE plpgsql AS "
        "$$ BEGIN RAISE EXCEPTION 'disclosures: append-only' USING ERRCODE = 'integrity_constraint_violation'; END $$"
    )
    op.execute(
        "CREATE TRIGGER disclosures_for_ever BEFORE UPDATE OR DELETE ON disclosures "
        "FOR EACH ROW EXECUTE FUNCTION disclosures_append_only()"
    )

"""Village agents, their mandates to act for sellers, and what sellers object to; roles that end by themselves.

Why it is safe while the old code runs: three tables that it does not know, and a column without a value. Which roles
there may be is a check of the table itself: PostgreSQL takes the wider one in place; SQLite, which has one process,
gets the table anew with all its rows. The old code never gives the new role, and nobody holds it before the new code
is there.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0024"
down_revision = "0023"
branch_labels = None
depends_on = None

INSTANT = sa.DateTime(timezone=True)
ROLES = "'buyer', 'seller', 'agent', 'township_official', 'county_official', 'auditor', 'administrator'"
STATES = "'asked', 'waiting', 'in_force', 'refused', 'withdrawn', 'replaced'"
WAYS = "'by_phone_code', 'on_paper', 'in_person'"


def _words(name: str, *, nullable: bool = False) -> sa.Column[str]:
    return sa.Column(name, sa.Text, nullable=nullable)


def _moment(name: str, *, nullable: bool = False) -> sa.Column[sa.DateTime]:
    return sa.Column(name, INSTANT, nullable=nullable)


def _number(name: str, *, nullable: bool = False) -> sa.Column[int]:
    return sa.Column(name, sa.BigInteger, nullable=nullable)


def _id() -> sa.Column[int]:
    return sa.Column("id", sa.BigInteger, sa.Identity(), nullable=False)


def upgrade() -> None:
    """Widen the roles, then make the tables."""
    if op.get_bind().dialect.name == "sqlite":
        _make_roles_anew()
    else:
        op.execute("ALTER TABLE role_grants DROP CONSTRAINT ck_role_grants_role")
        op.execute(f"ALTER TABLE role_grants ADD CONSTRAINT ck_role_grants_role CHECK (role IN ({ROLES}))")
        op.add_column("role_grants", _moment("ends_at", nullable=True))
    _make_agents()
    _make_mandates()
    _make_objections()


def _make_roles_anew() -> None:
    op.create_table(
        "role_grants_new",
        _id(),
        _number("person_id"),
        _words("role"),
        _words("scope"),
        _words("granted_by"),
        _moment("granted_at"),
        _moment("ended_at", nullable=True),
        _moment("ends_at", nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_role_grants"),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"], name="fk_role_grants_person_id"),
        sa.CheckConstraint(f"role IN ({ROLES})", name="ck_role_grants_role"),
        sqlite_strict=True,
    )
    columns = "id, person_id, role, scope, granted_by, granted_at, ended_at"
    op.execute(f"INSERT INTO role_grants_new ({columns}) SELECT {columns} FROM role_grants")
    op.drop_table("role_grants")
    op.rename_table("role_grants_new", "role_grants")
    _one_each("uq_role_grants_open", "role_grants", ["person_id", "role", "scope"], "ended_at IS NULL")
    op.create_index("ix_role_grants_scope", "role_grants", ["scope"])


def _make_agents() -> None:
    op.create_table(
        "agents",
        _id(),
        _number("person_id"),
        _words("township_code"),
        _number("village_id", nullable=True),
        _words("named_by"),
        _moment("named_at"),
        sa.Column("until", sa.Date, nullable=False),
        _words("because"),
        _moment("ended_at", nullable=True),
        _words("ended_by", nullable=True),
        _words("ended_because", nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_agents"),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"], name="fk_agents_person_id"),
        sa.ForeignKeyConstraint(["township_code"], ["townships.code"], name="fk_agents_township_code"),
        sa.ForeignKeyConstraint(["village_id"], ["villages.id"], name="fk_agents_village_id"),
        sa.CheckConstraint(
            "(ended_at IS NULL) = (ended_by IS NULL) AND (ended_at IS NULL) = (ended_because IS NULL)",
            name="ck_agents_ended",
        ),
        sqlite_strict=True,
    )
    _one_each("uq_agents_standing", "agents", ["person_id"], "ended_at IS NULL")
    op.create_index("ix_agents_township_code", "agents", ["township_code", "id"])


def _make_mandates() -> None:
    op.create_table(
        "mandates",
        _id(),
        _number("agent_id"),
        _number("seller_id"),
        _words("way"),
        _words("text_version"),
        _words("recorded_by"),
        _moment("recorded_at"),
        sa.Column("expires_on", sa.Date, nullable=False),
        _words("state"),
        _words("paper_stem", nullable=True),
        _words("paper_sha256", nullable=True),
        _words("code_key", nullable=True),
        _moment("code_until", nullable=True),
        _moment("decided_at", nullable=True),
        _words("decided_by", nullable=True),
        _words("because", nullable=True),
        _number("grant_id", nullable=True),
        _moment("ended_at", nullable=True),
        _words("ended_by", nullable=True),
        _words("ended_because", nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_mandates"),
        sa.ForeignKeyConstraint(["agent_id"], ["agents.id"], name="fk_mandates_agent_id"),
        sa.ForeignKeyConstraint(["seller_id"], ["sellers.id"], name="fk_mandates_seller_id"),
        sa.ForeignKeyConstraint(["grant_id"], ["role_grants.id"], name="fk_mandates_grant_id"),
        sa.CheckConstraint(f"state IN ({STATES})", name="ck_mandates_state"),
        sa.CheckConstraint(f"way IN ({WAYS})", name="ck_mandates_way"),
        sa.CheckConstraint("(way = 'on_paper') = (paper_stem IS NOT NULL)", name="ck_mandates_paper"),
        sa.CheckConstraint("(paper_stem IS NULL) = (paper_sha256 IS NULL)", name="ck_mandates_paper_digest"),
        sa.CheckConstraint("(code_key IS NULL) = (code_until IS NULL)", name="ck_mandates_code"),
        sa.CheckConstraint("code_key IS NULL OR state = 'asked'", name="ck_mandates_code_is_asked"),
        sa.CheckConstraint("state <> 'waiting' OR way = 'on_paper'", name="ck_mandates_waiting"),
        sa.CheckConstraint(
            "(decided_at IS NULL) = (decided_by IS NULL) AND (decided_at IS NULL) = (because IS NULL)",
            name="ck_mandates_decided",
        ),
        sa.CheckConstraint("state <> 'in_force' OR grant_id IS NOT NULL", name="ck_mandates_in_force"),
        sa.CheckConstraint("grant_id IS NULL OR decided_at IS NOT NULL", name="ck_mandates_given"),
        sa.CheckConstraint("way <> 'on_paper' OR decided_by <> recorded_by", name="ck_mandates_two_people"),
        sa.CheckConstraint(
            "(state IN ('withdrawn', 'replaced')) = (ended_at IS NOT NULL)"
            " AND (ended_at IS NULL) = (ended_by IS NULL) AND (ended_at IS NULL) = (ended_because IS NULL)",
            name="ck_mandates_ended",
        ),
        sqlite_strict=True,
    )
    for name, states in (("pending", "'asked', 'waiting'"), ("in_force", "'in_force'")):
        _one_each(f"uq_mandates_{name}", "mandates", ["agent_id", "seller_id"], f"state IN ({states})")
    op.create_index("ix_mandates_seller_id", "mandates", ["seller_id", "id"])
    op.create_index("ix_mandates_state", "mandates", ["state", "id"])


def _make_objections() -> None:
    op.create_table(
        "objections",
        _id(),
        _number("seller_id"),
        _number("audit_id"),
        _words("words"),
        _words("raised_by"),
        _moment("raised_at"),
        _moment("answered_at", nullable=True),
        _words("answered_by", nullable=True),
        _words("answer", nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_objections"),
        sa.ForeignKeyConstraint(["seller_id"], ["sellers.id"], name="fk_objections_seller_id"),
        sa.UniqueConstraint("audit_id", name="uq_objections_audit_id"),
        sa.CheckConstraint(
            "(answered_at IS NULL) = (answered_by IS NULL) AND (answered_at IS NULL) = (answer IS NULL)",
            name="ck_objections_answered",
        ),
        sqlite_strict=True,
    )
    op.create_index("ix_objections_seller_id", "objections", ["seller_id", "id"])


def _one_each(name: str, table: str, columns: list[str], where: str) -> None:
    is_so = sa.text(where)
    op.create_index(name, table, columns, unique=True, postgresql_where=is_so, sqlite_where=is_so)

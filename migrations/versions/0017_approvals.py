"""What one person asks and others decide: the tables refuse that anybody decides his own request or twice.

Why it is safe: new tables only, which running code does not know.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None

INSTANT = sa.DateTime(timezone=True)
FOR_EVER = "approval_decisions"


def _words(name: str) -> sa.Column[str]:
    return sa.Column(name, sa.Text, nullable=False)


def _number(name: str) -> sa.Column[int]:
    return sa.Column(name, sa.BigInteger, nullable=False)


def upgrade() -> None:
    """Make the two tables; what was decided is for ever."""
    op.create_table(
        "approvals",
        sa.Column("id", sa.BigInteger, sa.Identity(), nullable=False),
        _words("kind"),
        _words("subject"),
        _words("township"),
        _words("words"),
        _words("link"),
        _words("fingerprint"),
        sa.Column("asked_at", INSTANT, nullable=False),
        _number("asked_by"),
        _number("step"),
        _words("state"),
        sa.Column("ended_at", INSTANT),
        sa.PrimaryKeyConstraint("id", name="pk_approvals"),
        sa.ForeignKeyConstraint(["asked_by"], ["people.id"], name="fk_approvals_asked_by"),
        sa.UniqueConstraint("id", "asked_by", name="uq_approvals_id_asked_by"),
        sa.CheckConstraint("step > 0", name="ck_approvals_step"),
        sqlite_strict=True,
    )
    is_open = sa.text("state = 'open'")
    op.create_index(
        "uq_approvals_open",
        "approvals",
        ["kind", "subject"],
        unique=True,
        sqlite_where=is_open,
        postgresql_where=is_open,
    )
    op.create_index("ix_approvals_state", "approvals", ["state", "kind", "step"])
    op.create_index("ix_approvals_subject", "approvals", ["subject"])
    op.create_table(
        "approval_decisions",
        _number("approval_id"),
        _number("step"),
        _number("asked_by"),
        _number("person_id"),
        sa.Column("agrees", sa.Boolean, nullable=False),
        _words("because"),
        sa.Column("at", INSTANT, nullable=False),
        sa.PrimaryKeyConstraint("approval_id", "step", name="pk_approval_decisions"),
        sa.ForeignKeyConstraint(
            ["approval_id", "asked_by"],
            ["approvals.id", "approvals.asked_by"],
            name="fk_approval_decisions_approval_id",
        ),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"], name="fk_approval_decisions_person_id"),
        sa.UniqueConstraint("approval_id", "person_id", name="uq_approval_decisions_person"),
        sa.CheckConstraint("person_id <> asked_by", name="ck_approval_decisions_two_people"),
        sqlite_strict=True,
    )
    if op.get_bind().dialect.name == "postgresql":
        _postgresql_triggers()
    else:
        _sqlite_triggers()


def _sqlite_triggers() -> None:
    for act in ("UPDATE", "DELETE"):
        op.execute(
            f"CREATE TRIGGER {FOR_EVER}_no_{act.lower()} BEFORE {act} ON {FOR_EVER} "
            "BEGIN SELECT RAISE(ABORT, 'approval decisions: append-only'); END"
        )


def _postgresql_triggers() -> None:
    op.execute(
        f"CREATE FUNCTION {FOR_EVER}_append_only() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
        "RAISE EXCEPTION 'approval decisions: append-only' USING ERRCODE = 'integrity_constraint_violation'; END $$"
    )
    op.execute(
        f"CREATE TRIGGER {FOR_EVER}_for_ever BEFORE UPDATE OR DELETE ON {FOR_EVER} "
        f"FOR EACH ROW EXECUTE FUNCTION {FOR_EVER}_append_only()"
    )
    op.execute(
        f"CREATE TRIGGER {FOR_EVER}_no_truncate BEFORE TRUNCATE ON {FOR_EVER} "
        f"FOR EACH STATEMENT EXECUTE FUNCTION {FOR_EVER}_append_only()"
    )
    op.execute(f"REVOKE UPDATE, DELETE, TRUNCATE ON {FOR_EVER} FROM PUBLIC")

"""The ledger: accounts with floors, events and transfers that never change, holds, periods, seals.

Why it is safe while the old code runs: it only adds tables that nothing reads yet.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

INSTANT = sa.DateTime(timezone=True)
FOR_EVER = ("ledger_events", "ledger_transfers", "ledger_seals", "ledger_snapshots")


def upgrade() -> None:
    """Make the tables, then the triggers that keep them append-only and in their periods."""
    _accounts()
    _events()
    _sums()
    if op.get_bind().dialect.name == "postgresql":
        _postgresql_triggers()
    else:
        _sqlite_triggers()


def _table(name: str, *parts: sa.schema.SchemaItem) -> None:
    op.create_table(name, *parts, sqlite_strict=True)


def _number(name: str, *, nullable: bool = False) -> sa.Column[int]:
    return sa.Column(name, sa.BigInteger, nullable=nullable)


def _words(name: str) -> sa.Column[str]:
    return sa.Column(name, sa.Text, nullable=False)


def _id() -> sa.Column[int]:
    return sa.Column("id", sa.BigInteger, sa.Identity(), nullable=False)


def _accounts() -> None:
    _table(
        "ledger_commodities",
        _id(),
        _words("code"),
        _words("kind"),
        _words("unit"),
        sa.PrimaryKeyConstraint("id", name="pk_ledger_commodities"),
        sa.UniqueConstraint("code", name="uq_ledger_commodities_code"),
        sa.CheckConstraint("kind IN ('money', 'goods', 'limit')", name="ck_ledger_commodities_kind"),
    )
    _table(
        "ledger_accounts",
        _id(),
        _number("commodity_id"),
        _words("role"),
        _words("party"),
        _words("township"),
        _words("programme"),
        _words("subject"),
        _words("floor"),
        _number("dr"),
        _number("cr"),
        _number("dr_held"),
        _number("cr_held"),
        sa.PrimaryKeyConstraint("id", name="pk_ledger_accounts"),
        sa.ForeignKeyConstraint(["commodity_id"], ["ledger_commodities.id"], name="fk_ledger_accounts_commodity_id"),
        sa.UniqueConstraint(
            "commodity_id",
            "role",
            "party",
            "township",
            "programme",
            "subject",
            name="uq_ledger_accounts_identity",
        ),
        sa.UniqueConstraint("id", "commodity_id", name="uq_ledger_accounts_id_commodity"),
        sa.CheckConstraint("dr >= 0 AND cr >= 0 AND dr_held >= 0 AND cr_held >= 0", name="ck_ledger_accounts_counters"),
        sa.CheckConstraint("floor <> 'D' OR cr + cr_held <= dr", name="ck_ledger_accounts_floor_debit"),
        sa.CheckConstraint("floor <> 'C' OR dr + dr_held <= cr", name="ck_ledger_accounts_floor_credit"),
        sa.CheckConstraint("floor IN ('-', 'D', 'C')", name="ck_ledger_accounts_floor"),
    )
    op.create_index("ix_ledger_accounts_role", "ledger_accounts", ["role"])


def _events() -> None:
    _table(
        "ledger_periods",
        _id(),
        sa.Column("starts_on", sa.Date, nullable=False),
        sa.Column("ends_on", sa.Date, nullable=False),
        sa.Column("closed_at", INSTANT),
        sa.Column("seal_day", sa.Date),
        sa.PrimaryKeyConstraint("id", name="pk_ledger_periods"),
        sa.UniqueConstraint("starts_on", name="uq_ledger_periods_starts_on"),
        sa.UniqueConstraint("ends_on", name="uq_ledger_periods_ends_on"),
        sa.CheckConstraint("starts_on <= ends_on", name="ck_ledger_periods_order"),
    )
    _table(
        "ledger_events",
        _id(),
        _words("kind"),
        sa.Column("effective_on", sa.Date, nullable=False),
        sa.Column("recorded_at", INSTANT, nullable=False),
        _number("period_id"),
        _words("idem_key"),
        _words("actor"),
        _words("request_id"),
        _words("subject"),
        _number("reverses_id", nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_ledger_events"),
        sa.ForeignKeyConstraint(["period_id"], ["ledger_periods.id"], name="fk_ledger_events_period_id"),
        sa.ForeignKeyConstraint(["reverses_id"], ["ledger_events.id"], name="fk_ledger_events_reverses_id"),
        sa.UniqueConstraint("idem_key", name="uq_ledger_events_idem_key"),
        sa.UniqueConstraint("reverses_id", name="uq_ledger_events_reverses_id"),
    )
    op.create_index("ix_ledger_events_kind", "ledger_events", ["kind"])
    op.create_index("ix_ledger_events_subject", "ledger_events", ["subject"])
    _table(
        "ledger_transfers",
        _id(),
        _number("event_id"),
        _number("commodity_id"),
        _number("debit_id"),
        _number("credit_id"),
        _number("amount"),
        _words("phase"),
        sa.Column("effective_on", sa.Date, nullable=False),
        _number("resolves_id", nullable=True),
        sa.Column("expires_at", INSTANT),
        sa.PrimaryKeyConstraint("id", name="pk_ledger_transfers"),
        sa.ForeignKeyConstraint(["event_id"], ["ledger_events.id"], name="fk_ledger_transfers_event_id"),
        sa.ForeignKeyConstraint(
            ["debit_id", "commodity_id"],
            ["ledger_accounts.id", "ledger_accounts.commodity_id"],
            name="fk_ledger_transfers_debit_id_commodity_id",
        ),
        sa.ForeignKeyConstraint(
            ["credit_id", "commodity_id"],
            ["ledger_accounts.id", "ledger_accounts.commodity_id"],
            name="fk_ledger_transfers_credit_id_commodity_id",
        ),
        sa.ForeignKeyConstraint(["resolves_id"], ["ledger_transfers.id"], name="fk_ledger_transfers_resolves_id"),
        sa.UniqueConstraint("resolves_id", name="uq_ledger_transfers_resolves_id"),
        sa.CheckConstraint("amount > 0", name="ck_ledger_transfers_amount"),
        sa.CheckConstraint("debit_id <> credit_id", name="ck_ledger_transfers_two_accounts"),
        sa.CheckConstraint("phase IN ('P', 'H', 'S', 'V')", name="ck_ledger_transfers_phase"),
        sa.CheckConstraint("(phase IN ('S', 'V')) = (resolves_id IS NOT NULL)", name="ck_ledger_transfers_resolves"),
        sa.CheckConstraint("phase = 'H' OR expires_at IS NULL", name="ck_ledger_transfers_expires"),
    )
    for column in ("event_id", "debit_id", "credit_id"):
        op.create_index(f"ix_ledger_transfers_{column}", "ledger_transfers", [column])
    _table(
        "ledger_open_holds",
        _number("transfer_id"),
        _number("debit_id"),
        _number("credit_id"),
        _number("amount"),
        _words("subject"),
        sa.Column("expires_at", INSTANT),
        sa.PrimaryKeyConstraint("transfer_id", name="pk_ledger_open_holds"),
        sa.ForeignKeyConstraint(["transfer_id"], ["ledger_transfers.id"], name="fk_ledger_open_holds_transfer_id"),
        sa.ForeignKeyConstraint(["credit_id"], ["ledger_accounts.id"], name="fk_ledger_open_holds_credit_id"),
    )
    for column in ("credit_id", "subject", "expires_at"):
        op.create_index(f"ix_ledger_open_holds_{column}", "ledger_open_holds", [column])


def _sums() -> None:
    _table(
        "ledger_seals",
        sa.Column("day", sa.Date, nullable=False),
        _number("last_event_id"),
        _words("digest"),
        _words("prev_digest"),
        sa.Column("sealed_at", INSTANT, nullable=False),
        sa.PrimaryKeyConstraint("day", name="pk_ledger_seals"),
    )
    _table(
        "ledger_snapshots",
        sa.Column("seal_day", sa.Date, nullable=False),
        _number("account_id"),
        _number("dr"),
        _number("cr"),
        sa.PrimaryKeyConstraint("seal_day", "account_id", name="pk_ledger_snapshots"),
        sa.ForeignKeyConstraint(["seal_day"], ["ledger_seals.day"], name="fk_ledger_snapshots_seal_day"),
        sa.ForeignKeyConstraint(["account_id"], ["ledger_accounts.id"], name="fk_ledger_snapshots_account_id"),
    )
    op.create_index("ix_ledger_snapshots_account_id", "ledger_snapshots", ["account_id"])
    _table(
        "ledger_daily",
        _number("account_id"),
        sa.Column("effective_on", sa.Date, nullable=False),
        _words("kind"),
        _number("dr"),
        _number("cr"),
        sa.PrimaryKeyConstraint("account_id", "effective_on", "kind", name="pk_ledger_daily"),
        sa.ForeignKeyConstraint(["account_id"], ["ledger_accounts.id"], name="fk_ledger_daily_account_id"),
    )
    _table(
        "ledger_watermark",
        _number("id"),
        _number("event_id"),
        sa.PrimaryKeyConstraint("id", name="pk_ledger_watermark"),
        sa.CheckConstraint("id = 1", name="ck_ledger_watermark_one_row"),
    )


def _sqlite_triggers() -> None:
    for table in FOR_EVER:
        for act in ("UPDATE", "DELETE"):
            op.execute(
                f"CREATE TRIGGER {table}_no_{act.lower()} BEFORE {act} ON {table} "
                "BEGIN SELECT RAISE(ABORT, 'ledger: append-only'); END"
            )
    op.execute(
        "CREATE TRIGGER ledger_events_in_period BEFORE INSERT ON ledger_events "
        "WHEN NOT EXISTS (SELECT 1 FROM ledger_periods p WHERE p.id = NEW.period_id AND p.closed_at IS NULL "
        "AND NEW.effective_on BETWEEN p.starts_on AND p.ends_on) "
        "BEGIN SELECT RAISE(ABORT, 'ledger: period'); END"
    )
    op.execute(
        "CREATE TRIGGER ledger_transfers_match_hold BEFORE INSERT ON ledger_transfers "
        "WHEN NEW.phase IN ('S', 'V') AND NOT EXISTS (SELECT 1 FROM ledger_transfers h, ledger_events e "
        "WHERE h.id = NEW.resolves_id AND e.id = NEW.event_id AND h.phase = 'H' "
        "AND h.debit_id = NEW.debit_id AND h.credit_id = NEW.credit_id AND NEW.amount <= h.amount "
        "AND (NEW.phase = 'V' OR h.expires_at IS NULL OR h.expires_at > e.recorded_at)) "
        "BEGIN SELECT RAISE(ABORT, 'ledger: hold'); END"
    )
    op.execute(
        "CREATE TRIGGER ledger_periods_stay_closed BEFORE UPDATE ON ledger_periods WHEN OLD.closed_at IS NOT NULL "
        "BEGIN SELECT RAISE(ABORT, 'ledger: append-only'); END"
    )
    op.execute(
        "CREATE TRIGGER ledger_periods_no_overlap BEFORE INSERT ON ledger_periods "
        "WHEN EXISTS (SELECT 1 FROM ledger_periods p WHERE p.starts_on <= NEW.ends_on "
        "AND p.ends_on >= NEW.starts_on AND p.starts_on <> NEW.starts_on) "
        "BEGIN SELECT RAISE(ABORT, 'ledger: period overlap'); END"
    )


def _postgresql_triggers() -> None:
    op.execute(
        "CREATE FUNCTION ledger_append_only() RETURNS trigger LANGUAGE plpgsql AS "
        "$$ BEGIN RAISE EXCEPTION 'ledger: append-only' USING ERRCODE = 'integrity_constraint_violation'; END $$"
    )
    for table in FOR_EVER:
        op.execute(
            f"CREATE TRIGGER {table}_for_ever BEFORE UPDATE OR DELETE ON {table} "
            "FOR EACH ROW EXECUTE FUNCTION ledger_append_only()"
        )
        op.execute(
            f"CREATE TRIGGER {table}_no_truncate BEFORE TRUNCATE ON {table} "
            "FOR EACH STATEMENT EXECUTE FUNCTION ledger_append_only()"
        )
        op.execute(f"REVOKE UPDATE, DELETE, TRUNCATE ON {table} FROM PUBLIC")
    op.execute(
        "CREATE FUNCTION ledger_event_in_period() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
        "PERFORM 1 FROM ledger_periods p WHERE p.id = NEW.period_id AND p.closed_at IS NULL "
        "AND NEW.effective_on BETWEEN p.starts_on AND p.ends_on; "
        "IF NOT FOUND THEN RAISE EXCEPTION 'ledger: period' USING ERRCODE = 'integrity_constraint_violation'; "
        "END IF; RETURN NEW; END $$"
    )
    op.execute(
        "CREATE TRIGGER ledger_events_in_period BEFORE INSERT ON ledger_events "
        "FOR EACH ROW EXECUTE FUNCTION ledger_event_in_period()"
    )
    op.execute(
        "CREATE FUNCTION ledger_transfer_matches_hold() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
        "PERFORM 1 FROM ledger_transfers h, ledger_events e WHERE h.id = NEW.resolves_id AND e.id = NEW.event_id "
        "AND h.phase = 'H' AND h.debit_id = NEW.debit_id AND h.credit_id = NEW.credit_id "
        "AND NEW.amount <= h.amount AND (NEW.phase = 'V' OR h.expires_at IS NULL OR h.expires_at > e.recorded_at); "
        "IF NOT FOUND THEN RAISE EXCEPTION 'ledger: hold' USING ERRCODE = 'integrity_constraint_violation'; "
        "END IF; RETURN NEW; END $$"
    )
    op.execute(
        "CREATE TRIGGER ledger_transfers_match_hold BEFORE INSERT ON ledger_transfers FOR EACH ROW "
        "WHEN (NEW.phase IN ('S', 'V')) EXECUTE FUNCTION ledger_transfer_matches_hold()"
    )
    op.execute(
        "CREATE TRIGGER ledger_periods_stay_closed BEFORE UPDATE ON ledger_periods FOR EACH ROW "
        "WHEN (OLD.closed_at IS NOT NULL) EXECUTE FUNCTION ledger_append_only()"
    )
    op.execute(
        "ALTER TABLE ledger_periods ADD CONSTRAINT ex_ledger_periods_overlap "
        "EXCLUDE USING gist (daterange(starts_on, ends_on, '[]') WITH &&)"
    )
    # Counters of a hot account change hundreds of times a second: room on the page keeps those updates cheap.
    op.execute("ALTER TABLE ledger_accounts SET (fillfactor = 60, autovacuum_vacuum_scale_factor = 0.02)")

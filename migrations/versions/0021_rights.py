"""Tables for buyers' rights: address book, invoices, complaints.

Why it is safe while the old code runs: new tables only, which it does not know.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0021"
down_revision = "0020"
branch_labels = None
depends_on = None

INSTANT = sa.DateTime(timezone=True)
FOR_EVER = "complaint_entries"
KINDS = "'not_arrived', 'wrong_goods', 'spoilt', 'short_weight', 'no_answer', 'money', 'other'"
COMPLAINT_STATES = "'waiting', 'answered', 'passed', 'settled', 'decided', 'closed'"
INVOICE_STATES = "'asked', 'issued', 'declined', 'withdrawn'"


def _words(name: str, *, nullable: bool = False) -> sa.Column[str]:
    return sa.Column(name, sa.Text, nullable=nullable)


def _moment(name: str, *, nullable: bool = False) -> sa.Column[sa.DateTime]:
    return sa.Column(name, INSTANT, nullable=nullable)


def _number(name: str, *, nullable: bool = False) -> sa.Column[int]:
    return sa.Column(name, sa.BigInteger, nullable=nullable)


def _id() -> sa.Column[int]:
    return sa.Column("id", sa.BigInteger, sa.Identity(), nullable=False)


def _sealed(name: str, *, nullable: bool = False) -> sa.Column[bytes]:
    return sa.Column(name, sa.LargeBinary, nullable=nullable)


def upgrade() -> None:
    """Make the tables, then the triggers that keep what was said in a complaint for ever."""
    _addresses()
    _invoices()
    _complaints()
    if op.get_bind().dialect.name == "postgresql":
        _postgresql_triggers()
    else:
        _sqlite_triggers()


def _addresses() -> None:
    op.create_table(
        "addresses",
        _id(),
        _words("code"),
        _number("person_id"),
        _sealed("consignee_sealed"),
        _sealed("phone_sealed"),
        _sealed("street_sealed"),
        _words("province_code"),
        _moment("changed_at"),
        sa.Column("is_default", sa.Boolean, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_addresses"),
        sa.UniqueConstraint("code", name="uq_addresses_code"),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"], name="fk_addresses_person_id"),
        sa.ForeignKeyConstraint(["province_code"], ["provinces.code"], name="fk_addresses_province_code"),
        sqlite_strict=True,
    )
    op.create_index("ix_addresses_person_id", "addresses", ["person_id"])
    is_so = sa.text("is_default")
    op.create_index(
        "uq_addresses_default", "addresses", ["person_id"], unique=True, postgresql_where=is_so, sqlite_where=is_so
    )


def _invoices() -> None:
    op.create_table(
        "invoices",
        _id(),
        _words("number"),
        _number("order_id"),
        _number("buyer_id"),
        _number("seller_id"),
        _words("township_code"),
        _words("kind"),
        _sealed("title_sealed", nullable=True),
        _sealed("tax_no_sealed", nullable=True),
        _moment("asked_at"),
        _moment("answer_until"),
        _words("state"),
        _moment("ended_at", nullable=True),
        _words("ended_by", nullable=True),
        _words("declined_because", nullable=True),
        _words("words"),
        _words("document", nullable=True),
        sa.Column("issued_on", sa.Date),
        _number("paid", nullable=True),
        _number("gone_back", nullable=True),
        _number("amount", nullable=True),
        _number("upto_event", nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_invoices"),
        sa.UniqueConstraint("number", name="uq_invoices_number"),
        sa.ForeignKeyConstraint(["order_id"], ["orders.id"], name="fk_invoices_order_id"),
        sa.ForeignKeyConstraint(["buyer_id"], ["people.id"], name="fk_invoices_buyer_id"),
        sa.ForeignKeyConstraint(["seller_id"], ["sellers.id"], name="fk_invoices_seller_id"),
        sa.ForeignKeyConstraint(["township_code"], ["townships.code"], name="fk_invoices_township_code"),
        sa.CheckConstraint(f"state IN ({INVOICE_STATES})", name="ck_invoices_state"),
        sa.CheckConstraint("kind IN ('personal', 'firm')", name="ck_invoices_kind"),
        sa.CheckConstraint("(state = 'asked') = (ended_at IS NULL)", name="ck_invoices_ended"),
        sa.CheckConstraint("(state IN ('asked', 'issued')) = (title_sealed IS NOT NULL)", name="ck_invoices_sealed"),
        sa.CheckConstraint("(state = 'declined') = (declined_because IS NOT NULL)", name="ck_invoices_declined"),
        sa.CheckConstraint(
            "(state = 'issued') = (document IS NOT NULL) AND (state = 'issued') = (issued_on IS NOT NULL) "
            "AND (state = 'issued') = (amount IS NOT NULL) AND (state = 'issued') = (upto_event IS NOT NULL)",
            name="ck_invoices_issued",
        ),
        sa.CheckConstraint(
            "amount IS NULL OR (amount > 0 AND gone_back >= 0 AND amount = paid - gone_back)",
            name="ck_invoices_amount",
        ),
        sqlite_strict=True,
    )
    alive = sa.text("state IN ('asked', 'issued')")
    op.create_index(
        "uq_invoices_order_id", "invoices", ["order_id"], unique=True, postgresql_where=alive, sqlite_where=alive
    )
    op.create_index("ix_invoices_order_id", "invoices", ["order_id"])
    op.create_index("ix_invoices_seller_id_state", "invoices", ["seller_id", "state", "answer_until"])
    op.create_index("ix_invoices_state", "invoices", ["state", "answer_until"])
    op.create_table(
        "invoice_reversals",
        _id(),
        _number("invoice_id"),
        _number("amount"),
        _words("document"),
        sa.Column("issued_on", sa.Date, nullable=False),
        _moment("at"),
        _words("by"),
        sa.PrimaryKeyConstraint("id", name="pk_invoice_reversals"),
        sa.ForeignKeyConstraint(["invoice_id"], ["invoices.id"], name="fk_invoice_reversals_invoice_id"),
        sa.CheckConstraint("amount > 0", name="ck_invoice_reversals_amount"),
        sqlite_strict=True,
    )
    op.create_index("ix_invoice_reversals_invoice_id", "invoice_reversals", ["invoice_id"])


def _complaints() -> None:
    op.create_table(
        "complaints",
        _id(),
        _words("number"),
        _number("order_id"),
        _number("buyer_id"),
        _number("seller_id"),
        _words("township_code"),
        _words("kind"),
        _moment("made_at"),
        _moment("answer_until"),
        _moment("decide_until"),
        _words("state"),
        _moment("buyer_until", nullable=True),
        _moment("ended_at", nullable=True),
        _words("outcome", nullable=True),
        sa.Column("is_overdue_told", sa.Boolean, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_complaints"),
        sa.UniqueConstraint("number", name="uq_complaints_number"),
        sa.ForeignKeyConstraint(["order_id"], ["orders.id"], name="fk_complaints_order_id"),
        sa.ForeignKeyConstraint(["buyer_id"], ["people.id"], name="fk_complaints_buyer_id"),
        sa.ForeignKeyConstraint(["seller_id"], ["sellers.id"], name="fk_complaints_seller_id"),
        sa.ForeignKeyConstraint(["township_code"], ["townships.code"], name="fk_complaints_township_code"),
        sa.CheckConstraint(f"state IN ({COMPLAINT_STATES})", name="ck_complaints_state"),
        sa.CheckConstraint(f"kind IN ({KINDS})", name="ck_complaints_kind"),
        sa.CheckConstraint(
            "(state IN ('settled', 'decided', 'closed')) = (ended_at IS NOT NULL)", name="ck_complaints_ended"
        ),
        sa.CheckConstraint("(state = 'decided') = (outcome IS NOT NULL)", name="ck_complaints_decided"),
        sa.CheckConstraint(
            "outcome IS NULL OR outcome IN ('for_buyer', 'for_seller', 'agreed')", name="ck_complaints_outcome"
        ),
        sa.CheckConstraint("state <> 'answered' OR buyer_until IS NOT NULL", name="ck_complaints_answered"),
        sqlite_strict=True,
    )
    is_open = sa.text("state IN ('waiting', 'answered', 'passed')")
    op.create_index(
        "uq_complaints_order_id",
        "complaints",
        ["order_id"],
        unique=True,
        postgresql_where=is_open,
        sqlite_where=is_open,
    )
    op.create_index("ix_complaints_order_id", "complaints", ["order_id"])
    op.create_index("ix_complaints_buyer_id", "complaints", ["buyer_id", "id"])
    op.create_index("ix_complaints_seller_id", "complaints", ["seller_id", "id"])
    op.create_index("ix_complaints_state", "complaints", ["state", "decide_until"])
    op.create_table(
        "complaint_entries",
        _id(),
        _number("complaint_id"),
        _number("position"),
        _moment("at"),
        _number("person_id"),
        _words("side"),
        _words("act"),
        _sealed("words_sealed"),
        sa.PrimaryKeyConstraint("id", name="pk_complaint_entries"),
        sa.UniqueConstraint("complaint_id", "position", name="uq_complaint_entries_complaint_id"),
        sa.ForeignKeyConstraint(["complaint_id"], ["complaints.id"], name="fk_complaint_entries_complaint_id"),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"], name="fk_complaint_entries_person_id"),
        sa.CheckConstraint("side IN ('buyer', 'seller', 'township', 'county')", name="ck_complaint_entries_side"),
        sa.CheckConstraint(
            "act IN ('made', 'answered', 'dissented', 'said', 'settled', 'decided')", name="ck_complaint_entries_act"
        ),
        sqlite_strict=True,
    )
    op.create_table(
        "complaint_photos",
        _id(),
        _number("complaint_id"),
        _number("position"),
        _words("stem"),
        _number("width"),
        _number("height"),
        _words("sha256"),
        sa.PrimaryKeyConstraint("id", name="pk_complaint_photos"),
        sa.UniqueConstraint("complaint_id", "position", name="uq_complaint_photos_complaint_id"),
        sa.ForeignKeyConstraint(["complaint_id"], ["complaints.id"], name="fk_complaint_photos_complaint_id"),
        sqlite_strict=True,
    )


def _sqlite_triggers() -> None:
    for act in ("UPDATE", "DELETE"):
        op.execute(
            f"CREATE TRIGGER {FOR_EVER}_no_{act.lower()} BEFORE {act} ON {FOR_EVER} "
            "BEGIN SELECT RAISE(ABORT, 'complaint entries: append-only'); END"
        )


def _postgresql_triggers() -> None:
    op.execute(
        f"CREATE FUNCTION {FOR_EVER}_append_only() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
        "RAISE EXCEPTION 'complaint entries: append-only' USING ERRCODE = 'integrity_constraint_violation'; END $$"
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

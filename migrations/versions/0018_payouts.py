"""Tables for money on its way to people's accounts, bank files and the banks' answers.

Why it is safe: new tables only, which running code does not know.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None

INSTANT = sa.DateTime(timezone=True)
BANKS = "'rural', 'agricultural', 'postal', 'industrial', 'construction', 'china', 'other'"
STATES = "'held', 'exported', 'paid', 'failed', 'withheld', 'returned'"
LIVE = "'held', 'exported', 'paid'"
SORTS = ("settled", "failed", "late_return", "repeated", "mismatch", "unknown")
BOOKED = SORTS[:3]
OUTCOMES = "'done', 'refused', 'sent_back'"


def _id() -> sa.Column[int]:
    return sa.Column("id", sa.BigInteger, sa.Identity(), nullable=False)


def _words(name: str, *, nullable: bool = False) -> sa.Column[str]:
    return sa.Column(name, sa.Text, nullable=nullable)


def _moment(name: str, *, nullable: bool = False) -> sa.Column[sa.DateTime]:
    return sa.Column(name, INSTANT, nullable=nullable)


def _number(name: str, *, nullable: bool = False) -> sa.Column[int]:
    return sa.Column(name, sa.BigInteger, nullable=nullable)


def _unique_where(name: str, table: str, column: str, condition: str) -> None:
    where = sa.text(condition)
    op.create_index(name, table, [column], unique=True, postgresql_where=where, sqlite_where=where)


def _to(table: str, column: str, target: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint([column], [f"{target}.id"], name=f"fk_{table}_{column}")


def upgrade() -> None:
    """Make the files before the payouts that stand in them, and the answers before their lines."""
    _files()
    _payouts()
    _returns()


def _files() -> None:
    op.create_table(
        "payout_files",
        _id(),
        _words("number"),
        _words("bank"),
        _words("bank_name"),
        _number("count"),
        _number("total"),
        _words("sha256"),
        _moment("made_at"),
        _words("made_by"),
        _moment("called_off_at", nullable=True),
        _words("called_off_by", nullable=True),
        _words("called_off_because"),
        sa.PrimaryKeyConstraint("id", name="pk_payout_files"),
        sa.UniqueConstraint("number", name="uq_payout_files_number"),
        sa.CheckConstraint(f"bank IN ({BANKS})", name="ck_payout_files_bank"),
        sa.CheckConstraint("count > 0 AND total > 0", name="ck_payout_files_not_empty"),
        sa.CheckConstraint("length(sha256) = 64", name="ck_payout_files_sha256"),
        sa.CheckConstraint("(called_off_at IS NULL) = (called_off_by IS NULL)", name="ck_payout_files_called_off"),
        sqlite_strict=True,
    )
    op.create_table(
        "payout_file_downloads",
        _id(),
        _number("file_id"),
        _moment("at"),
        _words("by"),
        _words("because"),
        sa.PrimaryKeyConstraint("id", name="pk_payout_file_downloads"),
        _to("payout_file_downloads", "file_id", "payout_files"),
        sqlite_strict=True,
    )
    op.create_index("ix_payout_file_downloads_file_id", "payout_file_downloads", ["file_id"])
    _unique_where("uq_payout_file_downloads_first", "payout_file_downloads", "file_id", "because = ''")


def _payouts() -> None:
    op.create_table(
        "payouts",
        _id(),
        _words("number"),
        _words("subject"),
        _words("purpose"),
        _number("seller_id"),
        _number("account_id"),
        _words("holder"),
        _words("bank"),
        _words("bank_name"),
        _words("tail"),
        _number("amount"),
        _words("words"),
        _number("hold_id"),
        _moment("registered_at"),
        _words("registered_by"),
        _number("replaces_id", nullable=True),
        _words("state"),
        _number("file_id", nullable=True),
        _number("line_no", nullable=True),
        _moment("ended_at", nullable=True),
        _words("because"),
        _number("paid_event_id", nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_payouts"),
        sa.UniqueConstraint("number", name="uq_payouts_number"),
        sa.UniqueConstraint("hold_id", name="uq_payouts_hold_id"),
        sa.UniqueConstraint("file_id", "line_no", name="uq_payouts_file_id_line_no"),
        _to("payouts", "seller_id", "sellers"),
        _to("payouts", "account_id", "bank_accounts"),
        _to("payouts", "replaces_id", "payouts"),
        _to("payouts", "file_id", "payout_files"),
        sa.CheckConstraint(f"state IN ({STATES})", name="ck_payouts_state"),
        sa.CheckConstraint(f"bank IN ({BANKS})", name="ck_payouts_bank"),
        sa.CheckConstraint("(bank = 'other') = (bank_name <> '')", name="ck_payouts_bank_name"),
        sa.CheckConstraint("length(tail) = 4", name="ck_payouts_tail"),
        sa.CheckConstraint("amount > 0", name="ck_payouts_amount"),
        sa.CheckConstraint("(state IN ('held', 'withheld')) = (file_id IS NULL)", name="ck_payouts_file"),
        sa.CheckConstraint("(file_id IS NULL) = (line_no IS NULL)", name="ck_payouts_line"),
        sa.CheckConstraint("(state IN ('paid', 'returned')) = (paid_event_id IS NOT NULL)", name="ck_payouts_paid"),
        sa.CheckConstraint("(state IN ('held', 'exported')) = (ended_at IS NULL)", name="ck_payouts_ended"),
        sqlite_strict=True,
    )
    for column in ("subject", "seller_id", "account_id"):
        op.create_index(f"ix_payouts_{column}", "payouts", [column])
    op.create_index("ix_payouts_state", "payouts", ["state", "bank", "bank_name", "id"])
    _unique_where("uq_payouts_live", "payouts", "subject", f"state IN ({LIVE})")


def _returns() -> None:
    op.create_table(
        "bank_returns",
        _id(),
        _words("number"),
        _words("bank"),
        _words("bank_name"),
        _words("sha256"),
        _moment("uploaded_at"),
        _words("uploaded_by"),
        _number("lines"),
        *(_number(sort) for sort in SORTS),
        sa.PrimaryKeyConstraint("id", name="pk_bank_returns"),
        sa.UniqueConstraint("number", name="uq_bank_returns_number"),
        sa.UniqueConstraint("sha256", "bank", "bank_name", name="uq_bank_returns_sha256_bank_bank_name"),
        sa.CheckConstraint(f"bank IN ({BANKS})", name="ck_bank_returns_bank"),
        sqlite_strict=True,
    )
    op.create_table(
        "bank_return_lines",
        _id(),
        _number("return_id"),
        _number("line_no"),
        _words("number"),
        _words("tail"),
        _number("amount"),
        _words("outcome"),
        _words("reference"),
        _words("reason"),
        _words("sort"),
        _words("oddity", nullable=True),
        _number("payout_id", nullable=True),
        _number("event_id", nullable=True),
        _moment("resolved_at", nullable=True),
        _words("resolved_by", nullable=True),
        _words("note"),
        sa.PrimaryKeyConstraint("id", name="pk_bank_return_lines"),
        sa.UniqueConstraint("return_id", "line_no", name="uq_bank_return_lines_return_id_line_no"),
        _to("bank_return_lines", "return_id", "bank_returns"),
        _to("bank_return_lines", "payout_id", "payouts"),
        sa.CheckConstraint(f"sort IN ({', '.join(repr(one) for one in SORTS)})", name="ck_bank_return_lines_sort"),
        sa.CheckConstraint(f"outcome IN ({OUTCOMES})", name="ck_bank_return_lines_outcome"),
        sa.CheckConstraint("length(tail) = 4", name="ck_bank_return_lines_tail"),
        sa.CheckConstraint(
            f"(event_id IS NOT NULL) = (sort IN ({', '.join(repr(one) for one in BOOKED)}))",
            name="ck_bank_return_lines_booked",
        ),
        sa.CheckConstraint(
            "(oddity IS NOT NULL) = (sort IN ('mismatch', 'unknown'))", name="ck_bank_return_lines_oddity"
        ),
        sa.CheckConstraint("(resolved_at IS NULL) = (resolved_by IS NULL)", name="ck_bank_return_lines_resolved"),
        sqlite_strict=True,
    )
    op.create_index("ix_bank_return_lines_payout_id", "bank_return_lines", ["payout_id"])
    op.create_index("ix_bank_return_lines_sort", "bank_return_lines", ["sort", "resolved_at", "id"])
    for sort in BOOKED:
        _unique_where(f"uq_bank_return_lines_{sort}", "bank_return_lines", "payout_id", f"sort = '{sort}'")

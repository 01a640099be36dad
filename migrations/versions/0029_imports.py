"""Files on their way in, their rows, and the names that people outside have for our things.

Why it is safe while the old code runs: new tables, which it does not know.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0029"
down_revision = "0028"
branch_labels = None
depends_on = None

INSTANT = sa.DateTime(timezone=True)
LIVE = sa.text("state IN ('reading', 'ready', 'confirmed', 'done')")
BAD = sa.text("faults <> ''")


def _words(name: str) -> sa.Column[str]:
    return sa.Column(name, sa.Text, nullable=False)


def _count(name: str) -> sa.Column[int]:
    return sa.Column(name, sa.BigInteger, nullable=False)


def upgrade() -> None:
    """Make the four tables."""
    op.create_table(
        "imports",
        sa.Column("id", sa.BigInteger, sa.Identity(), nullable=False),
        *(_words(name) for name in ("number", "kind", "scope", "sha256", "file_name", "uploaded_by")),
        sa.Column("uploaded_at", INSTANT, nullable=False),
        _words("state"),
        *(_count(name) for name in ("read_to", "rows", "bad", "made", "changed", "same")),
        _words("unused"),
        _words("failure"),
        sa.Column("confirmed_by", sa.Text),
        sa.Column("confirmed_at", INSTANT),
        sa.Column("done_at", INSTANT),
        sa.Column("emptied_at", INSTANT),
        sa.PrimaryKeyConstraint("id", name="pk_imports"),
        sa.UniqueConstraint("number", name="uq_imports_number"),
        sa.CheckConstraint("state <> 'ready' OR (bad = 0 AND failure = '')", name="ck_imports_ready"),
        sa.CheckConstraint("(state = 'done') = (done_at IS NOT NULL)", name="ck_imports_done"),
        sqlite_strict=True,
    )
    op.create_index("ix_imports_scope", "imports", ["scope"])
    op.create_index("ix_imports_state", "imports", ["state", "id"])
    op.create_index(
        "uq_imports_live",
        "imports",
        ["kind", "scope", "sha256"],
        unique=True,
        sqlite_where=LIVE,
        postgresql_where=LIVE,
    )
    op.create_table(
        "import_files",
        _count("import_id"),
        sa.Column("sealed", sa.LargeBinary, nullable=False),
        sa.PrimaryKeyConstraint("import_id", name="pk_import_files"),
        sa.ForeignKeyConstraint(["import_id"], ["imports.id"], name="fk_import_files_import_id"),
        sqlite_strict=True,
    )
    op.create_table(
        "import_rows",
        _count("import_id"),
        _count("row_no"),
        sa.Column("cells", sa.LargeBinary, nullable=False),
        _words("key"),
        sa.Column("outcome", sa.Text),
        _words("faults"),
        sa.PrimaryKeyConstraint("import_id", "row_no", name="pk_import_rows"),
        sa.ForeignKeyConstraint(["import_id"], ["imports.id"], name="fk_import_rows_import_id"),
        sqlite_strict=True,
    )
    op.create_index("ix_import_rows_key", "import_rows", ["import_id", "key"])
    op.create_index(
        "ix_import_rows_bad", "import_rows", ["import_id", "row_no"], sqlite_where=BAD, postgresql_where=BAD
    )
    op.create_table(
        "import_names",
        *(_words(name) for name in ("scope", "sort", "name")),
        _count("thing_id"),
        sa.PrimaryKeyConstraint("scope", "sort", "name", name="pk_import_names"),
        sqlite_strict=True,
    )
    op.create_index("ix_import_names_thing", "import_names", ["sort", "thing_id"])

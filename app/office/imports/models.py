"""Files on their way into the product, their rows until then, and the names that people outside have for our things."""

from __future__ import annotations

import json
from datetime import datetime
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index, PrimaryKeyConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from app.kernel.db import Base, Chosen
from app.kernel.states import move
from app.office.imports.states import LIVE, MOVES, ImportState, Outcome

_IS_LIVE = "state IN ({})".format(", ".join(f"'{one.value}'" for one in LIVE))


class Import(Base):
    """One file of one kind for one owner (`township:141125107`, `seller:12`), and how far it has come.

    `read_to` is the last row of the file that was tried; `failure` says as JSON why the file as a whole is no good.
    """

    __tablename__ = "imports"
    __table_args__ = (
        CheckConstraint("state <> 'ready' OR (bad = 0 AND failure = '')", name="ready"),
        CheckConstraint("(state = 'done') = (done_at IS NOT NULL)", name="done"),
        Index(
            "uq_imports_live",
            "kind",
            "scope",
            "sha256",
            unique=True,
            sqlite_where=text(_IS_LIVE),
            postgresql_where=text(_IS_LIVE),
        ),
        Index("ix_imports_state", "state", "id"),
    )

    id: Mapped[int] = mapped_column(init=False, primary_key=True)
    number: Mapped[str] = mapped_column(unique=True)
    kind: Mapped[str]
    scope: Mapped[str] = mapped_column(index=True)
    sha256: Mapped[str]
    file_name: Mapped[str]
    uploaded_by: Mapped[str]
    uploaded_at: Mapped[datetime]
    state: Mapped[ImportState] = mapped_column(Chosen(ImportState), default=ImportState.READING)
    read_to: Mapped[int] = mapped_column(default=0)
    rows: Mapped[int] = mapped_column(default=0)
    bad: Mapped[int] = mapped_column(default=0)
    made: Mapped[int] = mapped_column(default=0)
    changed: Mapped[int] = mapped_column(default=0)
    same: Mapped[int] = mapped_column(default=0)
    unused: Mapped[str] = mapped_column(default="")
    failure: Mapped[str] = mapped_column(default="")
    confirmed_by: Mapped[str | None] = mapped_column(default=None)
    confirmed_at: Mapped[datetime | None] = mapped_column(default=None)
    done_at: Mapped[datetime | None] = mapped_column(default=None)
    emptied_at: Mapped[datetime | None] = mapped_column(default=None)

    def become(self, state: ImportState) -> None:
        """Move along `MOVES`. Raises `IllegalMove`."""
        self.state = move(MOVES, self.state, state)

    def count(self, outcome: Outcome) -> int:
        """How many good rows do this."""
        return int(getattr(self, outcome.value))


class ImportFile(Base):
    """The bytes of a file, sealed, until its rows were tried."""

    __tablename__ = "import_files"

    import_id: Mapped[int] = mapped_column(ForeignKey("imports.id"), primary_key=True)
    sealed: Mapped[bytes] = mapped_column(repr=False)


class ImportRow(Base):
    """One row of a file as it was tried: its cells, sealed, what it would do, or what is wrong with it.

    `key` is the keyed hash of what names its thing, by which a second row about the same thing is found.
    """

    __tablename__ = "import_rows"
    __table_args__ = (
        PrimaryKeyConstraint("import_id", "row_no"),
        Index("ix_import_rows_key", "import_id", "key"),
        Index(
            "ix_import_rows_bad",
            "import_id",
            "row_no",
            sqlite_where=text("faults <> ''"),
            postgresql_where=text("faults <> ''"),
        ),
    )

    import_id: Mapped[int] = mapped_column(ForeignKey("imports.id"))
    row_no: Mapped[int]
    cells: Mapped[bytes] = mapped_column(repr=False)
    key: Mapped[str] = mapped_column(default="")
    outcome: Mapped[Outcome | None] = mapped_column(Chosen(Outcome), default=None)
    faults: Mapped[str] = mapped_column(default="")

    @property
    def told(self) -> list[dict[str, Any]]:
        """What is wrong, cell by cell: `column` (a title, or ""), `sentence` and its `values`."""
        found: list[dict[str, Any]] = json.loads(self.faults or "[]")
        return found


class ImportName(Base):
    """By which name somebody outside knows a thing of his, such as 自编货号 A-01 of seller 12 → pack 7."""

    __tablename__ = "import_names"
    __table_args__ = (PrimaryKeyConstraint("scope", "sort", "name"), Index("ix_import_names_thing", "sort", "thing_id"))

    scope: Mapped[str]
    sort: Mapped[str]
    name: Mapped[str]
    thing_id: Mapped[int]

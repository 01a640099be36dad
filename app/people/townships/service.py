"""Bringing the division tables that travel with the code into the database."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from sqlalchemy import select

from app.audit import service as audit
from app.kernel.db import session
from app.kernel.tables import read_table
from app.people.townships.models import Township, Village

PACKAGE = "app.people.townships"


def load(by: str) -> int:
    """Make the rows of the tables true in the database; the number of rows made or changed, 0 the second time.

    Codes and villages that the tables no longer name keep their rows. Source: 统计用区划代码, snapshots 2017-2021.
    """
    changed = _load_townships() + _load_villages()
    if changed:
        audit.note("townships.load", "townships", by=by, rows=changed)
    return changed


def _load_townships() -> int:
    successors = {
        row["code_then"]: row["code_now"]
        for row in read_table(PACKAGE, "township_history")
        if row["code_then"] != row["code_now"]
    }
    rows = read_table(PACKAGE, "townships")
    # A successor's row must be there before the row that names it.
    rows.sort(key=lambda row: row["code"] in successors)
    known = {place.code: place for place in session().scalars(select(Township))}
    changed = 0
    for row in rows:
        facts: dict[str, Any] = {
            "name": row["name"],
            "kind": row["kind"],
            "along_river": row["along_river"] == "yes",
            "successor_code": successors.get(row["code"]),
            "from_day": _day(row["since"]),
            "to_day": _day(row["until"]),
            "note": row["note"],
        }
        changed += _make_true(Township, known.get(row["code"]), {"code": row["code"]}, facts)
    session().flush()
    return changed


def _load_villages() -> int:
    known = {(village.township_code, village.name): village for village in session().scalars(select(Village))}
    changed = 0
    for row in read_table(PACKAGE, "villages"):
        key = {"township_code": row["township_code"], "name": row["name"]}
        facts = {"as_of": row["as_of"], "source": row["source"], "status": row["status"]}
        changed += _make_true(Village, known.get((row["township_code"], row["name"])), key, facts)
    session().flush()
    return changed


def _make_true(
    kind: type[Township] | type[Village],
    row: Township | Village | None,
    key: Mapping[str, Any],
    facts: Mapping[str, Any],
) -> int:
    if row is None:
        session().add(kind(**key, **facts))
        return 1
    different = {name: value for name, value in facts.items() if getattr(row, name) != value}
    for name, value in different.items():
        setattr(row, name, value)
    return bool(different)


def _day(text: str) -> date | None:
    return date.fromisoformat(text) if text else None

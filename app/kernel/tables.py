"""Facts that travel with the code: small CSV tables inside a package."""

from __future__ import annotations

import csv
from importlib.resources import files


def read_table(package: str, name: str) -> list[dict[str, str]]:
    """All rows of `data/<name>.csv` in `package`, in file order; every cell is text, empty if unknown.

    Raises `FileNotFoundError` when there is no such table, and `ValueError` when a row has more or fewer
    cells than the heading.
    """
    text = files(package).joinpath("data", f"{name}.csv").read_text(encoding="utf-8")
    rows: list[dict[str, str]] = []
    for row in csv.DictReader(text.splitlines()):
        if None in row or None in row.values():
            raise ValueError(f"{package}: row {len(rows) + 2} of {name}.csv does not fit its heading")
        rows.append(row)
    return rows

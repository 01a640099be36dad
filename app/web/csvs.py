"""Tables for a spreadsheet: UTF-8 with its mark, text quoted, numbers bare, no cell a formula."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator, Sequence
from decimal import Decimal

MARK = "\ufeff"
_FORMULA = ("=", "+", "-", "@", "＝", "＋", "－", "＠", "−", "\t", "\r", "\n")
Cell = str | Decimal


def text(value: str) -> str:
    """Text that no spreadsheet reads as a formula."""
    return f"'{value}" if value.startswith(_FORMULA) else value


def written(rows: Iterable[Sequence[Cell]]) -> Iterator[str]:
    """The rows as CSV, line by line."""
    yield MARK
    buffer = io.StringIO()
    # Numbers stay bare and text, ids among it, is quoted: so a reader can tell them apart.
    writer = csv.writer(buffer, quoting=csv.QUOTE_NONNUMERIC)
    for row in rows:
        writer.writerow([text(cell) if isinstance(cell, str) else cell for cell in row])
        yield buffer.getvalue()
        buffer.seek(0)
        buffer.truncate()

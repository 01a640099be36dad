"""A row between the file and the database: which cells it has, sealed and opened, judged by its columns."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict

from app.gateways.sheets import Cell, Row, Sort
from app.kernel.errors import DomainError
from app.office.imports.errors import CellMissing, CellTooLong, CellUnreadable
from app.office.imports.kinds import ImportKind, Line
from app.people.accounts.sealing import vault

_FIELD = "imports.cells"
_FILE = "imports.file"
MOST_SIGNS = 5_000
SAMPLE = "示例："
TOTAL = "合计"


def line_of(row: Row, places: Mapping[str, int]) -> Line:
    """The row's cells by the keys of their columns; empty ones are left out."""
    cells = {key: row.cells[at] for key, at in places.items() if at < len(row.cells) and row.cells[at].text}
    return Line(row.number, cells)


def is_left_out(row: Row) -> bool:
    """Whether the row is the template's sample, or the sum under an export."""
    first = next((cell.text for cell in row.cells if cell.text), "")
    return first == TOTAL or any(cell.text.startswith(SAMPLE) for cell in row.cells)


def read(line: Line, kind: ImportKind) -> None:
    """Every cell of the line has its value or its fault."""
    for column in kind.columns:
        cell = line.cells.get(column.key)
        try:
            if cell is None:
                if column.required:
                    raise CellMissing()
                continue
            if cell.sort is Sort.BAD:
                raise CellUnreadable(place=cell.text)
            if len(cell.text) > MOST_SIGNS:
                raise CellTooLong(most=MOST_SIGNS, found=len(cell.text))
            line.values[column.key] = column.parse(cell)
        except DomainError as error:
            line.refuse(column.title, error)


def judge(lines: Sequence[Line], kind: ImportKind, scope: str) -> None:
    """Every line has its faults, or its key and outcome."""
    for line in lines:
        read(line, kind)
    kind.check([line for line in lines if not line.faults], scope)


def seal(line: Line, *, import_id: int) -> bytes:
    """The line's cells for the database."""
    plain = {
        key: cell.text[:MOST_SIGNS] if cell.sort is Sort.TEXT else [cell.text, cell.sort.value]
        for key, cell in line.cells.items()
    }
    text = json.dumps(plain, ensure_ascii=False, separators=(",", ":"))
    return vault().seal(text, field=_FIELD, row=f"{import_id}:{line.number}")


def unseal(number: int, sealed: bytes, *, import_id: int) -> Line:
    """The line again."""
    plain = json.loads(vault().unseal(sealed, field=_FIELD, row=f"{import_id}:{number}"))
    return Line(
        number, {key: Cell(one) if isinstance(one, str) else Cell(one[0], Sort(one[1])) for key, one in plain.items()}
    )


def told(line: Line) -> str:
    """The line's faults for the database."""
    return json.dumps([asdict(one) for one in line.faults], ensure_ascii=False, default=str) if line.faults else ""


def key_of(line: Line) -> str:
    """The keyed hash of what names the line's thing."""
    return vault().blind_index(line.key, field=_FIELD) if line.key else ""


def seal_file(data: bytes, *, import_id: int) -> bytes:
    """A whole file for the database."""
    return vault().seal(data.decode("latin-1"), field=_FILE, row=str(import_id))


def unseal_file(sealed: bytes, *, import_id: int) -> bytes:
    """The file again."""
    return vault().unseal(sealed, field=_FILE, row=str(import_id)).encode("latin-1")

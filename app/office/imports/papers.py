"""Tables that we give: templates to fill in, exports, and the list of what is wrong. Text never becomes a formula."""

from __future__ import annotations

import csv
import io
import tempfile
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import zip_longest
from typing import IO

import xlsxwriter

from app.kernel import clock
from app.kernel.weight import decimal_text
from app.office.imports import queries, rows
from app.office.imports.cells import RISKY
from app.office.imports.kinds import Column, ImportKind
from app.office.imports.models import Import
from app.office.imports.rows import TOTAL

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
CSV = "text/csv; charset=utf-8"
MOST_EXPORTED = 100_000
_NOTES = "说明"
_LIST_ROWS = 1_000
_WIDTH = 18
_READ_AT_ONCE = 64 * 1024


@dataclass(frozen=True, slots=True)
class Paper:
    """A file to give: its media type, and its bytes in stretches."""

    media_type: str
    data: Iterator[bytes]


def template(kind: ImportKind, form: str) -> Paper:
    """The kind's header over one row that is marked as a sample; in a workbook also notes and lists to choose from."""
    sample = [column.example for column in kind.columns]
    if form == "csv":
        return Paper(CSV, _csv([[column.title for column in kind.columns], sample]))
    return Paper(XLSX, _xlsx(kind, [sample], _notes(kind), is_template=True))


def export(kind: ImportKind, scope: str, form: str, *, by: str) -> Paper:
    """All that the scope has, with a sum under the columns that have one; `by` and the moment stand in the notes.

    Read back, it changes nothing. At most 100,000 rows, written row by row.
    """
    lines = _summed(kind, kind.export(scope))
    if form == "csv":
        return Paper(CSV, _csv(_with_header(kind, lines)))
    return Paper(XLSX, _xlsx(kind, lines, [("导出", f"{by} {clock.now().astimezone(clock.SHANGHAI):%Y-%m-%d %H:%M}")]))


def faults(kind: ImportKind, said: Iterable[Sequence[str]]) -> Paper:
    """The rows that are wrong, each with its number, its cells and what is wrong with them."""
    head = ["行号", *(column.title for column in kind.columns), "问题"]
    return Paper(CSV, _csv(_chained([head], said)))


def faulty_rows(one: Import, kind: ImportKind) -> Iterator[tuple[int, list[str], str]]:
    """(row, cells with secret ones masked, faults as JSON) of every row that is wrong."""
    for chunk in queries.chunks(one.id, only_bad=True):
        for row_no, sealed, told in chunk:
            line = rows.unseal(row_no, sealed, import_id=one.id)
            cells = [line.cells[column.key].text if column.key in line.cells else "" for column in kind.columns]
            yield row_no, [_masked(cell, column) for cell, column in zip(cells, kind.columns, strict=True)], told


def _masked(text: str, column: Column) -> str:
    return f"{text[:3]}****{text[-2:]}" if column.secret and len(text) > 5 else text


def marked(text: str) -> str:
    """The text as a csv file carries it: an apostrophe before what a table program would take for a formula."""
    return f"'{text}" if text.lstrip().startswith(RISKY) or text.startswith(("\t", "\r")) else text


def _chained(first: Iterable[Sequence[str]], then: Iterable[Sequence[str]]) -> Iterator[Sequence[str]]:
    yield from first
    yield from then


def _with_header(kind: ImportKind, lines: Iterable[Sequence[str]]) -> Iterator[Sequence[str]]:
    return _chained([[column.title for column in kind.columns]], lines)


def _summed(kind: ImportKind, lines: Iterable[Sequence[str]]) -> Iterator[Sequence[str]]:
    places = [at for at, column in enumerate(kind.columns) if column.key in kind.summed]
    hundredths = dict.fromkeys(places, 0)
    for count, line in enumerate(lines):
        if count == MOST_EXPORTED:
            break
        for at in places:
            whole, _, part = line[at].partition(".")
            hundredths[at] += int(whole or "0") * 1000 + int(part.ljust(3, "0")[:3])
        yield line
    if places:
        yield [
            TOTAL if at == 0 else decimal_text(hundredths[at], 1000) if at in hundredths else ""
            for at in range(len(kind.columns))
        ]


def _csv(lines: Iterable[Sequence[str]]) -> Iterator[bytes]:
    """UTF-8 with a byte order mark, by which Excel knows it; every cell quoted."""
    yield b"\xef\xbb\xbf"
    out = io.StringIO(newline="")
    writer = csv.writer(out, quoting=csv.QUOTE_ALL)
    for line in lines:
        writer.writerow([marked(cell) for cell in line])
        if out.tell() > _READ_AT_ONCE:
            yield out.getvalue().encode("utf-8", "replace")
            out.seek(0)
            out.truncate()
    yield out.getvalue().encode("utf-8", "replace")


def _xlsx(
    kind: ImportKind, lines: Iterable[Sequence[str]], notes: Sequence[Sequence[str]], *, is_template: bool = False
) -> Iterator[bytes]:
    """A workbook whose cells are all text, written through a temporary file."""
    with tempfile.TemporaryFile() as file:
        _write(file, kind, lines, notes, is_template=is_template)
        file.seek(0)
        while stretch := file.read(_READ_AT_ONCE):
            yield stretch


def _write(
    file: IO[bytes],
    kind: ImportKind,
    lines: Iterable[Sequence[str]],
    notes: Sequence[Sequence[str]],
    *,
    is_template: bool,
) -> None:
    book = xlsxwriter.Workbook(file, {"constant_memory": True, "strings_to_formulas": False, "strings_to_urls": False})
    text = book.add_format({"num_format": "@"})
    needed = book.add_format({"num_format": "@", "bold": True, "bg_color": "#EAD7B0"})
    plain = book.add_format({"num_format": "@", "bold": True})
    lists = {one.key: list(one.choices()) for one in kind.columns if is_template and one.choices}
    sheet = book.add_worksheet(kind.words)
    sheet.set_column(0, len(kind.columns) - 1, _WIDTH, text)
    sheet.freeze_panes(1, 0)
    for x, column in enumerate(kind.columns):
        sheet.write_string(0, x, column.title, needed if column.required else plain)
        if column.key in lists:
            letter = chr(ord("D") + list(lists).index(column.key))
            source = f"={_NOTES}!${letter}$1:${letter}${len(lists[column.key])}"
            sheet.data_validation(1, x, _LIST_ROWS, x, {"validate": "list", "source": source, "ignore_blank": True})
    for y, line in enumerate(lines, 1):
        for x, cell in enumerate(line):
            sheet.write_string(y, x, cell, text)
    about = book.add_worksheet(_NOTES)
    about.set_column(0, 1, 40, text)
    beside = zip_longest(*lists.values(), fillvalue="")
    for y, (note, listed) in enumerate(zip_longest(notes, beside, fillvalue=())):
        for x, cell in [*enumerate(note), *enumerate(listed, 3)]:
            about.write_string(y, x, cell, text)
    book.close()


def _notes(kind: ImportKind) -> list[tuple[str, str]]:
    """What each column wants, in words."""
    notes = [
        (kind.words, kind.hint),
        ("示例", "写着“示例：”的行不会导入，可以删掉。先试读，不写入；您确认以后才写入。"),
    ]
    for column in kind.columns:
        need = "必填。" if column.required else "可以留空。"
        names = f"可以填：{'、'.join(column.choices())}" if column.choices else ""
        notes.append((column.title, f"{need}{column.hint}{names}"))
    return notes

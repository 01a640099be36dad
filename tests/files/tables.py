"""Tables for tests, honest and hostile, built part by part."""

from __future__ import annotations

import io
import stat
import struct
import zipfile
from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime

import xlsxwriter

Part = str | bytes


def xlsx(rows: Sequence[Sequence[object]], *, is_1904: bool = False) -> bytes:
    """An honest workbook: texts as texts, numbers as numbers, days as days."""
    out = io.BytesIO()
    book = xlsxwriter.Workbook(out, {"in_memory": True, "date_1904": is_1904, "default_date_format": "yyyy-mm-dd"})
    # The same rows give the same bytes.
    book.set_properties({"created": datetime(2026, 1, 6, tzinfo=UTC)})
    sheet = book.add_worksheet()
    for y, row in enumerate(rows):
        for x, value in enumerate(row):
            if isinstance(value, (date, datetime)):
                sheet.write_datetime(y, x, value)
            elif isinstance(value, (int, float)):
                sheet.write_number(y, x, value)
            elif value is not None:
                sheet.write_string(y, x, str(value))
    book.close()
    return out.getvalue()


def parts_of(data: bytes) -> dict[str, bytes]:
    """Every part of a workbook by its name."""
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def packed(parts: Mapping[str, Part]) -> bytes:
    """An archive of these parts."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, part in parts.items():
            archive.writestr(name, part)
    return out.getvalue()


def with_part(name: str, part: Part, *, of: bytes) -> bytes:
    """The workbook with one part replaced or added."""
    return packed({**parts_of(of), name: part})


def plain() -> bytes:
    """A small honest workbook."""
    return xlsx([["户主", "电话"], ["王满仓", "13800001111"]])


SHEET = "xl/worksheets/sheet1.xml"


def sheet_with(cells: str) -> bytes:
    """A workbook whose sheet has just these rows, as markup."""
    head = '<?xml version="1.0" encoding="UTF-8"?><worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main">'
    return with_part(SHEET, f"{head}<sheetData>{cells}</sheetData></worksheet>", of=plain())


def with_link(data: bytes) -> bytes:
    """The workbook with a part that is a symbolic link."""
    out = io.BytesIO(data)
    with zipfile.ZipFile(out, "a") as archive:
        link = zipfile.ZipInfo("xl/media/link")
        link.external_attr = (stat.S_IFLNK | 0o777) << 16
        archive.writestr(link, "/etc/passwd")
    return out.getvalue()


def lying_about_size(data: bytes, name: str, claimed: int) -> bytes:
    """The archive whose directory and local header claim another unpacked size for one part."""
    changed = bytearray(data)
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        entry = archive.getinfo(name)
    struct.pack_into("<I", changed, entry.header_offset + 22, claimed)
    at = changed.index(b"PK\x01\x02")
    while changed[at + 46 : at + 46 + len(name)] != name.encode():
        at = changed.index(b"PK\x01\x02", at + 4)
    struct.pack_into("<I", changed, at + 24, claimed)
    return bytes(changed)


def overlapping(data: bytes) -> bytes:
    """The archive whose second directory entry points at the place of the first."""
    changed = bytearray(data)
    first = changed.index(b"PK\x01\x02")
    second = changed.index(b"PK\x01\x02", first + 4)
    changed[second + 42 : second + 46] = changed[first + 42 : first + 46]
    return bytes(changed)


def encrypted_flag(data: bytes) -> bytes:
    """The archive whose first part says that it is encrypted."""
    changed = bytearray(data)
    at = changed.index(b"PK\x01\x02")
    changed[at + 8] |= 1
    return bytes(changed)

"""The closed room in which strangers' tables are read: a child process with limits, run by `sheets`.

Started as a file (`python -I sheet_reader.py rows`), so it loads python-calamine and nothing of ours. The file lies on
standard input. Standard output carries JSON lines: what the file is, then its rows, then an end; or one refusal. All
of an xlsx is unpacked and looked through before calamine sees it, because two far cells in five kilobytes make
calamine ask for more memory than there is.
"""

from __future__ import annotations

import codecs
import csv
import io
import json
import re
import resource
import stat
import struct
import sys
import unicodedata
import zipfile
import zlib
from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from typing import Any, BinaryIO, NoReturn

from python_calamine import CalamineError, CalamineWorkbook, SheetTypeEnum, SheetVisibleEnum

MAX_MEMORY = 512 * 1024 * 1024
MAX_CPU_SECONDS = 120
MAX_UNPACKED = 50_000_000
MAX_RATIO = 100
MAX_ENTRIES = 200
MAX_ROWS = 100_000
MAX_COLUMNS = 64
MAX_FIELD = 100_000
MAX_MERGES = 20_000
FIRST = 20

_CHUNK = 1 << 16
_TAIL = 64
_HARMLESS_RATIO = 1_000_000
_PLACE = re.compile(rb"""[\s"']r\s*=\s*["']([A-Za-z]{0,4})([0-9]{1,9})["']""")
_EXTERNAL = re.compile(rb"<[^<>]*TargetMode\s*=\s*[\"']External[\"'][^<>]*>", re.IGNORECASE)
_HYPERLINK = re.compile(rb"""Type\s*=\s*["'][^"']*/hyperlink["']""")
_ENCODING = re.compile(rb"""^<\?xml[^>]*encoding\s*=\s*["']([A-Za-z0-9._-]+)["']""")
_MARKUP = (".xml", ".rels", ".vml", ".svg", ".xhtml", ".html")
_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_FOREIGN = (
    b"%PDF", b"\x89PNG", b"\xff\xd8\xff", b"GIF8", b"Rar!", b"7z\xbc\xaf", b"\x1f\x8b", b"\x7fELF", b"MZ", b"RIFF",
    b"BM", b"{\\rtf", b"SQLite format 3", b"BZh", b"\xfd7zXZ",
)  # fmt: skip
_WIDE_EXPONENT = 1e15
_HAN = re.compile("[\u3400-\u9fff\uff00-\uffef\u3000-\u303f]")
_UNREAD = "\ufffd"
_UNSEEN = {"Cc", "Cs", "Co", "Cn"}


class RefusedError(Exception):
    """The file is not read; `code` is that of one of the refusals in `sheets`."""

    def __init__(self, code: str, **values: object) -> None:
        super().__init__(code)
        self.code = code
        self.values = values


def refuse(code: str, **values: object) -> NoReturn:
    """Nothing of the file is read, for that reason."""
    raise RefusedError(code, **values)


def look(file: BinaryIO) -> tuple[str, str]:
    """("xlsx", "") or ("csv", encoding), once the whole file was seen to be harmless. Raises `RefusedError`."""
    head = file.read(4096)
    file.seek(0)
    if head.startswith(_OLE):
        _refuse_ole(file.read())
    if head.startswith(b"PK"):
        _look_through(file)
        return "xlsx", ""
    if head.startswith(_FOREIGN) or head.lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"<"):
        refuse("sheet_kind")
    return "csv", _encoding(file.read())


def _refuse_ole(data: bytes) -> NoReturn:
    if "EncryptedPackage".encode("utf-16-le") in data:
        refuse("sheet_locked")
    refuse("sheet_old")


def _look_through(file: BinaryIO) -> None:
    """Every part of the archive by name, place, size and content."""
    size = file.seek(0, io.SEEK_END)
    file.seek(0)
    try:
        archive = zipfile.ZipFile(file)
    except (zipfile.BadZipFile, ValueError, NotImplementedError, struct.error, UnicodeDecodeError):
        refuse("sheet_broken")
    entries = archive.infolist()
    _look_at_names(entries)
    _look_at_sizes(entries)
    _look_at_places(file, entries, size)
    total = 0
    for entry in entries:
        total += _look_inside(file, entry)
        if total > MAX_UNPACKED:
            refuse("sheet_bomb")


def _look_at_names(entries: list[zipfile.ZipInfo]) -> None:
    if len(entries) > MAX_ENTRIES:
        refuse("sheet_parts")
    names = [entry.orig_filename for entry in entries]
    if len({name.lower() for name in names}) < len(names):
        refuse("sheet_tangled")
    for entry, name in zip(entries, names, strict=True):
        if name.startswith("/") or "\\" in name or "\0" in name or ":" in name or ".." in name.split("/"):
            refuse("sheet_paths")
        if stat.S_ISLNK(entry.external_attr >> 16):
            refuse("sheet_paths")
        if entry.flag_bits & 1:
            refuse("sheet_locked")
    lower = {name.lower() for name in names}
    if "mimetype" in lower or "content.xml" in lower:
        refuse("sheet_ods")
    if any(name.endswith(("vbaproject.bin", "macrosheets")) or "/macrosheets/" in name for name in lower):
        refuse("sheet_macros")
    if any("/externallinks/" in f"/{name}" for name in lower):
        refuse("sheet_links")
    if "[content_types].xml" not in lower:
        refuse("sheet_kind")
    if "xl/workbook.xml" not in lower:
        refuse("sheet_binary")


def _look_at_sizes(entries: list[zipfile.ZipInfo]) -> None:
    """What the directory itself admits."""
    if sum(entry.file_size for entry in entries) > MAX_UNPACKED:
        refuse("sheet_bomb")
    for entry in entries:
        if entry.file_size > _HARMLESS_RATIO and entry.file_size > MAX_RATIO * max(1, entry.compress_size):
            refuse("sheet_bomb")


def _look_at_places(file: BinaryIO, entries: list[zipfile.ZipInfo], size: int) -> None:
    """No part lies within another, and each stands under the name that the directory gives it."""
    end = 0
    for entry in sorted(entries, key=lambda one: one.header_offset):
        start, data = entry.header_offset, _start_of(file, entry)
        if start < end:
            refuse("sheet_tangled")
        end = data + entry.compress_size
        if end > size:
            refuse("sheet_broken")


def _start_of(file: BinaryIO, entry: zipfile.ZipInfo) -> int:
    """Where the data of a part begin, after its own header."""
    file.seek(entry.header_offset)
    head = file.read(30)
    if len(head) < 30 or not head.startswith(b"PK\x03\x04"):
        refuse("sheet_broken")
    name_length, extra_length = struct.unpack("<HH", head[26:30])
    name = file.read(name_length)
    coding = "utf-8" if entry.flag_bits & 0x800 else "cp437"
    if name.decode(coding, "replace") != entry.orig_filename:
        refuse("sheet_tangled")
    return int(entry.header_offset + 30 + name_length + extra_length)


def _look_inside(file: BinaryIO, entry: zipfile.ZipInfo) -> int:
    """The true size of a part, all of whose bytes were looked at."""
    name = entry.orig_filename.lower()
    is_markup = name.endswith(_MARKUP)
    seen, crc, tail, scan = 0, 0, b"", _Scan(name)
    for chunk in _unpacked(file, entry):
        if not seen and chunk.startswith((b"PK\x03\x04", _OLE)):
            refuse("sheet_tangled")
        if not seen and (is_markup or chunk.lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"<")):
            is_markup = True
            _refuse_other_encodings(chunk)
        seen += len(chunk)
        crc = zlib.crc32(chunk, crc)
        if seen > entry.file_size or seen > MAX_UNPACKED:
            refuse("sheet_bomb")
        if is_markup:
            scan.over(tail + chunk)
            tail = chunk[-scan.tail :] if len(chunk) >= scan.tail else (tail + chunk)[-scan.tail :]
    if seen != entry.file_size or crc != entry.CRC:
        refuse("sheet_broken")
    return seen


def _unpacked(file: BinaryIO, entry: zipfile.ZipInfo) -> Iterator[bytes]:
    """The bytes of a part as the archive truly holds them, whatever size its directory claims."""
    file.seek(_start_of(file, entry))
    left = entry.compress_size
    if entry.compress_type == zipfile.ZIP_STORED:
        while left > 0 and (chunk := file.read(min(_CHUNK, left))):
            left -= len(chunk)
            yield chunk
        return
    if entry.compress_type != zipfile.ZIP_DEFLATED:
        refuse("sheet_broken")
    unpacker = zlib.decompressobj(-zlib.MAX_WBITS)
    try:
        while left > 0 and not unpacker.eof and (packed := file.read(min(_CHUNK, left))):
            left -= len(packed)
            while packed:
                if chunk := unpacker.decompress(packed, _CHUNK):
                    yield chunk
                packed = unpacker.unconsumed_tail
        while not unpacker.eof and (chunk := unpacker.decompress(b"", _CHUNK)):
            yield chunk
    except zlib.error:
        refuse("sheet_broken")
    if not unpacker.eof or left:
        refuse("sheet_broken")


def _refuse_other_encodings(chunk: bytes) -> None:
    """Markup in UTF-16 or another code could hide what is looked for in bytes."""
    if chunk.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)) or b"\0" in chunk[:64]:
        refuse("sheet_entities")
    told = _ENCODING.match(chunk.removeprefix(codecs.BOM_UTF8).lstrip())
    if told is not None and told.group(1).lower() not in (b"utf-8", b"us-ascii"):
        refuse("sheet_entities")


class _Scan:
    """Looks over a part in stretches; `tail` bytes of each are to come again with the next."""

    def __init__(self, name: str) -> None:
        self.is_sheet = "worksheets/" in name and name.endswith(".xml")
        self.is_links = name.endswith(".rels")
        self.is_types = name == "[content_types].xml"
        # A link or content type is looked at as a whole element.
        self.tail = 4096 if self.is_links else _TAIL

    def over(self, part: bytes) -> None:
        """Raises `RefusedError` for declarations, far cells, outside links and macros."""
        upper = part.upper()
        if b"<!DOCTYPE" in upper or b"<!ENTITY" in upper:
            refuse("sheet_entities")
        if self.is_types and b"macroenabled" in part.lower():
            refuse("sheet_macros")
        if self.is_links and any(_HYPERLINK.search(one) is None for one in _EXTERNAL.findall(part)):
            refuse("sheet_links")
        if self.is_sheet:
            _refuse_far_cells(part)


def _refuse_far_cells(part: bytes) -> None:
    for letters, digits in _PLACE.findall(part):
        if letters and _column(letters) > MAX_COLUMNS:
            refuse("sheet_columns")
        if int(digits) > MAX_ROWS + 1:
            refuse("sheet_rows")


def _column(letters: bytes) -> int:
    number = 0
    for letter in letters.upper():
        number = number * 26 + letter - 64
    return number


def xlsx_rows(file: BinaryIO) -> Iterator[tuple[int, list[object]]]:
    """(number, cells) of each row of the first visible sheet that is not empty."""
    try:
        book = CalamineWorkbook.from_filelike(file)
        names = [
            one.name
            for one in book.sheets_metadata
            if one.typ is SheetTypeEnum.WorkSheet and one.visible is SheetVisibleEnum.Visible
        ]
        if not names:
            refuse("sheet_empty")
        sheet = book.get_sheet_by_name(names[0])
        merges = sheet.merged_cell_ranges or []
    except CalamineError:
        refuse("sheet_broken")
    if sheet.start is None:
        refuse("sheet_empty")
    filler = _Merged(merges)
    # Its rows come from the first on, its columns only from the first that is used.
    left = sheet.start[1]
    if left + sheet.width > MAX_COLUMNS:
        refuse("sheet_columns")
    for at, values in enumerate(sheet.iter_rows()):
        if at > MAX_ROWS:
            refuse("sheet_rows")
        filled = filler.fill(at, [*[""] * left, *values])
        cells = [_cell(value) for value in filled]
        if any(cell != "" for cell in cells):
            yield at + 1, cells


class _Merged:
    """Gives each cell of a merged range the value of its first."""

    def __init__(self, ranges: list[tuple[tuple[int, int], tuple[int, int]]]) -> None:
        if len(ranges) > MAX_MERGES:
            refuse("sheet_tangled")
        self._later = sorted(ranges, reverse=True)
        self._open: list[tuple[int, int, int, object]] = []

    def fill(self, at: int, values: list[Any]) -> list[Any]:
        """The row with its merged cells filled, from left and from above."""
        self._open = [one for one in self._open if one[0] >= at]
        while self._later and self._later[-1][0][0] <= at:
            (top, left), (bottom, right) = self._later.pop()
            if top == at and left < len(values):
                self._open.append((bottom, left, min(right, len(values) - 1), values[left]))
            if len(self._open) > MAX_COLUMNS:
                refuse("sheet_tangled")
        for _bottom, left, right, value in self._open:
            for place in range(left, right + 1):
                values[place] = value
        return values


def _cell(value: object) -> object:
    """A text as it is; [text, sort] for what is none."""
    if isinstance(value, bool):
        return "是" if value else "否"
    if isinstance(value, (int, float)):
        return _number(float(value))
    if isinstance(value, datetime):
        return [value.date().isoformat(), "d"]
    if isinstance(value, date):
        return [value.isoformat(), "d"]
    if isinstance(value, (time, timedelta)):
        return str(value)
    return _text(str(value))


def _number(value: float) -> object:
    """A spreadsheet keeps fifteen digits; of a longer number the rest is lost for good."""
    if value != value or abs(value) >= _WIDE_EXPONENT:
        return [f"{value:.6G}", "r"]
    plain = f"{value:.15g}"
    if "e" in plain:
        return [f"{value:.6G}", "r"]
    return [plain, "n"]


def _text(text: str) -> object:
    """The text without blanks around it; [place, "b"] where something in it is no text."""
    for place, sign in enumerate(text, 1):
        if sign == _UNREAD or (unicodedata.category(sign) in _UNSEEN and sign not in "\t\r\n"):
            return [str(place), "b"]
    return text.strip()


def _encoding(data: bytes) -> str:
    """utf-8, utf-16 or gb18030: that in which fewest lines are broken. Raises `RefusedError` for what is no text."""
    if not data.strip(b"\xef\xbb\xbf \t\r\n,;"):
        refuse("sheet_empty")
    if data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return "utf-16"
    if data[:4096].count(0) * 8 > len(data[:4096]):
        refuse("sheet_kind")
    if data.startswith(codecs.BOM_UTF8):
        return "utf-8"
    lines = [line for line in data.split(b"\n") if not line.isascii()]
    broken_utf8 = sum(not _reads(line, "utf-8") for line in lines)
    if not broken_utf8:
        return "utf-8"
    broken_gb = sum(not _reads(line, "gb18030") or _is_surely_utf8(line) for line in lines)
    if min(broken_gb, broken_utf8) == len(lines) and len(lines) > 1:
        refuse("sheet_kind")
    return "gb18030" if broken_gb <= broken_utf8 else "utf-8"


def _reads(line: bytes, encoding: str) -> bool:
    try:
        line.decode(encoding)
    except UnicodeDecodeError:
        return False
    return True


def _is_surely_utf8(line: bytes) -> bool:
    """Whether Chinese words come out when the line is read as UTF-8, which GB18030 text hardly ever lets happen."""
    try:
        wide = [sign for sign in line.decode("utf-8") if not sign.isascii()]
    except UnicodeDecodeError:
        return False
    return len(wide) > 1 and all(_HAN.match(sign) for sign in wide)


def _csv_text(data: bytes, encoding: str) -> str:
    """The text, with the sign U+FFFD wherever bytes are none in this encoding, so that no wrong word appears."""
    if encoding == "utf-16":
        return data.decode("utf-16", "replace")
    if encoding == "utf-8":
        return data.removeprefix(codecs.BOM_UTF8).decode("utf-8", "replace")
    lines = (
        line.decode("ascii" if not line.isascii() and _is_surely_utf8(line) else encoding, "replace")
        for line in data.split(b"\n")
    )
    return "\n".join(lines)


def csv_rows(data: bytes, encoding: str) -> Iterator[tuple[int, list[object]]]:
    """(number of the line on which it starts, cells) of each row that is not empty."""
    text = _csv_text(data, encoding)
    csv.field_size_limit(MAX_FIELD)
    # NUL is a sign like another here, so that it is found at its place.
    reader = csv.reader(io.StringIO(text.replace("\0", "\x01"), newline=""), delimiter=_delimiter(text), strict=True)
    start, count = 1, 0
    try:
        for values in reader:
            if len(values) > MAX_COLUMNS:
                refuse("sheet_columns")
            cells = [_text(value) for value in values]
            if any(cell != "" for cell in cells):
                count += 1
                if count > MAX_ROWS + 1:
                    refuse("sheet_rows")
                yield start, cells
            start = reader.line_num + 1
    except csv.Error:
        refuse("sheet_quotes", line=start)


def _delimiter(text: str) -> str:
    """Comma, tab or semicolon (also full-width): what stands most often in the first lines."""
    head = "\n".join(text[:20_000].splitlines()[:10])
    return max((",", "\t", ";", "；", "，"), key=lambda sign: (head.count(sign), sign == ","))


def _lock_the_door() -> None:
    """From here on the process has bounded memory and time, and can write no file and no core dump."""
    resource.setrlimit(resource.RLIMIT_AS, (MAX_MEMORY, MAX_MEMORY))
    resource.setrlimit(resource.RLIMIT_CPU, (MAX_CPU_SECONDS, MAX_CPU_SECONDS))
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def _say(out: io.TextIOBase, what: object) -> None:
    out.write(json.dumps(what, ensure_ascii=False, separators=(",", ":")) + "\n")


def main(act: str, after: int = 0) -> None:
    """Look through standard input and, for `rows`, write what stands in it: the first rows, and those `after`."""
    _lock_the_door()
    file = sys.stdin.buffer
    out = io.TextIOWrapper(sys.stdout.buffer, encoding="utf-8", errors="surrogatepass", write_through=False)
    try:
        kind, encoding = look(file)
        _say(out, {"kind": kind, "encoding": encoding})
        if act == "rows":
            file.seek(0)
            told = xlsx_rows(file) if kind == "xlsx" else csv_rows(file.read(), encoding)
            for count, (number, cells) in enumerate(told):
                if count < FIRST or number > after:
                    _say(out, [number, cells])
        _say(out, {"end": True})
    except RefusedError as refused:
        _say(out, {"refused": refused.code, "values": refused.values})
    except MemoryError:
        _say(out, {"refused": "sheet_too_much", "values": {}})
    out.flush()


if __name__ == "__main__":
    main(sys.argv[1], int((*sys.argv, "0")[2]))

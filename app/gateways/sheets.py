"""Tables that people send, xlsx or csv: looked through before anything parses them, and read in a closed room."""

from __future__ import annotations

import json
import logging
import subprocess
import sys
import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from threading import BoundedSemaphore
from typing import IO, Any, NamedTuple

from app.kernel.errors import DomainError

MAX_BYTES = 10_000_000
MAX_ROWS = 100_000
MAX_COLUMNS = 64

_READER = Path(__file__).with_name("sheet_reader.py")
_SECONDS_IN_ROOM = 180
_SECONDS_IN_QUEUE = 20
_places = BoundedSemaphore(2)
_log = logging.getLogger(__name__)


class Sort(StrEnum):
    """What a cell holds, as far as the file itself says."""

    TEXT = "t"
    NUMBER = "n"
    DATE = "d"
    ROUGH = "r"
    """A number of so many digits that its last ones are lost; `text` is what is left of it, such as 1.41125E+17."""
    BAD = "b"
    """Signs that are no text: wrong encoding, control signs. `text` is the place of the first one, counted from 1."""


class Cell(NamedTuple):
    """One cell: its text (numbers in plain digits, days as 2016-01-06) and what it is."""

    text: str
    sort: Sort = Sort.TEXT


class Row(NamedTuple):
    """One row that is not empty, with its number in the file, counted from 1."""

    number: int
    cells: tuple[Cell, ...]


@dataclass(frozen=True, slots=True)
class Looked:
    """What a file that may be read turned out to be: `xlsx`, or `csv` in an encoding."""

    kind: str
    encoding: str


class SheetRefused(DomainError):
    """The family of refusals of a whole file."""

    code = "sheet_refused"
    sentence = "这个文件读不出来，什么都没有导入。请用模板另存一份再传。"


class SheetEmpty(SheetRefused):
    """Nothing was sent, or no row stands in it."""

    code = "sheet_empty"
    sentence = "文件是空的，请先填好再传。"


class SheetTooBig(SheetRefused):
    """Longer than `MAX_BYTES`."""

    code = "sheet_too_big"
    status = 413
    sentence = "文件太大（最大 10 MB），请分成几份再传。"


class NotASheet(SheetRefused):
    """Neither xlsx nor csv, whatever the name says."""

    code = "sheet_kind"
    status = 415
    sentence = "这不是能读的表格。请在 Excel 或 WPS 里“另存为”xlsx 或 CSV 再传。"


class OldWorkbook(SheetRefused):
    """An xls file of before 2007, or another file of that family."""

    code = "sheet_old"
    status = 415
    sentence = "这是老格式的表格（xls）。请在 Excel 或 WPS 里“另存为”xlsx 再传。"


class OpenDocument(SheetRefused):
    """An ods file."""

    code = "sheet_ods"
    status = 415
    sentence = "这是 ods 表格。请“另存为”xlsx 或 CSV 再传。"


class BinaryWorkbook(SheetRefused):
    """An xlsb file, or another kind of office document."""

    code = "sheet_binary"
    status = 415
    sentence = "这是别的办公文件（例如 xlsb、docx），不是 xlsx。请“另存为”xlsx 再传。"


class LockedWorkbook(SheetRefused):
    """Encrypted with a password."""

    code = "sheet_locked"
    sentence = "这个表格设了密码，读不了。请去掉密码，另存一份再传。"


class MacroWorkbook(SheetRefused):
    """Carries macros."""

    code = "sheet_macros"
    sentence = "这个表格里有宏（程序），为了安全不收。请“另存为”不带宏的 xlsx 再传。"


class BrokenWorkbook(SheetRefused):
    """Cut off, or not decodable to the end."""

    code = "sheet_broken"
    sentence = "表格文件已损坏或没有传完整，请重新保存再传一次。"


class PackedTooTight(SheetRefused):
    """Unpacks to more than an honest workbook does, or says that it is smaller than it is."""

    code = "sheet_bomb"
    sentence = "这个表格解开以后大得不正常，没有读。请把数据复制到模板里再传。"


class TooManyParts(SheetRefused):
    """More parts than a plain workbook has."""

    code = "sheet_parts"
    sentence = "这个表格里的部件太多（图片、工作表等）。请只留要导入的一张表再传。"


class TangledWorkbook(SheetRefused):
    """Parts that overlap, come twice, or are archives themselves."""

    code = "sheet_tangled"
    sentence = "这个表格的内部结构不正常，没有读。请把数据复制到模板里再传。"


class StrangePaths(SheetRefused):
    """Parts whose names lead out of the file, or that are links."""

    code = "sheet_paths"
    sentence = "这个表格里有指向别处的部件，为了安全不收。请把数据复制到模板里再传。"


class ForeignEntities(SheetRefused):
    """A document type or entity declaration in a part."""

    code = "sheet_entities"
    sentence = "这个表格里有不该有的声明（DOCTYPE），为了安全不收。请把数据复制到模板里再传。"


class OutsideLinks(SheetRefused):
    """Parts that stand in other files or on other machines."""

    code = "sheet_links"
    sentence = "这个表格引用了别的文件。请把引用的格子粘贴成数值，再另存一份传上来。"


class TooManyRows(SheetRefused):
    """A cell below the last row that is read."""

    code = "sheet_rows"
    sentence = "表格太长：最多 100000 行。下面如有空行的格式，请把空行整行删掉；数据多的请分成几份。"


class TooManyColumns(SheetRefused):
    """A cell to the right of the last column that is read."""

    code = "sheet_columns"
    sentence = "表格太宽：最多 64 列。右边如有多余的列，请整列删掉再传。"


class BadQuotes(SheetRefused):
    """A csv file whose quotation marks do not pair."""

    code = "sheet_quotes"
    sentence = "从第 {line} 行起引号不成对，后面的内容分不清格子。请改好再传。"


class TooMuchToRead(SheetRefused):
    """The reader met its limit of memory or time."""

    code = "sheet_too_much"
    sentence = "这个表格读起来太费劲，中途停下了。请分成几份，或者存成 CSV 再传。"


class SheetsBusy(DomainError):
    """Too many tables are being read at this moment."""

    code = "sheets_busy"
    status = 503
    sentence = "现在导入表格的人很多，请过半分钟再传一次。"
    retry_after = 30


_REFUSALS: dict[str, type[SheetRefused]] = {
    one.code: one
    for one in (
        SheetEmpty, NotASheet, OldWorkbook, OpenDocument, BinaryWorkbook, LockedWorkbook, MacroWorkbook,
        BrokenWorkbook, PackedTooTight, TooManyParts, TangledWorkbook, StrangePaths, ForeignEntities, OutsideLinks,
        TooManyRows, TooManyColumns, BadQuotes, TooMuchToRead,
    )
}  # fmt: skip


def look(data: bytes) -> Looked:
    """What the file is, by its content alone, once all of it was seen to be harmless; nothing is parsed.

    Raises one of the `SheetRefused`, or `SheetsBusy`. Takes up to a second: call it outside a transaction.
    """
    with _reading(data, "look") as lines:
        head = next(lines)
    return Looked(head["kind"], head["encoding"])


@contextmanager
def rows(data: bytes, *, after: int = 0) -> Iterator[Iterator[Row]]:
    """The rows of the first visible sheet that are not empty, one after another, in bounded memory.

    With `after`, the first twenty, among which the header stands, and then those whose number is higher than that.

    Of merged cells each has the value of the whole. A cell that looks like a formula is its text, a computed one its
    last value. Raises as `look` does, also while going on. Call it outside a transaction.
    """
    with _reading(data, "rows", str(after)) as lines:
        next(lines)
        yield (_row(line) for line in lines)


def _row(line: list[object]) -> Row:
    number, cells = line
    assert isinstance(number, int)
    assert isinstance(cells, list)
    return Row(number, tuple(Cell(one) if isinstance(one, str) else Cell(one[0], Sort(one[1])) for one in cells))


@contextmanager
def _reading(data: bytes, *act: str) -> Iterator[Iterator[Any]]:
    if not data:
        raise SheetEmpty
    if len(data) > MAX_BYTES:
        raise SheetTooBig
    if not _places.acquire(timeout=_SECONDS_IN_QUEUE):
        raise SheetsBusy
    try:
        with tempfile.TemporaryFile() as file:
            file.write(data)
            file.seek(0)
            with _child(file, *act) as child:
                yield _lines(child)
    finally:
        _places.release()


@contextmanager
def _child(file: IO[bytes], *act: str) -> Iterator[subprocess.Popen[bytes]]:
    """The reader, with neither our environment (it holds secrets) nor our module path; it ends with the block."""
    child = subprocess.Popen(
        [sys.executable, "-I", str(_READER), *act],
        stdin=file,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        env={"MALLOC_ARENA_MAX": "2"},
        close_fds=True,
    )
    timer = threading.Timer(_SECONDS_IN_ROOM, child.kill)
    timer.start()
    try:
        yield child
    finally:
        timer.cancel()
        with suppress(ProcessLookupError):
            child.kill()
        if child.stdout is not None:
            child.stdout.close()
        child.wait()


def _lines(child: subprocess.Popen[bytes]) -> Iterator[Any]:
    """What the reader says, line by line. A reader that dies without its last word was stopped by its limits."""
    assert child.stdout is not None
    for line in child.stdout:
        said = json.loads(line)
        if isinstance(said, dict) and "refused" in said:
            raise _REFUSALS[said["refused"]](**said["values"])
        if isinstance(said, dict) and "end" in said:
            return
        yield said
    _log.info("sheet reader ended early, exit %s", child.wait())
    raise TooMuchToRead

"""The file that tells a bank whom to pay: our own format, since no bank has given us its own.

UTF-8 with a byte order mark, CRLF, each cell in quotation marks. The first line says which file it is, how many
payments it has and what they come to; the second names the columns; each further line is a payment. Text that a
spreadsheet would take for a formula has an apostrophe before it. Equal payments in equal order give equal bytes.
"""

from __future__ import annotations

import csv
import hashlib
import io
from collections.abc import Sequence
from dataclasses import dataclass, field

from app.kernel.money import ZERO, Money

COLUMNS = ("序号", "付款编号", "户名", "开户行", "账号", "金额(元)", "附言")
_BOM = "\ufeff"
_FORMULA = tuple("=+-@\t\r\n＝＋－＠'")


@dataclass(frozen=True, slots=True)
class Line:
    """One payment, with the account's number in clear."""

    line_no: int
    number: str
    holder: str
    bank: str
    account: str = field(repr=False)
    amount: Money
    words: str


def write(file_number: str, bank: str, lines: Sequence[Line]) -> bytes:
    """The file's bytes. The lines' texts lose nothing; see the module for what they gain."""
    total = sum((line.amount for line in lines), start=ZERO)
    page = io.StringIO(newline="")
    page.write(_BOM)
    writer = csv.writer(page, quoting=csv.QUOTE_ALL, lineterminator="\r\n")
    writer.writerow(["文件编号", file_number, "笔数", len(lines), "总金额(元)", str(total), as_text(bank)])
    writer.writerow(COLUMNS)
    for line in lines:
        words = (as_text(text) for text in (line.number, line.holder, line.bank, line.account))
        writer.writerow([line.line_no, *words, str(line.amount), as_text(line.words)])
    return page.getvalue().encode()


def seal(data: bytes) -> str:
    """SHA-256 over the exact bytes, as hex."""
    return hashlib.sha256(data).hexdigest()


def as_text(cell: str) -> str:
    """The cell so that no spreadsheet calculates it, on one line."""
    plain = " ".join(cell.split())
    return f"'{plain}" if plain.startswith(_FORMULA) else plain

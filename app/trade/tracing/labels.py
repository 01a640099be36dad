"""Labels for boxes and sacks: what is in it, of which lot, and a code that leads to where it came from."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from app.gateways import qr
from app.gateways.pdf import Code, Document, Frame, Mark, Words

MOST = 200
WIDTH, HEIGHT = 1_000, 700
"""A label, in tenths of a millimetre: 100 × 70."""
_SHEET_WIDTH, _SHEET_HEIGHT = 2_100, 2_970
_COLUMNS, _ROWS = 2, 4
_LEFT, _TOP = (_SHEET_WIDTH - _COLUMNS * WIDTH) // 2, (_SHEET_HEIGHT - _ROWS * HEIGHT) // 2
_CODE_SIDE = 270
_MARGIN = 50


class Paper(StrEnum):
    """What they are printed on."""

    SHEET = "sheet"
    SINGLE = "single"


@dataclass(frozen=True, slots=True)
class Label:
    """What stands on one: its title, lines of a name and a value, the signed code in groups, and the address."""

    title: str
    lines: Sequence[tuple[str, str]]
    code: str
    address: str
    foot: str


def document(label: Label, *, count: int, paper: Paper) -> bytes:
    """So many equal labels as a PDF: eight to an A4 sheet, or one to a page of a label printer."""
    if paper is Paper.SINGLE:
        drawn = Document(WIDTH, HEIGHT, label.code)
        for _ in range(count):
            drawn.page(_marks(label, 0, 0))
        return drawn.content()
    drawn = Document(_SHEET_WIDTH, _SHEET_HEIGHT, label.code)
    places = [(_LEFT + column * WIDTH, _TOP + row * HEIGHT) for row in range(_ROWS) for column in range(_COLUMNS)]
    for first in range(0, count, len(places)):
        some = places[: count - first]
        drawn.page([mark for x, y in some for mark in [Frame(x, y, WIDTH, HEIGHT), *_marks(label, x, y)]])
    return drawn.content()


def _marks(label: Label, x: int, y: int) -> list[Mark]:
    inner = WIDTH - 2 * _MARGIN
    beside = inner - _CODE_SIDE - 30
    marks: list[Mark] = [Words(x + _MARGIN, y + 105, label.title, 64, inner)]
    for row, (name, value) in enumerate(label.lines):
        marks.append(Words(x + _MARGIN, y + 185 + row * 54, f"{name}  {value}", 38, beside))
    marks.append(Code(x + WIDTH - _MARGIN - _CODE_SIDE, y + 150, _CODE_SIDE, qr.modules(label.address)))
    marks.append(Words(x + WIDTH - _MARGIN - _CODE_SIDE, y + 455, label.foot, 30, _CODE_SIDE))
    marks.append(Words(x + _MARGIN, y + HEIGHT - 45, label.code, 36, inner))
    return marks


def grouped(code: str) -> str:
    """A signed code in groups of five, as people read it aloud."""
    plain, _, check = code.partition("-")
    return " ".join(plain[at : at + 5] for at in range(0, len(plain), 5)) + f" {check}"

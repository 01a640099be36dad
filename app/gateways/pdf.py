"""Printed pages: words in Chinese, lines and codes at their place, the same bytes for the same page.

The face is Noto Sans SC (OFL) out of the package `justmytype-intl-cjk`. It is a variable font whose default is Thin, so
its regular weight is cut for each document from the signs that stand in it: 0.3 s for a page of labels, where the whole
face takes 23 s and 10 MB. So every sign that it has prints, rare names too, and nothing has to be kept or guarded.
"""

from __future__ import annotations

import io
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from importlib.resources import files

from fontTools import subset
from fontTools.ttLib import TTFont
from fontTools.varLib import instancer
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.ttfonts import TTFont as Face
from reportlab.pdfgen.canvas import Canvas

_PACKAGE = "justmytype_intl_cjk"
_FILE = "fonts/ofl/notosanssc/NotoSansSC[wght].ttf"
_REGULAR = 400
_UNUSED_TABLES = ("GSUB", "GPOS", "GDEF", "BASE", "vhea", "vmtx", "VORG", "HVAR", "VVAR", "MVAR", "STAT")
_POINTS_PER_TENTH = 72 / 254
_CUT = "…"
_NAME = "NotoSansSC"
_alone = threading.Lock()


@dataclass(frozen=True, slots=True)
class Words:
    """A line of text whose baseline begins at (x, y); cut with … where it would be wider than `most`."""

    x: int
    y: int
    text: str
    size: int
    most: int


@dataclass(frozen=True, slots=True)
class Code:
    """Dark modules in rows, filling a square whose upper left corner is (x, y)."""

    x: int
    y: int
    side: int
    modules: Sequence[Sequence[bool]]


@dataclass(frozen=True, slots=True)
class Frame:
    """A thin frame with its upper left corner at (x, y)."""

    x: int
    y: int
    width: int
    height: int


Mark = Words | Code | Frame


@dataclass(slots=True)
class Document:
    """Pages of one size. Everything is measured in tenths of a millimetre, from the upper left corner."""

    width: int
    height: int
    title: str
    pages: list[list[Mark]] = field(default_factory=list)

    def page(self, marks: Sequence[Mark]) -> None:
        """A further page."""
        self.pages.append(list(marks))

    def content(self) -> bytes:
        """The PDF, equal for equal pages."""
        said = {sign for page in self.pages for mark in page if isinstance(mark, Words) for sign in mark.text}
        face = Face(_NAME, io.BytesIO(regular(said | {_CUT})))
        with _registered(face):
            return self._drawn(face)

    def _drawn(self, face: Face) -> bytes:
        out = io.BytesIO()
        size = (self.width * _POINTS_PER_TENTH, self.height * _POINTS_PER_TENTH)
        canvas = Canvas(out, pagesize=size, invariant=1, pageCompression=1)
        canvas.setTitle(self.title)
        for page in self.pages:
            for mark in page:
                self._draw(canvas, mark, face)
            canvas.showPage()
        canvas.save()
        return out.getvalue()

    def _draw(self, canvas: Canvas, mark: Mark, face: Face) -> None:
        match mark:
            case Words(x, y, text, size, most):
                canvas.setFont(face.fontName, size * _POINTS_PER_TENTH)
                canvas.drawString(x * _POINTS_PER_TENTH, self._up(y), _fitted(face, text, size, most))
            case Code(x, y, side, modules):
                self._draw_code(canvas, x, y, side, modules)
            case Frame(x, y, width, height):
                canvas.setLineWidth(0.5)
                canvas.rect(
                    x * _POINTS_PER_TENTH, self._up(y + height), width * _POINTS_PER_TENTH, height * _POINTS_PER_TENTH
                )

    def _draw_code(self, canvas: Canvas, x: int, y: int, side: int, modules: Sequence[Sequence[bool]]) -> None:
        one = side * _POINTS_PER_TENTH / len(modules)
        path = canvas.beginPath()
        for down, row in enumerate(modules):
            for at, dark in enumerate(row):
                if dark:
                    path.rect(x * _POINTS_PER_TENTH + at * one, self._up(y) - (down + 1) * one, one, one)
        canvas.drawPath(path, stroke=0, fill=1)

    def _up(self, y: int) -> float:
        return (self.height - y) * _POINTS_PER_TENTH


def _fitted(face: Face, text: str, size: int, most: int) -> str:
    if face.stringWidth(text, size) <= most:
        return text
    while text and face.stringWidth(text + _CUT, size) > most:
        text = text[:-1]
    return text + _CUT


@contextmanager
def _registered(face: Face) -> Iterator[None]:
    """Inside, reportlab knows the face by its name; it has one register for the whole process, and no way out of it."""
    with _alone:
        pdfmetrics.registerFont(face)
        try:
            yield
        finally:
            pdfmetrics._fonts.pop(face.fontName, None)
            pdfmetrics._dynFaceNames.pop(face.face.name, None)


def regular(signs: set[str]) -> bytes:
    """The regular weight of the face as a TrueType file with these signs alone; a sign that it lacks is left out."""
    options = subset.Options()
    options.layout_features = []
    options.drop_tables += _UNUSED_TABLES
    options.hinting = False
    options.notdef_outline = True
    options.ignore_missing_unicodes = True
    font: TTFont = subset.load_font(str(files(_PACKAGE) / _FILE), options, lazy=True)
    with font:
        cutter = subset.Subsetter(options)
        cutter.populate(unicodes=sorted(ord(sign) for sign in signs))
        cutter.subset(font)
        instancer.instantiateVariableFont(font, {"wght": _REGULAR}, inplace=True, optimize=False)
        font.recalcTimestamp = False
        out = io.BytesIO()
        font.save(out)
    return out.getvalue()

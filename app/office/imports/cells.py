"""Reading one cell: full-width digits, commas, Chinese dates; a clear sentence for what has no one meaning."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Mapping
from datetime import date
from typing import TypeVar

from app.gateways.sheets import Cell, Sort
from app.kernel.money import Money
from app.kernel.numbers import NotWhole, fixed_point, whole_number
from app.kernel.weight import Weight
from app.office.imports.errors import CellChoice, CellDay, CellMissing, CellNumber, CellRough, CellTooLong
from app.people.accounts import wording

T = TypeVar("T")
_GROUPED = re.compile(r"[0-9]{1,3}(,[0-9]{3})+(\.[0-9]+)?", re.ASCII)
_NUMBER = re.compile(r"[0-9]+(\.[0-9]+)?", re.ASCII)
_DAY = re.compile(r"([0-9]{4})(?:-|/|\.|年)([0-9]{1,2})(?:-|/|\.|月)([0-9]{1,2})(?:日|号)?", re.ASCII)
_POWER = re.compile(r"[0-9](\.[0-9]+)?E\+?[0-9]{2,}", re.ASCII | re.IGNORECASE)
RISKY = tuple("=+-@\t\r＝＋－＠")
_SHOWN_CHOICES = 12


def unmarked(text: str) -> str:
    """The text without the apostrophe by which an export keeps a formula from being one."""
    return text[1:] if text.startswith("'") and text[1:].lstrip().startswith(RISKY) else text


def words(most: int, *, least: int = 1) -> Callable[[Cell], str]:
    """One line of text, as typed but for what cannot be seen."""

    def parse(cell: Cell) -> str:
        text = wording.plain(unmarked(cell.text))
        if len(text) > most:
            raise CellTooLong(most=most, found=len(text))
        if len(text) < least:
            raise CellMissing()
        return text

    return parse


def paragraphs(most: int) -> Callable[[Cell], str]:
    """Several lines of text."""

    def parse(cell: Cell) -> str:
        lines = [wording.plain(line) for line in unmarked(cell.text).splitlines()]
        text = "\n".join(lines).strip()
        if len(text) > most:
            raise CellTooLong(most=most, found=len(text))
        return text

    return parse


def name(most: int) -> Callable[[Cell], str]:
    """What somebody calls a thing of his: one line, compared without regard to width and case."""
    line = words(most)

    def parse(cell: Cell) -> str:
        exact(cell)
        return unicodedata.normalize("NFKC", line(cell)).upper()

    return parse


def exact(cell: Cell) -> str:
    """The text of a column of numbers that are names: never one that a table program has rounded."""
    if cell.sort is Sort.ROUGH or _POWER.fullmatch(_plain(cell.text)):
        raise CellRough(text=cell.text[:20])
    return cell.text


def _plain(text: str) -> str:
    return unicodedata.normalize("NFKC", text).strip()


def digits(cell: Cell) -> str:
    """A number in plain digits: full-width ones and grouping commas are understood."""
    text = _plain(cell.text)
    if _GROUPED.fullmatch(text):
        text = text.replace(",", "")
    if cell.sort is Sort.ROUGH or _NUMBER.fullmatch(text) is None:
        raise CellNumber()
    return text


def whole(least: int, most: int) -> Callable[[Cell], int]:
    """A whole number within limits."""

    def parse(cell: Cell) -> int:
        text = digits(cell)
        if "." in text and text.rpartition(".")[2].strip("0"):
            raise NotWhole(least=least, most=most)
        return whole_number(text.partition(".")[0], least=least, most=most)

    return parse


def money(most: Money) -> Callable[[Cell], Money]:
    """Yuan above zero."""

    def parse(cell: Cell) -> Money:
        amount = Money.parse(digits(cell))
        if not amount or amount > most:
            raise CellNumber()
        return amount

    return parse


def jin(most: Weight) -> Callable[[Cell], Weight]:
    """Jin above zero."""

    def parse(cell: Cell) -> Weight:
        # Three decimals of a jin are exact to the gram, of which each is 0.002.
        thousandths = fixed_point(digits(cell), decimals=3, most=2 * most.grams)
        if thousandths % 2:
            raise CellNumber()
        weight = Weight(thousandths // 2)
        if not weight or weight > most:
            raise CellNumber()
        return weight

    return parse


def day(cell: Cell) -> date:
    """A day, as the table knows it or as people write it."""
    match = _DAY.fullmatch("".join(_plain(cell.text).split()))
    if cell.sort not in (Sort.TEXT, Sort.DATE) or match is None:
        raise CellDay()
    try:
        return date(*(int(part) for part in match.groups()))
    except ValueError as error:
        raise CellDay() from error


def choice(names: Callable[[], Mapping[str, T]]) -> Callable[[Cell], T]:
    """One of the names that there are, and what it stands for."""

    def parse(cell: Cell) -> T:
        known = names()
        text = wording.plain(unmarked(cell.text))
        if text not in known:
            raise CellChoice(text=text[:20], choices="、".join(list(known)[:_SHOWN_CHOICES]))
        return known[text]

    return parse

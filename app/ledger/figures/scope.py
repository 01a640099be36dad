"""What a figure is asked for: which days, which townships, as the books stood at which seal."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from app.ledger.books.models import Seal


class FigureUnit(StrEnum):
    """In what a figure is counted, always whole."""

    FEN = "fen"
    GRAM = "g"
    COUNT = "count"


@dataclass(frozen=True, slots=True)
class Span:
    """Days from `first` (None: since the books began) to `last`, both included."""

    first: date | None
    last: date


@dataclass(frozen=True, slots=True)
class Scope:
    """A range of effective days, the townships by code (None: the whole county), and the books up to a seal.

    A figure of what there is (`is_stock`) takes everything up to the last day, whatever the first. Without a seal the
    books are taken as they stand now.
    """

    span: Span
    townships: frozenset[str] | None = None
    seal: Seal | None = None


@dataclass(frozen=True, slots=True)
class Entry:
    """One of the amounts that add up to a figure; it names no person and no thing.

    `number` is the ledger event, None in a register; a reversal takes back an earlier entry.
    """

    day: date
    township: str
    kind: str
    amount: int
    number: int | None = None
    is_reversal: bool = False

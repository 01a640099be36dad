"""A figure: one filter that gives the sum, its parts and its entries, so that they cannot differ."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    Date,
    SQLColumnExpression,
    String,
    column,
    func,
    literal,
    select,
    tuple_,
    union_all,
)

from app.kernel.db import AnySelect, session
from app.kernel.paging import BadCursor, Key, Page, decode, encode
from app.ledger.books.models import Watermark
from app.ledger.figures.scope import Entry, FigureUnit, Scope

ENTRIES_PER_PAGE = 50
_ORDER = (
    Key(column("day"), of=lambda row: int(row.day.toordinal()), descending=True),
    Key(column("id"), of=lambda row: int(row.id), descending=True),
)


@dataclass(frozen=True, kw_only=True)
class Figure(ABC):
    """A number that opens. `words` tell people how it is computed; the key is its public name.

    `is_stock`: what there is at the end of a day, rather than what moved within a range of days. `classifier` is the
    measure word that follows a count, such as 户.
    """

    key: str
    title: str
    words: str
    unit: FigureUnit
    is_stock: bool = False
    classifier: str = ""

    @abstractmethod
    def moved(self, scope: Scope, *, fed_upto: int) -> AnySelect:
        """Rows (township, day, amount) that add up to the figure; not one per entry, so the sum is quick.

        `fed_upto` is the watermark of the daily sums, read before.
        """

    @abstractmethod
    def listed(self, scope: Scope, *, before: tuple[date, int] | None, limit: int | None) -> AnySelect:
        """The entries, newest first, as (day, id, township, kind, amount, number, is_reversal)."""

    @abstractmethod
    def kind_words(self, kind: str) -> str:
        """What people read for the kind of an entry."""

    def total(self, scope: Scope) -> int:
        """The figure, in its unit."""
        return totals([self], scope)[self.key]

    def by_township(self, scope: Scope) -> dict[str, int]:
        """Township code as it stands in the books → its part; parts add up to the total."""
        return by_township([self], scope)[self.key]

    def by_day(self, scope: Scope) -> dict[date, int]:
        """Day → what moved on it, in order; days on which nothing did are left out."""
        moved = self.moved(scope, fed_upto=_fed_upto()).subquery()
        amount = func.sum(moved.c.amount)
        rows = session().execute(select(moved.c.day, amount).group_by(moved.c.day).order_by(moved.c.day))
        return {day: int(value) for day, value in rows if value}

    def entries(self, scope: Scope, *, after: str | None = None, size: int = ENTRIES_PER_PAGE) -> Page[Entry]:
        """A page of the amounts that add up to the total, newest first. Raises `BadCursor`."""
        before = _place(after) if after else None
        rows = session().execute(self.listed(scope, before=before, limit=size + 1)).all()
        shown = [
            Entry(row.day, row.township, self.kind_words(row.kind), int(row.amount), row.number, bool(row.is_reversal))
            for row in rows[:size]
        ]
        last = rows[size - 1] if len(rows) > size else None
        return Page(shown, None if last is None else encode([key.of(last) for key in _ORDER]))

    def pages(self, scope: Scope, *, size: int = 1000) -> Iterator[Page[Entry]]:
        """All entries, newest first, with one page in memory at a time."""
        page = self.entries(scope, size=size)
        yield page
        while page.next_cursor is not None:
            page = self.entries(scope, after=page.next_cursor, size=size)
            yield page


def totals(figures: Sequence[Figure], scope: Scope) -> dict[str, int]:
    """Key → total of each figure, in one statement beside the reading of the watermark."""
    parts = by_township(figures, scope)
    return {key: sum(part.values()) for key, part in parts.items()}


def by_township(figures: Sequence[Figure], scope: Scope) -> dict[str, dict[str, int]]:
    """Key → township code as it stands in the books → part, of several figures in one statement."""
    found: dict[str, dict[str, int]] = {figure.key: {} for figure in figures}
    if not figures:
        return found
    fed_upto = _fed_upto()
    sums = []
    for figure in figures:
        moved = figure.moved(scope, fed_upto=fed_upto).subquery()
        key = literal(figure.key, String).label("key")
        sums.append(select(key, moved.c.township, func.sum(moved.c.amount)).group_by(moved.c.township))
    for key_, township, amount in session().execute(union_all(*sums)):
        if amount:
            found[key_][township] = int(amount)
    return found


def earlier(
    day: SQLColumnExpression[date], number: SQLColumnExpression[int], before: tuple[date, int]
) -> ColumnElement[bool]:
    """Whether (day, number) comes after `before` in a list that shows the newest first."""
    return tuple_(day, number) < tuple_(literal(before[0], Date), literal(before[1], BigInteger))


def _fed_upto() -> int:
    return session().scalar(select(Watermark.event_id)) or 0


def _place(cursor: str) -> tuple[date, int]:
    ordinal, number = decode(cursor, _ORDER)
    if not isinstance(ordinal, int) or not isinstance(number, int):
        raise BadCursor()
    try:
        return date.fromordinal(ordinal), number
    except (ValueError, OverflowError) as error:
        raise BadCursor() from error

"""What the boards show: the county by township, a township by week, a figure by entry."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from datetime import date, timedelta

from flask import url_for
from flask_babel import gettext as _

from app.insight.boards import words
from app.insight.boards.figures import COUNTY, HEADLINE, TOWNSHIP
from app.insight.boards.places import NOWHERE, Place, Places
from app.kernel import clock
from app.kernel.paging import Page
from app.ledger import figures
from app.ledger.books import queries as books
from app.ledger.figures import Entry, Figure, LedgerFigure, Scope, Span
from app.trade.stock.figures import SOLD_WEIGHT

NOWHERE_NAME = "未记乡镇"
WEEKS = 26


@dataclass(frozen=True, slots=True)
class Cell:
    """A figure with its value, in the figure's unit."""

    figure: Figure
    value: int


@dataclass(frozen=True, slots=True)
class Row:
    """One place's cells, in the order of the board's figures."""

    place: Place
    cells: list[Cell]


@dataclass(frozen=True, slots=True)
class Board:
    """The county: a row for every present township; `total` is the sum of the rows."""

    span: Span
    rows: list[Row]
    total: list[Cell]
    sealed_on: date | None


@dataclass(frozen=True, slots=True)
class Week:
    """What was sold from `first` to `last`, a week or what the asked days leave of it."""

    first: date
    last: date
    value: int


@dataclass(frozen=True, slots=True)
class TownshipBoard:
    """One township: its figures, and the weeks up to the last one in which something was sold."""

    place: Place
    span: Span
    cells: list[Cell]
    weeks: list[Week]
    sealed_on: date | None
    sold: Figure = SOLD_WEIGHT

    @property
    def weeks_sum(self) -> int:
        """What these weeks sold together."""
        return sum(week.value for week in self.weeks)


@dataclass(frozen=True, slots=True)
class Opened:
    """A figure and a page of the entries that add up to it."""

    figure: Figure
    place: Place | None
    span: Span
    total: int
    page: Page[Entry]
    names: dict[str, str]
    sealed_on: date | None

    @property
    def has_numbers(self) -> bool:
        """Whether the entries stand in the ledger, which numbers them."""
        return isinstance(self.figure, LedgerFigure)


@dataclass(frozen=True, slots=True)
class Headline:
    """A figure for the home page, and where it opens."""

    label: str
    value: int
    text: str
    url: str


def county(span: Span) -> Board:
    """The board of the county, in a number of queries that does not grow with it."""
    places = Places.read()
    parts = figures.by_township(COUNTY, Scope(span))
    folded = {key: places.folded(part) for key, part in parts.items()}
    shown = places.present()
    if any(NOWHERE in part for part in folded.values()):
        shown.append(Place(NOWHERE, NOWHERE_NAME))
    rows = [Row(one, [Cell(figure, folded[figure.key].get(one.code, 0)) for figure in COUNTY]) for one in shown]
    total = [Cell(figure, sum(row.cells[n].value for row in rows)) for n, figure in enumerate(COUNTY)]
    return Board(span, rows, total, sealed_on())


def township(places: Places, place: Place, span: Span) -> TownshipBoard:
    """One township of the present."""
    scope = Scope(span, places.codes(place))
    totals = figures.totals(TOWNSHIP, scope)
    cells = [Cell(figure, totals[figure.key]) for figure in TOWNSHIP]
    return TownshipBoard(place, span, cells, _weeks(SOLD_WEIGHT.by_day(scope), span), sealed_on())


def opened(places: Places, figure: Figure, *, code: str, span: Span, after: str | None) -> Opened:
    """A figure opened for a place (any code of it; '' for the county). Raises `NotFound`, `BadCursor`."""
    place, scope = scope_of(places, figure, code=code, span=span)
    page = figure.entries(scope, after=after)
    return Opened(figure, place, span, figure.total(scope), page, places.names, sealed_on())


def scope_of(places: Places, figure: Figure, *, code: str, span: Span) -> tuple[Place | None, Scope]:
    """The place that the code means now, and the scope with every code that it ever had. Raises `NotFound`."""
    if not code:
        return None, Scope(span)
    if code == NOWHERE:
        unknown = figure.by_township(Scope(span)).keys() - places.now_under.keys()
        return Place(NOWHERE, NOWHERE_NAME), Scope(span, frozenset(unknown))
    place = places.now(code)
    return place, Scope(span, places.codes(place))


def headline() -> list[Headline]:
    """The county's figures up to today for the home page, in two queries."""
    today = clock.today()
    totals = figures.totals(HEADLINE, Scope(Span(None, today)))
    return [
        Headline(
            str(_(figure.title)),
            totals[figure.key],
            words.brief(figure, totals[figure.key]),
            url_for("county.figure", key=figure.key, to=today.isoformat()),
        )
        for figure in HEADLINE
    ]


def sealed_on() -> date | None:
    """Up to which day the books are sealed."""
    seal = books.latest_seal()
    return seal.day if seal else None


def _weeks(days: dict[date, int], span: Span) -> list[Week]:
    if not days:
        return []
    sums: dict[date, int] = defaultdict(int)
    for day, amount in days.items():
        sums[_monday(day)] += amount
    newest = max(sums)
    oldest = max(min(sums), newest - timedelta(weeks=WEEKS - 1))
    mondays = [oldest + timedelta(weeks=n) for n in range((newest - oldest).days // 7 + 1)]
    return [_week(monday, sums[monday], span) for monday in mondays]


def _week(monday: date, value: int, span: Span) -> Week:
    first = max(monday, span.first) if span.first else monday
    return Week(first, min(monday + timedelta(days=6), span.last), value)


def _monday(day: date) -> date:
    return day - timedelta(days=day.weekday())

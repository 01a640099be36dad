"""The county's public board: by township, one township, one figure opened; each also as a table for a spreadsheet."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date
from typing import Any
from urllib.parse import quote

from flask import Blueprint, Response, redirect, render_template, request, stream_with_context, url_for
from flask.typing import ResponseReturnValue

from app.insight.boards import forms, queries, tables, words
from app.insight.boards.panels import ON_COUNTY
from app.insight.boards.places import Place, Places
from app.kernel import clock
from app.kernel.errors import BadValue
from app.ledger import figures
from app.ledger.figures import Entry, Figure, Span
from app.trade.stock.figures import SOLD_WEIGHT
from app.web import csvs
from app.web.guards import public
from app.web.words import sentence_of

bp = Blueprint("county", __name__)


@bp.app_template_filter("brief")
def _brief(value: int, figure: Figure) -> str:
    return words.brief(figure, value)


@bp.app_template_filter("exact")
def _exact(value: int, figure: Figure) -> str:
    return words.exact(figure, value)


@bp.app_template_filter("entry_kind")
def _entry_kind(entry: Entry) -> str:
    return words.kind(entry)


@dataclass(frozen=True, slots=True)
class Bar:
    """A township in the picture; those that sold nothing are not in it."""

    label: str
    value: int
    text: str
    url: str | None


@dataclass(frozen=True, slots=True)
class Asked:
    """The days that were asked for, or what is wrong with them; and how links to the same days say it."""

    today: date
    span: Span | None
    error: str = ""
    error_at: str = ""
    typed: dict[str, str] = field(default_factory=dict)

    @property
    def days(self) -> dict[str, Any]:
        """The days as arguments of a link."""
        return days(self.span) if self.span else {}

    @property
    def quick(self) -> list[forms.QuickRange]:
        """The ranges that are one tap away."""
        return forms.quick_ranges(self.today)


def days(span: Span) -> dict[str, Any]:
    """A span as arguments of a link."""
    ends = {"to": span.last.isoformat()}
    return {"from": span.first.isoformat(), **ends} if span.first else ends


def _asked() -> Asked:
    today = clock.today()
    typed = {name: request.args.get(name, "")[:40] for name in ("from", "to")}
    try:
        return Asked(today, forms.span_asked(request.args, today=today), typed=typed)
    except BadValue as error:
        return Asked(today, None, sentence_of(error), error.field or "", typed)


@bp.get("/county")
@public
def board() -> ResponseReturnValue:
    """All townships and the county."""
    asked = _asked()
    if asked.span is None:
        return render_template("insight/boards/county.html", asked=asked, board=None, bars=[], panels=[]), 422
    board = queries.county(asked.span)
    shown = ON_COUNTY.of(asked.span.last)
    bars = _bars(board, asked.days)
    return render_template("insight/boards/county.html", asked=asked, board=board, bars=bars, panels=shown)


def _bars(board: queries.Board, days: dict[str, Any]) -> list[Bar]:
    bars = [
        Bar(row.place.name, cell.value, words.brief(cell.figure, cell.value), _township_url(row.place, days))
        for row in board.rows
        for cell in row.cells
        if cell.figure is SOLD_WEIGHT and cell.value > 0
    ]
    return sorted(bars, key=lambda bar: -bar.value)


def _township_url(place: Place, days: dict[str, Any]) -> str | None:
    return url_for("county.township", code=place.code, **days) if place.is_township else None


@bp.get("/county/townships/<code>")
@public
def township(code: str) -> ResponseReturnValue:
    """One township; a retired code leads to the one that took its place."""
    asked, places = _asked(), Places.read()
    place = places.now(code)
    if place.code != code:
        return redirect(url_for("county.township", code=place.code, **asked.days), 301)
    if asked.span is None:
        return render_template("insight/boards/township.html", asked=asked, place=place, board=None), 422
    board = queries.township(places, place, asked.span)
    return render_template("insight/boards/township.html", asked=asked, place=place, board=board)


@bp.get("/county/figures/<key>")
@public
def figure(key: str) -> ResponseReturnValue:
    """A figure with the entries that add up to it; no party, no subject."""
    asked, places, figure = _asked(), Places.read(), figures.get(key)
    values: dict[str, Any] = {"asked": asked, "figure": figure, "places": places.present()}
    if asked.span is None:
        return render_template("insight/boards/figure.html", opened=None, code="", page=Pages(), **values), 422
    after = request.args.get("after")
    opened = queries.opened(places, figure, code=request.args.get("township", ""), span=asked.span, after=after)
    code = opened.place.code if opened.place else ""
    page = _pages(key, {"township": code or None, **asked.days}, after=after, following=opened.page.next_cursor)
    return render_template("insight/boards/figure.html", opened=opened, code=code, page=page, **values)


@dataclass(frozen=True, slots=True)
class Pages:
    """Where the pages beside this one are."""

    next_url: str | None = None
    first_url: str | None = None
    previous_url: None = None


def _pages(key: str, args: dict[str, Any], *, after: str | None, following: str | None) -> Pages:
    # A page is found by the entry before it, so the way back leads to the first.
    first = url_for("county.figure", key=key, **args) if after else None
    following_url = url_for("county.figure", key=key, after=following, **args) if following else None
    return Pages(following_url, first)


@bp.get("/county.csv")
@public
def board_csv() -> ResponseReturnValue:
    """The board for a spreadsheet."""
    span = forms.span_asked(request.args, today=clock.today())
    return _csv(tables.county(queries.county(span)), "柳林红枣一本账", span)


@bp.get("/county/townships/<code>.csv")
@public
def township_csv(code: str) -> ResponseReturnValue:
    """A township's board for a spreadsheet."""
    span = forms.span_asked(request.args, today=clock.today())
    places = Places.read()
    board = queries.township(places, places.now(code), span)
    return _csv(tables.township(board), board.place.name, span)


@bp.get("/county/figures/<key>.csv")
@public
def figure_csv(key: str) -> ResponseReturnValue:
    """All entries of a figure for a spreadsheet, however many."""
    span = forms.span_asked(request.args, today=clock.today())
    places, figure = Places.read(), figures.get(key)
    place, scope = queries.scope_of(places, figure, code=request.args.get("township", ""), span=span)
    return _csv(tables.entries(figure, scope, places.names), (place.name if place else "") + figure.title, span)


def _csv(rows: Iterable[list[csvs.Cell]], title: str, span: Span) -> Response:
    response = Response(stream_with_context(csvs.written(rows)), content_type="text/csv; charset=utf-8")
    until = span.last.isoformat()
    response.headers["Content-Disposition"] = (
        f"attachment; filename=\"liulin-{until}.csv\"; filename*=UTF-8''{quote(f'{title}-{until}.csv')}"
    )
    return response

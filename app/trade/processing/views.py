"""The public balance of the mark of origin: local fruit that came in, what was packed under the mark, what is left."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from flask import Blueprint, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from app.kernel import clock
from app.kernel.weight import Weight
from app.ledger import figures
from app.ledger.figures import Scope, Span
from app.people.townships import queries as townships
from app.trade.catalog import mark
from app.trade.processing.figures import BALANCE, LOCAL_IN, LOCAL_LEFT, MARKED_WEIGHT
from app.web.guards import public
from app.web.ready import ready

bp = Blueprint("mark", __name__)
_YEARS = 2


@dataclass(frozen=True, slots=True)
class Cell:
    """A figure of the balance with the address at which its entries stand."""

    title: str
    value: Weight
    url: str


@dataclass(frozen=True, slots=True)
class Line:
    """One township, or the county, over one span of days."""

    name: str
    cells: list[Cell]


@dataclass(frozen=True, slots=True)
class Year:
    """One year: the county, then its townships that have anything to show."""

    year: int
    whole: Line
    townships: list[Line]


@bp.get("/mark")
@public
@ready
def balance() -> ResponseReturnValue:
    """Anybody can see that no more was packed under the mark than local fruit came in."""
    today = clock.today()
    names = {one.code: one.name for one in townships.present()}
    now_under = townships.present_codes()
    so_far = figures.totals(BALANCE, Scope(Span(None, today)))
    return render_template(
        "trade/processing/mark.html",
        name=mark.NAME,
        number=mark.NUMBER,
        whole=_line(_("到今天为止"), so_far, Span(None, today), ""),
        came=Weight(so_far[LOCAL_IN.key]),
        used=Weight(so_far[MARKED_WEIGHT.key]),
        left=Weight(so_far[LOCAL_LEFT.key]),
        years=[_year(today.year - n, today, names, now_under) for n in range(_YEARS)],
        users=[one for one in mark.listed() if one.is_in_force],
    )


def _year(year: int, today: date, names: Mapping[str, str], now_under: Mapping[str, str]) -> Year:
    span = Span(date(year, 1, 1), min(today, date(year, 12, 31)))
    parts = figures.by_township(BALANCE, Scope(span))
    folded: dict[str, dict[str, int]] = {}
    for key, amounts in parts.items():
        for code, amount in amounts.items():
            row = folded.setdefault(now_under.get(code, code), {})
            row[key] = row.get(key, 0) + amount
    whole = {figure.key: sum(parts[figure.key].values()) for figure in BALANCE}
    lines = [_line(names.get(code, code), row, span, code) for code, row in sorted(folded.items()) if any(row.values())]
    return Year(year, _line(_("全县"), whole, span, ""), lines)


def _line(name: str, amounts: Mapping[str, int], span: Span, code: str) -> Line:
    asked: dict[str, Any] = {"to": span.last.isoformat()}
    if span.first is not None:
        asked["from"] = span.first.isoformat()
    if code:
        asked["township"] = code
    return Line(
        name,
        [
            Cell(
                _(figure.title),
                Weight(amounts.get(figure.key, 0)),
                url_for("county.figure", key=figure.key, **asked),
            )
            for figure in BALANCE
        ],
    )

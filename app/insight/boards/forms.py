"""The days that a visitor of the board asks for."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from app.kernel.errors import BadValue
from app.ledger.figures import Span

SEASON_BEGINS = 9
_DAY = re.compile(r"(\d{4})(?:[-/.年](\d{1,2})[-/.月](\d{1,2})日?|(\d{2})(\d{2}))", re.ASCII)
_YEARS = range(2000, 2100)


class BadDay(BadValue):
    """The text is not a day of the calendar between 2000 and 2099."""

    code = "bad_day"
    sentence = "日期不对，请写成 2016-01-24 这样，月和日都要有。"


class EndsBeforeItBegins(BadValue):
    """The last day lies before the first."""

    code = "ends_before_it_begins"
    sentence = "开始的日子不能晚于结束的日子，请改一下。"


@dataclass(frozen=True, slots=True)
class QuickRange:
    """A range that is one tap away."""

    label: str
    first: date | None
    last: date


def span_asked(args: Mapping[str, str], *, today: date) -> Span:
    """The days from `from` to `to`; without them everything up to today.

    Raises `BadDay` and `EndsBeforeItBegins`, with the field.
    """
    first = _day(args.get("from", ""), field="from")
    last = _day(args.get("to", ""), field="to") or max(today, first or today)
    if first is not None and first > last:
        raise EndsBeforeItBegins(field="from")
    return Span(first, last)


def quick_ranges(today: date) -> list[QuickRange]:
    """This month, this selling season (it begins with September), everything."""
    year = today.year if today.month >= SEASON_BEGINS else today.year - 1
    return [
        QuickRange("全部", None, today),
        QuickRange("本产季", date(year, SEASON_BEGINS, 1), today),
        QuickRange("本月", today.replace(day=1), today),
    ]


def _day(text: str, *, field: str) -> date | None:
    plain = unicodedata.normalize("NFKC", text[:40]).strip()
    if not plain:
        return None
    match = _DAY.fullmatch(plain)
    if match is None:
        raise BadDay(field=field)
    year, month, day = (int(part) for part in match.groups() if part is not None)
    try:
        found = date(year, month, day)
    except ValueError as error:
        raise BadDay(field=field) from error
    if year not in _YEARS:
        raise BadDay(field=field)
    return found

"""The radar in public: what waits for buyers, village by village."""

from __future__ import annotations

from dataclasses import dataclass

from flask import Blueprint, render_template
from flask.typing import ResponseReturnValue

from app.insight.radar import queries
from app.insight.radar.festival import next_dragon_boat
from app.insight.radar.links import place_names, stock_url
from app.insight.radar.queries import Village
from app.kernel import cache, clock
from app.kernel.weight import Weight
from app.web import filters
from app.web.guards import public
from app.web.ready import ready

bp = Blueprint("radar", __name__)
_SECONDS = 60


@bp.app_template_filter("grams")
def _grams(value: int) -> str:
    return filters.weight(Weight(value))


@dataclass(frozen=True, slots=True)
class Bar:
    """A village in the picture, by what lies in store."""

    label: str
    value: int
    text: str
    url: None = None


@bp.get("/county/radar")
@public
@ready
def villages() -> ResponseReturnValue:
    """Villages with few sellers are one line, so that nobody can be told apart and sums still agree."""
    day, names = clock.today(), place_names()
    found = cache.kept("radar.villages", lambda: queries.by_village(queries.holdings()), seconds=_SECONDS)
    return render_template(
        "insight/radar/county.html",
        festival=next_dragon_boat(day),
        days_left=(next_dragon_boat(day) - day).days,
        rows=[(names.get(one.township, ""), one) for one in found],
        bars=[_bar(one) for one in found if one.name],
        whole=queries.together(found),
        fewest=queries.FEWEST,
        stock_url=stock_url("", day),
    )


def _bar(one: Village) -> Bar:
    return Bar(one.name, one.outlook.grams, filters.weight(Weight(one.outlook.grams)))

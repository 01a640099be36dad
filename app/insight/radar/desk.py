"""The radar at the desk: whose fruit will not be sold in time, seller by seller, in the townships of the official."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any
from urllib.parse import quote

from flask import Blueprint, Response, render_template, request, stream_with_context, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from app.insight.radar import queries
from app.insight.radar.festival import next_dragon_boat
from app.insight.radar.links import place_names, stock_url
from app.insight.radar.outlook import Outlook
from app.insight.radar.permissions import RADAR_READ
from app.insight.radar.queries import Holding
from app.kernel import clock
from app.kernel.errors import NotFound
from app.kernel.weight import GRAMS_PER_JIN, decimal_text
from app.people.accounts import queries as accounts
from app.people.growers.permissions import GROWERS_READ
from app.people.townships import queries as townships
from app.web.csvs import Cell, written
from app.web.guards import require, viewer

bp = Blueprint("radar_desk", __name__, url_prefix="/desk")
SHOWN = 50


@dataclass(frozen=True, slots=True)
class Choice:
    """A filter that is one tap away."""

    label: str
    url: str
    is_current: bool


@dataclass(frozen=True, slots=True)
class Row:
    """A seller as the radar shows him."""

    name: str
    url: str | None
    phone: str
    township: str
    village: str
    outlook: Outlook


@dataclass(frozen=True, slots=True)
class Asked:
    """What an official asked for: the holdings of the place, and those of them that the village leaves."""

    code: str
    village: str
    everywhere: list[Holding]

    @property
    def found(self) -> list[Holding]:
        """Whom to help first first."""
        return [one for one in self.everywhere if not self.village or one.village == self.village]

    def link(self, endpoint: str, **other: str) -> str:
        """The same question at another address, or with another answer."""
        asked: dict[str, Any] = {"township": self.code, "village": self.village, **other}
        return url_for(endpoint, **{name: value for name, value in asked.items() if value})


@bp.get("/radar")
@require(RADAR_READ)
def index() -> ResponseReturnValue:
    """Whom to help first, in the townships that he may see; of one township or village, if he asks."""
    asked, day, names = _asked(), clock.today(), place_names()
    found = asked.found
    own = viewer().townships(RADAR_READ)
    is_whole = not asked.village and (bool(asked.code) or own is None)
    return render_template(
        "insight/radar/desk.html",
        festival=next_dragon_boat(day),
        days_left=(next_dragon_boat(day) - day).days,
        rows=_rows(found[:SHOWN], names),
        count=len(found),
        grams=sum(one.outlook.grams for one in found),
        at_risk=sum(one.outlook.at_risk for one in found),
        places=_places(asked, names, own),
        villages=_villages(asked),
        csv_url=asked.link("radar_desk.table"),
        stock_url=stock_url(asked.code, day) if is_whole else None,
    )


@bp.get("/radar.csv")
@require(RADAR_READ)
def table() -> ResponseReturnValue:
    """The same list whole, for a spreadsheet, without telephones."""
    asked, day, names = _asked(), clock.today().isoformat(), place_names()
    title = quote(_("%(place)s待卖雷达-%(day)s.csv", place=names.get(asked.code, ""), day=day))
    rows = list(_cells(asked.found, names))
    response = Response(stream_with_context(written(rows)), content_type="text/csv; charset=utf-8")
    response.headers["Content-Disposition"] = f"attachment; filename=\"radar-{day}.csv\"; filename*=UTF-8''{title}"
    response.headers["Cache-Control"] = "no-store"
    return response


def _asked() -> Asked:
    """Raises `NotFound` for a township that is none, or not his."""
    code, village = request.args.get("township", "")[:12], request.args.get("village", "")[:40]
    own = viewer().townships(RADAR_READ)
    scope = None if own is None else townships.lineages(own)
    if code:
        if code not in place_names() or (scope is not None and code not in scope):
            raise NotFound()
        scope = townships.lineage(code)
    return Asked(code, village, queries.holdings(townships_in=scope))


def _places(asked: Asked, names: Mapping[str, str], own: frozenset[str] | None) -> list[Choice]:
    his = None if own is None else townships.lineages(own)
    every = Choice(_("全部乡镇"), asked.link("radar_desk.index", township="", village=""), not asked.code)
    return [every] + [
        Choice(name, asked.link("radar_desk.index", township=code, village=""), code == asked.code)
        for code, name in names.items()
        if his is None or code in his
    ]


def _villages(asked: Asked) -> list[Choice]:
    """The villages of one township; of all townships there are too many."""
    if not asked.code:
        return []
    names = sorted({one.village for one in asked.everywhere} - {""})
    every = Choice(_("全部村"), asked.link("radar_desk.index", village=""), not asked.village)
    return [every] + [Choice(one, asked.link("radar_desk.index", village=one), one == asked.village) for one in names]


def _rows(found: Sequence[Holding], names: Mapping[str, str]) -> list[Row]:
    people = queries.contacts([one.seller_id for one in found])
    now_under = townships.present_codes()
    may_open = viewer().may(GROWERS_READ)
    rows = []
    for one in found:
        seller, person = people[one.seller_id]
        url = url_for("growers_desk.show", seller_id=seller.id) if may_open else None
        township = names.get(now_under.get(one.township, ""), "")
        rows.append(Row(seller.name, url, accounts.masked_phone(person), township, one.village, one.outlook))
    return rows


def _cells(found: Sequence[Holding], names: Mapping[str, str]) -> Iterator[list[Cell]]:
    yield [
        _("卖家"),
        _("乡镇"),
        _("村"),
        _("在库（斤）"),
        _("近30天卖出（斤）"),
        _("还要几天"),
        _("端午还剩（斤）"),
        _("会过期（斤）"),
        _("最早入库几天了"),
        _("最早到期"),
    ]
    people = queries.contacts([one.seller_id for one in found])
    now_under = townships.present_codes()
    for one in found:
        own = one.outlook
        yield [
            people[one.seller_id][0].name,
            names.get(now_under.get(one.township, ""), ""),
            one.village,
            _jin(own.grams),
            _jin(own.sold),
            "" if own.days is None else Decimal(own.days),
            _jin(own.left),
            _jin(own.spoilt),
            Decimal(own.oldest),
            own.first_ends.isoformat() if own.first_ends else "",
        ]


def _jin(grams: int) -> Decimal:
    return Decimal(decimal_text(grams, GRAMS_PER_JIN))

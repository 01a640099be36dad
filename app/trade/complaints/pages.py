"""Complaints as pages show them: who holds one now and until when, and all that was said."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from flask_babel import gettext as _

from app.kernel import clock
from app.trade.complaints import queries
from app.trade.complaints.models import Complaint, Photo
from app.trade.complaints.queries import Listed, Said
from app.trade.complaints.states import OPEN, ComplaintState, Side


@dataclass(frozen=True, slots=True)
class Turn:
    """Whose turn it is: the state by the clock, who holds it, until when, and whether that is over."""

    state: ComplaintState
    holder: Side | None
    until: datetime | None
    is_overdue: bool

    @property
    def is_open(self) -> bool:
        """Whether anything can still be said."""
        return self.state in OPEN


@dataclass(frozen=True, slots=True)
class Row:
    """A complaint in a list."""

    complaint: Complaint
    order_number: str
    seller_name: str
    turn: Turn


@dataclass(frozen=True, slots=True)
class Shown:
    """A complaint on its own page."""

    complaint: Complaint
    order_number: str
    seller_name: str
    turn: Turn
    thread: list[Said]
    photos: list[Photo]


def turn_of(one: Complaint) -> Turn:
    """Whose turn it is now."""
    moment = clock.now()
    return Turn(one.state_at(moment), one.holder_at(moment), one.until_at(moment), one.is_overdue(moment))


def row_of(one: Listed) -> Row:
    """A line of a list."""
    return Row(one.complaint, one.order_number, one.seller_name, turn_of(one.complaint))


def shown(one: Complaint) -> Shown:
    """All of a complaint that its reader was allowed to open."""
    named = queries.listed(one)
    return Shown(
        one,
        named.order_number,
        named.seller_name,
        turn_of(one),
        queries.thread_of(one),
        list(queries.photos_of(one)),
    )


def holder_words(turn: Turn, *, reader: Side | None) -> str:
    """Who is to act now, said to whoever reads (None: to one who only reads); empty once it has ended."""
    if turn.holder is None:
        return ""
    if turn.holder is reader:
        return {
            Side.SELLER: _("现在等您答复"),
            Side.BUYER: _("现在等您说满意不满意"),
        }.get(reader, _("现在等您处理"))
    return {
        Side.SELLER: _("现在等卖家答复"),
        Side.BUYER: _("现在等买家说满意不满意"),
        Side.TOWNSHIP: _("现在等乡镇处理"),
        Side.COUNTY: _("乡镇过了期限，县里可以办"),
    }[turn.holder]

"""Statements as pages show them, to sellers and to officials."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from flask import url_for
from flask_babel import gettext as _

from app.kernel import clock
from app.kernel.money import ZERO, Money
from app.kernel.weight import decimal_text
from app.ledger.figures.registry import words_of
from app.office.payouts.models import Payout
from app.office.payouts.states import PayoutState
from app.people.accounts import queries as people
from app.trade.settlements import queries
from app.trade.settlements.models import Statement
from app.trade.settlements.queries import EntryRow
from app.trade.settlements.states import Line


@dataclass(frozen=True, slots=True)
class ShownLine:
    """A line of a statement with the way to its entries; empty where there are none to open."""

    words: str
    amount: Money
    url: str


@dataclass(frozen=True, slots=True)
class OnItsWay:
    """How far a payout is, in the payee's words; `tone` as badges have it."""

    words: str
    tone: str


_ON_ITS_WAY = {
    PayoutState.HELD: OnItsWay("等着打款", "info"),
    PayoutState.EXPORTED: OnItsWay("银行正在办", "info"),
    PayoutState.PAID: OnItsWay("已到账", "good"),
    PayoutState.FAILED: OnItsWay("没打成", "bad"),
    PayoutState.WITHHELD: OnItsWay("没打成", "bad"),
    PayoutState.RETURNED: OnItsWay("银行退回来了", "bad"),
}


def on_its_way(payout: Payout | None) -> OnItsWay | None:
    """What the payee reads of his payout."""
    if payout is None:
        return None
    found = _ON_ITS_WAY[payout.state]
    return OnItsWay(_(found.words), found.tone)


@dataclass(frozen=True, slots=True)
class Reach:
    """What buyers paid within a statement, and how much of it is the seller's; `of_hundred` in yuan, or empty."""

    buyers_paid: Money
    refunded: Money
    fees: Money
    reached: Money
    of_hundred: str


def yesterday() -> date:
    """The last day that is over."""
    return clock.today() - timedelta(days=1)


def name_of(person_id: int) -> str:
    """Who made something."""
    return people.person(person_id).name


def line_of(text: str | None) -> Line | None:
    """The line that was asked for; None: all of them."""
    return Line(text) if text in set(Line) else None


def total_of(statement: Statement, line: Line | None) -> Money:
    """What the entries of a line, or all entries, add up to."""
    if line is not None:
        amount: Money = getattr(statement, line.value)
        return amount
    return statement.closing - statement.brought


def lines_of(statement: Statement, endpoint: str) -> list[ShownLine]:
    """The lines between what was left over and what there is now; those without entries are left out."""
    counts = queries.count_by_line(statement.id)
    shown = []
    for line in Line:
        amount: Money = getattr(statement, line.value)
        if amount == ZERO and line not in counts and line is not Line.SALES:
            continue
        url = url_for(endpoint, number=statement.number, line=line.value) if line in counts else ""
        shown.append(ShownLine(_(line.words), amount, url))
    return shown


@dataclass(frozen=True, slots=True)
class ShownEntry:
    """An entry as lists show it."""

    on: date
    words: str
    order: str
    event_id: int
    amount: Money


def shown(entries: Sequence[EntryRow]) -> list[ShownEntry]:
    """The entries, each with the words of its kind."""
    return [ShownEntry(one.on, _(words_of(one.kind)), one.order, one.event_id, one.amount) for one in entries]


def reach_of(statement: Statement) -> Reach:
    """How much of what his buyers paid is his: what came in, less what went back to them and what the county keeps."""
    came = statement.sales + statement.freight
    reached = came + statement.refunds + statement.fees
    is_share = came > ZERO and reached >= ZERO
    of_hundred = decimal_text(reached.fen * 1000 // came.fen, 10) if is_share else ""
    return Reach(came, -statement.refunds, -statement.fees, reached, of_hundred)

"""Goods that come back, in the books: from sold to returned when they arrive, and on when somebody has looked.

Every piece goes back to the lot that it was sent from.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import aliased

from app.kernel.db import session
from app.ledger.books.models import Account, Commodity, Event, Phase, Transfer
from app.ledger.books.movements import Movement, Place, Post, Role
from app.trade.catalog.models import Pack
from app.trade.lots import queries as lots
from app.trade.orders.models import Order, OrderLine
from app.trade.returns import pricing
from app.trade.returns.models import Return, ReturnLine
from app.trade.stock import accounts, blocking
from app.trade.stock import service as stock


@dataclass(frozen=True, slots=True)
class Run:
    """Pieces that lie one after another in one lot, `first` being the place of the first among the line's pieces."""

    lot_id: int
    first: int
    pieces: int


@dataclass(frozen=True, slots=True)
class Coming:
    """A line of a return with what was bought and from where it was sent."""

    order: Order
    line: OrderLine
    of: ReturnLine
    pack: Pack
    sent: list[Run]

    def runs(self, *, first: int, pieces: int) -> Iterator[Run]:
        """The lots of so many pieces from that place on."""
        for run in self.sent:
            begin, end = max(first, run.first), min(first + pieces, run.first + run.pieces)
            if begin < end:
                yield Run(run.lot_id, begin, end - begin)


def coming(found: Return, order: Order) -> list[Coming]:
    """The lines of a return; both with their lines loaded."""
    lines = {line.id: line for line in order.lines}
    mine = [(lines[one.order_line_id], one) for one in found.lines]
    packs = {
        pack.id: pack
        for pack in session().scalars(select(Pack).where(Pack.id.in_([line.pack_id for line, _one in mine])))
    }
    sent = _sent(order)
    return [Coming(order, line, one, packs[line.pack_id], sent[line.pack_id]) for line, one in mine]


def _sent(order: Order) -> dict[int, list[Run]]:
    """Pack id → from which lots its pieces were shipped, in the order of the books."""
    source = aliased(Account)
    rows = session().execute(
        select(Commodity.code, source.subject, Transfer.amount)
        .join(Event, Event.id == Transfer.event_id)
        .join(source, source.id == Transfer.credit_id)
        .join(Commodity, Commodity.id == Transfer.commodity_id)
        .where(
            Event.subject == order.subject,
            Event.kind == accounts.ORDER_SHIPPED.name,
            Transfer.phase == Phase.SETTLED,
            source.role == accounts.STOCK.name,
        )
        .order_by(Transfer.id)
    )
    found: dict[int, list[Run]] = {line.pack_id: [] for line in order.lines}
    for code, subject, amount in rows:
        runs = found[int(code.removeprefix("pack:"))]
        runs.append(Run(stock.lot_of(subject), sum(run.pieces for run in runs), int(amount)))
    return found


def arrival(found: Return, lines: list[Coming]) -> list[Movement]:
    """What was sold has come back."""
    movements: list[Movement] = []
    for one in lines:
        first, pieces = _place_of(one), one.of.pieces
        for run in one.runs(first=first, pieces=pieces):
            movements.append(Post(_returned(found, one, run), _of_pieces(one, run, accounts.SOLD), run.pieces))
        weight = pricing.grams(one.line, first=first, pieces=pieces)
        if weight:
            movements.append(Post(_returned_grams(found, one), _of_grams(one, accounts.SOLD_GRAMS), weight))
    return movements


def inspected(found: Return, lines: list[Coming]) -> list[Movement]:
    """What was looked at is for sale again, lost, or the buyer's again: in this order among the pieces.

    What is sound of a recalled lot is blocked instead; locks the lots.
    """
    movements: list[Movement] = []
    sent_from = {run.lot_id for one in lines for run in one.sent}
    recalled = {lot.id for lot in lots.locked_lots(sent_from) if lot.is_recalled}
    for one in lines:
        first = _place_of(one)
        for kind, pieces in (("sound", one.of.sound), ("spoilt", one.of.spoilt), ("sent_away", one.of.sent_away)):
            for run in one.runs(first=first, pieces=pieces):
                is_blocked = kind == "sound" and run.lot_id in recalled
                movements += _on(found, one, run, "blocked" if is_blocked else kind)
            first += pieces
    return movements


def _on(found: Return, one: Coming, run: Run, kind: str) -> list[Movement]:
    if kind in ("sound", "blocked"):
        to_pieces = accounts.stock_place(
            pack_id=one.pack.id, seller_id=one.pack.seller_id, township=one.pack.township_code, lot_id=run.lot_id
        )
        to_grams = stock.packed_grams_place(one.pack, lot_id=run.lot_id)
        if kind == "blocked":
            to_pieces, to_grams = blocking.blocked(to_pieces), blocking.blocked(to_grams)
    elif kind == "spoilt":
        to_pieces, to_grams = _of_pieces(one, run, accounts.LOSS), _of_grams(one, accounts.LOSS_GRAMS)
    else:
        to_pieces, to_grams = _of_pieces(one, run, accounts.SOLD), _of_grams(one, accounts.SOLD_GRAMS)
    weight = pricing.grams(one.line, first=run.first, pieces=run.pieces)
    moved: list[Movement] = [Post(to_pieces, _returned(found, one, run), run.pieces)]
    return [*moved, Post(to_grams, _returned_grams(found, one), weight)] if weight else moved


def _place_of(one: Coming) -> int:
    if one.of.first is None:
        raise ValueError("the line has not arrived")
    return one.of.first


def _of_pieces(one: Coming, run: Run, role: Role) -> Place:
    store = accounts.stock_place(
        pack_id=one.pack.id, seller_id=one.pack.seller_id, township=one.pack.township_code, lot_id=run.lot_id
    )
    return Place(store.goods, role, store.party, store.township)


def _of_grams(one: Coming, role: Role) -> Place:
    goods = accounts.fruit(one.pack.variety_key, one.pack.grade_key)
    return Place(goods, role, accounts.seller_party(one.order.seller_id), one.order.township_code)


def _returned(found: Return, one: Coming, run: Run) -> Place:
    sold = _of_pieces(one, run, accounts.SOLD)
    subject = f"lot:{run.lot_id}@{found.number}"
    return Place(sold.goods, accounts.RETURNED, sold.party, sold.township, subject=subject)


def _returned_grams(found: Return, one: Coming) -> Place:
    sold = _of_grams(one, accounts.SOLD_GRAMS)
    return Place(sold.goods, accounts.RETURNED_GRAMS, sold.party, sold.township, subject=f"@{found.number}")

"""Reading recalls: who has what of a lot, from the books alone, and the recalls that somebody may see.

Nothing keeps a list of buyers by lot: a hold, and the shipping that settled it, name the lot's account, and their event
names the order. So the list is whole whatever happened since.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import ColumnElement, SQLColumnExpression, func, literal, select, true, union_all
from sqlalchemy.orm import aliased

from app.kernel.db import AnySelect, session
from app.kernel.errors import NotFound
from app.kernel.paging import Key, Page, after, page
from app.kernel.permissions import Permission, Viewer
from app.ledger.books.models import Event, OpenHold, Phase, Transfer
from app.people.growers.models import Seller
from app.people.growers.states import SellerKind
from app.people.townships import queries as townships
from app.trade.catalog.models import Pack
from app.trade.lots.models import Lot
from app.trade.orders.models import Order
from app.trade.orders.states import OrderState
from app.trade.recalls.models import Recall, RecallLot
from app.trade.recalls.permissions import RECALLS_READ
from app.trade.stock.models import PackedLot

_CHECKOUT, _ORDER = "checkout:", "order:"
MOST_LISTED = 500
_BY_ID = (Key(Recall.id.expression, lambda row: row[0].id, descending=True),)


@dataclass(frozen=True, slots=True)
class Affected:
    """An order that holds, or was sent, pieces of a lot."""

    order_id: int
    number: str
    state: OrderState
    placed_on: date
    buyer_id: int
    seller_id: int
    seller_name: str
    title: str
    pieces: int
    is_sent: bool


def affected(lot_ids: Collection[int], *, only: Collection[int] | None = None) -> list[Affected]:
    """Every order that has pieces of these lots, open or sent, the newest first; `only` of these sellers. One query."""
    statement = statement_of(lot_ids)
    if only is not None:
        statement = statement.where(Order.seller_id.in_(only))
    return [
        Affected(number, code, state, placed_on, buyer, seller, name, title, int(pieces), bool(sent))
        for number, code, state, placed_on, buyer, seller, name, title, pieces, sent in session().execute(statement)
    ]


def statement_of(lot_ids: Collection[int]) -> AnySelect:
    """The one query behind `affected`."""
    moved = union_all(*_moved(lot_ids)).subquery("moved")
    return (
        select(
            Order.id,
            Order.number,
            Order.state,
            Order.placed_on,
            Order.buyer_id,
            Order.seller_id,
            Seller.name,
            func.min(moved.c.title),
            func.sum(moved.c.pieces),
            func.max(moved.c.sent),
        )
        .join(moved, moved.c.order_id == Order.id)
        .join(Seller, Seller.id == Order.seller_id)
        .group_by(Order.id, Seller.name)
        .order_by(Order.id.desc())
    )


def _moved(lot_ids: Collection[int]) -> tuple[AnySelect, AnySelect]:
    """What is held of the lots for orders, and what was sent: through the accounts of their pieces."""
    held_for, sent_with = aliased(Order), aliased(Order)
    of_lots = PackedLot.lot_id.in_(lot_ids)
    held = (
        select(
            held_for.id.label("order_id"),
            Pack.title.label("title"),
            OpenHold.amount.label("pieces"),
            literal(0).label("sent"),
        )
        .select_from(PackedLot)
        .join(Pack, Pack.id == PackedLot.pack_id)
        .join(OpenHold, OpenHold.credit_id == PackedLot.account_id)
        .join(
            held_for,
            (held_for.checkout == func.substr(OpenHold.subject, len(_CHECKOUT) + 1))
            & (held_for.seller_id == Pack.seller_id),
        )
        .where(of_lots)
    )
    sent = (
        select(
            sent_with.id.label("order_id"),
            Pack.title.label("title"),
            Transfer.amount.label("pieces"),
            literal(1).label("sent"),
        )
        .select_from(PackedLot)
        .join(Pack, Pack.id == PackedLot.pack_id)
        .join(Transfer, (Transfer.credit_id == PackedLot.account_id) & (Transfer.phase == Phase.SETTLED))
        .join(Event, Event.id == Transfer.event_id)
        .join(sent_with, sent_with.number == func.substr(Event.subject, len(_ORDER) + 1))
        .where(of_lots)
    )
    return held, sent


def recalled_in(order: Order) -> list[Recall]:
    """The recalls of lots of which something is held for the order or was sent with it; one query."""
    subjects = (order.subject, f"{_CHECKOUT}{order.checkout}")
    statement = (
        select(Recall)
        .join(Lot, Lot.recall_id == Recall.id)
        .join(PackedLot, PackedLot.lot_id == Lot.id)
        .join(Pack, (Pack.id == PackedLot.pack_id) & (Pack.seller_id == order.seller_id))
        .join(Transfer, Transfer.credit_id == PackedLot.account_id)
        .join(Event, Event.id == Transfer.event_id)
        .where(Event.subject.in_(subjects), Transfer.phase.in_((Phase.SETTLED, Phase.HOLD)))
        .distinct()
        .order_by(Recall.id)
    )
    return list(session().scalars(statement))


def order_of(one: Affected) -> Order:
    """The order itself, without its lines."""
    return session().get_one(Order, one.order_id)


def recall(recall_id: int) -> Recall:
    """A recall by id, for jobs."""
    return session().get_one(Recall, recall_id)


@dataclass(frozen=True, slots=True)
class Listed:
    """A recall with its lot, as lists show it."""

    recall: Recall
    lot: Lot
    seller_name: str
    seller_kind: SellerKind

    @property
    def business(self) -> str:
        """The seller's name where it is a business: a household's would name a person."""
        return "" if self.seller_kind is SellerKind.HOUSEHOLD else self.seller_name


def public_page(*, cursor: str | None) -> Page[Listed]:
    """All recalls, the newest first. Raises `BadCursor`."""
    return _page(_listed(), cursor)


def page_in_scope(who: Viewer, *, cursor: str | None) -> Page[Listed]:
    """Recalls in the official's townships, the newest first. Raises `BadCursor`."""
    return _page(_listed().where(_within(who, RECALLS_READ, Recall.township_code)), cursor)


def _listed() -> AnySelect:
    return (
        select(Recall, Lot, Seller.name, Seller.kind)
        .join(Lot, Lot.id == Recall.lot_id)
        .join(Seller, Seller.id == Recall.seller_id)
    )


def _page(statement: AnySelect, cursor: str | None) -> Page[Listed]:
    found = page(session().execute(after(statement, _BY_ID, cursor)).all(), _BY_ID)
    return Page([Listed(*row) for row in found.items], found.next_cursor)


def in_scope(who: Viewer, number: str, *, may: Permission) -> Listed:
    """One recall in the official's townships. Raises `NotFound`."""
    statement = _listed().where(Recall.number == number, _within(who, may, Recall.township_code))
    return _one(statement)


def of_seller(who: Viewer, number: str, *, may: Permission) -> Listed:
    """One recall of lots of a seller for whom he holds the permission. Raises `NotFound`."""
    return _one(_listed().where(Recall.number == number, Recall.seller_id.in_(who.sellers(may))))


def _one(statement: AnySelect) -> Listed:
    row = session().execute(statement).one_or_none()
    if row is None:
        raise NotFound()
    return Listed(*row)


def lot_in_scope(who: Viewer, code: str, *, may: Permission) -> Lot:
    """A lot in the official's townships. Raises `NotFound`."""
    statement = select(Lot).where(Lot.code == code, _within(who, may, Lot.township_code))
    found = session().scalars(statement).one_or_none()
    if found is None:
        raise NotFound()
    return found


def _within(who: Viewer, may: Permission, township: SQLColumnExpression[str]) -> ColumnElement[bool]:
    codes = who.townships(may)
    return true() if codes is None else township.in_(townships.lineages(codes))


def lots_of(recall_id: int) -> Sequence[Lot]:
    """The lots that a recall stopped, the one that it is about first."""
    statement = select(Lot).join(RecallLot, RecallLot.lot_id == Lot.id).where(RecallLot.recall_id == recall_id)
    return session().scalars(statement.order_by(Lot.id)).all()


def history_of(lot: Lot) -> Sequence[Recall]:
    """Every recall that stopped a lot, the newest first."""
    statement = select(Recall).join(RecallLot, RecallLot.recall_id == Recall.id).where(RecallLot.lot_id == lot.id)
    return session().scalars(statement.order_by(Recall.id.desc())).all()

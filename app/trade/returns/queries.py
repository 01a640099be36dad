"""Reading returns, through the person who asks."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import Select, func, select
from sqlalchemy.orm import selectinload

from app.kernel.db import AnySelect, locked, session
from app.kernel.errors import NotFound
from app.kernel.paging import Key, Page, after, page
from app.kernel.permissions import Permission, Viewer
from app.people.growers.models import Seller
from app.people.townships import queries as townships
from app.trade.orders import queries as orders
from app.trade.orders.models import Order
from app.trade.orders.permissions import ORDERS_SHIP
from app.trade.returns.models import Return, ReturnLine
from app.trade.returns.permissions import RETURNS_READ
from app.trade.returns.states import OPEN, OVER_WITHOUT_GOODS, ReturnState

_BY_ID = (Key(Return.id, lambda row: row[0].id, descending=True),)


def of_buyer(who: Viewer, order_number: str, number: str) -> Return:
    """The buyer's own return of an order, with its lines. Raises `NotFound`."""
    mine = (
        select(Return)
        .join(Order, Order.id == Return.order_id)
        .where(Return.number == number, Order.number == order_number, Return.buyer_id == who.person_id)
    )
    return _one(mine)


def of_seller(who: Viewer, number: str) -> Return:
    """A return to a seller for whom he ships, with its lines. Raises `NotFound`."""
    return _one(select(Return).where(Return.number == number, Return.seller_id.in_(who.sellers(ORDERS_SHIP))))


def in_scope(who: Viewer, number: str, permission: Permission) -> Return:
    """A return in the official's townships, with its lines. Raises `NotFound`."""
    return _one(_within(select(Return).where(Return.number == number), who, permission))


def _one(statement: Select[Return]) -> Return:
    found = session().scalars(statement.options(selectinload(Return.lines))).first()
    if found is None:
        raise NotFound()
    return found


def hold(found: Return) -> tuple[Return, Order]:
    """A return and its order, locked in this order of order and return, as they are now, with their lines."""
    order = orders.locked_order(found.order_id)
    statement = locked(select(Return).where(Return.id == found.id)).options(selectinload(Return.lines))
    return session().scalars(statement).one(), order


def order_of(found: Return) -> Order:
    """The order of a return, with its lines, to look at."""
    return session().scalars(select(Order).where(Order.id == found.order_id).options(selectinload(Order.lines))).one()


def _within(statement: Select[Return], who: Viewer, permission: Permission) -> Select[Return]:
    codes = who.townships(permission)
    return statement if codes is None else statement.where(Return.township_code.in_(townships.lineages(codes)))


def of_order(order: Order) -> list[Return]:
    """What was ever asked of an order, oldest first."""
    return list(session().scalars(select(Return).where(Return.order_id == order.id).order_by(Return.id)))


def open_of(order: Order) -> int:
    """How many returns of an order wait for somebody."""
    statement = select(func.count()).where(Return.order_id == order.id, Return.state.in_(OPEN))
    return session().scalar(statement) or 0


def orders_with_open_ones() -> Select[int]:
    """The ids of orders that are not finished business, because a return of theirs is open."""
    return select(Return.order_id).where(Return.state.in_(OPEN))


def arrived_of(order_line_id: int) -> int:
    """How many pieces of an order's line have come back so far."""
    statement = (
        select(func.coalesce(func.sum(ReturnLine.pieces), 0))
        .join(Return, Return.id == ReturnLine.return_id)
        .where(ReturnLine.order_line_id == order_line_id, ReturnLine.first.is_not(None))
        .where(Return.state.not_in(OVER_WITHOUT_GOODS))
    )
    return int(session().scalar(statement) or 0)


@dataclass(frozen=True, slots=True)
class Row:
    """A return in a list."""

    found: Return
    order_number: str
    seller_name: str


def page_of_seller(who: Viewer, *, cursor: str | None) -> Page[Row]:
    """Returns to the sellers for whom he ships, newest first; one query."""
    return _list(select(Return).where(Return.seller_id.in_(who.sellers(ORDERS_SHIP))), cursor)


def page_in_scope(who: Viewer, *, cursor: str | None) -> Page[Row]:
    """Returns in the official's townships, newest first; one query."""
    return _list(_within(select(Return), who, RETURNS_READ), cursor)


def to_decide(who: Viewer) -> list[Row]:
    """What waits for an official of these townships, oldest first; one query."""
    statement = _within(select(Return).where(Return.state == ReturnState.DISPUTED), who, RETURNS_READ)
    return _rows(_named(statement).order_by(Return.id).limit(100))


def _named(statement: Select[Return]) -> AnySelect:
    return (
        statement.add_columns(Order.number, Seller.name)
        .join(Order, Order.id == Return.order_id)
        .join(Seller, Seller.id == Return.seller_id)
    )


def _rows(statement: AnySelect) -> list[Row]:
    return [Row(*row) for row in session().execute(statement)]


def _list(statement: Select[Return], cursor: str | None) -> Page[Row]:
    rows: Sequence[tuple[Return, str, str]] = [
        (row[0], row[1], row[2]) for row in session().execute(after(_named(statement), _BY_ID, cursor))
    ]
    found = page(rows, _BY_ID)
    return Page([Row(*row) for row in found.items], found.next_cursor)

"""Reading orders, always through the person who asks."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import func, select
from sqlalchemy.orm import aliased, selectinload

from app.kernel import clock
from app.kernel.db import AnySelect, locked, session
from app.kernel.errors import NotFound
from app.kernel.money import Money
from app.kernel.paging import Key, Page, after, page
from app.kernel.permissions import Permission, Viewer
from app.people.accounts import wording
from app.people.accounts.sealing import vault
from app.people.growers.models import Seller
from app.people.townships import queries as townships
from app.trade.orders.models import Order, OrderLine
from app.trade.orders.permissions import ORDERS_READ, ORDERS_SHIP
from app.trade.orders.states import OrderState, PayBy

SELLER_SEES_ADDRESS_FOR = timedelta(days=30)
_OPEN = (OrderState.PLACED, OrderState.PAID, OrderState.PACKED, OrderState.SHIPPED)
_BY_ID = (Key(Order.id, lambda row: row[0].id, descending=True),)


@dataclass(frozen=True, slots=True)
class ShipTo:
    """Where an order goes, in clear; for its buyer, and for its seller as long as he needs it."""

    consignee: str
    phone: str
    address: str


def ship_to(order: Order) -> ShipTo:
    """Open the sealed address of an order."""
    safe = vault()
    return ShipTo(
        safe.unseal(order.consignee_sealed, field="orders.consignee", row=order.number),
        safe.unseal(order.phone_sealed, field="orders.phone", row=order.number),
        safe.unseal(order.address_sealed, field="orders.address", row=order.number),
    )


def seller_sees_address(order: Order) -> bool:
    """Whether the seller still needs to know where the parcel went: until 30 days after it was received."""
    if order.state in (OrderState.CANCELLED, OrderState.EXPIRED, OrderState.PLACED):
        return order.state is OrderState.PLACED and order.pay_by is PayBy.CASH_ON_DELIVERY
    return order.received_at is None or clock.now() < order.received_at + SELLER_SEES_ADDRESS_FOR


def order_of(buyer: Viewer, number: str, *, lock: bool = False) -> Order:
    """The buyer's own order with its lines. Raises `NotFound`."""
    return _one(select(Order).where(Order.number == number, Order.buyer_id == buyer.person_id), lock=lock)


def order_to_ship(who: Viewer, number: str, *, lock: bool = False) -> Order:
    """An order to a seller for whom he ships, with its lines. Raises `NotFound`."""
    mine = select(Order).where(Order.number == number, Order.seller_id.in_(who.sellers(ORDERS_SHIP)))
    return _one(mine, lock=lock)


def order_in_scope(who: Viewer, number: str, permission: Permission, *, lock: bool = False) -> Order:
    """An order to a seller in the official's townships, with its lines. Raises `NotFound`."""
    return _one(_in_scope(select(Order).where(Order.number == number), who, permission), lock=lock)


def locked_order(order_id: int) -> Order:
    """An order by id, locked, for jobs."""
    return _one(select(Order).where(Order.id == order_id), lock=True)


def _one(statement: AnySelect, *, lock: bool) -> Order:
    statement = statement.options(selectinload(Order.lines))
    found: Order | None = session().scalars(locked(statement) if lock else statement).first()
    if found is None:
        raise NotFound()
    return found


def _in_scope(statement: AnySelect, who: Viewer, permission: Permission) -> AnySelect:
    codes = who.townships(permission)
    if codes is None:
        return statement
    return statement.where(Order.township_code.in_(townships.lineages(codes)))


@dataclass(frozen=True, slots=True)
class OrderRow:
    """One line of a list of orders."""

    order: Order
    seller_name: str
    title: str


def of_buyer(buyer: Viewer, *, cursor: str | None = None) -> Page[OrderRow]:
    """The buyer's orders, newest first; one query."""
    return _list(select(Order).where(Order.buyer_id == buyer.person_id), cursor)


def of_seller(
    who: Viewer, *, cursor: str | None = None, states: tuple[OrderState, ...] = (), slug: str | None = None
) -> Page[OrderRow]:
    """Orders to the sellers for whom he ships, newest first, or to the one of that public name; one query."""
    statement = select(Order).where(Order.seller_id.in_(who.sellers(ORDERS_SHIP)))
    if slug is not None:
        named = select(Seller.id).where(Seller.slug == wording.plain(slug))
        statement = statement.where(Order.seller_id.in_(named))
    if states:
        statement = statement.where(Order.state.in_(states))
    return _list(statement, cursor)


def in_scope(who: Viewer, *, cursor: str | None = None) -> Page[OrderRow]:
    """Orders in the official's townships, newest first; one query."""
    return _list(_in_scope(select(Order), who, ORDERS_READ), cursor)


def awaiting_transfer(who: Viewer, permission: Permission, *, cursor: str | None = None) -> Page[OrderRow]:
    """Orders in the official's townships that wait for a bank transfer, newest first; one query."""
    waiting = select(Order).where(Order.state == OrderState.PLACED, Order.pay_by == PayBy.BANK_TRANSFER)
    return _list(_in_scope(waiting, who, permission), cursor)


def _list(statement: AnySelect, cursor: str | None) -> Page[OrderRow]:
    line = aliased(OrderLine)
    first_line = select(func.min(line.id)).where(line.order_id == Order.id).correlate(Order).scalar_subquery()
    named = (
        statement.add_columns(Seller.name, OrderLine.title)
        .join(Seller, Seller.id == Order.seller_id)
        .join(OrderLine, OrderLine.id == first_line)
    )
    rows = session().execute(after(named, _BY_ID, cursor)).all()
    found = page(rows, _BY_ID)
    return Page([OrderRow(*row) for row in found.items], found.next_cursor)


def last_of_buyer(buyer: Viewer) -> Order | None:
    """The buyer's newest order, if he has any."""
    newest = select(Order).where(Order.buyer_id == buyer.person_id).order_by(Order.id.desc()).limit(1)
    return session().scalars(newest).first()


def numbers_of(checkout: str) -> list[str]:
    """The numbers of the orders that were placed together."""
    return list(session().scalars(select(Order.number).where(Order.checkout == checkout).order_by(Order.id)))


def unpaid_checkouts(buyer_id: int) -> int:
    """How many checkouts of the buyer hold goods without being paid."""
    statement = select(func.count(Order.checkout.distinct())).where(
        Order.buyer_id == buyer_id,
        Order.state == OrderState.PLACED,
        (Order.hold_until.is_(None)) | (Order.hold_until > clock.sql_now()),
    )
    return session().scalar(statement) or 0


def counts_by_state(who: Viewer) -> dict[OrderState, int]:
    """How many open orders the sellers for whom he ships have, by state."""
    statement = (
        select(Order.state, func.count())
        .where(Order.seller_id.in_(who.sellers(ORDERS_SHIP)), Order.state.in_(_OPEN))
        .group_by(Order.state)
    )
    return dict(session().execute(statement).all())


def lowest_deal(pack_id: int, since: datetime, before: datetime) -> Money | None:
    """The lowest price of one piece in orders that were placed then and stood; None where there was none."""
    stood = (OrderState.PAID, OrderState.PACKED, OrderState.SHIPPED, OrderState.RECEIVED, OrderState.CLOSED)
    statement = (
        select(OrderLine.price)
        .join(Order, Order.id == OrderLine.order_id)
        .where(OrderLine.pack_id == pack_id, Order.state.in_(stood))
        .where(Order.placed_at >= since, Order.placed_at < before)
        .order_by(OrderLine.price)
        .limit(1)
    )
    return session().scalars(statement).first()


def seller_names(seller_ids: Sequence[int]) -> dict[int, str]:
    """Seller id → name."""
    return dict(session().execute(select(Seller.id, Seller.name).where(Seller.id.in_(seller_ids))).all())


def seller_name(seller_id: int) -> str:
    """The name of an order's seller."""
    return session().get_one(Seller, seller_id).name


def cash_orders_to_pack(who: Viewer) -> int:
    """How many orders paid on delivery wait to be packed by the sellers for whom he ships."""
    statement = select(func.count()).where(
        Order.seller_id.in_(who.sellers(ORDERS_SHIP)),
        Order.state == OrderState.PLACED,
        Order.pay_by == PayBy.CASH_ON_DELIVERY,
    )
    return session().scalar(statement) or 0

"""Orders as pages show them: to the buyer, the seller and the official."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from flask import current_app
from flask_babel import gettext as _

from app.kernel import clock
from app.kernel.money import ZERO, Money
from app.kernel.weight import Weight
from app.people.accounts.phones import masked
from app.trade.catalog import queries as catalog
from app.trade.freight import service as freight
from app.trade.orders import queries
from app.trade.orders.models import Order
from app.trade.orders.queries import OrderRow
from app.trade.orders.states import OrderState, PayBy


@dataclass(frozen=True, slots=True)
class BillLine:
    """A line as bills show it."""

    slug: str
    title: str
    net: Weight
    pieces: int
    price: Money
    amount: Money
    rule: str = ""
    promised: Weight | None = None
    weighed: Weight | None = None
    short: Money = ZERO


@dataclass(frozen=True, slots=True)
class OrderItem:
    """An order in a list."""

    number: str
    placed_at: datetime
    seller_name: str
    state: OrderState
    total: Money
    title: str


def item_of(row: OrderRow) -> OrderItem:
    """A row as lists show it."""
    order = row.order
    return OrderItem(order.number, order.placed_at, row.seller_name, shown_state(order), order.total, row.title)


def shown_state(order: Order) -> OrderState:
    """The state by time: a hold that is over shows as expired before a job has said so."""
    return OrderState.EXPIRED if order.is_expired(clock.now()) else order.state


@dataclass(frozen=True, slots=True)
class Step:
    """One step of an order's way."""

    label: str
    at: datetime | None
    is_done: bool
    is_current: bool


@dataclass(frozen=True, slots=True)
class Bank:
    """Where to transfer the money, and what to write with it."""

    holder: str
    bank: str
    account: str
    reference: str


@dataclass(frozen=True, slots=True)
class OrderPage:
    """An order as its buyer sees it."""

    number: str
    placed_at: datetime
    state: OrderState
    lines: list[BillLine]
    goods: Money
    freight: Money
    total: Money
    given_back: Money
    due: Money
    consignee: str
    phone_masked: str
    address: str
    province: str
    courier: str
    tracking: str
    pay_by: str
    hold_until: datetime | None
    bank: Bank | None
    pays_online: str
    cancelled_because: str
    steps: list[Step]
    seller_name: str


def order_page(order: Order, state: OrderState) -> OrderPage:
    """What the buyer's page shows of an order."""
    to = queries.ship_to(order)
    owes = order.pay_by is PayBy.BANK_TRANSFER and state is OrderState.PLACED
    return OrderPage(
        number=order.number,
        placed_at=order.placed_at,
        state=state,
        lines=bill_lines(order),
        goods=order.goods,
        freight=order.freight,
        total=order.total,
        given_back=order.given_back,
        due=order.due,
        consignee=to.consignee,
        phone_masked=masked(to.phone),
        address=to.address,
        province=dict(freight.served_provinces()).get(order.province_code, ""),
        courier=order.courier,
        tracking=order.tracking,
        pay_by=_(order.pay_by.words),
        hold_until=order.hold_until,
        bank=_bank(order) if owes else None,
        pays_online=order.checkout if order.pay_by is PayBy.ONLINE and state is OrderState.PLACED else "",
        cancelled_because=_(order.cancelled_because) if order.cancelled_because else "",
        steps=steps_of(order, state),
        seller_name=queries.seller_name(order.seller_id),
    )


def _bank(order: Order) -> Bank:
    holder, bank, account = current_app.extensions["liulin.bank"]
    return Bank(holder, bank, account, order.number)


def bill_lines(order: Order) -> list[BillLine]:
    """The lines as they were priced; a pack that is gone from the shelf keeps its words."""
    slugs = catalog.slugs([line.pack_id for line in order.lines])
    return [
        BillLine(
            slugs[line.pack_id],
            line.title,
            line.net,
            line.pieces,
            line.price,
            line.amount,
            rule=_(line.return_rule.words),
            promised=line.promised,
            weighed=line.weighed,
            short=line.short,
        )
        for line in order.lines
    ]


def steps_of(order: Order, state: OrderState) -> list[Step]:
    """How far the order has come, for the progress bar; none once it was called off."""
    if state in (OrderState.CANCELLED, OrderState.EXPIRED):
        return []
    moments: list[tuple[str, datetime | None]] = [(_("下单"), order.placed_at)]
    if order.pay_by is not PayBy.CASH_ON_DELIVERY:
        moments.append((_("付款"), order.paid_at))
    moments += [(_("装箱"), order.packed_at), (_("发货"), order.shipped_at), (_("收货"), order.received_at)]
    last = max(place for place, (_label, at) in enumerate(moments) if at is not None)
    return [Step(label, at, at is not None, place == last) for place, (label, at) in enumerate(moments)]

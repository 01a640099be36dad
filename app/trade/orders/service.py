"""Acts on orders: placing, packing, shipping, receiving, calling off; goods and money move in the ledger at each."""

from __future__ import annotations

import hashlib
import itertools
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Select, select

from app import audit
from app.kernel import clock, ids
from app.kernel.db import locked, session
from app.kernel.events import emit
from app.kernel.money import ZERO, Money
from app.kernel.permissions import Viewer
from app.kernel.states import IllegalMove
from app.kernel.weight import Weight
from app.ledger import books
from app.ledger.books import queries as balances
from app.ledger.books.movements import Movement, Place, Post, Settle
from app.people.accounts import queries as people
from app.people.accounts.sealing import vault
from app.people.agents import acting
from app.trade.cart import service as cart
from app.trade.cart.service import BasketLine
from app.trade.catalog import queries as catalog
from app.trade.catalog import returns
from app.trade.catalog.models import Pack
from app.trade.freight import service as freight
from app.trade.lots import queries as lots
from app.trade.lots.errors import LotRecalled
from app.trade.orders import pricing, queries
from app.trade.orders.errors import (
    AgeUnconfirmed,
    EmptyBasket,
    HoldEnded,
    NotOnSale,
    PriceChanged,
    ReturnRuleUnconfirmed,
    TooManyUnpaid,
)
from app.trade.orders.events import OrderCancelled, OrderPlaced, OrderReceived, OrderShipped, PackedShort
from app.trade.orders.models import Order, OrderLine
from app.trade.orders.queries import ShipTo
from app.trade.orders.states import OrderState, PayBy
from app.trade.stock import accounts, blocking
from app.trade.stock import service as stock
from app.trade.stock.service import Wish

MOST_UNPAID = 3
RECEIVED_AFTER = timedelta(days=15)
CLOSED_AFTER = timedelta(days=7)


@dataclass(frozen=True, slots=True)
class HoldTimes:
    """How long each way of paying holds goods."""

    online: timedelta
    bank_transfer: timedelta

    @classmethod
    def of(cls, online_seconds: int, transfer_hours: int) -> HoldTimes:
        """As the settings have them."""
        return cls(timedelta(seconds=online_seconds), timedelta(hours=transfer_hours))

    def until(self, pay_by: PayBy, *, placed_at: datetime) -> datetime | None:
        """When a hold ends; None: when the order is shipped or called off."""
        spans = {PayBy.ONLINE: self.online, PayBy.BANK_TRANSFER: self.bank_transfer}
        return placed_at + spans[pay_by] if pay_by in spans else None


@dataclass(frozen=True, slots=True)
class Quote:
    """What one seller's part of a basket costs when it is sent to a province."""

    lines: Sequence[BasketLine]
    goods: Money
    freight: Money
    weight: Weight

    @property
    def total(self) -> Money:
        """Goods and freight."""
        return self.goods + self.freight


def quotes(lines: Sequence[BasketLine], *, province_code: str | None) -> list[Quote]:
    """One quote for each seller, in the order of their ids; without a province carriage counts nothing yet.

    Raises `NotServed`.
    """
    rate = freight.rate_of(province_code) if province_code else None
    found = []
    for _seller_id, group in itertools.groupby(lines, key=lambda line: line.seller.id):
        part = list(group)
        goods = cart.goods_of(part)
        weight = sum((line.pack.net * line.pieces for line in part), start=Weight(0))
        carriage = freight.price(rate, weight, goods=goods) if rate else ZERO
        found.append(Quote(part, goods, carriage, weight))
    return found


def total_of(parts: Sequence[Quote]) -> Money:
    """What the quotes cost together."""
    return sum((part.total for part in parts), start=ZERO)


def fingerprint(parts: Sequence[Quote]) -> str:
    """Equal for baskets with the same packs, pieces and prices, as SHA-256 in hex."""
    lines = [(line.pack.slug, line.pieces, line.pack.price.fen) for part in parts for line in part.lines]
    return hashlib.sha256(repr(sorted(lines)).encode()).hexdigest()


@dataclass(frozen=True, slots=True)
class Terms:
    """What the buyer agreed to: how he pays, where it goes, the total and the basket that he saw (empty: unseen), and
    that fresh fruit may not be sent back without a reason; and that he is of age, which alcohol asks.
    """

    pay_by: PayBy
    ship_to: ShipTo
    province_code: str
    total: Money
    note: str = ""
    basket: str = ""
    confirms_return_rule: bool = False
    is_adult: bool = False


def place(
    checkout: str, terms: Terms, *, cart_key: str, by: Viewer, holds: HoldTimes, is_sample: bool = False
) -> list[Order]:
    """Make one order per seller of what is in the basket, hold the goods, and empty the basket.

    `checkout` names the orders that were placed together. Raises `EmptyBasket`, `NotOnSale`, `ReturnRuleUnconfirmed`
    when there is fruit for which the buyer must confirm the rule, `AgeUnconfirmed` when there is alcohol and he has not
    said that he is of age, `TooManyUnpaid`, `NotServed`, `PriceChanged` when the total is not the one that the buyer
    saw, and `SoldOut`. When somebody else was faster it raises `FloorBroken` or `HoldGone`, after which another try has
    the answer: see `stock.rush`.
    """
    # One checkout of a buyer at a time, or two tabs order one basket twice and count the same unpaid orders.
    people.person(by.person_id, lock=True)
    lines = cart.lines_of(cart_key)
    _refuse_bad_basket(lines)
    if not terms.confirms_return_rule and any(returns.needs_confirmation(_kind_of(line.pack)) for line in lines):
        raise ReturnRuleUnconfirmed(field="confirms_return_rule")
    if not terms.is_adult and any(_has_alcohol(line) for line in lines):
        raise AgeUnconfirmed(field="is_adult")
    waiting = queries.unpaid_checkouts(by.person_id)
    if waiting >= MOST_UNPAID:
        raise TooManyUnpaid(count=waiting)
    parts = quotes(lines, province_code=terms.province_code)
    if total_of(parts) != terms.total or terms.basket not in ("", fingerprint(parts)):
        raise PriceChanged(total=str(total_of(parts)))
    moment = clock.now()
    until = holds.until(terms.pay_by, placed_at=moment)
    kept = stock.keep([Wish(line.pack, line.pieces) for line in lines], until=until)
    orders = [_order(part, checkout, terms, by=by, until=until, is_sample=is_sample) for part in parts]
    session().add_all(orders)
    session().flush()
    cart.empty(cart_key)
    for order in orders:
        audit.note("orders.placed", order.subject, by=by.actor, total=order.total.fen)
        emit(OrderPlaced(number=order.number, seller_id=order.seller_id, buyer_id=order.buyer_id))
    session().flush()
    # The books come last: from here to the commit the stock of a sought-after pack is locked.
    books.record(
        accounts.ORDER_PLACED,
        [*kept.voids, *kept.holds],
        by=by.actor,
        subject=f"checkout:{checkout}",
        key=f"order.placed:{checkout}",
    )
    return orders


def _refuse_bad_basket(lines: Sequence[BasketLine]) -> None:
    if not lines:
        raise EmptyBasket()
    for line in lines:
        if not line.is_on_sale:
            raise NotOnSale(title=line.pack.title)


def _order(part: Quote, checkout: str, terms: Terms, *, by: Viewer, until: datetime | None, is_sample: bool) -> Order:
    number = ids.public_number("D")
    safe = vault()
    seller = part.lines[0].seller
    order = Order(
        number=number,
        checkout=checkout,
        buyer_id=by.person_id,
        seller_id=seller.id,
        township_code=seller.township_code,
        pay_by=terms.pay_by,
        placed_at=clock.now(),
        placed_on=clock.today(),
        hold_until=until,
        goods=part.goods,
        freight=part.freight,
        weight=part.weight,
        consignee_sealed=safe.seal(terms.ship_to.consignee, field="orders.consignee", row=number),
        phone_sealed=safe.seal(terms.ship_to.phone, field="orders.phone", row=number),
        address_sealed=safe.seal(terms.ship_to.address, field="orders.address", row=number),
        province_code=terms.province_code,
        note=terms.note,
        is_sample=is_sample,
        adult_confirmed_at=clock.now() if any(_has_alcohol(line) for line in part.lines) else None,
    )
    order.lines = [_line(line) for line in part.lines]
    return order


def _line(line: BasketLine) -> OrderLine:
    kind = _kind_of(line.pack)
    return OrderLine(
        order_id=0,
        pack_id=line.pack.id,
        title=line.pack.title,
        net=line.pack.net,
        price=line.pack.price,
        pieces=line.pieces,
        return_rule=returns.rule_of(kind),
        rule_confirmed_at=clock.now() if returns.needs_confirmation(kind) else None,
    )


def _has_alcohol(line: BasketLine) -> bool:
    return catalog.product_kinds()[line.pack.product_key].is_alcohol


def _kind_of(pack: Pack) -> str:
    return catalog.product_kinds()[pack.product_key].kind


def pack(number: str, *, by: Viewer, weighed: Mapping[int, Weight] | None = None) -> Order:
    """The seller has packed his order. `weighed`: line id → what its pieces weigh together, where not as promised.

    The price of what is missing goes back by itself; of an order that is paid on delivery, the courier collects that
    much less. Raises `NotFound`, `MandateOver`, `IllegalMove`, `WeighedTooFar`.
    """
    order = queries.order_to_ship(by, number, lock=True)
    who = acting.in_name_of(order.seller_id, by=by)
    order.pack(at=clock.now())
    for line in order.lines:
        if weighed and line.id in weighed:
            line.weigh(weighed[line.id])
    missing = sum(line.missing.grams for line in order.lines)
    audit.note("orders.packed", order.subject, by=who, missing=missing)
    short = sum((line.short for line in order.lines), start=ZERO)
    if short:
        _packed_short(order, short, grams=missing, by=who)
    return order


def _packed_short(order: Order, short: Money, *, grams: int, by: str) -> None:
    was_paid = order.paid_at is not None
    if not was_paid:
        give_back(order, short)
    session().flush()
    emit(
        PackedShort(
            number=order.number,
            seller_id=order.seller_id,
            buyer_id=order.buyer_id,
            grams=grams,
            fen=short.fen,
            was_paid=was_paid,
            by=by,
        )
    )


def ship(number: str, *, courier: str, tracking: str, by: Viewer) -> Order:
    """The seller has given his order to the courier: the held pieces are sold, their grams are on the road.

    Of what was promised and is not in the boxes the grams are lost.
    Raises `NotFound`, `IllegalMove`, `HoldEnded`, and `LotRecalled` where some of it may not leave the store.
    """
    order = queries.order_to_ship(by, number, lock=True)
    who = acting.in_name_of(order.seller_id, by=by)
    order.ship(courier=courier, tracking=tracking, at=clock.now())
    movements = _shipping(order)
    session().flush()
    books.record(accounts.ORDER_SHIPPED, movements, by=who, subject=order.subject, key=f"order.shipped:{order.number}")
    audit.note("orders.shipped", order.subject, by=who, courier=courier)
    emit(OrderShipped(number=order.number, seller_id=order.seller_id, buyer_id=order.buyer_id))
    return order


def _shipping(order: Order) -> list[Movement]:
    held = holds_of(order)
    packs = _packs_of(order)
    lines = {line.pack_id: line for line in order.lines}
    if sum(hold.amount for hold in held) != sum(line.pieces for line in order.lines):
        raise HoldEnded()
    for lot in lots.locked_lots({stock.lot_of(hold.subject) for hold in held}):
        if lot.is_recalled:
            raise LotRecalled(lot=lot.code)
    movements: list[Movement] = []
    gone: Counter[int] = Counter()
    for hold in held:
        pack = packs[int(hold.goods.removeprefix("pack:"))]
        line, grams = lines[pack.id], stock.packed_grams_place(pack, lot_id=stock.lot_of(hold.subject))
        missing = pricing.share(line.missing.grams, of=line.pieces, first=gone[pack.id], count=hold.amount)
        gone[pack.id] += hold.amount
        lost = Place(grams.goods, accounts.LOSS_GRAMS, grams.party, grams.township)
        movements.append(Settle(hold.transfer_id))
        for place, amount in ((_on_road(order, pack), line.net.grams * hold.amount - missing), (lost, missing)):
            if amount:
                movements.append(Post(place, grams, amount))
    return movements


def holds_of(order: Order) -> list[balances.HeldGoods]:
    """What is held for the order now."""
    return balances.holds_of(f"checkout:{order.checkout}", party=accounts.seller_party(order.seller_id))


def _packs_of(order: Order) -> dict[int, Pack]:
    found = session().scalars(select(Pack).where(Pack.id.in_([line.pack_id for line in order.lines])))
    return {pack.id: pack for pack in found}


def wishes_of(order: Order) -> list[Wish]:
    """What the order wants, for holding it anew."""
    packs = _packs_of(order)
    return [Wish(packs[line.pack_id], line.pieces) for line in order.lines]


def _on_road(order: Order, pack: Pack) -> Place:
    return Place(
        accounts.fruit(pack.variety_key, pack.grade_key),
        accounts.ON_ROAD,
        accounts.seller_party(order.seller_id),
        order.township_code,
        subject=order.subject,
    )


def receive(number: str, *, by: Viewer) -> Order:
    """The buyer has his order: the fruit is sold, and its money is the seller's. Raises `NotFound`, `IllegalMove`."""
    order = queries.order_of(by, number, lock=True)
    received(order, by=by.actor)
    return order


def received(order: Order, *, by: str) -> None:
    """A locked order has arrived. Raises `IllegalMove`."""
    order.receive(at=clock.now())
    movements = [*_arrival(order), *_earnings(order)]
    session().flush()
    books.record(accounts.ORDER_RECEIVED, movements, by=by, subject=order.subject, key=f"order.received:{order.number}")
    audit.note("orders.received", order.subject, by=by)
    emit(OrderReceived(number=order.number, seller_id=order.seller_id, buyer_id=order.buyer_id))


def _arrival(order: Order) -> list[Movement]:
    grams: dict[Place, int] = {}
    packs = _packs_of(order)
    for line in order.lines:
        road = _on_road(order, packs[line.pack_id])
        grams[road] = grams.get(road, 0) + line.promised.grams - line.missing.grams
    return [
        Post(Place(road.goods, accounts.SOLD_GRAMS, road.party, road.township), road, amount)
        for road, amount in grams.items()
    ]


def _earnings(order: Order) -> list[Movement]:
    payer = prepaid(order)
    if order.pay_by is PayBy.CASH_ON_DELIVERY:
        payer = with_courier(order)
    return _credited(order, payer, before=(ZERO, ZERO))


def _credited(order: Order, payer: Place, *, before: tuple[Money, Money]) -> list[Movement]:
    """What the seller has from now on of the goods' price and the freight, above what he had of them before."""
    town, party = order.township_code, accounts.seller_party(order.seller_id)
    places = [
        accounts.money_place(accounts.PAYABLE, township=town, party=party),
        accounts.money_place(accounts.FREIGHT, township=town, party=party),
    ]
    parts = zip(places, earned(order), before, strict=True)
    return [Post(payer, place, (now - then).fen) for place, now, then in parts if now != then]


def earned(order: Order) -> tuple[Money, Money]:
    """What the seller earns with it: of the goods' price, and of the freight."""
    return pricing.earned(goods=order.goods, freight=order.freight, given_back=order.given_back)


def give_back(order: Order, amount: Money) -> None:
    """So much less of a locked order's price is earned when it is received; afterwards that is decided."""
    if order.received_at is not None:
        raise IllegalMove()
    order.given_back += amount


def keep_after_all(order: Order, amount: Money, *, by: str, key: str) -> None:
    """What was to go back of a locked order's price does not: the seller earns it, at once if it was received already.

    `key` names the change, once for ever.
    """
    before = earned(order)
    order.given_back -= amount
    if order.received_at is None:
        return
    movements = _credited(order, prepaid(order), before=before)
    session().flush()
    books.record(
        accounts.ORDER_RECEIVED, movements, by=by, subject=order.subject, key=f"order.received:{order.number}:{key}"
    )


def with_courier(order: Order) -> Place:
    """Where the money lies that the courier took for an order, until he hands it over."""
    return accounts.money_place(
        accounts.DUE_FROM_COURIER, township=order.township_code, party=f"courier:{order.courier}"
    )


def prepaid(order: Order) -> Place:
    """Where a buyer's money for an order lies until he has the goods or gets it back."""
    return accounts.money_place(
        accounts.PREPAID,
        township=order.township_code,
        party=accounts.seller_party(order.seller_id),
        subject=order.subject,
    )


def cancel(number: str, *, because: str, by: Viewer) -> Order:
    """Call the buyer's own order off and put its goods back on the shelf; paid money waits to be sent back.

    Raises `NotFound`, or `IllegalMove` once the order has shipped.
    """
    order = queries.order_of(by, number, lock=True)
    called_off(order, because=because, by=by.actor)
    return order


def called_off(order: Order, *, because: str, by: str) -> None:
    """A locked order is off. Raises `IllegalMove`."""
    was_paid = order.paid_at is not None
    order.cancel(because=because, at=clock.now())
    session().flush()
    held = holds_of(order)
    if held:
        books.record(
            accounts.ORDER_CANCELLED,
            blocking.given_up([hold.transfer_id for hold in held]),
            by=by,
            subject=order.subject,
            key=f"order.cancelled:{order.number}",
        )
    audit.note("orders.cancelled", order.subject, by=by, because=because)
    emit(OrderCancelled(number=order.number, seller_id=order.seller_id, buyer_id=order.buyer_id, was_paid=was_paid))


def expire_due(*, by: str, limit: int = 200) -> int:
    """Say of unpaid orders whose time is over that they have expired; their holds are free by time alone."""
    moment = clock.now()
    due = (
        select(Order)
        .where(Order.state == OrderState.PLACED, Order.hold_until <= moment)
        .order_by(Order.id)
        .limit(limit)
    )
    orders = session().scalars(locked(due)).all()
    for order in orders:
        order.expire(at=moment)
        audit.note("orders.expired", order.subject, by=by)
    return len(orders)


def receive_due(*, by: str, limit: int = 50) -> int:
    """Orders that were shipped 15 days ago and that nobody complained about count as received."""
    before = clock.now() - RECEIVED_AFTER
    due = select(Order.id).where(Order.state == OrderState.SHIPPED, Order.shipped_at <= before).order_by(Order.id)
    numbers = session().scalars(due.limit(limit)).all()
    for number in numbers:
        order = queries.locked_order(number)
        if order.state is OrderState.SHIPPED:
            received(order, by=by)
    return len(numbers)


def close_due(*, by: str, besides: Select[int], limit: int = 500) -> int:
    """Orders of which the seventh day after the day of receipt is over are done: nobody returns them without a reason.

    `besides` are the ids of those about which something is still open. Source: 消费者权益保护法 art. 25.
    """
    moment = clock.now()
    due = (
        select(Order)
        .where(Order.state == OrderState.RECEIVED, Order.received_at < clock.start_of(clock.today()) - CLOSED_AFTER)
        .where(Order.id.not_in(besides))
        .order_by(Order.id)
        .limit(limit)
    )
    orders = session().scalars(locked(due)).all()
    for order in orders:
        order.close(at=moment)
        audit.note("orders.closed", order.subject, by=by)
    return len(orders)

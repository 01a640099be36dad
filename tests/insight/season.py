"""A made-up season in the books, on the roles and kinds that trade uses, with its growers and its orders."""

import random
from datetime import date, datetime, timedelta

from sqlalchemy import insert

from app.kernel.clock import SHANGHAI
from app.kernel.db import session, transaction
from app.kernel.money import Money
from app.kernel.weight import Weight
from app.ledger.books import seals
from app.ledger.books.movements import CNY, Kind, Place, Post, Role
from app.ledger.books.service import record, reverse
from app.people.accounts.models import Person
from app.people.growers.models import Seller, StatusChange
from app.people.growers.states import SellerKind, SellerStatus
from app.people.townships import service as townships
from app.trade.freight.models import Province
from app.trade.orders.models import Order
from app.trade.orders.states import OrderState, PayBy
from app.trade.stock.accounts import (
    FREIGHT,
    LOOSE,
    LOSS_GRAMS,
    LOT_PACKED,
    LOT_RECEIVED,
    MONEY_IN,
    ON_ROAD,
    ORDER_RECEIVED,
    ORDER_SHIPPED,
    PACKED_GRAMS,
    PAYABLE,
    PAYMENT_CONFIRMED,
    PAYMENT_REFUNDED,
    PREPAID,
    SOLD_GRAMS,
    STOCK_WITHDRAWN,
    SUPPLIED,
    fruit,
)

SEASON_BEGINS = date(2015, 9, 20)
OLD_CODE, NEW_CODE = "141125202", "141125108"
TOWNSHIPS = ("141125105", "141125107", "141125204", OLD_CODE, NEW_CODE)
DATES = (date(2015, 10, 15), date(2015, 12, 1), date(2016, 3, 1))
WOOD = fruit("木枣", "一级")


class Season:
    """Writes one event after another, each under a key of its own."""

    def __init__(self, seed: int = 1) -> None:
        self.chance = random.Random(seed)
        self.events = 0

    def record(self, kind: Kind, posts: list[Post], on: date) -> int:
        self.events += 1
        with transaction():
            recorded = record(kind, posts, by="test", subject="order:1", key=f"season:{self.events}", on=on)
        return recorded.event_id

    def reverse(self, kind: Kind, event_id: int, on: date) -> None:
        self.events += 1
        with transaction():
            reverse(kind, event_id, by="test", key=f"season:{self.events}", on=on)

    def lot(self, township: str, *, grams: int, on: date, sales: int) -> None:
        """A lot comes in, is packed, sold in parts, and some of it is lost."""

        def goods(role: Role) -> Place:
            return Place(WOOD, role, f"seller:{township}", township, subject=f"lot:{township}")

        def money(role: Role) -> Place:
            return Place(CNY, role, f"seller:{township}", township)

        self.record(LOT_RECEIVED, [Post(goods(LOOSE), goods(SUPPLIED), grams)], on)
        self.record(LOT_PACKED, [Post(goods(PACKED_GRAMS), goods(LOOSE), grams // 2)], on + timedelta(days=1))
        day = on + timedelta(days=2)
        part = grams // 2 // (sales + 1)
        for _ in range(sales):
            day += timedelta(days=self.chance.randrange(5))
            fen = part * self.chance.randint(5, 9)
            freight = self.chance.randint(0, 1500)
            paid = [Post(money(MONEY_IN), money(PREPAID), fen + freight)]
            self.record(PAYMENT_CONFIRMED, paid, day)
            self.record(ORDER_SHIPPED, [Post(goods(ON_ROAD), goods(PACKED_GRAMS), part)], day)
            posts = [
                Post(goods(SOLD_GRAMS), goods(ON_ROAD), part),
                Post(money(PREPAID), money(PAYABLE), fen),
            ]
            if freight:
                posts.append(Post(money(PREPAID), money(FREIGHT), freight))
            self.record(ORDER_RECEIVED, posts, day + timedelta(days=4))
        self.record(STOCK_WITHDRAWN, [Post(goods(LOSS_GRAMS), goods(PACKED_GRAMS), 1 + part // 3)], day)

    def undone_sale(self, township: str, *, on: date) -> None:
        """A sale that is taken back whole."""
        goods = [Place(WOOD, role, "seller:9", township, subject="lot:9") for role in (LOOSE, SUPPLIED, PACKED_GRAMS)]
        self.record(LOT_RECEIVED, [Post(goods[0], goods[1], 9_000)], on)
        money = [Place(CNY, role, "seller:9", township) for role in (MONEY_IN, PREPAID, PAYABLE)]
        self.record(PAYMENT_CONFIRMED, [Post(money[0], money[1], 20_001)], on)
        sold = Place(WOOD, SOLD_GRAMS, "seller:9", township, subject="lot:9")
        sale = self.record(ORDER_RECEIVED, [Post(sold, goods[0], 2_501), Post(money[1], money[2], 20_001)], on)
        self.reverse(ORDER_RECEIVED, sale, on + timedelta(days=9))
        self.record(PAYMENT_REFUNDED, [Post(money[1], money[0], 20_001)], on + timedelta(days=9))


def a_season(*, lots: int = 6, sales: int = 4, seed: int = 1) -> None:
    """Townships, fruit, money, growers and orders; half of it in the daily sums, the older part sealed."""
    with transaction():
        townships.load("test")
    season = Season(seed)
    for n in range(lots):
        township = TOWNSHIPS[n % len(TOWNSHIPS)]
        on = SEASON_BEGINS + timedelta(days=season.chance.randrange(60))
        season.lot(township, grams=season.chance.randint(200_000, 900_000), on=on, sales=sales)
        if n == lots // 2:
            with transaction():
                seals.feed_daily()
                seals.seal(date(2016, 2, 1))
    season.undone_sale(TOWNSHIPS[1], on=date(2015, 11, 3))
    with transaction():
        _growers_and_orders(season.chance, households=2 * lots, orders=3 * lots)


def _growers_and_orders(chance: random.Random, *, households: int, orders: int) -> None:
    moment = datetime(2015, 9, 1, 9, tzinfo=SHANGHAI)
    person = Person(
        phone_index="x",
        phone_sealed=b"x",
        name="王枣花",
        password_hash="x",
        password_changed_at=moment,
        created_at=moment,
    )
    session().add_all([person, Province(code="14", name="山西", zone="near", is_served=True)])
    session().flush()
    sellers = [_seller(chance, n, person, moment) for n in range(households)]
    lines = [_order(chance, n, person, sellers[n % len(sellers)]) for n in range(orders)]
    session().execute(insert(Order), lines)


def _seller(chance: random.Random, n: int, person: Person, moment: datetime) -> Seller:
    seller = Seller(
        slug=f"wang-{n}",
        name=f"王家枣园{n}",
        kind=SellerKind.COOP if n % 7 == 3 else SellerKind.HOUSEHOLD,
        township_code=TOWNSHIPS[n % len(TOWNSHIPS)],
        contact_person_id=person.id,
        created_at=moment,
    )
    session().add(seller)
    session().flush()
    # Late in the evening, which is the next day in UTC's eyes no more than in ours.
    verified = moment.replace(hour=23, minute=30) + timedelta(days=chance.randrange(60))
    steps = [(SellerStatus.APPLIED, None, moment), (SellerStatus.ACTIVE, SellerStatus.APPLIED, verified)]
    if n % 5 == 4:
        steps += [
            (SellerStatus.SUSPENDED, SellerStatus.ACTIVE, verified + timedelta(days=3)),
            (SellerStatus.ACTIVE, SellerStatus.SUSPENDED, verified + timedelta(days=5)),
            (SellerStatus.CLOSED, SellerStatus.ACTIVE, verified + timedelta(days=30)),
        ]
    for new, old, at in steps:
        session().add(StatusChange(seller_id=seller.id, at=at, by="test", new=new, because="", old=old))
    return seller


def _order(chance: random.Random, n: int, person: Person, seller: Seller) -> dict[str, object]:
    placed = datetime(2015, 10, 1, 0, 30, tzinfo=SHANGHAI) + timedelta(days=chance.randrange(120))
    states = (OrderState.RECEIVED, OrderState.CANCELLED, OrderState.PAID, OrderState.PLACED, OrderState.EXPIRED)
    return {
        "number": f"D{n:05d}",
        "checkout": "c",
        "buyer_id": person.id,
        "seller_id": seller.id,
        "township_code": seller.township_code,
        "pay_by": PayBy.ONLINE,
        "placed_at": placed,
        "placed_on": placed.date(),
        "hold_until": placed + timedelta(minutes=15),
        "goods": Money(1000),
        "freight": Money(0),
        "weight": Weight(500),
        "consignee_sealed": b"x",
        "phone_sealed": b"x",
        "address_sealed": b"x",
        "province_code": "14",
        "state": states[n % len(states)],
    }

"""The standing cast: Li buys, Wang grows in Mengmen and Gao in Sanjiao, Zhao clerks in Mengmen, Qian for the county,
Sun audits, Zhou administers. Everything they have was asked of the services, as the doors do it."""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from datetime import date, datetime, timedelta

import pytest
from argon2 import PasswordHasher
from sqlalchemy import text

from app import policy, wiring
from app.kernel import clock
from app.kernel.checks import Check, Finding
from app.kernel.db import Database, session, transaction
from app.kernel.money import Money
from app.kernel.permissions import COUNTY, Grant, Viewer
from app.kernel.weight import Weight
from app.people.accounts import passwords
from app.people.accounts import queries as accounts_queries
from app.people.accounts import service as accounts
from app.people.accounts.states import Role
from app.people.growers import service as growers
from app.people.growers.models import Seller
from app.people.growers.service import Application
from app.people.growers.states import SellerKind
from app.people.townships import service as townships
from app.trade.cart import service as cart
from app.trade.catalog import service as catalog
from app.trade.catalog.models import UNGRADED, Pack
from app.trade.catalog.service import Description
from app.trade.freight import service as freight
from app.trade.lots.models import Lot
from app.trade.lots.service import Harvest
from app.trade.orders import queries as orders_queries
from app.trade.orders import service as orders
from app.trade.orders.models import Order
from app.trade.orders.queries import ShipTo
from app.trade.orders.service import HoldTimes, Terms
from app.trade.orders.states import PayBy
from app.trade.payments import service as payments
from app.trade.payments.models import Payment
from app.trade.payments.permissions import PAYMENTS_CONFIRM
from app.trade.payments.service import BANK_TRANSFER, Notice
from app.trade.stock import queries as stock_queries
from app.trade.stock import service as stock

MENGMEN = "141125107"
SANJIAO = "141125105"
PASSWORD = "a jujube tree by the river"
SHANXI, GUANGDONG = "14", "44"
HOME = ShipTo("李晓月", "13812345678", "太原市迎泽区桃园路四十七号三单元")
HOLDS = HoldTimes.of(900, 48)

_numbers = itertools.count(1)


def a_phone() -> str:
    """A number that nobody has yet."""
    return f"139{next(_numbers):08d}"


@contextmanager
def at(moment: datetime) -> Iterator[None]:
    """Inside, it is that moment for what is read and written anew; at its end the worker comes by."""
    with clock.pinned(moment):
        _read_anew()
        yield
        _read_anew()
        with transaction():
            orders.expire_due(by="worker")
    _read_anew()


def later(**span: int) -> datetime:
    """The moment after such a span from now."""
    _read_anew()
    return clock.now() + timedelta(**span)


def today() -> date:
    """The Shanghai day that it is."""
    _read_anew()
    return clock.today()


def _read_anew() -> None:
    session().rollback()
    session().expire_all()
    session().info.clear()


@pytest.fixture
def county(db: Database) -> Iterator[Database]:
    """A county with its townships, varieties, grades, products, provinces and freight, but nobody in it yet."""
    before = passwords.use(PasswordHasher(time_cost=1, memory_cost=8, parallelism=1))
    with transaction():
        townships.load("test")
        catalog.load_facts(by="test")
        freight.load_provinces(by="test")
        for zone, first, following in (("near", 600, 200), ("far", 1200, 800)):
            freight.set_rate(
                zone,
                first_kg=Money(first),
                next_kg=Money(following),
                free_from=None,
                valid_from=clock.today(),
                by="test",
            )
    yield db
    passwords.use(before)


def a_viewer(name: str, *held: tuple[Role, str]) -> Viewer:
    """A new person with these roles, signed in and stepped up."""
    with transaction():
        person = accounts.sign_up(a_phone(), name, PASSWORD, consent_version="2026-01")
        assert person is not None
        for role, scope in held:
            accounts.appoint(person.id, role, scope, by="test", because="test")
    return seen_anew(person.id)


def seen_anew(person_id: int) -> Viewer:
    """The person with the rights that he has by now."""
    person = accounts_queries.person(person_id)
    held = [Grant(one.role.value, one.scope) for one in accounts_queries.grants_of(person_id)]
    grants = (accounts_queries.EVERYBODY, *held)
    return Viewer.of(person_id=person.id, name=person.name, grants=grants, policy=policy.POLICY)


@pytest.fixture
def li(county: Database) -> Viewer:
    return a_viewer("李晓月")


@pytest.fixture
def hu(county: Database) -> Viewer:
    """Another buyer."""
    return a_viewer("胡远方")


@pytest.fixture
def zhao(county: Database) -> Viewer:
    return a_viewer("赵文书", (Role.TOWNSHIP, f"township:{MENGMEN}"))


@pytest.fixture
def qian(county: Database) -> Viewer:
    return a_viewer("钱县办", (Role.COUNTY, COUNTY))


@pytest.fixture
def sun(county: Database) -> Viewer:
    return a_viewer("孙审计", (Role.AUDITOR, COUNTY))


@pytest.fixture
def zhou(county: Database) -> Viewer:
    return a_viewer("周管理", (Role.ADMIN, COUNTY))


@pytest.fixture
def wang(county: Database, zhao: Viewer) -> Viewer:
    """Grows in Mengmen, and is verified."""
    return a_grower("王枣林", "王家枣园", MENGMEN, verified_by=zhao)


@pytest.fixture
def gao(county: Database) -> Viewer:
    """Grows in Sanjiao, and is verified."""
    official = a_viewer("郑文书", (Role.TOWNSHIP, f"township:{SANJIAO}"))
    return a_grower("高满仓", "高家枣园", SANJIAO, verified_by=official)


def a_grower(name: str, shop: str, township: str, *, verified_by: Viewer, licence: str | None = None) -> Viewer:
    """A person whose household sells fruit, verified by that official."""
    person = a_viewer(name)
    application = Application(
        kind=SellerKind.HOUSEHOLD,
        name=shop,
        township_code=township,
        licence_no=licence,
        head_name=name,
        members=4,
    )
    with transaction():
        seller = growers.apply(application, person_id=person.person_id, by=person.actor)
    with transaction():
        growers.verify(seller.id, by=verified_by, because="上门看过枣园")
    return seen_anew(person.person_id)


def shop_of(grower: Viewer) -> Seller:
    """The seller for whom the grower acts."""
    (number,) = grower.seller_ids
    return session().get_one(Seller, number)


def described(
    *,
    title: str = "柳林木枣 五斤装",
    net: int = 2500,
    price: int = 6800,
    variety: str = "muzao",
    grade: str = UNGRADED,
    product: str = "ganzhi-hongzao",
    words: str = "",
) -> Description:
    """What a grower says of a pack: grams and fen."""
    return Description(variety, grade, product, Weight(net), Money(price), title, words)


def a_pack(grower: Viewer, *, pieces: int = 10, said: Description | None = None, keeps_days: int = 180) -> Pack:
    """A pack on sale, with so many pieces of one lot."""
    with transaction():
        seller = shop_of(grower)
        pack = catalog.publish(seller, said or described(), graded_on=clock.today(), by=grower.actor)
        if pieces:
            _pack_lot(pack, seller, pieces=pieces, keeps_days=keeps_days)
    return pack


def more_of(pack: Pack, *, pieces: int, keeps_days: int = 180) -> Lot:
    """A further lot of the pack's fruit."""
    with transaction():
        return _pack_lot(pack, session().get_one(Seller, pack.seller_id), pieces=pieces, keeps_days=keeps_days)


def _pack_lot(pack: Pack, seller: Seller, *, pieces: int, keeps_days: int) -> Lot:
    day = clock.today()
    harvest = Harvest("南垣村", pack.variety_key, pack.grade_key, day.year, day + timedelta(days=keeps_days))
    return stock.pack_lot(pack, seller, harvest, pieces=pieces, by="test")


@pytest.fixture
def gift_box(wang: Viewer) -> Pack:
    """Ten boxes of Wang's, 2.5 kg at 68.00 each."""
    return a_pack(wang)


def available(pack: Pack) -> int:
    """How many pieces can be ordered now."""
    _read_anew()
    return stock_queries.available([pack.id])[pack.id]


def basket_of(who: Viewer) -> str:
    """The key of his basket."""
    return f"basket-of-{who.person_id}"


def fill(who: Viewer, wanted: Mapping[str, int]) -> None:
    """Slug → pieces: put into his basket."""
    with transaction():
        for slug, pieces in wanted.items():
            cart.add(basket_of(who), slug, pieces=pieces)


def terms(who: Viewer, *, pay_by: PayBy = PayBy.BANK_TRANSFER, province: str = SHANXI) -> Terms:
    """What he agrees to when he sees his basket now."""
    parts = orders.quotes(cart.lines_of(basket_of(who)), province_code=province)
    return Terms(pay_by, HOME, province, orders.total_of(parts), confirms_return_rule=True)


def place(who: Viewer, agreed: Terms | None = None, *, checkout: str = "") -> list[Order]:
    """His basket as orders, in a transaction."""
    agreed = agreed or terms(who)
    with transaction():
        return place_within(who, agreed, checkout=checkout)


def place_within(who: Viewer, agreed: Terms, *, checkout: str = "") -> list[Order]:
    """The same inside the open transaction."""
    checkout = checkout or f"G-{who.person_id}-{next(_numbers)}"
    return orders.place(checkout, agreed, cart_key=basket_of(who), by=who, holds=HOLDS)


def an_order_of(pieces: int, pack: Pack, *, buyer: Viewer, pay_by: PayBy = PayBy.BANK_TRANSFER) -> Order:
    """An order of one pack, placed."""
    fill(buyer, {pack.slug: pieces})
    (order,) = place(buyer, terms(buyer, pay_by=pay_by))
    return order


def pay(order: Order, *, by: Viewer, reference: str = "", amount: Money | None = None) -> Payment:
    """The official confirms that the transfer came."""
    notice = Notice(BANK_TRANSFER, reference or f"T{next(_numbers)}", amount or order.total)
    with transaction():
        locked = orders_queries.order_in_scope(by, order.number, PAYMENTS_CONFIRM, lock=True)
        return payments.confirm(locked, notice, by=by.actor)


def pack(order: Order, *, by: Viewer) -> None:
    with transaction():
        orders.pack(order.number, by=by)


def ship(order: Order, *, by: Viewer) -> None:
    with transaction():
        orders.ship(order.number, courier="中国邮政", tracking="YZ0001", by=by)


def receive(order: Order, *, by: Viewer) -> None:
    with transaction():
        orders.receive(order.number, by=by)


def cancel(order: Order, *, by: Viewer) -> None:
    with transaction():
        orders.cancel(order.number, because="不想要了", by=by)


def fresh(order: Order) -> Order:
    """The order as it is in the database now, with its lines."""
    _read_anew()
    with transaction():
        return orders_queries.locked_order(order.id)


def findings(checks: Iterable[Check] = wiring.CHECKS) -> dict[str, list[Finding]]:
    """What the checks find, by code, those that only watch for age left out."""
    _read_anew()
    found = {check.code: list(check.find()) for check in checks if not check.by_age}
    _read_anew()
    return {code: rows for code, rows in found.items() if rows}


def sql(statement: str, **values: object) -> None:
    """Raw SQL past the services, as somebody at the database's console would."""
    with transaction() as current:
        current.execute(text(statement), values)


def answer(query: str, **values: object) -> int:
    """One whole number from the database."""
    _read_anew()
    return int(session().execute(text(query), values).scalar_one() or 0)

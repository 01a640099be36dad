"""Every page of the product as its readers open it: what it asks of the database and what it weighs."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum, auto

from flask import Flask
from sqlalchemy import select

from app.kernel import ids
from app.kernel.db import Database, session, transaction
from app.kernel.permissions import COUNTY, Grant, Viewer
from app.people.accounts import service as accounts
from app.people.accounts.models import Person
from app.people.accounts.queries import EVERYBODY
from app.people.accounts.states import Role
from app.people.growers.models import Seller
from app.people.messages import service as messages
from app.people.purse import service as purse
from app.people.purse.service import Given
from app.people.purse.states import Bank
from app.policy import POLICY
from app.trade.cart import service as cart
from app.trade.catalog.models import Pack
from app.trade.lots import codes
from app.trade.lots.models import Lot
from app.trade.orders import service as orders
from app.trade.orders.queries import ShipTo
from app.trade.orders.service import HoldTimes, Terms
from app.trade.orders.states import PayBy
from app.trade.settlements.models import Settlement
from bench import buying, milling, paying, selling
from bench import county as counties
from bench.county import BY, PROVINCE, Till
from bench.statements import counted

MOST = 12
WHOLE_LIFE = 18
"""For a page that tells the whole life of one thing, with a part from each slice that knows of it."""
WARM_SHELF = 4


class Reader(Enum):
    """Who opens a page."""

    ANYBODY = auto()
    BUYER = auto()
    SELLER = auto()
    OFFICIAL = auto()
    ADMIN = auto()


@dataclass(frozen=True, slots=True)
class Page:
    """A page; `{pack}`, `{order}`, `{seller}`, `{account}` and the like are what the county has."""

    path: str
    reader: Reader = Reader.ANYBODY
    most: int = MOST


SHELF = Page("/shelf")
PAGES = (
    Page("/"),
    SHELF,
    Page("/shelf?sort=cheapest&township={township}&low=1&high=500"),
    Page("/shelf?q=红枣&seller=示例&sort=newest"),
    Page("/shelf", Reader.BUYER),
    Page("/packs/{pack}"),
    Page("/packs/{pack}", Reader.BUYER),
    Page("/townships/{township}"),
    Page("/sellers/{seller}"),
    Page("/packs/{pack}/reviews"),
    Page("/mark"),
    Page("/county/radar"),
    Page("/purchase-points"),
    Page("/purchase-points/{point}"),
    Page("/complaints"),
    Page("/sign-in"),
    Page("/sign-in/code"),
    Page("/sign-up"),
    Page("/lots/{signed_lot}"),
    Page("/recalls"),
    Page("/cart", Reader.BUYER),
    Page("/checkout", Reader.BUYER),
    Page("/orders", Reader.BUYER),
    Page("/orders/{order}", Reader.BUYER, WHOLE_LIFE),
    Page("/orders/{order}/returns", Reader.BUYER),
    Page("/orders/{order}/reviews", Reader.BUYER),
    Page("/me", Reader.BUYER),
    Page("/me/password", Reader.BUYER),
    Page("/complaints/mine", Reader.BUYER),
    Page("/me/addresses", Reader.BUYER),
    Page("/me/addresses/new", Reader.BUYER),
    Page("/me/messages", Reader.BUYER),
    Page("/me/mail", Reader.BUYER),
    Page("/grower/", Reader.SELLER),
    Page("/grower/listings", Reader.SELLER),
    Page("/grower/listings/new", Reader.SELLER),
    Page("/grower/listings/new?fresh=1", Reader.SELLER),
    Page("/grower/listings/offline"),
    Page("/grower/listings/{pack}", Reader.SELLER),
    Page("/grower/orders", Reader.SELLER),
    Page("/grower/orders/{order}", Reader.SELLER),
    Page("/grower/returns", Reader.SELLER),
    Page("/grower/intakes", Reader.SELLER),
    Page("/grower/intakes/at/{point}", Reader.SELLER),
    Page("/grower/intakes/{intake}", Reader.SELLER, WHOLE_LIFE),
    Page("/grower/points/{point}", Reader.SELLER),
    Page("/grower/deliveries", Reader.SELLER),
    Page("/grower/deliveries/{intake}", Reader.SELLER, WHOLE_LIFE),
    Page("/grower/lots/{lot}/trace", Reader.SELLER, WHOLE_LIFE),
    Page("/grower/lots", Reader.SELLER),
    Page("/grower/lots/new", Reader.SELLER),
    Page("/grower/processing", Reader.SELLER),
    Page("/grower/processing/new?step=mix", Reader.SELLER),
    Page("/grower/apply", Reader.BUYER),
    Page("/grower/identity", Reader.SELLER),
    Page("/grower/shops/{seller_id}", Reader.SELLER),
    Page("/grower/purse", Reader.SELLER),
    Page("/grower/agents", Reader.SELLER),
    Page("/agent/", Reader.SELLER),
    Page("/grower/statements", Reader.SELLER),
    Page("/grower/statements/{statement}", Reader.SELLER),
    Page("/grower/statements/{statement}/entries", Reader.SELLER),
    Page("/grower/statements/{statement}/slip", Reader.SELLER),
    Page("/grower/invoices", Reader.SELLER),
    Page("/grower/complaints", Reader.SELLER),
    Page("/grower/reviews", Reader.SELLER),
    Page("/desk/", Reader.OFFICIAL),
    Page("/desk/pending", Reader.OFFICIAL),
    Page("/desk/radar", Reader.OFFICIAL),
    Page("/desk/growers", Reader.OFFICIAL),
    Page("/desk/growers/{seller_id}", Reader.OFFICIAL),
    Page("/desk/accounts?state=ended", Reader.OFFICIAL),
    Page("/desk/agents", Reader.OFFICIAL),
    Page("/desk/accounts/{account}", Reader.OFFICIAL),
    Page("/desk/packs?q=红枣", Reader.OFFICIAL),
    Page("/desk/packs/{pack}", Reader.OFFICIAL),
    Page("/desk/orders", Reader.OFFICIAL),
    Page("/desk/orders/{order}", Reader.OFFICIAL),
    Page("/desk/returns", Reader.OFFICIAL),
    Page("/desk/intakes", Reader.OFFICIAL),
    Page("/desk/intakes/{intake}", Reader.OFFICIAL, WHOLE_LIFE),
    Page("/desk/recalls", Reader.OFFICIAL),
    Page("/desk/lots/{lot}", Reader.OFFICIAL, WHOLE_LIFE),
    Page("/desk/processing", Reader.OFFICIAL),
    Page("/desk/mark", Reader.OFFICIAL),
    Page("/desk/payments", Reader.OFFICIAL),
    Page("/desk/payments/{order}", Reader.OFFICIAL),
    Page("/desk/approvals", Reader.OFFICIAL),
    Page("/desk/settlements", Reader.OFFICIAL),
    Page("/desk/settlements/{settlement}", Reader.OFFICIAL),
    Page("/desk/settlements/statements/{statement}", Reader.OFFICIAL),
    Page("/desk/corrections", Reader.OFFICIAL),
    Page("/desk/fees", Reader.OFFICIAL),
    Page("/imports", Reader.OFFICIAL),
    Page("/desk/payouts", Reader.OFFICIAL),
    Page("/desk/payouts/list?state=held", Reader.OFFICIAL),
    Page("/desk/payouts/files/{payout_file}", Reader.OFFICIAL),
    Page("/desk/payouts/returns/{bank_return}", Reader.OFFICIAL),
    Page("/desk/invoices", Reader.OFFICIAL),
    Page("/desk/complaints", Reader.OFFICIAL),
    Page("/desk/reviews", Reader.OFFICIAL),
    Page("/desk/complaints?list=ended", Reader.OFFICIAL),
    Page("/desk/freight", Reader.OFFICIAL),
    Page("/desk/checks", Reader.OFFICIAL),
    Page("/desk/checks/V4", Reader.OFFICIAL),
    Page("/desk/outbox?state=waiting", Reader.ADMIN),
    Page("/desk/people", Reader.ADMIN),
    Page("/desk/people/{person}", Reader.ADMIN),
)


class Book:
    """A county in an empty database that grows on demand, and its pages."""

    def __init__(self, app: Flask) -> None:
        self._app = app
        database = app.extensions["liulin.database"]
        assert isinstance(database, Database)
        self._engine = database.engine
        with app.app_context():
            self._county = counties.load(packs=0)
            self._buyer = _person("13800000002", "李买枣")
            self._cart_key = ids.token()
            self._cookies = self._sign_everybody_in()
            self._scale = buying.open_scale(self._county.seller_id, buyer=self._seller())
        self._order = ""
        self._accounts = 0
        self._account = 0
        self._paid = paying.Paid("", "")
        self._statement = ("", "")

    def grow(self, *, packs: int, orders: int) -> None:
        """So many more packs, also in the buyer's basket, so many more orders of his, each told in his inbox.

        The seller changes his bank account as often as there are new orders.
        """
        with self._app.app_context():
            new = counties.more_packs(self._county, packs, pieces=1_000)
            self._county.packs.extend(new)
            for slug in self._county.packs[-packs:][:20]:
                with transaction():
                    cart.add(self._cart_key, slug, pieces=1)
            if orders:
                self._give_account()
                buying.buy(self._scale, count=orders)
                milling.mill(self._seller(), count=orders)
                self._paid = paying.pay(self._county.seller_id, official=self._official, count=orders)
            for number in range(orders):
                self._give_account()
                self._order = self._place(delivered=number > 0)
                with transaction():
                    messages.tell([self._buyer], "示例：订单有了新进展", link=f"/orders/{self._order}")
                    messages.text([self._buyer], "示例：订单有了新进展")
            if orders > 1:
                statement = selling.settle(officials=(self._official, self._second))
                self._statement = (statement.number, session().get_one(Settlement, statement.settlement_id).number)

    def _place(self, *, delivered: bool) -> str:
        who = Viewer.of(person_id=self._buyer, name="李买枣", grants=[EVERYBODY], policy=POLICY)
        key = ids.token()
        with transaction():
            cart.add(key, self._county.packs[0], pieces=1)
        total = orders.total_of(orders.quotes(cart.lines_of(key), province_code=PROVINCE))
        terms = Terms(PayBy.BANK_TRANSFER, ShipTo("李买枣", "13900000002", "示例路1号"), PROVINCE, total)
        with transaction():
            placed = orders.place(
                ids.public_number("G"), terms, cart_key=key, by=who, holds=HoldTimes.of(900, 48), is_sample=True
            )
        if delivered:
            selling.deliver(placed[0].number, buyer=who, seller=self._seller(), official=self._official)
        return placed[0].number

    def _seller(self) -> Viewer:
        grant = Grant(Role.SELLER.value, f"seller:{self._county.seller_id}")
        return Viewer.of(person_id=self._county.seller_person_id, name="王枣花", grants=[grant], policy=POLICY)

    def _give_account(self) -> None:
        person = session().get_one(Person, self._county.seller_person_id)
        who = Viewer.of(person_id=person.id, name=person.name, grants=[EVERYBODY], policy=POLICY)
        holder = session().get_one(Seller, self._county.seller_id).name
        self._accounts += 1
        number = f"{self._accounts:012d}"
        with transaction():
            given = Given(self._county.seller_id, holder, Bank.RURAL, number)
            self._account = purse.give(given, consent_version="1", by=who).id

    def _sign_everybody_in(self) -> dict[Reader, str]:
        till = Till(self._app)
        official, admin = _person("13800000003", "孙主任"), _person("13800000004", "赵管理")
        self._official, self._second = official, _person("13800000005", "田主任")
        with transaction():
            for one in (official, self._second):
                accounts.appoint(one, Role.COUNTY, COUNTY, by=BY, because="示例数据")
            accounts.appoint(admin, Role.ADMIN, COUNTY, by=BY, because="示例数据")
        return {
            Reader.ANYBODY: "",
            Reader.BUYER: till.cookie_of(self._buyer, cart_key=self._cart_key),
            Reader.SELLER: till.cookie_of(self._county.seller_person_id),
            Reader.OFFICIAL: till.cookie_of(official),
            Reader.ADMIN: till.cookie_of(admin),
        }

    def path(self, page: Page) -> str:
        """The address of a page."""
        with self._app.app_context():
            township = session().scalars(select(Pack.township_code)).first()
            lot = session().scalars(select(Lot.code).order_by(Lot.id)).first() or ""
            signed_lot = codes.signed(lot)
        return page.path.format(
            pack=self._county.packs[0],
            order=self._order,
            seller=self._county.seller_slug,
            seller_id=self._county.seller_id,
            account=self._account,
            statement=self._statement[0],
            settlement=self._statement[1],
            payout_file=self._paid.file,
            bank_return=self._paid.answer,
            township=township,
            lot=lot,
            signed_lot=signed_lot,
            person=self._buyer,
            point=self._scale.slug,
            intake=self._scale.number,
        )

    def open(self, page: Page) -> bytes:
        """The page as it goes over the line, compressed. Raises `NotShown`."""
        headers = {"Accept-Encoding": "gzip", "Host": "localhost"}
        if page.reader is not Reader.ANYBODY:
            headers["Cookie"] = self._cookies[page.reader]
        response = self._app.test_client(use_cookies=False).get(self.path(page), headers=headers)
        if response.status_code != 200:
            raise NotShown(f"{page.path}: {response.status_code}")
        body: bytes = response.get_data()
        return body

    def weight(self, path: str) -> int:
        """Bytes of a static file on the line. Raises `NotShown`."""
        headers = {"Accept-Encoding": "gzip", "Host": "localhost"}
        with self._app.test_client(use_cookies=False).get(path, headers=headers) as response:
            if response.status_code != 200:
                raise NotShown(f"{path}: {response.status_code}")
            return len(response.get_data())

    def statements(self, page: Page) -> list[str]:
        """What a warm page asks of the database."""
        self.open(page)
        path = self.path(page)
        headers = {"Host": "localhost", "Cookie": self._cookies[page.reader]}
        with counted(self._engine) as said:
            self._app.test_client(use_cookies=False).get(path, headers=headers)
        return said


class NotShown(RuntimeError):
    """A page did not answer with 200."""


def _person(phone: str, name: str) -> int:
    with transaction():
        person = accounts.sign_up(phone, name, "a long sentence, for measuring only", consent_version="1")
        assert isinstance(person, Person)
    return person.id

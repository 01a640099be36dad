"""A county for measuring: one seller, packs on the shelf, packs for the storm, and buyers who stand at the till."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from urllib.parse import urlencode

from flask import Flask
from flask.sessions import SecureCookieSessionInterface
from itsdangerous import URLSafeTimedSerializer
from sqlalchemy import func, insert, select, update

from app.kernel import clock, ids
from app.kernel.db import session, transaction
from app.kernel.money import Money
from app.kernel.permissions import COUNTY, Grant, Viewer
from app.kernel.weight import Weight
from app.ledger.books.models import Account
from app.people.accounts import service as accounts
from app.people.accounts.models import Person, SignIn
from app.people.accounts.queries import PHONE_FIELD, index_of
from app.people.accounts.sealing import vault
from app.people.accounts.states import Role
from app.people.growers import service as growers
from app.people.growers.models import Seller
from app.people.growers.service import Application
from app.people.growers.states import SellerKind
from app.people.townships import queries as townships_queries
from app.people.townships import service as townships
from app.policy import POLICY
from app.trade.cart import service as cart
from app.trade.cart.models import CartLine
from app.trade.catalog import queries as catalog_queries
from app.trade.catalog import service as catalog
from app.trade.catalog.models import UNGRADED, Pack
from app.trade.catalog.service import Description
from app.trade.freight import service as freight
from app.trade.lots.service import Harvest
from app.trade.orders import service as orders
from app.trade.orders.models import Order, OrderLine
from app.trade.orders.states import PayBy
from app.trade.stock import service as stock
from app.trade.stock.models import PackedLot

BY = "bench"
PROVINCE = "14"
PRODUCT = "ganzhi-hongzao"


@dataclass(frozen=True, slots=True)
class County:
    """What the measurements need to know: the seller, his sign-in, and the slugs of his packs."""

    seller_id: int
    seller_slug: str
    seller_person_id: int
    packs: list[str]


def load(*, packs: int) -> County:
    """Townships, the catalogue, freight, a seller and so many packs with stock, in an empty database."""
    with transaction():
        townships.load(BY)
        catalog.load_facts(by=BY)
        freight.load_provinces(by=BY)
        for zone in freight.ZONES:
            freight.set_rate(
                zone, first_kg=Money(800), next_kg=Money(200), free_from=None, valid_from=clock.today(), by=BY
            )
    with transaction():
        seller = _a_seller()
    assert seller.contact_person_id is not None
    county = County(seller.id, seller.slug, seller.contact_person_id, [])
    county.packs.extend(more_packs(county, packs))
    return county


def _a_seller() -> Seller:
    person = accounts.sign_up("13800000001", "王枣花", "a long sentence, for measuring only", consent_version="1")
    assert person is not None
    township = townships_queries.present()[0].code
    asked = Application(SellerKind.COOP, "示例数据合作社", township, licence_no="示例0001")
    seller = growers.apply(asked, person_id=person.id, by=person.actor)
    return growers.verify(seller.id, by=official(Role.TOWNSHIP), because="示例数据")


def official(role: Role, *, person_id: int = 0) -> Viewer:
    """A member of staff for the whole county, who has no row."""
    return Viewer.of(person_id=person_id, name="示例", grants=[Grant(role.value, COUNTY)], policy=POLICY)


def more_packs(county: County, count: int, *, pieces: int = 1_000) -> list[str]:
    """So many more packs of the seller on the shelf, each with one lot; their slugs."""
    with transaction():
        seller = session().get_one(Seller, county.seller_id)
        varieties = [key for key, _name in catalog_queries.varieties()]
        grades = [grade.key for grade in catalog_queries.grades_in_force(clock.today())] or [UNGRADED]
        made = []
        for number in range(count):
            said = Description(
                variety_key=varieties[number % len(varieties)],
                grade_key=grades[number % len(grades)],
                product_key=PRODUCT,
                net=Weight(500 * (number % 9 + 1)),
                price=Money(1_280 * (number % 9 + 1)),
                title=f"示例红枣 {number % 9 + 1}斤装",
                words="示例数据：自家地里的红枣，晒干装箱。",
            )
            pack = catalog.publish(seller, said, graded_on=clock.today(), by=BY)
            restock(pack, seller, pieces=pieces)
            made.append(pack.slug)
    return made


def restock(pack: Pack, seller: Seller, *, pieces: int) -> None:
    """Pieces of the pack from one more lot."""
    today = clock.today()
    harvest = Harvest("示例村", pack.variety_key, pack.grade_key, today.year, today + timedelta(days=300))
    stock.pack_lot(pack, seller, harvest, pieces=pieces, by=BY)


@dataclass(frozen=True, slots=True)
class Visit:
    """A signed-in buyer's cookie, and the form with which he orders what is in his basket."""

    person_id: int
    cookie: str
    form: str


class Till:
    """Lets buyers stand at the till: each signed in, with one piece in the basket and the form filled in.

    Their rows are written many at a time and without a password of their own, because they are no part of what is
    measured. Whoever orders later than a minute after this is also seen to be there, as everybody is.
    """

    def __init__(self, app: Flask) -> None:
        interface = app.session_interface
        assert isinstance(interface, SecureCookieSessionInterface)
        signer = interface.get_signing_serializer(app)
        assert signer is not None
        assert app.secret_key
        self._signer = signer
        self._cookie_name = app.config["SESSION_COOKIE_NAME"]
        self._tokens = URLSafeTimedSerializer(app.secret_key, salt="wtf-csrf-token")

    def visits(self, count: int, slug: str) -> list[Visit]:
        """So many buyers with the pack in their baskets."""
        with transaction():
            pack = session().scalars(select(Pack).where(Pack.slug == slug)).one()
            people = self._people(count)
            tokens = [self._token() for _ in people]
            keys = [ids.token() for _ in people]
            self._sign_in(people, tokens)
            _fill(keys, pack)
            session().flush()
            total = orders.total_of(orders.quotes(cart.lines_of(keys[0]), province_code=PROVINCE))
        return [self._visit(person, token, key, total) for person, token, key in zip(people, tokens, keys, strict=True)]

    def cookie_of(self, person_id: int, *, cart_key: str | None = None) -> str:
        """A new sign-in of somebody who is there already, as the value of the Cookie header."""
        with transaction():
            token = self._token()
            self._sign_in([person_id], [token])
        return self._cookie(token, cart_key or ids.token())

    def _people(self, count: int) -> Sequence[int]:
        current, moment, safe = session(), clock.now(), vault()
        known = current.scalar(select(func.count()).select_from(Person)) or 0
        phones = [f"199{number:08d}" for number in range(known, known + count)]
        rows = [
            {
                "phone_index": index_of(phone),
                "phone_sealed": b"",
                "name": "示例买家",
                "password_hash": "no password",
                "password_changed_at": moment,
                "created_at": moment,
                "recovery_hashes": "",
            }
            for phone in phones
        ]
        found = current.scalars(insert(Person).returning(Person.id, sort_by_parameter_order=True), rows).all()
        seals = [
            {"id": person, "phone_sealed": safe.seal(phone, field=PHONE_FIELD, row=str(person))}
            for person, phone in zip(found, phones, strict=True)
        ]
        current.execute(update(Person), seals)
        return found

    def _sign_in(self, people: Sequence[int], tokens: Sequence[str]) -> None:
        moment = clock.now()
        session().execute(
            insert(SignIn),
            [
                {
                    "token_digest": ids.digest(token),
                    "person_id": person,
                    "created_at": moment,
                    "last_seen_at": moment,
                    "device": "bench",
                    "address": "127.0.0.1",
                }
                for person, token in zip(people, tokens, strict=True)
            ],
        )

    def _token(self) -> str:
        return ids.token()

    def _cookie(self, token: str, cart_key: str, secret: str = "") -> str:
        kept = {"_user_id": token, "cart": cart_key, "csrf_token": secret or _secret(), "_permanent": True}
        return f"{self._cookie_name}={self._signer.dumps(kept)}"

    def _visit(self, person_id: int, token: str, cart_key: str, total: Money) -> Visit:
        secret = _secret()
        fields = {
            "csrf_token": self._tokens.dumps(secret),
            "request_key": ids.token(),
            "seen_total": total.fen,
            "consignee": "李买枣",
            "phone": "13900000002",
            "province": PROVINCE,
            "address": "示例市示例路1号",
            "pay_by": PayBy.CASH_ON_DELIVERY.value,
            "note": "",
        }
        return Visit(person_id, self._cookie(token, cart_key, secret), urlencode(fields))


def _secret() -> str:
    return hashlib.sha1(os.urandom(64), usedforsecurity=False).hexdigest()


def _fill(keys: Sequence[str], pack: Pack) -> None:
    moment = clock.now()
    session().execute(
        insert(CartLine),
        [{"cart_key": key, "pack_id": pack.id, "pieces": 1, "added_at": moment} for key in keys],
    )


@dataclass(frozen=True, slots=True)
class Sold:
    """What the books and the orders say of one pack, in pieces."""

    packed: int
    held: int
    ordered: int


def sold(slug: str) -> Sold:
    """How many pieces came, are held, and were ordered."""
    current = session()
    current.rollback()
    packed, held = current.execute(
        select(func.sum(Account.dr), func.sum(Account.cr_held))
        .join(PackedLot, PackedLot.account_id == Account.id)
        .join(Pack, Pack.id == PackedLot.pack_id)
        .where(Pack.slug == slug)
    ).one()
    ordered = current.scalar(
        select(func.coalesce(func.sum(OrderLine.pieces), 0))
        .join(Order, Order.id == OrderLine.order_id)
        .join(Pack, Pack.id == OrderLine.pack_id)
        .where(Pack.slug == slug)
    )
    return Sold(int(packed), int(held), int(ordered or 0))

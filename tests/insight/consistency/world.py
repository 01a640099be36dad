"""A county whose book is right, with something of everything that the checks look at."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import UTC, date, datetime

from app.audit import service as audit
from app.gateways.images import Rendition, Renditions
from app.kernel import clock
from app.kernel.db import session, transaction
from app.kernel.permissions import COUNTY, Viewer
from app.ledger.books import seals
from app.ledger.books.movements import Place, Post, Role
from app.people.accounts.states import Role as Office
from app.people.purse.models import BankAccount
from app.trade.catalog import service as catalog
from app.trade.catalog.models import Pack, PackPhoto
from app.trade.orders.models import Order
from app.trade.orders.states import PayBy
from app.trade.payments.models import Payment
from app.trade.settlements.models import Statement
from tests import cast
from tests.cast import a_pack, a_viewer, an_order_of, shop_of
from tests.ledger.cast import GRAMS, bank, held, post, settle, stocked, void
from tests.people.purse.purses import give, verify
from tests.trade.settlements.cast import settled, sold, statement_of

VALUE = Place(GRAMS, Role("inventory_value"), subject="lot:of-december")
LOOSE = Place(GRAMS, Role("loose"), subject="lot:of-december")
SUPPLIED = Place(GRAMS, Role("supplied"))
SOLD_GRAMS = Place(GRAMS, Role("sold_grams"))
DECEMBER = datetime(2025, 12, 20, 4, tzinfo=UTC)
YEAR_END = date(2025, 12, 31)
NEW_YEAR = datetime(2026, 1, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class World:
    """What there is, by what the falsifications call it."""

    buyer: Viewer
    grower: Viewer
    pack: Pack
    photo: PackPhoto
    placed: Order
    paid: Order
    on_road: Order
    off: Order
    due: Payment
    purse: BankAccount
    statement: Statement


def sealed_december() -> None:
    """Boxes and fruit of a lot that nobody in the county has; sealed, closed, and in the daily sums."""
    with clock.pinned(DECEMBER):
        stocked(100)
        post(Post(LOOSE, SUPPLIED, 5000), Post(VALUE, Place(GRAMS, Role("value_of")), 2500))
        post(Post(bank(), Place(bank().goods, Role("fund")), 900))
        settle(held(3), 2)
        void(held(4))
    with clock.pinned(NEW_YEAR), transaction():
        seals.seal(YEAR_END)
        seals.close_period(YEAR_END)
        seals.feed_daily()


def lived(*, buyer: Viewer, grower: Viewer, clerk: Viewer, official: Viewer) -> World:
    """Orders in five states, a picture, a bank account in force, a statement that is paid, and a linked audit."""
    pack = a_pack(grower, pieces=20)
    photo = _show(pack)
    on_road = an_order_of(3, pack, buyer=buyer, pay_by=PayBy.CASH_ON_DELIVERY)
    cast.pack(on_road, by=grower)
    cast.ship(on_road, by=grower)
    paid = an_order_of(2, pack, buyer=buyer)
    cast.pay(paid, by=official)
    off = an_order_of(1, pack, buyer=buyer)
    due = cast.pay(off, by=official)
    cast.cancel(off, by=buyer)
    placed = an_order_of(2, pack, buyer=buyer)
    purse = verify(give(shop_of(grower).id, grower), clerk)
    sold(1, pack, buyer=buyer, seller=grower, official=official)
    statement = statement_of(settled(by=official, second=a_viewer("田县办", (Office.COUNTY, COUNTY))), grower)
    with transaction():
        audit.link()
    return World(buyer, grower, pack, photo, placed, paid, on_road, off, due, purse, statement)


def _show(pack: Pack) -> PackPhoto:
    pictures = Renditions(_picture(b"list"), _picture(b"page"), _picture(b"full"), "0" * 16)
    stem = catalog.store_files(pictures)
    with transaction():
        return catalog.show(session().merge(pack), pictures, stem, by="test")


def _picture(content: bytes) -> Rendition:
    media_type = "image/jpeg" if content == b"full" else "image/webp"
    return Rendition(content, 1, 1, hashlib.sha256(content).hexdigest(), media_type)

"""A county in which something of everything has happened, so that every page has something to show."""

from __future__ import annotations

from dataclasses import dataclass

from app.gateways.images import renditions
from app.kernel.db import session, transaction
from app.kernel.permissions import Viewer
from app.people.accounts.states import Role
from app.people.growers import service as growers
from app.people.growers.models import Seller
from app.people.growers.service import Application
from app.people.growers.states import SellerKind
from app.people.purse import service as purse
from app.people.purse.models import BankAccount
from app.people.purse.service import Given
from app.people.purse.states import Bank
from app.trade.catalog import service as catalog
from app.trade.catalog.models import Pack
from app.trade.orders.models import Order
from app.trade.orders.states import PayBy
from tests import cast
from tests.cast import SANJIAO, a_pack, a_viewer, an_order_of, described, shop_of
from tests.files import pictures


@dataclass(frozen=True, slots=True)
class Season:
    """What happened, by what it is called in addresses."""

    packs: dict[str, Pack]
    orders: dict[str, Order]
    shop: Seller
    applicant: Seller
    account: BankAccount


def lived(*, buyer: Viewer, grower: Viewer, official: Viewer) -> Season:
    """Packs of each kind, an order in each state, and a grower who waits to be verified."""
    packs = {
        "plain": a_pack(grower, pieces=60),
        "fresh": a_pack(
            grower, said=described(title="鲜木枣 三斤", product="xian-muzao", words="现摘现发\n\n坏果包赔")
        ),
        "sold-out": a_pack(grower, said=described(title="卖完的木枣"), pieces=0),
    }
    _show(packs["plain"], by=grower)
    orders = {state: _order(packs["plain"], state, buyer, grower, official) for state in ("paid", "packed", "shipped")}
    orders["received"] = _order(packs["plain"], "shipped", buyer, grower, official)
    cast.receive(orders["received"], by=buyer)
    orders["refunded"] = an_order_of(1, packs["plain"], buyer=buyer)
    cast.pay(orders["refunded"], by=official)
    cast.cancel(orders["refunded"], by=buyer)
    orders["cash"] = an_order_of(1, packs["plain"], buyer=buyer, pay_by=PayBy.CASH_ON_DELIVERY)
    orders["placed"] = an_order_of(2, packs["plain"], buyer=buyer)
    return Season(packs, orders, shop_of(grower), _applicant(), _account(grower))


def _order(pack: Pack, state: str, buyer: Viewer, grower: Viewer, official: Viewer) -> Order:
    order = an_order_of(1, pack, buyer=buyer)
    cast.pay(order, by=official)
    if state in ("packed", "shipped"):
        cast.pack(order, by=grower)
    if state == "shipped":
        cast.ship(order, by=grower)
    return order


def _account(grower: Viewer) -> BankAccount:
    """The account in force, while another waits."""
    shop = shop_of(grower).id
    official = a_viewer("韩文书", (Role.TOWNSHIP, f"township:{cast.MENGMEN}"))
    for number, bank in (("123456789012", Bank.RURAL), ("210987654321", Bank.POSTAL)):
        with transaction():
            account = purse.give(Given(shop, grower.name, bank, number), consent_version="1", by=grower)
        if bank is Bank.RURAL:
            with transaction():
                purse.verify(account.id, by=official, because="看过存折原件")
    return account


def _show(pack: Pack, *, by: Viewer) -> None:
    photo = renditions(pictures.encoded(pictures.red_left_blue_right(), "JPEG"))
    stem = catalog.store_files(photo)
    with transaction():
        catalog.show(session().merge(pack), photo, stem, by=by.actor)


def _applicant() -> Seller:
    who = a_viewer("刘新户")
    application = Application(
        kind=SellerKind.HOUSEHOLD, name="刘家枣园", township_code=SANJIAO, head_name="刘新户", members=3
    )
    with transaction():
        return growers.apply(application, person_id=who.person_id, by=who.actor)

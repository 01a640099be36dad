"""A co-op that buys at a scale in Sanjiao, and acts on deliveries in transactions of their own."""

from __future__ import annotations

import itertools
from collections.abc import Sequence

from app.kernel import clock
from app.kernel.db import session, transaction
from app.kernel.money import Money
from app.kernel.permissions import Viewer
from app.kernel.weight import Weight
from app.people.accounts.states import Role
from app.people.growers import service as growers
from app.people.growers.service import Application
from app.people.growers.states import SellerKind
from app.trade.intakes import prices, queries, service
from app.trade.intakes.models import Intake, PriceList, PurchasePoint
from app.trade.intakes.prices import Posted, Spot
from app.trade.intakes.service import Delivery, Grading, Part, Supplier
from app.trade.intakes.states import Presence, ScaleUnit
from tests.cast import SANJIAO, a_viewer, seen_anew, shop_of

FIRST, SECOND, UNGRADED = "fef96adb965c", "7a6913539e68", "ungraded"
PRICES = (Posted("muzao", UNGRADED, Money(200)), Posted("muzao", FIRST, Money(350), "每公斤 110 粒以内"))
_tickets = itertools.count(1)


def a_buyer(
    name: str = "贺玉莲", shop: str = "三交红枣合作社", *, kind: SellerKind = SellerKind.COOP, township: str = SANJIAO
) -> Viewer:
    """A verified co-op's or processor's person."""
    official = a_viewer("郑文书", (Role.TOWNSHIP, f"township:{township}"))
    person = a_viewer(name)
    application = Application(kind=kind, name=shop, township_code=township, licence_no="SC10114112500018")
    with transaction():
        seller = growers.apply(application, person_id=person.person_id, by=person.actor)
    with transaction():
        growers.verify(seller.id, by=official, because="看过证照")
    return seen_anew(person.person_id)


def a_point(buyer: Viewer, *, township: str = SANJIAO) -> PurchasePoint:
    """A point that has posted nothing yet."""
    with transaction():
        return prices.open_point(shop_of(buyer), Spot("三交收购点", township, "镇口大磅旁"), by=buyer)


def posted(point: PurchasePoint, *, by: Viewer, lines: Sequence[Posted] = PRICES) -> PriceList:
    """A list in force from now on."""
    with transaction():
        return prices.post(queries.point_of(by, point.slug, lock=True), lines, by=by)


def said(*, gross: int = 1_500_000, tare: int = 500_000, ticket: str = "", variety: str = "muzao") -> Delivery:
    """A ticket of the scale, in grams."""
    return Delivery(
        ticket=ticket or f"B{next(_tickets):05d}",
        variety_key=variety,
        gross=Weight(gross),
        tare=Weight(tare),
        unit=ScaleUnit.KG,
        harvest_year=clock.today().year,
        village_name="南垣村",
    )


def delivered(point: PurchasePoint, grower: Viewer, *, by: Viewer, ticket: Delivery | None = None) -> Intake:
    """A ton of the grower's fruit has come and was weighed."""
    supplier = Supplier(grower_id=shop_of(grower).id, is_member=True)
    ticket = ticket or said()
    with transaction():
        return service.deliver(point.slug, ticket, supplier, by=by)


def found(first: int = 600_000, rest: int = 250_000, *, impurities: int = 50_000, returned: int = 100_000) -> Grading:
    """Grams of the first grade and ungraded, impurities and what goes back."""
    parts = [Part(FIRST, Weight(first)), Part(UNGRADED, Weight(rest))]
    present = (Presence.SELF, "王枣林")
    return Grading(*present, parts, impurities=Weight(impurities), returned=Weight(returned), moisture=230)


def graded(intake: Intake, *, by: Viewer, what: Grading | None = None) -> Intake:
    with transaction():
        return service.grade(intake.number, what or found(), by=by)


def accepted(intake: Intake, *, by: Viewer) -> Intake:
    with transaction():
        return service.accept(intake.number, by=by)


def fresh(intake: Intake) -> Intake:
    """The delivery as it is in the database now."""
    session().rollback()
    session().expire_all()
    return session().get_one(Intake, intake.id)

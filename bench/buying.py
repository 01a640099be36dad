"""A co-op that buys loose fruit, so that the pages of purchase points have something to show."""

from __future__ import annotations

from dataclasses import dataclass

from app.kernel import clock
from app.kernel.db import session, transaction
from app.kernel.money import Money
from app.kernel.permissions import Grant, Viewer
from app.kernel.weight import Weight
from app.people.accounts import service as accounts
from app.people.accounts.states import Role
from app.people.growers import service as growers
from app.people.growers.models import Seller
from app.people.growers.service import Application
from app.people.growers.states import SellerKind
from app.policy import POLICY
from app.trade.catalog.models import UNGRADED
from app.trade.intakes import objections, prices, queries, service
from app.trade.intakes.prices import Posted, Spot
from app.trade.intakes.service import Delivery, Grading, Part, Supplier
from app.trade.intakes.states import Presence, ScaleUnit
from bench.county import BY, official


@dataclass(slots=True)
class Scale:
    """Who buys where from whom, how many carts came, and the newest delivery."""

    buyer: Viewer
    grower: Viewer
    grower_id: int
    slug: str
    carts: int = 0
    number: str = ""


def open_scale(coop_id: int, *, buyer: Viewer) -> Scale:
    """The co-op has a point, and a household in its township brings fruit; the buyer sees the household's pages too."""
    coop = session().get_one(Seller, coop_id)
    with transaction():
        person = accounts.sign_up("13800000009", "高示例", "a long sentence, for measuring only", consent_version="1")
        assert person is not None
        asked = Application(SellerKind.HOUSEHOLD, "示例枣园", coop.township_code, head_name="高示例", members=3)
        household = growers.apply(asked, person_id=person.id, by=BY)
    with transaction():
        growers.verify(household.id, by=official(Role.TOWNSHIP), because="示例数据")
        accounts.appoint(buyer.person_id, Role.SELLER, f"seller:{household.id}", by=BY, because="示例数据")
    with transaction():
        point = prices.open_point(coop, Spot("示例收购点", coop.township_code, "示例路口"), by=buyer)
    grant = Grant(Role.SELLER.value, f"seller:{household.id}")
    grower = Viewer.of(person_id=person.id, name=person.name, grants=[grant], policy=POLICY)
    return Scale(buyer, grower, household.id, point.slug)


def buy(scale: Scale, *, count: int) -> None:
    """So many lists are posted, and so many carts of the household's are taken in, each with an objection."""
    for _ in range(count):
        scale.carts += 1
        with transaction():
            point = queries.point_of(scale.buyer, scale.slug, lock=True)
            prices.post(point, [Posted("muzao", UNGRADED, Money(200 + scale.carts))], by=scale.buyer)
        weights = Weight(9_000), Weight(1_000), ScaleUnit.KG
        ticket = Delivery(f"S{scale.carts}", "muzao", *weights, clock.today().year, "示例村")
        with transaction():
            scale.number = service.deliver(scale.slug, ticket, Supplier(scale.grower_id), by=scale.buyer).number
        found = Grading(Presence.SELF, scale.grower.name, [Part(UNGRADED, Weight(8_000))])
        with transaction():
            service.grade(scale.number, found, by=scale.buyer)
        with transaction():
            service.accept(scale.number, by=scale.buyer)
        with transaction():
            objections.make(scale.number, words="示例：再称一遍", by=scale.grower)

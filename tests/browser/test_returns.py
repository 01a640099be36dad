"""The pages on which fruit is weighed, sent back and paid back, as each of their readers sees them."""

from __future__ import annotations

import pytest

from app.kernel.db import transaction
from app.kernel.permissions import Viewer
from app.kernel.weight import Weight
from app.trade.orders import service as orders
from app.trade.orders.models import Order
from app.trade.orders.states import PayBy
from app.trade.returns import queries, service
from app.trade.returns.states import Why
from tests.browser.conftest import Arrive
from tests.browser.faults import faults_of
from tests.browser.visitor import Screen, Visitor
from tests.cast import a_pack, an_order_of, fresh, pay, receive, ship
from tests.trade.returns.cast import agree, arrived_order, ask, come_back

pytestmark = [pytest.mark.timeout(180), pytest.mark.only("sqlite")]


@pytest.fixture
def paths(li: Viewer, wang: Viewer, qian: Viewer) -> dict[str, list[str]]:
    """Whose pages there are, when something of everything has been sent back."""
    box = a_pack(wang, pieces=60)
    paid = an_order_of(2, box, buyer=li)
    pay(paid, by=qian)
    light = arrived_order(an_order_of(4, box, buyer=li), buyer=li, seller=wang, official=qian, grams=9_400)
    whole = arrived_order(an_order_of(4, box, buyer=li), buyer=li, seller=wang, official=qian)
    cash = _cash(an_order_of(1, box, buyer=li, pay_by=PayBy.CASH_ON_DELIVERY), buyer=li, seller=wang)
    disputed = ask(light, by=li, why=Why.QUALITY, amount=500, note="有几颗发霉")
    with transaction():
        service.refuse(queries.of_seller(wang, disputed.number), because="装箱时都看过", by=wang)
    asked = ask(whole, 1, by=li, why=Why.QUALITY)
    agreed = agree(ask(whole, 1, by=li), by=wang)
    arrived = come_back(ask(whole, 2, by=li), buyer=li, seller=wang)
    mine = {asked.number: whole, agreed.number: whole, disputed.number: light}
    return {
        "buyer": [
            f"/orders/{light.number}",
            f"/orders/{whole.number}/returns",
            *(f"/orders/{order.number}/returns/{number}" for number, order in mine.items()),
        ],
        "seller": [
            f"/grower/orders/{paid.number}",
            f"/grower/orders/{light.number}",
            "/grower/returns",
            f"/grower/returns/{asked.number}",
            f"/grower/returns/{arrived.number}",
        ],
        "township": ["/desk/returns", f"/desk/returns/{disputed.number}", f"/desk/orders/{light.number}"],
        "county": ["/desk/payments", f"/desk/payments/{cash.number}", f"/desk/returns/{arrived.number}"],
    }


def _cash(order: Order, *, buyer: Viewer, seller: Viewer) -> Order:
    (line,) = fresh(order).lines
    with transaction():
        orders.pack(order.number, weighed={line.id: Weight(2_400)}, by=seller)
    ship(order, by=seller)
    receive(order, by=buyer)
    return order


def _faults(visitor: Visitor, who: Viewer, addresses: list[str]) -> list[str]:
    visitor.open("/sign-in")
    visitor.sign_in(who)
    found = []
    for path in addresses:
        assert visitor.open(path) == 200, path
        found += [f"{path}: {fault}" for fault in faults_of(visitor, (Screen.PHONE, Screen.DESK))]
    return found


@pytest.mark.parametrize("whose", ["buyer", "seller", "township", "county"])
def test_the_pages_of_returns_are_open_to_all_readers(
    whose: str, paths: dict[str, list[str]], li: Viewer, wang: Viewer, zhao: Viewer, qian: Viewer, arrive: Arrive
) -> None:
    who = {"buyer": li, "seller": wang, "township": zhao, "county": qian}[whose]

    assert _faults(arrive(), who, paths[whose]) == []

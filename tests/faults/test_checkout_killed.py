"""The process dies in the middle of a purchase; the buyer sends the same form again, and nothing is lost or doubled."""

from __future__ import annotations

import itertools
import random
from collections.abc import Callable
from pathlib import Path

import pytest

from app.kernel import once
from app.kernel.db import Database, session
from app.kernel.permissions import Viewer
from app.trade.catalog.models import Pack
from app.trade.orders import queries as orders_queries
from app.trade.orders.models import Order
from app.trade.orders.service import Terms
from app.trade.orders.states import OrderState
from app.trade.payments import service as payments
from app.trade.payments.permissions import PAYMENTS_CONFIRM
from app.trade.payments.service import BANK_TRANSFER, Notice
from app.trade.stock import rush
from tests.cast import a_pack, answer, available, fill, findings, pack, place_within, receive, ship, terms
from tests.faults.doomed import Doomed, Work

pytestmark = [pytest.mark.durable, pytest.mark.timeout(240)]

STEPS = ("place", "pay", "pack", "ship", "receive")
POINTS = ("before-record", "after-record", "before-commit", "after-commit")
_forms = itertools.count(1)


@pytest.fixture
def doomed(county: Database, database_url: str, tmp_path: Path) -> Doomed:
    return Doomed(county, database_url, tmp_path / "last-words.txt")


@pytest.fixture
def box(wang: Viewer) -> Pack:
    return a_pack(wang, pieces=50)


@pytest.fixture
def purchase(li: Viewer, wang: Viewer, qian: Viewer, box: Pack) -> Callable[[], tuple[str, Work]]:
    """A form that is filled, and the whole way of its order; each step is done once, however often it is sent."""

    further: list[tuple[str, OrderState, Callable[[Order], None]]] = [
        ("pay", OrderState.PLACED, lambda order: pay_once(qian, order)),
        ("pack", OrderState.PAID, lambda order: pack(order, by=wang)),
        ("ship", OrderState.PACKED, lambda order: ship(order, by=wang)),
        ("receive", OrderState.SHIPPED, lambda order: receive(order, by=li)),
    ]

    def begun() -> tuple[str, Work]:
        fill(li, {box.slug: 1})
        agreed, checkout = terms(li), f"G-killed-{next(_forms)}"

        def work(step: Callable[[str], None]) -> None:
            step("place")
            rush.carry_out(lambda: place_once(li, agreed, checkout))
            for name, state, act in further:
                step(name)
                (order,) = orders_of(checkout)
                if order.state is state:
                    act(order)

        return checkout, work

    return begun


def place_once(li: Viewer, agreed: Terms, checkout: str) -> None:
    asked = once.Request.of(actor=li.actor, key=checkout, act="orders.place", content=[])
    if once.earlier_answer(asked, answer=checkout) is None:
        place_within(li, agreed, checkout=checkout)


def pay_once(qian: Viewer, order: Order) -> None:
    def confirm() -> None:
        locked = orders_queries.order_in_scope(qian, order.number, PAYMENTS_CONFIRM, lock=True)
        payments.confirm(locked, Notice(BANK_TRANSFER, order.number, order.total), by=qian.actor)

    rush.carry_out(confirm)


def orders_of(checkout: str) -> list[Order]:
    session().rollback()
    session().expire_all()
    return session().query(Order).filter_by(checkout=checkout).all()


def assert_done_once(checkout: str, box: Pack, *, purchases: int) -> None:
    (order,) = orders_of(checkout)
    assert order.state is OrderState.RECEIVED
    assert available(box) == 50 - purchases
    assert answer("SELECT sum(cr_held) FROM ledger_accounts") == 0
    assert answer("SELECT sum(cr - dr) FROM ledger_accounts WHERE role = 'prepaid'") == 0
    assert answer("SELECT count(*) FROM payments") == purchases
    assert findings() == {}


@pytest.mark.parametrize("step", STEPS)
def test_a_purchase_survives_a_kill_at_each_point_of_a_step(
    step: str, doomed: Doomed, purchase: Callable[[], tuple[str, Work]], box: Pack
) -> None:
    # Packing moves nothing in the books.
    points = POINTS[2:] if step == "pack" else POINTS
    for number, point in enumerate(points, start=1):
        checkout, work = purchase()

        assert doomed.run(work, until=f"{step}:{point}"), point
        has_happened = point == "after-commit"
        states = {order.state for order in orders_of(checkout)}
        assert findings() == {}
        if step == "place":
            assert states == ({OrderState.PLACED} if has_happened else set())

        assert not doomed.run(work), point
        assert_done_once(checkout, box, purchases=number)


def kill_at_any_moment(
    doomed: Doomed, purchase: Callable[[], tuple[str, Work]], box: Pack, *, rounds: int, seed: int
) -> None:
    chance = random.Random(seed)
    for number in range(1, rounds + 1):
        checkout, work = purchase()
        for _ in range(3):
            if not doomed.run(work, after_seconds=chance.uniform(0, 0.3)):
                break
            assert findings() == {}
        doomed.run(work)
        assert_done_once(checkout, box, purchases=number)


def test_a_purchase_survives_kills_at_any_moment(
    doomed: Doomed, purchase: Callable[[], tuple[str, Work]], box: Pack
) -> None:
    kill_at_any_moment(doomed, purchase, box, rounds=3, seed=1)


@pytest.mark.deep
@pytest.mark.timeout(3600)
@pytest.mark.parametrize("seed", range(2, 8))
def test_many_purchases_survive_kills_at_any_moment(
    seed: int, doomed: Doomed, purchase: Callable[[], tuple[str, Work]], box: Pack
) -> None:
    kill_at_any_moment(doomed, purchase, box, rounds=40, seed=seed)


def test_without_the_key_a_form_that_is_sent_again_is_refused_and_not_doubled(
    doomed: Doomed, li: Viewer, box: Pack
) -> None:
    fill(li, {box.slug: 1})
    agreed = terms(li)

    def work(step: Callable[[str], None]) -> None:
        step("place")
        rush.carry_out(lambda: place_within(li, agreed, checkout="G-no-key"))

    assert doomed.run(work, until="place:after-commit")
    with pytest.raises(AssertionError, match="EmptyBasket"):
        doomed.run(work)
    assert answer("SELECT count(*) FROM orders") == 1

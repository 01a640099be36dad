"""Many at once at the shelf, with real threads, on both databases; beside it the shop without guards: it oversells."""

from __future__ import annotations

import itertools
import random
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import timedelta

import pytest

from app.kernel import once
from app.kernel.db import Busy, Database, database, session, transaction
from app.kernel.errors import Conflict
from app.kernel.permissions import Viewer
from app.people.accounts import sealing
from app.trade.cart import service as cart
from app.trade.catalog import media
from app.trade.catalog.models import Pack
from app.trade.orders import queries as orders_queries
from app.trade.orders import service as orders
from app.trade.orders.errors import EmptyBasket, TooManyUnpaid
from app.trade.orders.models import Order
from app.trade.orders.service import Terms
from app.trade.orders.states import OrderState, PayBy
from app.trade.payments import service as payments
from app.trade.payments.models import Payment, PaymentState
from app.trade.payments.permissions import PAYMENTS_CONFIRM
from app.trade.payments.service import BANK_TRANSFER, Notice
from app.trade.stock import blocking, rush
from app.trade.stock import service as stock
from tests.cast import (
    HOLDS,
    a_pack,
    a_viewer,
    an_order_of,
    answer,
    at,
    available,
    basket_of,
    cancel,
    described,
    fill,
    findings,
    fresh,
    more_of,
    pack,
    place_within,
    ship,
    sql,
    terms,
)
from tests.races import naive_trade
from tests.races.crowd import tally, together

pytestmark = [pytest.mark.durable, pytest.mark.timeout(180)]

Act = Callable[[], object]
Crowd = Callable[[Sequence[Act]], list[object]]
BUYERS = 50
_checkouts = itertools.count(1)


@pytest.fixture
def crowd(county: Database, database_url: str) -> Iterator[Crowd]:
    """Run acts together, each thread in a unit of work of its own."""
    wide = Database(database_url, pool_size=BUYERS)
    sealing.use(sealing.vault(), on=wide)
    media.use(media.store(), on=wide)

    def alone(act: Act) -> Act:
        def run() -> object:
            with wide.unit_of_work():
                return act()

        return run

    def run_all(acts: Sequence[Act]) -> list[object]:
        # What the test holds is read whole first, or every thread would read on in the test's own session.
        for row in list(session()):
            session().refresh(row)
        session().commit()
        return list(together([alone(act) for act in acts]))

    yield run_all
    wide.dispose()


@pytest.fixture
def buyers(county: Database) -> list[Viewer]:
    return [a_viewer(f"买家{'甲乙丙丁戊己庚辛壬癸'[n % 10]}") for n in range(BUYERS)]


def with_baskets(buyers: Sequence[Viewer], wanted: Mapping[str, int], *, pay_by: PayBy) -> list[Terms]:
    """Everybody has the same in his basket and has seen what it costs."""
    for buyer in buyers:
        fill(buyer, wanted)
    return [terms(buyer, pay_by=pay_by) for buyer in buyers]


def buying(buyer: Viewer, agreed: Terms) -> Act:
    """The act of the checkout's door."""
    checkout = f"race-{next(_checkouts)}"
    return lambda: rush.carry_out(lambda: place_within(buyer, agreed, checkout=checkout))


def are_refusals(outcomes: Sequence[object]) -> bool:
    """Whether everybody either got his goods or was told that somebody else was faster."""
    return all(isinstance(outcome, Conflict) for outcome in outcomes if isinstance(outcome, Exception))


def test_the_last_box_goes_to_one_of_fifty(crowd: Crowd, buyers: list[Viewer], wang: Viewer) -> None:
    shelf = [a_pack(wang, pieces=1, said=described(title=f"第{n}箱", price=1000 + n)) for n in range(2)]
    for goods in shelf:
        agreed = with_baskets(buyers, {goods.slug: 1}, pay_by=PayBy.ONLINE)

        outcomes = crowd([buying(buyer, one) for buyer, one in zip(buyers, agreed, strict=True)])

        assert tally(outcomes) == {"SoldOut": BUYERS - 1, "done": 1}
        assert available(goods) == 0
        empty_all_baskets()
    assert answer("SELECT count(*) FROM orders") == len(shelf)
    assert findings() == {}


def empty_all_baskets() -> None:
    sql("DELETE FROM cart_lines")


@pytest.mark.corrupts
def test_a_shop_without_guards_sells_the_last_box_to_many(crowd: Crowd, hu: Viewer, wang: Viewer) -> None:
    goods = a_pack(wang, pieces=1)
    order = an_order_of(1, a_pack(wang), buyer=hu)

    all_have_looked = threading.Barrier(8)

    outcomes = crowd(
        [lambda: naive_trade.check_then_insert(goods, order_id=order.id, between=lambda: all_have_looked.wait(30))] * 8
    )

    assert tally(outcomes) == {"done": 8}
    assert answer("SELECT count(*) FROM order_lines WHERE pack_id = :pack", pack=goods.id) == 8


def test_fourteen_of_thirty_get_the_last_fourteen_though_they_lie_in_several_lots(
    crowd: Crowd, buyers: list[Viewer], wang: Viewer
) -> None:
    goods = a_pack(wang, pieces=5, said=described(net=70, price=500), keeps_days=30)
    more_of(goods, pieces=2, keeps_days=40)
    more_of(goods, pieces=7, keeps_days=50)
    thirty = buyers[:30]
    agreed = with_baskets(thirty, {goods.slug: 1}, pay_by=PayBy.ONLINE)

    outcomes = crowd([buying(buyer, one) for buyer, one in zip(thirty, agreed, strict=True)])

    assert tally(outcomes) == {"SoldOut": 16, "done": 14}
    assert available(goods) == 0
    assert findings() == {}


def test_pieces_under_expired_holds_are_all_sold_again(
    crowd: Crowd, buyers: list[Viewer], li: Viewer, wang: Viewer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(orders, "MOST_UNPAID", 99)
    goods = a_pack(wang, pieces=8)
    for _ in range(8):
        held = an_order_of(1, goods, buyer=li, pay_by=PayBy.ONLINE)
    assert held.hold_until is not None
    twenty = buyers[:20]

    with at(held.hold_until):
        agreed = with_baskets(twenty, {goods.slug: 1}, pay_by=PayBy.BANK_TRANSFER)
        outcomes = crowd([buying(buyer, one) for buyer, one in zip(twenty, agreed, strict=True)])

        assert tally(outcomes) == {"SoldOut": 12, "done": 8}
        assert findings() == {}


def patiently(act: Act) -> object:
    """As somebody who was told to come back in a moment: SQLite queues its writers unfairly, PostgreSQL does not."""
    while True:
        try:
            return act()
        except Busy:
            if not database().is_sqlite:
                raise


def test_baskets_that_cross_over_several_sellers_never_deadlock(
    crowd: Crowd, buyers: list[Viewer], wang: Viewer, gao: Viewer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(orders, "MOST_UNPAID", 999)
    shelf = [a_pack(grower, pieces=999) for grower in (wang, gao, wang, gao)]
    chance = random.Random(7)
    ten = buyers[:10]

    def shop(buyer: Viewer) -> Act:
        baskets = [chance.sample(shelf, chance.randint(2, 4)) for _ in range(10)]

        def run() -> int:
            for basket in baskets:
                patiently(lambda basket=basket: fill(buyer, {one.slug: 1 for one in basket}))  # type: ignore[misc]
                patiently(buying(buyer, terms(buyer)))
            return sum(len({one.seller_id for one in basket}) for basket in baskets)

        return run

    outcomes = crowd([shop(buyer) for buyer in ten])

    assert tally(outcomes) == {"done": 10}
    placed = sum(outcome for outcome in outcomes if isinstance(outcome, int))
    assert placed == answer("SELECT count(*) FROM orders") >= 150
    assert sum(999 - available(one) for one in shelf) == answer("SELECT sum(pieces) FROM order_lines")
    assert findings() == {}


def test_goods_go_to_the_late_payer_or_to_the_next_buyer_but_to_one(
    crowd: Crowd, li: Viewer, hu: Viewer, qian: Viewer, wang: Viewer
) -> None:
    seen: set[PaymentState] = set()
    for _ in range(4):
        goods = a_pack(wang, pieces=2)
        order = an_order_of(2, goods, buyer=li)
        assert order.hold_until is not None
        with at(order.hold_until):
            fill(hu, {goods.slug: 2})
            agreed = terms(hu, pay_by=PayBy.CASH_ON_DELIVERY)
            acts = [paid_by(qian, order), buying(hu, agreed), due(blocking.free_expired), due(orders.expire_due)]

            paid, bought, *_ = crowd(acts)

            assert are_refusals([bought]), bought
            state = getattr(paid, "state", None)
            assert state is not None, paid
            seen.add(state)
            assert (state is PaymentState.CONFIRMED) == isinstance(bought, Exception)
            assert available(goods) == 0
            for mine in orders_of(hu):
                cancel(mine, by=hu)
        empty_all_baskets()
    assert seen <= {PaymentState.CONFIRMED, PaymentState.REFUND_DUE}


def orders_of(who: Viewer) -> list[Order]:
    session().rollback()
    mine = session().query(Order).filter_by(buyer_id=who.person_id, state=OrderState.PLACED)
    return list(mine)


def paid_by(qian: Viewer, order: Order) -> Act:
    """The act of the county's door for transfers."""

    def confirm() -> Payment:
        locked = orders_queries.order_in_scope(qian, order.number, PAYMENTS_CONFIRM, lock=True)
        return payments.confirm(locked, Notice(BANK_TRANSFER, f"T-{order.number}", order.total), by=qian.actor)

    return lambda: rush.carry_out(confirm)


def test_an_unpaid_order_expires_or_is_paid_in_the_same_instant_but_one_of_them(
    crowd: Crowd, li: Viewer, qian: Viewer, wang: Viewer
) -> None:
    goods = a_pack(wang, pieces=99)
    for n in range(4):
        order = an_order_of(1, goods, buyer=li)
        assert order.hold_until is not None
        with at(order.hold_until - timedelta(seconds=n % 2)):
            paid, _expired = crowd([paid_by(qian, order), due(orders.expire_due)])

            assert getattr(paid, "state", None) is PaymentState.CONFIRMED, paid
            assert fresh(order).state is OrderState.PAID


def due(job: Callable[..., int]) -> Act:
    def run() -> object:
        with transaction():
            return job(by="worker")

    return run


def test_an_order_is_shipped_or_called_off_but_one_of_them(crowd: Crowd, li: Viewer, wang: Viewer) -> None:
    goods = a_pack(wang, pieces=99)
    seen = set()
    for _ in range(8):
        order = an_order_of(1, goods, buyer=li, pay_by=PayBy.CASH_ON_DELIVERY)
        pack(order, by=wang)

        outcomes = crowd([lambda: ship(order, by=wang), lambda: cancel(order, by=li)])  # noqa: B023

        assert tally(outcomes) == {"IllegalMove": 1, "done": 1}
        seen.add(fresh(order).state)
    assert seen <= {OrderState.SHIPPED, OrderState.CANCELLED}
    assert findings() == {}


def test_one_form_sent_twenty_times_at_once_is_one_order(crowd: Crowd, li: Viewer, gift_box: Pack) -> None:
    fill(li, {gift_box.slug: 1})
    agreed = terms(li)
    numbers = itertools.count(1)

    def send() -> str:
        answer_of_this = f"/orders?placed={next(numbers)}"
        asked = once.Request.of(actor=li.actor, key="the-form", act="orders.place", content=[("seen", "1")])

        def act() -> str:
            earlier = once.earlier_answer(asked, answer=answer_of_this)
            if earlier is None:
                place_within(li, agreed, checkout=answer_of_this)
            return earlier or answer_of_this

        return rush.carry_out(act)

    outcomes = crowd([send] * 20)

    assert tally(outcomes) == {"done": 20}
    assert len(set(outcomes)) == 1
    assert answer("SELECT count(*) FROM orders") == 1
    assert available(gift_box) == 9


def test_one_basket_ordered_from_many_tabs_is_one_order(crowd: Crowd, li: Viewer, gift_box: Pack) -> None:
    fill(li, {gift_box.slug: 1})
    agreed = terms(li)

    outcomes = crowd([buying(li, agreed) for _ in range(12)])

    assert tally(outcomes) == {EmptyBasket.__name__: 11, "done": 1}
    assert available(gift_box) == 9


def test_many_baskets_of_one_buyer_are_three_unpaid_orders(crowd: Crowd, li: Viewer, gift_box: Pack) -> None:
    fill(li, {gift_box.slug: 1})
    agreed = terms(li)

    def from_another_device(n: int) -> Act:
        key = f"device-{n}"
        with transaction():
            cart.add(key, gift_box.slug, pieces=1)
        return lambda: rush.carry_out(lambda: orders.place(key, agreed, cart_key=key, by=li, holds=HOLDS))

    outcomes = crowd([from_another_device(n) for n in range(8)])

    assert tally(outcomes) == {TooManyUnpaid.__name__: 5, "done": 3}
    assert available(gift_box) == 7


def test_a_pack_put_in_by_many_taps_at_once_is_one_line(crowd: Crowd, li: Viewer, gift_box: Pack) -> None:
    outcomes = crowd([lambda: fill(li, {gift_box.slug: 1})] * 12)

    assert tally(outcomes) == {"done": 12}
    assert cart.pieces_in(basket_of(li)) == 12


def test_a_seller_takes_out_what_buyers_want_and_neither_gets_what_is_not_there(
    crowd: Crowd, buyers: list[Viewer], wang: Viewer
) -> None:
    goods = a_pack(wang, pieces=20)
    ten = buyers[:10]
    agreed = with_baskets(ten, {goods.slug: 1}, pay_by=PayBy.ONLINE)

    def take(n: int) -> Act:
        return lambda: rush.carry_out(
            lambda: stock.take_out(goods, pieces=3, by="test", because="坏了", key=f"out:{goods.slug}:{n}")
        )

    buying_all = [buying(buyer, one) for buyer, one in zip(ten, agreed, strict=True)]
    outcomes = crowd([*buying_all, *(take(n) for n in range(5))])

    assert are_refusals(outcomes), tally(outcomes)
    sold = answer("SELECT coalesce(sum(pieces), 0) FROM order_lines")
    lost = answer("SELECT sum(dr) FROM ledger_accounts WHERE role = 'loss'")
    assert available(goods) == 20 - sold - lost
    assert findings() == {}

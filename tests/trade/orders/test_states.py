"""The life of an order: which act may follow which, and what each does to goods and money."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest

from app.kernel import clock
from app.kernel.db import session, transaction
from app.kernel.errors import DomainError
from app.kernel.permissions import Viewer
from app.kernel.states import IllegalMove
from app.ledger.books import queries as books
from app.trade.catalog.models import Pack
from app.trade.orders import service as orders
from app.trade.orders.models import Order
from app.trade.orders.states import MOVES, OrderState, PayBy
from app.trade.payments.service import AlreadyConfirmed
from app.trade.returns import queries as returns
from app.trade.stock import accounts
from tests.cast import (
    an_order_of,
    answer,
    at,
    available,
    cancel,
    fresh,
    later,
    pack,
    pay,
    receive,
    ship,
)

S = OrderState
MOVES_BY_ACT = {
    "pay": S.PAID,
    "pack": S.PACKED,
    "ship": S.SHIPPED,
    "receive": S.RECEIVED,
    "close": S.CLOSED,
    "cancel": S.CANCELLED,
    "expire": S.EXPIRED,
}
WAY_TO: dict[OrderState, tuple[str, ...]] = {
    S.PLACED: (),
    S.PAID: ("pay",),
    S.PACKED: ("pay", "pack"),
    S.SHIPPED: ("pay", "pack", "ship"),
    S.RECEIVED: ("pay", "pack", "ship", "receive"),
    S.CLOSED: ("pay", "pack", "ship", "receive", "close"),
    S.CANCELLED: ("cancel",),
    S.EXPIRED: ("expire",),
}


@pytest.fixture
def acts(li: Viewer, wang: Viewer, qian: Viewer) -> dict[str, Callable[[Order], object]]:
    """Each act as its person does it; the two that time does, at their time."""

    def by_time(job: Callable[[], int]) -> Callable[[Order], object]:
        def act(order: Order) -> None:
            moment = later(days=40)
            session().rollback()
            session().info.clear()
            with clock.pinned(moment), transaction():
                done = job()
            if not done:
                raise IllegalMove()

        return act

    return {
        "pay": lambda order: pay(order, by=qian),
        "pack": lambda order: pack(order, by=wang),
        "ship": lambda order: ship(order, by=wang),
        "receive": lambda order: receive(order, by=li),
        "cancel": lambda order: cancel(order, by=li),
        "close": by_time(close_due),
        "expire": by_time(lambda: orders.expire_due(by="worker")),
    }


def receive_due() -> int:
    """As the worker does it."""
    return orders.receive_due(by="worker")


def close_due() -> int:
    """As the worker does it."""
    return orders.close_due(by="worker", besides=returns.orders_with_open_ones())


def snapshot() -> list[int]:
    """What an act could have written."""
    tables = ("ledger_events", "ledger_open_holds", "payments", "audit_rows", "outbox")
    return [answer(f"SELECT count(*) FROM {table}") for table in tables]


def is_allowed(state: OrderState, act: str) -> bool:
    """As the table says, but only goods that are paid on delivery are packed unpaid."""
    return MOVES_BY_ACT[act] in MOVES.get(state, frozenset()) and (state, act) != (S.PLACED, "pack")


def brought_to(state: OrderState, acts: dict[str, Callable[[Order], object]], li: Viewer, gift_box: Pack) -> Order:
    order = an_order_of(3, gift_box, buyer=li)
    for step in WAY_TO[state]:
        acts[step](order)
    assert fresh(order).state is state
    return order


@pytest.mark.only("sqlite")
@pytest.mark.parametrize(
    ("state", "act"), [(state, act) for state in OrderState for act in MOVES_BY_ACT if is_allowed(state, act)]
)
def test_what_the_table_allows_moves_an_order(
    state: OrderState, act: str, acts: dict[str, Callable[[Order], object]], li: Viewer, gift_box: Pack
) -> None:
    order = brought_to(state, acts, li, gift_box)

    acts[act](order)

    assert fresh(order).state is MOVES_BY_ACT[act]


@pytest.mark.only("sqlite")
@pytest.mark.parametrize("state", list(OrderState))
def test_what_the_table_does_not_allow_writes_nothing(
    state: OrderState, acts: dict[str, Callable[[Order], object]], li: Viewer, gift_box: Pack
) -> None:
    order = brought_to(state, acts, li, gift_box)
    before = snapshot()

    for act in MOVES_BY_ACT:
        # Money for an order that is off is booked, and goes back.
        if is_allowed(state, act) or (state, act) == (S.CANCELLED, "pay"):
            continue
        with pytest.raises((IllegalMove, AlreadyConfirmed)):
            acts[act](order)
        assert fresh(order).state is state
        assert snapshot() == before, act


@pytest.mark.parametrize("ends", ["received", "cancelled"])
def test_goods_and_money_move_in_the_books_at_each_step(
    ends: str, li: Viewer, wang: Viewer, qian: Viewer, gift_box: Pack
) -> None:
    order = an_order_of(3, gift_box, buyer=li)
    assert (available(gift_box), balance("prepaid"), balance("packed_grams")) == (7, 0, 25_000)

    pay(order, by=qian)
    assert (available(gift_box), balance("prepaid"), balance("money_in")) == (7, -order.total.fen, order.total.fen)

    pack(order, by=wang)
    if ends == "cancelled":
        cancel(order, by=li)
        assert (available(gift_box), balance("prepaid"), balance("on_road")) == (10, -order.total.fen, 0)
        return
    ship(order, by=wang)
    assert (balance("stock"), balance("packed_grams"), balance("on_road")) == (7, 17_500, 7500)

    receive(order, by=li)
    assert (balance("on_road"), balance("sold_grams"), balance("prepaid")) == (0, 7500, 0)
    assert (balance("payable"), balance("freight")) == (-order.goods.fen, -order.freight.fen)


def balance(role: str) -> int:
    return answer("SELECT sum(dr - cr) FROM ledger_accounts WHERE role = :role", role=role)


def test_a_parcel_paid_on_delivery_is_owed_by_the_courier(li: Viewer, wang: Viewer, gift_box: Pack) -> None:
    order = an_order_of(2, gift_box, buyer=li, pay_by=PayBy.CASH_ON_DELIVERY)
    for act, person in ((pack, wang), (ship, wang), (receive, li)):
        act(order, by=person)

    place = accounts.money_place(accounts.DUE_FROM_COURIER, township=order.township_code, party="courier:中国邮政")
    assert books.balance(place).net == order.total.fen
    assert (balance("payable"), balance("money_in")) == (-order.goods.fen, 0)


def test_calling_off_puts_the_goods_back_on_the_shelf(li: Viewer, gift_box: Pack) -> None:
    order = an_order_of(2, gift_box, buyer=li)
    assert available(gift_box) == 8

    cancel(order, by=li)

    assert available(gift_box) == 10
    assert fresh(order).cancelled_because == "不想要了"


def test_calling_off_an_order_whose_goods_others_took_by_now_is_fine(li: Viewer, hu: Viewer, gift_box: Pack) -> None:
    order = an_order_of(6, gift_box, buyer=li, pay_by=PayBy.ONLINE)
    with at(later(seconds=901)):
        an_order_of(9, gift_box, buyer=hu)

        cancel(order, by=li)

        assert available(gift_box) == 1


def test_an_unpaid_order_expires_at_its_time_and_not_before(li: Viewer, gift_box: Pack) -> None:
    order = an_order_of(2, gift_box, buyer=li)
    assert order.hold_until is not None

    for moment, count in ((order.hold_until - timedelta(seconds=1), 0), (order.hold_until, 1), (order.hold_until, 0)):
        with at(moment), transaction():
            assert orders.expire_due(by="worker") == count
    assert fresh(order).state is S.EXPIRED


def test_an_order_on_delivery_waits_without_end(li: Viewer, gift_box: Pack) -> None:
    order = an_order_of(2, gift_box, buyer=li, pay_by=PayBy.CASH_ON_DELIVERY)

    with at(later(days=90)), transaction():
        assert orders.expire_due(by="worker") == 0
    assert fresh(order).state is S.PLACED


def test_a_parcel_that_nobody_complained_about_counts_as_received_after_15_days_and_closed_after_7_more_days(
    li: Viewer, wang: Viewer, gift_box: Pack
) -> None:
    order = an_order_of(2, gift_box, buyer=li, pay_by=PayBy.CASH_ON_DELIVERY)
    pack(order, by=wang)
    ship(order, by=wang)
    session().rollback()
    shipped = fresh(order).shipped_at
    assert shipped is not None

    arrived = shipped + timedelta(days=15)
    for job, moment, count in (
        (receive_due, arrived - timedelta(seconds=1), 0),
        (receive_due, arrived, 1),
        (receive_due, arrived, 0),
        (close_due, clock.end_of(clock.day_of(arrived) + timedelta(days=7)) - timedelta(seconds=1), 0),
        (close_due, clock.end_of(clock.day_of(arrived) + timedelta(days=7)), 1),
        (close_due, clock.end_of(clock.day_of(arrived) + timedelta(days=7)), 0),
    ):
        with at(moment), transaction():
            assert job() == count
    assert fresh(order).state is S.CLOSED


def test_a_refused_act_leaves_a_sentence_that_says_what_to_do(li: Viewer, gift_box: Pack) -> None:
    order = an_order_of(1, gift_box, buyer=li)
    cancel(order, by=li)

    with pytest.raises(DomainError) as refused:
        cancel(order, by=li)

    assert (refused.value.status, refused.value.code) == (409, "illegal_move")
    assert "请" in str(refused.value)

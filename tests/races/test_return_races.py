"""Many who send the same pieces back at once, with real threads, on both databases; and the same without the lock."""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest

from app.kernel.db import Busy, Database, session, transaction
from app.kernel.permissions import Viewer
from app.kernel.states import IllegalMove
from app.trade.orders.models import Order, OrderLine
from app.trade.returns import queries, service
from app.trade.returns.errors import NotSoMany, TooManyOpen
from app.trade.returns.models import Return, ReturnLine
from app.trade.returns.service import Seen, Wanted
from app.trade.returns.states import Why
from tests.cast import a_pack, an_order_of, answer, findings, fresh, sql
from tests.trade.returns.cast import agree, arrived_order, ask, come_back, in_books

pytestmark = [pytest.mark.durable, pytest.mark.timeout(120)]


@pytest.fixture
def order(li: Viewer, wang: Viewer, qian: Viewer) -> Order:
    """Four boxes, received."""
    return arrived_order(an_order_of(4, a_pack(wang), buyer=li), buyer=li, seller=wang, official=qian)


def patiently(db: Database, act: Callable[[], object]) -> str:
    with db.unit_of_work():
        while True:
            try:
                act()
            except Busy:
                continue
            except (NotSoMany, TooManyOpen) as error:
                return error.code
            return "done"


def test_twelve_who_send_two_of_four_boxes_back_at_once_are_two(db: Database, order: Order, li: Viewer) -> None:
    (line,) = fresh(order).lines
    number, line_id = order.number, line.id
    session().rollback()

    def one() -> None:
        with transaction():
            service.ask(number, Wanted(Why.NO_REASON, {line_id: 2}), by=li)

    with ThreadPoolExecutor(8) as crowd:
        outcomes = list(crowd.map(lambda _n: patiently(db, one), range(12)))

    assert outcomes.count("done") == 2
    assert answer("SELECT sum(pieces) FROM return_lines") == 4 == answer("SELECT asked_back FROM order_lines")
    assert findings() == {}


@pytest.mark.corrupts
def test_who_looks_first_and_writes_then_sends_more_back_than_was_bought(
    db: Database, order: Order, li: Viewer
) -> None:
    """The twin: everybody has looked before anybody writes, and writes back what he computed."""
    (line,) = fresh(order).lines
    template = ask(order, 1, by=li)
    with transaction():
        service.withdraw(queries.of_buyer(li, order.number, template.number), by=li)
    session().rollback()
    looked = threading.Barrier(3)

    def one(place: int) -> None:
        with db.unit_of_work():
            seen = session().get_one(OrderLine, line.id).asked_back
            assert seen + 2 <= 4
            session().rollback()
            looked.wait(30)
            while True:
                try:
                    with transaction() as current:
                        base = current.get_one(Return, template.id)
                        found = Return(
                            number=f"T-{place}",
                            order_id=base.order_id,
                            buyer_id=base.buyer_id,
                            seller_id=base.seller_id,
                            township_code=base.township_code,
                            why=Why.NO_REASON,
                            with_goods=True,
                            amount=None,
                            note="",
                            asked_at=base.asked_at,
                        )
                        current.add(found)
                        current.flush()
                        current.add(ReturnLine(return_id=found.id, order_line_id=line.id, pieces=2))
                        current.get_one(OrderLine, line.id).asked_back = seen + 2
                except Busy:
                    continue
                return

    with ThreadPoolExecutor(3) as crowd:
        list(crowd.map(one, range(3)))

    assert answer("SELECT sum(pieces) FROM return_lines WHERE return_id <> :id", id=template.id) == 6
    assert "V6-returns" in findings()
    sql("DELETE FROM return_lines WHERE return_id <> :id", id=template.id)


def test_goods_that_eight_people_look_at_at_once_go_to_stock_once_and_are_paid_for_once(
    db: Database, order: Order, li: Viewer, wang: Viewer
) -> None:
    found = come_back(ask(order, 4, by=li), buyer=li, seller=wang)
    (line,) = found.lines
    number, line_id = found.number, line.id
    session().rollback()

    def one() -> None:
        with transaction():
            service.inspect(queries.of_seller(wang, number), {line_id: Seen(sound=4)}, words="", by=wang)

    def tried(_n: int) -> str:
        try:
            return patiently(db, one)
        except IllegalMove as error:
            return error.code

    with ThreadPoolExecutor(8) as crowd:
        outcomes = list(crowd.map(tried, range(8)))

    assert (outcomes.count("done"), outcomes.count("illegal_move")) == (1, 7)
    assert (in_books("returned"), in_books("stock")) == (0, 10)
    assert answer("SELECT sum(amount) FROM refunds") == order.goods.fen
    assert findings() == {}


def test_an_amount_that_a_seller_agrees_to_eight_times_at_once_goes_back_once(
    db: Database, order: Order, li: Viewer, wang: Viewer
) -> None:
    found = ask(order, by=li, why=Why.QUALITY, amount=700)
    session().rollback()

    def tried(_n: int) -> str:
        try:
            return patiently(db, lambda: agree(found, by=wang))
        except IllegalMove as error:
            return error.code

    with ThreadPoolExecutor(8) as crowd:
        outcomes = list(crowd.map(tried, range(8)))

    assert outcomes.count("done") == 1
    assert answer("SELECT sum(amount) FROM refunds") == 700
    assert findings() == {}

"""Returns in the queue: what officials must decide or look at, once buyer and seller have had their time."""

import pytest
from flask import Flask

from app.insight.pending import queue
from app.kernel.db import session, transaction
from app.kernel.permissions import Viewer
from app.people.accounts import service as accounts
from app.people.accounts.states import Role
from app.trade.catalog.models import Pack
from app.trade.orders.models import Order
from app.trade.returns import queries, service
from app.trade.returns.models import Return
from tests.cast import MENGMEN, SANJIAO, a_viewer, an_order_of, at, later, seen_anew
from tests.trade.returns.cast import arrived_order, ask, come_back
from tests.web.browsing import signed_in


@pytest.fixture
def order(li: Viewer, wang: Viewer, qian: Viewer, gift_box: Pack) -> Order:
    return arrived_order(an_order_of(2, gift_box, buyer=li), buyer=li, seller=wang, official=qian)


@pytest.fixture
def refused(order: Order, li: Viewer, wang: Viewer) -> Return:
    found = ask(order, 1, by=li)
    with transaction():
        return service.refuse(queries.of_seller(wang, found.number), because="包装拆开了", by=wang)


def waits_for(who: Viewer, app: Flask) -> list[tuple[str, str]]:
    """(kind, address) of each row."""
    session().rollback()
    with app.test_request_context("/"):
        return [(one.kind, one.url) for one in queue.of(who).rows]


def test_what_a_seller_refused_waits_for_his_township_and_the_county(
    app: Flask, refused: Return, zhao: Viewer, qian: Viewer
) -> None:
    row = ("退货退款", f"/desk/returns/{refused.number}")

    assert waits_for(zhao, app) == [row]
    assert waits_for(qian, app) == [row]
    assert 'name="because"' in signed_in(app, zhao).get(row[1]).text


def test_it_waits_for_no_other_township_and_for_nobody_who_only_reads(app: Flask, refused: Return, sun: Viewer) -> None:
    other = a_viewer("三交干部", (Role.TOWNSHIP, f"township:{SANJIAO}"))

    assert waits_for(other, app) == []
    assert waits_for(sun, app) == []


def test_what_a_seller_has_three_days_for_waits_for_officials_only_afterwards(
    app: Flask, order: Order, li: Viewer, zhao: Viewer
) -> None:
    ask(order, 1, by=li)
    before, after = later(days=2, hours=23), later(days=3, minutes=1)

    with at(before):
        assert waits_for(zhao, app) == []
    with at(after):
        assert len(waits_for(zhao, app)) == 1


def test_goods_that_nobody_looked_at_in_five_days_wait_for_an_official_even_when_paid_for(
    app: Flask, order: Order, li: Viewer, wang: Viewer, zhao: Viewer
) -> None:
    come_back(ask(order, 1, by=li), buyer=li, seller=wang)
    before, after = later(days=4, hours=23), later(days=5, minutes=1)

    with at(before):
        assert waits_for(zhao, app) == []
    with at(after):
        with transaction():
            assert service.refund_due(by="worker") == 1
        assert len(waits_for(zhao, app)) == 1


@pytest.mark.parametrize("own", ["li", "wang"])
def test_nobody_finds_his_own_household_s_return(
    request: pytest.FixtureRequest, app: Flask, refused: Return, zhao: Viewer, own: str
) -> None:
    who: Viewer = request.getfixturevalue(own)
    with transaction():
        accounts.appoint(who.person_id, Role.TOWNSHIP, f"township:{MENGMEN}", by="test", because="当了干部")

    assert waits_for(seen_anew(who.person_id), app) == []
    assert len(waits_for(zhao, app)) == 1


def test_what_is_decided_leaves_the_queue(app: Flask, refused: Return, zhao: Viewer) -> None:
    with transaction():
        service.decide(refused, agrees=False, because="照片上是拆开的", by=zhao)

    assert waits_for(zhao, app) == []

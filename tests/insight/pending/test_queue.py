"""One queue: everything that waits for whoever looks, nothing that he may not decide, the longest waiting first."""

from dataclasses import replace

import pytest
from flask import Flask

from app.insight.pending import queue
from app.insight.pending.queue import Source, Waiting
from app.kernel.db import session, transaction
from app.kernel.money import Money
from app.kernel.permissions import Viewer
from app.people.accounts import service as accounts
from app.people.accounts.states import Role
from app.people.growers import service as growers
from app.trade.catalog.models import Pack
from app.trade.payments import problems, refunds
from app.trade.payments.models import ProblemKind, RefundReason
from tests.cast import (
    MENGMEN,
    SANJIAO,
    a_viewer,
    an_order_of,
    at,
    cancel,
    later,
    pack,
    pay,
    receive,
    seen_anew,
    ship,
)
from tests.insight.pending.things import HOUSE, apply, give_account, propose


def queue_of(who: Viewer, kind: str = "") -> list[tuple[str, str, str]]:
    """(kind, what, where) of each row."""
    session().rollback()
    return [(one.kind, one.what, one.place) for one in rows_of(who, kind)]


def rows_of(who: Viewer, kind: str = "") -> list[Waiting]:
    session().rollback()
    return list(queue.of(who, kind=kind).rows)


@pytest.fixture
def _addresses(app: Flask) -> object:
    """Rows lead to pages, so an address is asked for as in a request."""
    with app.test_request_context("/"):
        yield


pytestmark = pytest.mark.usefixtures("_addresses")


def a_large_order(li: Viewer, wang: Viewer, qian: Viewer, gift_box: Pack) -> str:
    """An order above 5,000 yuan, received; its number."""
    with transaction():
        session().get_one(Pack, gift_box.id).reprice(Money(200_000))
    order = an_order_of(3, gift_box, buyer=li)
    pay(order, by=qian)
    pack(order, by=wang)
    ship(order, by=wang)
    receive(order, by=li)
    return order.number


def test_applications_changes_and_accounts_wait_for_the_township_oldest_first(
    li: Viewer, wang: Viewer, zhao: Viewer
) -> None:
    give_account(wang)
    with at(later(hours=1)):
        apply(li)
    with at(later(hours=2)):
        propose(wang)

    assert queue_of(zhao) == [
        ("收款账号", "王家枣园", "孟门镇"),
        ("卖家申请", "新来的枣园", "孟门镇"),
        ("卖家改资料", "王家枣园", "孟门镇"),
    ]
    assert queue.count(zhao) == 3
    assert {(one.words, one.count) for one in queue.of(zhao).kinds} == {
        ("纸质委托书", 0),
        ("收款账号", 1),
        ("卖家申请", 1),
        ("卖家改资料", 1),
        ("买家投诉", 0),
        ("退货退款", 0),
    }
    assert queue_of(zhao, "applications") == [("卖家申请", "新来的枣园", "孟门镇")]


def test_what_lies_in_another_township_is_not_his(li: Viewer, hu: Viewer, zhao: Viewer, wang: Viewer) -> None:
    apply(li, replace(HOUSE, township_code=SANJIAO))
    apply(hu)

    assert [what for _kind, what, _place in queue_of(zhao)] == ["新来的枣园"]
    assert queue.count(zhao) == 1


def test_what_is_decided_leaves_the_queue(li: Viewer, zhao: Viewer) -> None:
    seller = apply(li)
    with transaction():
        growers.verify(seller.id, by=zhao, because="上门看过枣园")

    assert queue_of(zhao) == []
    assert queue.count(zhao) == 0


def test_his_own_household_waits_for_another_official(wang: Viewer, zhao: Viewer) -> None:
    propose(wang)
    give_account(wang)
    with transaction():
        accounts.appoint(wang.person_id, Role.TOWNSHIP, f"township:{MENGMEN}", by="test", because="当了干部")

    assert queue_of(seen_anew(wang.person_id)) == []
    assert len(queue_of(zhao)) == 2


def test_money_waits_for_the_county(li: Viewer, hu: Viewer, wang: Viewer, qian: Viewer, gift_box: Pack) -> None:
    number = a_large_order(li, wang, qian, gift_box)
    with transaction():
        refunds.ask(number, amount=Money(600_000), reason=RefundReason.QUALITY, note="", by=qian)
    called_off = an_order_of(1, gift_box, buyer=hu)
    pay(called_off, by=qian)
    cancel(called_off, by=hu)
    with transaction():
        problems.note(ProblemKind.DISPUTE, "dp_1", checkout="", amount=None, details="")
    other = a_viewer("冯县办", (Role.COUNTY, "county"))

    assert queue_of(other) == [
        ("大额退款", number, "孟门镇"),
        ("要退的款", called_off.number, "孟门镇"),
        ("对不上的款", "dp_1", ""),
    ]
    assert ("大额退款", number, "孟门镇") not in queue_of(qian)
    assert [what for what, _number, _place in queue_of(qian)] == ["要退的款", "对不上的款"]


@pytest.mark.parametrize("name", ["li", "wang", "sun", "zhou"])
def test_who_decides_nothing_has_no_queue(request: pytest.FixtureRequest, name: str, hu: Viewer, wang: Viewer) -> None:
    apply(hu)
    propose(wang)
    who: Viewer = request.getfixturevalue(name)

    assert queue_of(who) == []
    assert queue.count(who) == 0
    assert not queue.concerns(who)


def test_a_hundred_rows_are_shown_and_all_are_counted(
    wang: Viewer, zhao: Viewer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(queue, "MOST_LISTED", 1)
    give_account(wang)
    propose(wang)

    assert len(rows_of(zhao)) == 1
    assert queue.count(zhao) == 2


def test_another_slice_adds_what_waits_in_it(zhao: Viewer, wang: Viewer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(queue, "_sources", dict(queue._sources))
    one = next(iter(queue._sources.values()))
    queue.add(replace(one, key="more", words="别的事", address=lambda ref: f"/more/{ref}"))
    queue.add(replace(one, key="never", concerns=lambda who: False))

    assert isinstance(one, Source)
    assert [kind.key for kind in queue.of(zhao).kinds][-1] == "more"

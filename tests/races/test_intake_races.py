"""Two who type the same ticket of the scale at once, and the same without lock and constraint."""

from __future__ import annotations

import pytest

from app.kernel.db import Database, session, transaction
from app.kernel.permissions import Viewer
from app.trade.intakes import paying, queries, service
from app.trade.intakes.models import Intake, PurchasePoint
from app.trade.intakes.service import Supplier
from app.trade.intakes.states import Way
from tests.cast import answer, findings, shop_of, sql
from tests.races.crowd import crowd_in, meeting, tally
from tests.trade.intakes.cast import a_buyer, a_point, delivered, graded, posted, said

pytestmark = [pytest.mark.durable, pytest.mark.timeout(120)]


@pytest.fixture
def he(county: Database) -> Viewer:
    return a_buyer()


@pytest.fixture
def point(he: Viewer) -> PurchasePoint:
    point = a_point(he)
    posted(point, by=he)
    return point


def test_of_six_who_type_one_ticket_at_once_one_is_weighed_and_five_are_told_which(
    db: Database, he: Viewer, wang: Viewer, point: PurchasePoint
) -> None:
    ticket, slug, supplier = said(ticket="B-1"), point.slug, Supplier(grower_id=shop_of(wang).id)

    def one() -> None:
        with transaction():
            service.deliver(slug, ticket, supplier, by=he)

    outcomes = crowd_in(db)([one] * 6)

    assert tally(outcomes) == {"TicketTaken": 5, "done": 1}
    assert answer("SELECT count(*) FROM intakes") == 1
    assert findings() == {}


@pytest.mark.only("postgresql")
@pytest.mark.corrupts
def test_without_lock_and_constraint_one_ticket_is_weighed_three_times(
    db: Database, he: Viewer, wang: Viewer, point: PurchasePoint, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The twin: everybody has looked before anybody writes."""
    ticket, slug, supplier = said(ticket="B-1"), point.slug, Supplier(grower_id=shop_of(wang).id)
    look, wait = service._refuse_ticket, meeting(of=3)

    def look_and_wait(point: PurchasePoint, ticket: str) -> None:
        look(point, ticket)
        wait()

    def one() -> None:
        with transaction():
            service.deliver(slug, ticket, supplier, by=he)

    sql("ALTER TABLE intakes DROP CONSTRAINT uq_intakes_point_id_ticket")
    monkeypatch.setattr(queries, "locked", lambda statement: statement)
    monkeypatch.setattr(service, "_refuse_ticket", look_and_wait)

    assert tally(crowd_in(db)([one] * 3)) == {"done": 3}
    assert answer("SELECT count(*) FROM intakes WHERE ticket = 'B-1'") == 3


def test_four_who_accept_and_pay_one_delivery_at_once_do_it_once(
    db: Database, he: Viewer, wang: Viewer, point: PurchasePoint
) -> None:
    intake = graded(delivered(point, wang, by=he), by=he)
    number, total = intake.number, intake.total

    def accept() -> Intake:
        with transaction():
            return service.accept(number, by=he)

    def pay() -> None:
        with transaction():
            paying.pay(number, amount=total, way=Way.CASH, by=he)

    assert tally(crowd_in(db)([accept] * 4)) == {"IllegalMove": 3, "done": 1}
    session().rollback()
    assert tally(crowd_in(db)([pay] * 4)) == {"PaidTooMuch": 3, "done": 1}
    assert answer("SELECT count(*) FROM lots") == 2
    assert findings() == {}


def test_two_deliveries_of_one_buyer_are_taken_in_side_by_side(
    db: Database, he: Viewer, wang: Viewer, point: PurchasePoint
) -> None:
    numbers = [graded(delivered(point, wang, by=he), by=he).number for _ in range(4)]

    outcomes = crowd_in(db)([lambda number=number: accepted_alone(number, he) for number in numbers])  # type: ignore[misc]

    assert tally(outcomes) == {"done": 4}
    assert findings() == {}


def accepted_alone(number: str, he: Viewer) -> None:
    with transaction():
        service.accept(number, by=he)

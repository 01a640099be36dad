"""Many at once at a settlement, with real threads, on both databases; beside each race the same without its guard."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from app.kernel import clock
from app.kernel.db import Database, transaction
from app.kernel.permissions import COUNTY, Viewer
from app.office.approvals.service import Verdict
from app.people.accounts import sealing
from app.people.accounts.states import Role
from app.trade.catalog.models import Pack
from app.trade.settlements import closing, making, service
from app.trade.settlements.models import Settlement
from app.trade.settlements.states import SettlementState
from tests.cast import a_pack, a_viewer, answer, sql, today
from tests.people.purse.purses import give, verify
from tests.races import naive_settlements
from tests.races.crowd import Act, Crowd, crowd_in, meeting, tally
from tests.trade.settlements.cast import again, made, own, payout_of, seen, sold, statement_of, submit, work

pytestmark = [pytest.mark.durable, pytest.mark.timeout(120)]

OFFICIALS = 8


@pytest.fixture
def wide(county: Database, database_url: str) -> Iterator[Database]:
    """The same database with room for a crowd."""
    room = Database(database_url, pool_size=16)
    sealing.use(sealing.vault(), on=room)
    yield room
    room.dispose()


@pytest.fixture
def crowd(wide: Database) -> Crowd:
    """Run acts together, each thread in a unit of work of its own."""

    return crowd_in(wide)


@pytest.fixture
def officials(county: Database) -> list[Viewer]:
    return [a_viewer(f"{name}县办", (Role.COUNTY, COUNTY)) for name in "赵钱孙李周吴郑王"]


@pytest.fixture
def asked(li: Viewer, wang: Viewer, zhao: Viewer, qian: Viewer, gift_box: Pack) -> Settlement:
    """A settlement of one statement that waits for a second person."""
    (seller,) = wang.seller_ids
    verify(give(seller, wang), zhao)
    sold(2, gift_box, buyer=li, seller=wang, official=qian)
    settlement = made(by=qian)
    submit(settlement, by=qian)
    return again(settlement)


def test_officials_who_let_it_go_at_once_let_it_go_once(
    crowd: Crowd, officials: list[Viewer], asked: Settlement, wang: Viewer
) -> None:
    number, over = asked.number, seen(asked)

    def letting_go(by: Viewer) -> Act:
        def act() -> None:
            with transaction():
                service.decide(number, Verdict(True, over), by=by)

        return act

    outcomes = crowd([letting_go(one) for one in officials])
    work()

    assert tally(outcomes) == {"AlreadyDecided": OFFICIALS - 1, "done": 1}
    assert answer("SELECT count(*) FROM approval_decisions") == 1
    payout = payout_of(statement_of(asked, wang))
    assert payout is not None
    assert payout.amount == own(wang)


@pytest.mark.corrupts
def test_a_desk_that_looks_before_it_lets_go_pays_once_for_each_official(
    crowd: Crowd, asked: Settlement, wang: Viewer
) -> None:
    number, barrier = asked.id, meeting(4)
    before = own(wang)
    crowd([lambda: naive_settlements.look_then_let_go(number, between=barrier)] * 4)

    assert own(wang) == before - before * 4


def test_officials_who_begin_at_once_begin_one(crowd: Crowd, officials: list[Viewer]) -> None:
    day = today()

    def beginning(by: Viewer) -> Act:
        def act() -> None:
            with transaction():
                service.begin(through=day, by=by)

        return act

    outcomes = crowd([beginning(one) for one in officials])

    assert tally(outcomes) == {"OneAtATime": OFFICIALS - 1, "done": 1}
    assert answer("SELECT count(*) FROM settlements") == 1


@pytest.mark.corrupts
def test_a_desk_that_looks_before_it_begins_begins_several(crowd: Crowd, officials: list[Viewer]) -> None:
    sql("DROP INDEX uq_settlements_live")
    day, moment, barrier = today(), clock.now(), meeting(4)

    def one(place: int) -> Act:
        def settlement() -> Settlement:
            return Settlement(
                number=f"J-{place}",
                starts_on=None,
                through=day,
                fee_rate=0,
                made_at=moment,
                made_by=officials[place].person_id,
            )

        return lambda: naive_settlements.look_then_begin(settlement, between=barrier)

    crowd([one(place) for place in range(4)])

    assert answer("SELECT count(*) FROM settlements") == 4


def test_workers_who_come_at_once_share_the_run(
    crowd: Crowd,
    li: Viewer,
    wang: Viewer,
    gao: Viewer,
    zhao: Viewer,
    qian: Viewer,
    officials: list[Viewer],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(making, "AT_ONCE", 1)
    monkeypatch.setattr(closing, "AT_ONCE", 1)
    (seller,) = wang.seller_ids
    verify(give(seller, wang), zhao)
    for grower in (wang, gao):
        sold(1, a_pack(grower), buyer=li, seller=grower, official=qian)
    day = today()
    with transaction():
        settlement = service.begin(through=day, by=qian)

    def working() -> None:
        for _part in range(4):
            with transaction():
                service.go_on(by="worker")

    first = crowd([working] * 4)
    submit(again(settlement), by=qian)
    over = seen(settlement)
    with transaction():
        service.decide(settlement.number, Verdict(True, over), by=officials[0])
    second = crowd([working] * 4)

    assert tally([*first, *second]) == {"done": 8}
    assert again(settlement).state is SettlementState.CLOSED
    assert answer("SELECT count(*) FROM statements") == 2
    assert answer("SELECT count(*) FROM payouts") == 1
    for grower in (wang, gao):
        assert statement_of(settlement, grower).closing == own(grower)

"""Fruit that is weighed, graded, priced and taken in."""

from __future__ import annotations

from datetime import timedelta

import pytest

from app.kernel import clock
from app.kernel.db import session, transaction
from app.kernel.errors import NotFound
from app.kernel.money import Money
from app.kernel.permissions import Viewer
from app.kernel.states import IllegalMove
from app.kernel.weight import Weight
from app.people.accounts.states import Role
from app.people.growers import service as growers
from app.people.growers.states import SellerKind
from app.trade.catalog.errors import UnknownChoice
from app.trade.intakes import objections, paying, prices, queries, service, storing
from app.trade.intakes.errors import (
    BadEffective,
    BadPriceList,
    BadScale,
    BelowPosted,
    BetterWithoutReason,
    GradeNotPosted,
    GradeTwice,
    NobodyPresent,
    NotAllWeighed,
    NothingGraded,
    NothingPosted,
    ObjectionOpen,
    OnlyBuyers,
    PaidTooMuch,
    PointClosed,
    TicketTaken,
    TooLateToObject,
    UnknownSupplier,
)
from app.trade.intakes.models import Intake, PriceLine, PurchasePoint
from app.trade.intakes.prices import Posted, Spot
from app.trade.intakes.service import Grading, Part, Supplier
from app.trade.intakes.states import IntakeState, Presence, Way
from app.trade.lots import queries as lots
from app.trade.lots.states import LotOrigin
from app.trade.stock import queries as stock
from app.trade.stock import service as packing
from tests.cast import SANJIAO, a_pack, a_viewer, answer, at, later, shop_of, sql
from tests.trade.intakes.cast import (
    FIRST,
    PRICES,
    SECOND,
    UNGRADED,
    a_buyer,
    a_point,
    accepted,
    delivered,
    found,
    fresh,
    graded,
    posted,
    said,
)

GRADED = [Part(FIRST, Weight(600_000)), Part(UNGRADED, Weight(400_000))]


def test_a_household_opens_no_purchase_point(wang: Viewer) -> None:
    with pytest.raises(OnlyBuyers), transaction():
        prices.open_point(shop_of(wang), Spot("我家", SANJIAO, "村口"), by=wang)


def test_a_processor_opens_one(county: object) -> None:
    processor = a_buyer("冯厂长", "柳林枣业", kind=SellerKind.PROCESSOR)

    assert a_point(processor).is_open


def test_nothing_is_bought_before_a_price_was_posted(bare_point: PurchasePoint, he: Viewer, wang: Viewer) -> None:
    with pytest.raises(NothingPosted):
        delivered(bare_point, wang, by=he)

    assert answer("SELECT count(*) FROM intakes") == 0


def test_a_variety_without_a_price_is_not_bought(point: PurchasePoint, he: Viewer, wang: Viewer) -> None:
    with pytest.raises(NothingPosted):
        delivered(point, wang, by=he, ticket=said(variety="junzao"))


def test_a_list_that_begins_tomorrow_prices_nothing_today(bare_point: PurchasePoint, he: Viewer, wang: Viewer) -> None:
    tomorrow = clock.today() + timedelta(days=1)
    with transaction():
        prices.post(queries.point_of(he, bare_point.slug, lock=True), PRICES, since=tomorrow, by=he)

    with pytest.raises(NothingPosted):
        delivered(bare_point, wang, by=he)
    with at(later(days=1)):
        assert delivered(bare_point, wang, by=he).state is IntakeState.WEIGHED


def test_a_list_is_not_dated_back(bare_point: PurchasePoint, he: Viewer) -> None:
    yesterday = clock.today() - timedelta(days=1)

    with pytest.raises(BadEffective), transaction():
        prices.post(queries.point_of(he, bare_point.slug, lock=True), PRICES, since=yesterday, by=he)


@pytest.mark.parametrize("lines", [(), (PRICES[0], PRICES[0])])
def test_a_list_has_a_line_and_each_grade_once(bare_point: PurchasePoint, he: Viewer, lines: tuple[Posted]) -> None:
    with pytest.raises(BadPriceList):
        posted(bare_point, by=he, lines=lines)


def test_a_list_names_no_grade_that_is_not_in_force(bare_point: PurchasePoint, he: Viewer) -> None:
    sql("UPDATE grades SET effective_to = '2020-01-01' WHERE key = :key", key=FIRST)

    with pytest.raises(UnknownChoice):
        posted(bare_point, by=he)


def test_a_new_list_changes_nothing_about_fruit_that_is_here_already(
    weighed: Intake, point: PurchasePoint, he: Viewer
) -> None:
    posted(point, by=he, lines=[Posted("muzao", FIRST, Money(100)), Posted("muzao", UNGRADED, Money(50))])

    assert graded(weighed, by=he).total == Money(420_000 + 100_000)
    assert [one.version for one in queries.history(point.id, cursor=None).items] == [2, 1]


def test_a_list_posted_with_a_slow_clock_begins_after_what_was_delivered(
    weighed: Intake, point: PurchasePoint, he: Viewer
) -> None:
    with at(weighed.delivered_at - timedelta(seconds=0)):
        new = posted(point, by=he)

    assert new.effective_from > weighed.delivered_at


def test_net_is_gross_less_tare(weighed: Intake) -> None:
    assert (weighed.gross, weighed.tare, weighed.net) == (Weight(1_500_000), Weight(500_000), Weight(1_000_000))


@pytest.mark.parametrize(("gross", "tare"), [(500, 500), (400, 500)])
def test_a_lorry_that_is_lighter_full_than_empty_is_refused(
    point: PurchasePoint, he: Viewer, wang: Viewer, gross: int, tare: int
) -> None:
    with pytest.raises(BadScale):
        delivered(point, wang, by=he, ticket=said(gross=gross, tare=tare))


def test_a_ticket_counts_once_and_the_second_is_told_the_first(
    weighed: Intake, point: PurchasePoint, he: Viewer, gao: Viewer
) -> None:
    with pytest.raises(TicketTaken, match=weighed.number):
        delivered(point, gao, by=he, ticket=said(ticket=weighed.ticket))


def test_another_point_has_tickets_of_its_own(weighed: Intake, he: Viewer, wang: Viewer) -> None:
    other = a_point(he)
    posted(other, by=he)

    assert delivered(other, wang, by=he, ticket=said(ticket=weighed.ticket)).number != weighed.number


def test_a_closed_point_buys_nothing(point: PurchasePoint, he: Viewer, wang: Viewer) -> None:
    with transaction():
        prices.close_point(queries.point_of(he, point.slug, lock=True), by=he)

    with pytest.raises(PointClosed):
        delivered(point, wang, by=he)


def test_a_suspended_buyer_buys_nothing(point: PurchasePoint, he: Viewer, wang: Viewer) -> None:
    official = a_viewer("郑文书", (Role.TOWNSHIP, f"township:{SANJIAO}"))
    with transaction():
        growers.suspend(point.seller_id, by=official, because="证照过期")

    with pytest.raises(OnlyBuyers):
        delivered(point, wang, by=he)


def test_another_buyer_does_not_find_the_point(point: PurchasePoint, wang: Viewer) -> None:
    other = a_buyer("另一家", "孟门合作社")

    with pytest.raises(NotFound):
        delivered(point, wang, by=other)


def test_who_brought_it_has_to_be_known(point: PurchasePoint, he: Viewer) -> None:
    with pytest.raises(UnknownSupplier), transaction():
        service.deliver(point.slug, said(), Supplier(), by=he)


def test_a_co_op_is_no_household_that_grew_it(point: PurchasePoint, he: Viewer) -> None:
    with pytest.raises(UnknownSupplier), transaction():
        service.deliver(point.slug, said(), Supplier(grower_id=point.seller_id), by=he)


@pytest.mark.parametrize("presence", [None, Presence.SELF])
def test_fruit_is_not_graded_while_nobody_stands_by(weighed: Intake, he: Viewer, presence: Presence | None) -> None:
    with pytest.raises(NobodyPresent):
        graded(weighed, by=he, what=Grading(presence, "", GRADED))

    assert fresh(weighed).state is IntakeState.WEIGHED


def test_grading_prices_each_part_by_the_list(priced: Intake) -> None:
    assert [(one.weight.grams, one.per_jin.fen, one.amount.fen) for one in queries.lines_of(priced)] == [
        (600_000, 350, 420_000),
        (250_000, 200, 100_000),
    ]
    assert priced.total == Money(520_000)
    assert [one.state.value for one in queries.steps_of(priced)] == ["delivered", "weighed", "graded", "priced"]


def test_every_gram_goes_somewhere(weighed: Intake, he: Viewer) -> None:
    with pytest.raises(NotAllWeighed, match="差 1 克"):
        graded(weighed, by=he, what=found(599_999))


def test_a_grade_that_was_not_posted_is_not_bought(weighed: Intake, he: Viewer) -> None:
    with pytest.raises(GradeNotPosted):
        graded(weighed, by=he, what=Grading(Presence.SELF, "王枣林", [Part(SECOND, Weight(1_000_000))]))


def test_nobody_is_paid_less_than_was_posted(weighed: Intake, he: Viewer) -> None:
    less = [Part(FIRST, Weight(1_000_000), Money(349), "压价")]

    with pytest.raises(BelowPosted):
        graded(weighed, by=he, what=Grading(Presence.SELF, "王枣林", less))


def test_more_than_was_posted_needs_a_reason_that_is_kept(weighed: Intake, he: Viewer) -> None:
    more = Part(FIRST, Weight(1_000_000), Money(400))
    with pytest.raises(BetterWithoutReason):
        graded(weighed, by=he, what=Grading(Presence.SELF, "王枣林", [more]))

    why = Part(FIRST, Weight(1_000_000), Money(400), "个头特别大")
    graded(weighed, by=he, what=Grading(Presence.FAMILY, "王小林", [why]))

    (line,) = queries.lines_of(fresh(weighed))
    assert (line.posted, line.per_jin, line.better_because) == (Money(350), Money(400), "个头特别大")


def test_a_grade_stands_on_one_line(weighed: Intake, he: Viewer) -> None:
    twice = [Part(FIRST, Weight(500_000)), Part(FIRST, Weight(500_000))]

    with pytest.raises(GradeTwice):
        graded(weighed, by=he, what=Grading(Presence.SELF, "王枣林", twice))


def test_grading_needs_a_grade(weighed: Intake, he: Viewer) -> None:
    with pytest.raises(NothingGraded):
        graded(weighed, by=he, what=Grading(Presence.SELF, "王枣林", [], returned=Weight(1_000_000)))


def test_until_it_is_taken_in_it_can_be_graded_anew(priced: Intake, he: Viewer) -> None:
    graded(priced, by=he, what=Grading(Presence.AGENT, "代办员老李", GRADED))

    again = fresh(priced)
    assert again.total == Money(420_000 + 160_000)
    assert again.presence is Presence.AGENT
    assert len(queries.lines_of(again)) == 2


def test_taking_in_makes_a_lot_of_each_grade_and_a_debt(priced: Intake, he: Viewer, wang: Viewer) -> None:
    accepted(priced, by=he)

    taken = fresh(priced)
    by_id = lots.lots([line.lot_id or 0 for line in queries.lines_of(taken)])
    assert {(lot.grade_key, lot.weight_in.grams) for lot in by_id.values()} == {(FIRST, 600_000), (UNGRADED, 250_000)}
    assert {(lot.origin, lot.grower_id) for lot in by_id.values()} == {(LotOrigin.BOUGHT, shop_of(wang).id)}
    owed = "SELECT sum(cr - dr) FROM ledger_accounts WHERE role = 'owed_for_fruit'"
    assert answer(owed) == 520_000 == queries.left_of(taken).fen
    assert answer("SELECT sum(dr - cr) FROM ledger_accounts WHERE role = 'loose'") == 850_000


def test_fruit_from_elsewhere_is_not_local(point: PurchasePoint, he: Viewer) -> None:
    elsewhere = Supplier(name="张三", place="陕西吴堡")
    with transaction():
        intake = service.deliver(point.slug, said(), elsewhere, by=he)
    accepted(graded(intake, by=he), by=he)

    origins = {lot.origin for lot in lots.lots([line.lot_id or 0 for line in queries.lines_of(intake)]).values()}
    assert origins == {LotOrigin.OUTSIDE}


def test_fruit_is_taken_in_once(priced: Intake, he: Viewer) -> None:
    accepted(priced, by=he)

    with pytest.raises(IllegalMove):
        accepted(priced, by=he)


def test_fruit_is_not_taken_in_before_it_is_priced(weighed: Intake, he: Viewer) -> None:
    with pytest.raises(IllegalMove):
        accepted(weighed, by=he)


def test_refused_fruit_costs_nothing_and_says_why(priced: Intake, he: Viewer) -> None:
    with transaction():
        service.refuse(priced.number, because="霉变", by=he)

    assert fresh(priced).refused_because == "霉变"
    assert answer("SELECT count(*) FROM lots") == 0 == answer("SELECT count(*) FROM ledger_events")


def test_the_place_in_store_is_kept_and_can_change(priced: Intake, he: Viewer) -> None:
    accepted(priced, by=he)
    with transaction():
        storing.store(priced.number, place="一号库 3 排", by=he)
    line = queries.lines_of(fresh(priced))[0]
    lot = lots.lots([line.lot_id or 0])[line.lot_id or 0]
    with transaction():
        storing.put(priced.number, lot.code, place="冷库", by=he)

    places = session().connection().exec_driver_sql("SELECT store_place FROM lots ORDER BY id").scalars().all()
    assert sorted(places) == ["一号库 3 排", "冷库"]
    assert fresh(priced).state is IntakeState.IN_STORE


def test_paying_in_parts_leaves_the_rest_owed_and_never_less_than_nothing(priced: Intake, he: Viewer) -> None:
    accepted(priced, by=he)
    with transaction():
        paying.pay(priced.number, amount=Money(200_000), way=Way.CASH, by=he)

    assert queries.left_of(fresh(priced)) == Money(320_000)
    with pytest.raises(PaidTooMuch), transaction():
        paying.pay(priced.number, amount=Money(320_001), way=Way.CASH, by=he)
    with transaction():
        paying.pay(priced.number, amount=Money(320_000), way=Way.TRANSFER, reference="N1", by=he)
    assert answer("SELECT sum(cr - dr) FROM ledger_accounts WHERE role = 'owed_for_fruit'") == 0


def test_nothing_is_paid_for_fruit_that_was_not_taken(priced: Intake, he: Viewer) -> None:
    with pytest.raises(PaidTooMuch), transaction():
        paying.pay(priced.number, amount=Money(1), way=Way.CASH, by=he)


def test_the_grower_objects_and_is_answered(priced: Intake, he: Viewer, wang: Viewer) -> None:
    accepted(priced, by=he)
    with transaction():
        objections.make(priced.number, words="皮重不对", by=wang)

    with pytest.raises(ObjectionOpen), transaction():
        objections.make(priced.number, words="还是不对", by=wang)
    with transaction():
        objections.answer(priced.number, words="复秤一致，请看磅单", by=he)

    (one,) = queries.objections_of(fresh(priced))
    assert (one.words, one.answer) == ("皮重不对", "复秤一致，请看磅单")


def test_a_grower_objects_within_seven_days(priced: Intake, he: Viewer, wang: Viewer) -> None:
    accepted(priced, by=he)

    with at(later(days=7)), pytest.raises(TooLateToObject), transaction():
        objections.make(priced.number, words="太晚了", by=wang)


def test_nobody_objects_to_the_delivery_of_another(priced: Intake, he: Viewer, gao: Viewer) -> None:
    accepted(priced, by=he)

    with pytest.raises(NotFound), transaction():
        objections.make(priced.number, words="不是我的", by=gao)


def test_what_was_bought_can_be_packed(priced: Intake, he: Viewer) -> None:
    accepted(priced, by=he)
    pack = a_pack(he, pieces=0)
    (lot_id,) = [line.lot_id for line in queries.lines_of(fresh(priced)) if line.grade_key == UNGRADED]
    with transaction():
        (lot,) = lots.locked_lots([lot_id or 0])
        packing.pack(pack, lot, pieces=100, by="test", key="packing-1")

    assert stock.available([pack.id])[pack.id] == 100


def test_posted_prices_stay_as_they_were_posted(point: PurchasePoint, he: Viewer) -> None:
    posted(point, by=he, lines=[Posted("muzao", FIRST, Money(999))])

    assert sorted(one.per_jin.fen for one in session().query(PriceLine)) == [200, 350, 999]

"""Opening + sales − refunds − fees + corrections = closing; each entry in one statement; the closing is paid once."""

from __future__ import annotations

from contextlib import suppress
from datetime import timedelta

import pytest
from sqlalchemy import func, select
from sqlalchemy.exc import IntegrityError

from app.kernel.db import session, transaction
from app.kernel.errors import DomainError, NotFound
from app.kernel.money import ZERO, Money
from app.kernel.permissions import Viewer
from app.kernel.states import IllegalMove
from app.office.approvals.errors import AlreadyDecided, OwnInterest, OwnRequest, Stale
from app.office.approvals.service import Verdict
from app.office.approvals.states import ApprovalState
from app.office.payouts.states import PayoutState
from app.trade.catalog.models import Pack
from app.trade.orders import queries as orders
from app.trade.orders.states import PayBy
from app.trade.payments import service as payments
from app.trade.payments.permissions import PAYMENTS_CONFIRM
from app.trade.settlements import closing, making, queries, service
from app.trade.settlements.errors import DaySettled, DayToCome, NothingToSettle, OneAtATime
from app.trade.settlements.models import StatementEntry
from app.trade.settlements.states import Line, SettlementState
from tests.cast import a_pack, an_order_of, at, findings, later, pack, receive, ship, shop_of, sql, today
from tests.trade.settlements.cast import (
    again,
    corrected,
    decide,
    made,
    own,
    payout_of,
    refunded,
    seen,
    settled,
    sold,
    statement_of,
    submit,
    work,
)


def test_a_statement_says_what_came_what_went_and_what_is_paid(
    li: Viewer, paid_wang: Viewer, qian: Viewer, tian: Viewer, gift_box: Pack
) -> None:
    order = sold(3, gift_box, buyer=li, seller=paid_wang, official=qian)
    refunded(order, "10.00", by=qian)
    corrected(shop_of(paid_wang).slug, "-2.50", by=qian, second=tian)

    settlement = settled(by=qian, second=tian)

    statement = statement_of(settlement, paid_wang)
    assert (statement.opening, statement.sales, statement.freight) == (ZERO, order.goods, order.freight)
    assert (statement.refunds, statement.fees, statement.corrections) == (Money(-1000), ZERO, Money(-250))
    assert statement.closing == order.total - Money(1250) == own(paid_wang)
    assert settlement.state is SettlementState.CLOSED
    payout = payout_of(statement)
    assert payout is not None
    assert (payout.state, payout.amount) == (PayoutState.HELD, statement.closing)


def test_each_line_opens_down_to_its_entries(
    li: Viewer, paid_wang: Viewer, qian: Viewer, tian: Viewer, gift_box: Pack
) -> None:
    first = sold(1, gift_box, buyer=li, seller=paid_wang, official=qian)
    second = sold(2, gift_box, buyer=li, seller=paid_wang, official=qian)
    refunded(first, "5.00", by=qian)
    statement = statement_of(settled(by=qian, second=tian), paid_wang)

    for line in Line:
        rows = queries.entries_of(statement.id, line, cursor=None).items
        assert sum((row.amount for row in rows), start=ZERO) == getattr(statement, line.value), line
    sales = queries.entries_of(statement.id, Line.SALES, cursor=None).items
    assert [row.order for row in sales] == [first.number, second.number]


def test_every_entry_stands_in_one_statement_whenever_it_came(
    li: Viewer, paid_wang: Viewer, qian: Viewer, tian: Viewer, gift_box: Pack
) -> None:
    sold(1, gift_box, buyer=li, seller=paid_wang, official=qian)
    first = settled(by=qian, second=tian)
    sold(2, gift_box, buyer=li, seller=paid_wang, official=qian)
    second = settled(by=qian, second=tian)

    one, two = statement_of(first, paid_wang), statement_of(second, paid_wang)
    assert two.brought == one.closing
    assert two.sales == gift_box.price * 2
    assert session().scalar(select(func.count()).select_from(StatementEntry)) == 4
    assert two.closing == own(paid_wang)


def test_money_on_its_way_is_not_paid_a_second_time(
    li: Viewer, paid_wang: Viewer, qian: Viewer, tian: Viewer, gift_box: Pack
) -> None:
    sold(1, gift_box, buyer=li, seller=paid_wang, official=qian)
    first = statement_of(settled(by=qian, second=tian), paid_wang)
    sold(2, gift_box, buyer=li, seller=paid_wang, official=qian)
    second = statement_of(settled(by=qian, second=tian), paid_wang)

    assert second.in_flight == first.pays
    assert first.pays + second.pays == own(paid_wang)


def test_who_has_no_verified_account_keeps_it_for_the_next_statement(
    li: Viewer, wang: Viewer, qian: Viewer, tian: Viewer, gift_box: Pack
) -> None:
    order = sold(1, gift_box, buyer=li, seller=wang, official=qian)
    first = statement_of(settled(by=qian, second=tian), wang)
    second = statement_of(settled(by=qian, second=tian), wang)

    assert (first.pays, payout_of(first)) == (ZERO, None)
    assert (second.opening, second.closing) == (order.total, order.total)


def test_a_day_before_today_leaves_todays_sales_for_the_next(
    li: Viewer, paid_wang: Viewer, qian: Viewer, tian: Viewer, gift_box: Pack
) -> None:
    early = sold(1, gift_box, buyer=li, seller=paid_wang, official=qian)
    tomorrow, day = later(days=1), today()
    with at(tomorrow):
        late = sold(2, gift_box, buyer=li, seller=paid_wang, official=qian)
        first = settled(by=qian, second=tian, through=day)
        second = settled(by=qian, second=tian, through=day + timedelta(days=1))

        assert statement_of(first, paid_wang).sales == early.goods
        assert statement_of(second, paid_wang).sales == late.goods


def test_the_maker_never_lets_it_go_and_no_grower_decides_about_his_own(
    li: Viewer, paid_wang: Viewer, qian: Viewer, tian: Viewer, gift_box: Pack
) -> None:
    sold(1, gift_box, buyer=li, seller=paid_wang, official=qian)
    settlement = made(by=qian)
    submit(settlement, by=qian)

    with pytest.raises(OwnRequest):
        decide(settlement, by=qian)
    both = Viewer(paid_wang.person_id, "王枣林", (*paid_wang.grants, *tian.grants), {**paid_wang.rights, **tian.rights})
    with pytest.raises(OwnInterest):
        decide(settlement, by=both)
    assert decide(settlement, by=tian) is ApprovalState.APPROVED


def test_an_auditor_an_administrator_and_a_township_cannot_let_it_go(
    li: Viewer, paid_wang: Viewer, qian: Viewer, zhao: Viewer, sun: Viewer, zhou: Viewer, gift_box: Pack
) -> None:
    sold(1, gift_box, buyer=li, seller=paid_wang, official=qian)
    settlement = made(by=qian)
    submit(settlement, by=qian)

    for outsider in (zhao, sun, zhou):
        with pytest.raises(NotFound):
            decide(settlement, by=outsider)


def test_what_changed_since_it_was_asked_is_not_let_go(
    li: Viewer, paid_wang: Viewer, qian: Viewer, tian: Viewer, gift_box: Pack
) -> None:
    sold(1, gift_box, buyer=li, seller=paid_wang, official=qian)
    settlement = made(by=qian)
    submit(settlement, by=qian)
    before = seen(settlement)
    sql("UPDATE statements SET sales = sales + 100, closing = closing + 100")

    for over in (before, seen(settlement)):
        with pytest.raises(Stale), transaction():
            service.decide(settlement.number, Verdict(True, over), by=tian)
    sql("UPDATE statements SET sales = sales - 100, closing = closing - 100")
    assert decide(settlement, by=tian) is ApprovalState.APPROVED


def test_a_refused_settlement_sets_its_entries_free(
    li: Viewer, paid_wang: Viewer, qian: Viewer, tian: Viewer, gift_box: Pack
) -> None:
    order = sold(1, gift_box, buyer=li, seller=paid_wang, official=qian)
    settlement = made(by=qian)
    submit(settlement, by=qian)
    assert decide(settlement, by=tian, agrees=False, because="有一笔对不上") is ApprovalState.REFUSED

    anew = statement_of(settled(by=qian, second=tian), paid_wang)
    assert anew.closing == order.total
    assert again(settlement).state is SettlementState.DROPPED


def test_one_that_was_not_right_is_dropped_by_who_asked_for_it(
    li: Viewer, paid_wang: Viewer, qian: Viewer, tian: Viewer, gift_box: Pack
) -> None:
    sold(1, gift_box, buyer=li, seller=paid_wang, official=qian)
    settlement = made(by=qian)
    submit(settlement, by=qian)
    with pytest.raises(NotFound), transaction():
        service.drop(settlement.number, by=tian)
    with transaction():
        service.drop(settlement.number, by=qian)

    with pytest.raises(AlreadyDecided):
        decide(settlement, by=tian)
    assert again(settlement).state is SettlementState.DROPPED


def test_one_settlement_at_a_time_and_none_of_a_day_to_come(
    li: Viewer, paid_wang: Viewer, qian: Viewer, gift_box: Pack
) -> None:
    day = today()
    with pytest.raises(DayToCome), transaction():
        service.begin(through=day + timedelta(days=1), by=qian)
    made(by=qian)
    with pytest.raises(OneAtATime), transaction():
        service.begin(through=day, by=qian)
    with pytest.raises(IntegrityError):
        sql(
            "INSERT INTO settlements (number, through, fee_rate, state, is_live, cursor, count, closing, pays, "
            "made_at, made_by) SELECT 'J-raw', through, 0, state, is_live, 0, 0, 0, 0, made_at, made_by "
            "FROM settlements"
        )


def test_none_ends_before_the_last_one_did(
    li: Viewer, paid_wang: Viewer, qian: Viewer, tian: Viewer, gift_box: Pack
) -> None:
    sold(1, gift_box, buyer=li, seller=paid_wang, official=qian)
    settled(by=qian, second=tian)
    day = today()
    with pytest.raises(DaySettled), transaction():
        service.begin(through=day - timedelta(days=1), by=qian)


def test_an_empty_settlement_is_not_put_before_anybody(county: object, qian: Viewer) -> None:
    settlement = made(by=qian)

    with pytest.raises(NothingToSettle):
        submit(settlement, by=qian)


def test_nothing_is_approved_before_it_is_made(county: object, qian: Viewer) -> None:
    day = today()
    with transaction():
        settlement = service.begin(through=day, by=qian)

    with pytest.raises(IllegalMove):
        submit(settlement, by=qian)
    work()


def _dies_once() -> None:
    """The worker does a part and dies before it is written; another does it again."""
    with suppress(_Died), transaction():
        service.go_on(by="worker")
        raise _Died
    with transaction():
        service.go_on(by="worker")


class _Died(Exception):
    pass


def test_a_run_that_stops_between_its_parts_goes_on_where_it_was(
    li: Viewer, paid_wang: Viewer, gao: Viewer, qian: Viewer, tian: Viewer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One seller at a time, the worker dying after each: the same statements, each booked once."""
    monkeypatch.setattr(making, "AT_ONCE", 1)
    monkeypatch.setattr(closing, "AT_ONCE", 1)
    for grower in (paid_wang, gao):
        sold(1, a_pack(grower), buyer=li, seller=grower, official=qian)

    day = today()
    with transaction():
        settlement = service.begin(through=day, by=qian)
    for _part in range(3):
        _dies_once()
    submit(settlement, by=qian)
    decide(settlement, by=tian)
    for _part in range(3):
        _dies_once()

    assert again(settlement).state is SettlementState.CLOSED
    assert again(settlement).count == 2
    for grower in (paid_wang, gao):
        assert statement_of(settlement, grower).closing == own(grower)


def test_a_refund_after_the_money_was_promised_is_carried_into_the_next_statement(
    li: Viewer, paid_wang: Viewer, qian: Viewer, tian: Viewer, gift_box: Pack
) -> None:
    order = sold(1, gift_box, buyer=li, seller=paid_wang, official=qian)
    first = statement_of(settled(by=qian, second=tian), paid_wang)
    refunded(order, "20.00", by=qian)
    second = statement_of(settled(by=qian, second=tian), paid_wang)

    assert second.refunds == Money(-2000)
    assert second.closing == first.closing - Money(2000) == own(paid_wang)
    assert second.pays == ZERO


@pytest.mark.corrupts
@pytest.mark.parametrize(
    ("damage", "codes"),
    [
        ("UPDATE statement_entries SET amount = amount + 1 WHERE line = 'freight'", {"M18", "M18-books"}),
        ("UPDATE statements SET brought = brought + 1, closing = closing + 1", {"M18-carried"}),
        ("UPDATE statements SET pays = pays - 1", {"V9-statements"}),
        ("DELETE FROM statement_entries WHERE line = 'sales'", {"M18"}),
    ],
)
def test_what_does_not_agree_with_the_books_is_found(
    li: Viewer, paid_wang: Viewer, qian: Viewer, tian: Viewer, gift_box: Pack, damage: str, codes: set[str]
) -> None:
    sold(1, gift_box, buyer=li, seller=paid_wang, official=qian)
    settled(by=qian, second=tian)
    sql(damage)

    assert set(findings()) == codes


def test_a_wrong_correction_is_refused_and_writes_nothing(county: object, wang: Viewer, qian: Viewer) -> None:
    for slug, yuan in (("nobody", "1.00"), (shop_of(wang).slug, "0.00")):
        with pytest.raises(DomainError):
            corrected(slug, yuan, by=qian, second=qian)
    assert own(wang) == ZERO


def test_what_the_courier_still_has_is_paid_once_he_has_handed_it_over(
    li: Viewer, paid_wang: Viewer, qian: Viewer, tian: Viewer, gift_box: Pack
) -> None:
    order = an_order_of(2, gift_box, buyer=li, pay_by=PayBy.CASH_ON_DELIVERY)
    pack(order, by=paid_wang)
    ship(order, by=paid_wang)
    receive(order, by=li)
    first = statement_of(settled(by=qian, second=tian), paid_wang)
    assert (first.closing, first.awaited, first.pays) == (order.total, order.total, ZERO)

    with transaction():
        locked = orders.order_in_scope(qian, order.number, PAYMENTS_CONFIRM, lock=True)
        payments.handed_over(locked, reference="K1", amount=order.total, by=qian.actor)
    second = statement_of(settled(by=qian, second=tian), paid_wang)
    assert (second.awaited, second.pays) == (ZERO, order.total)

"""Goods that come back are for sale again, lost, or the buyer's again; what they cost goes back, to the fen."""

from __future__ import annotations

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import text

from app.kernel.db import session, transaction
from app.kernel.money import Money
from app.kernel.permissions import COUNTY, Viewer
from app.kernel.weight import Weight
from app.people.accounts.states import Role
from app.trade.catalog.models import Pack
from app.trade.orders.models import Order, OrderLine
from app.trade.payments import refunds
from app.trade.payments.models import Refund, RefundReason, RefundState
from app.trade.returns import pricing, service
from app.trade.returns.errors import AlwaysTaken, NotForStock, ReasonNeeded, WrongCount
from app.trade.returns.service import Seen
from app.trade.returns.states import ReturnState, Why
from tests.cast import a_pack, a_viewer, an_order_of, answer, at, available, described, findings, later, sql
from tests.trade.payments.test_refunds import owed, send
from tests.trade.returns.cast import again, arrived_order, ask, come_back, in_books, look


def the_refund() -> Refund:
    session().rollback()
    return session().query(Refund).populate_existing().one()


def test_goods_that_arrive_are_sold_no_more_and_wait_to_be_looked_at(order: Order, li: Viewer, wang: Viewer) -> None:
    come_back(ask(order, 3, by=li), buyer=li, seller=wang)

    assert (in_books("sold"), in_books("returned")) == (1, 3)
    assert (in_books("sold_grams"), in_books("returned_grams")) == (2_500, 7_500)
    assert answer("SELECT count(*) FROM refunds") == 0
    assert findings() == {}


def test_sound_pieces_go_back_to_the_lots_that_they_were_sent_from(
    order: Order, box: Pack, li: Viewer, wang: Viewer, qian: Viewer
) -> None:
    found = come_back(ask(order, 4, by=li), buyer=li, seller=wang)

    look(found, Seen(sound=4), by=wang)

    assert available(box) == 6
    lots = session().execute(text("SELECT dr - cr FROM ledger_accounts WHERE role = 'stock' ORDER BY subject")).all()
    assert [left for (left,) in lots] == [3, 3]
    assert (in_books("sold"), in_books("returned"), in_books("packed_grams")) == (0, 0, 15_000)
    assert (in_books("sold_grams"), in_books("returned_grams")) == (0, 0)
    refund = the_refund()
    assert (refund.amount, refund.reason) == (order.goods, RefundReason.RETURNED)
    send(refund, by=qian)
    assert (owed("payable", order), owed("freight", order)) == (0, order.freight.fen)
    assert findings() == {}


def test_spoilt_pieces_are_lost_and_paid_for(order: Order, box: Pack, li: Viewer, wang: Viewer) -> None:
    found = come_back(ask(order, 2, by=li), buyer=li, seller=wang)

    look(found, Seen(sound=1), by=wang)

    assert (available(box), in_books("loss"), in_books("loss_grams")) == (3, 1, 2_500)
    assert the_refund().amount == Money(13_600)
    assert findings() == {}


def test_pieces_that_the_buyer_spoilt_are_his_again_and_not_paid_for(order: Order, li: Viewer, wang: Viewer) -> None:
    found = come_back(ask(order, 3, by=li), buyer=li, seller=wang)

    with pytest.raises(ReasonNeeded):
        look(found, Seen(sound=1, sent_away=1), by=wang)
    look(found, Seen(sound=1, sent_away=1), by=wang, words="吃了一半")

    assert (in_books("sold"), in_books("sold_grams"), in_books("loss")) == (2, 5_000, 1)
    assert the_refund().amount == Money(13_600)
    assert findings() == {}


def test_faulty_goods_are_paid_for_with_their_share_of_the_freight(order: Order, li: Viewer, wang: Viewer) -> None:
    found = come_back(ask(order, 1, by=li, why=Why.QUALITY), buyer=li, seller=wang)

    with pytest.raises(AlwaysTaken):
        look(found, Seen(sound=0, sent_away=1), by=wang, words="不收")
    look(found, Seen(sound=0), by=wang)

    assert the_refund().amount == Money(6_800 + order.freight.fen // 4)
    assert the_refund().reason is RefundReason.QUALITY
    assert findings() == {}


def test_when_all_of_it_was_faulty_all_that_was_paid_goes_back(
    order: Order, li: Viewer, wang: Viewer, qian: Viewer
) -> None:
    found = come_back(ask(order, 4, by=li, why=Why.QUALITY), buyer=li, seller=wang)

    look(found, Seen(sound=0), by=wang)

    assert the_refund().amount == order.total
    send(the_refund(), by=qian)
    assert (owed("payable", order), owed("freight", order)) == (0, 0)
    assert findings() == {}


def test_fresh_fruit_is_never_for_sale_again(fresh_order: Order, li: Viewer, wang: Viewer) -> None:
    found = come_back(ask(fresh_order, 2, by=li, why=Why.QUALITY), buyer=li, seller=wang)

    with pytest.raises(NotForStock):
        look(found, Seen(sound=1), by=wang)
    look(found, Seen(sound=0), by=wang)

    assert (in_books("loss"), in_books("loss_grams")) == (2, 5_000)
    assert findings() == {}


@pytest.mark.parametrize("seen", [Seen(3), Seen(-1), Seen(2, 1), Seen(0, -1)])
def test_what_is_seen_makes_up_what_came_back(order: Order, li: Viewer, wang: Viewer, seen: Seen) -> None:
    found = come_back(ask(order, 2, by=li), buyer=li, seller=wang)

    with pytest.raises(WrongCount):
        look(found, seen, by=wang, words="x")
    assert again(found).state is ReturnState.ARRIVED


def test_boxes_that_were_light_come_back_at_what_they_weighed_and_cost(
    li: Viewer, wang: Viewer, qian: Viewer, box: Pack
) -> None:
    order = arrived_order(an_order_of(4, box, buyer=li), buyer=li, seller=wang, official=qian, grams=9_401)
    short = the_refund()
    first = come_back(ask(order, 3, by=li), buyer=li, seller=wang)
    with pytest.raises(NotForStock):
        look(first, Seen(sound=1), by=wang)
    look(first, Seen(sound=0), by=wang)
    look(come_back(ask(order, 1, by=li), buyer=li, seller=wang), Seen(sound=0), by=wang)

    amounts = [one.amount.fen for one in session().query(Refund).populate_existing().all()]
    assert sum(amounts) == order.goods.fen
    assert amounts[0] == short.amount.fen
    assert (in_books("sold_grams"), in_books("loss_grams"), in_books("returned_grams")) == (0, 10_000, 0)
    for one in session().query(Refund).all():
        send(one, by=qian)
    assert (owed("payable", order), owed("prepaid", order)) == (0, 0)
    assert findings() == {}


def test_two_returns_of_one_line_send_each_piece_to_its_own_lot_and_make_its_price(
    order: Order, box: Pack, li: Viewer, wang: Viewer
) -> None:
    first, second = ask(order, 1, by=li), ask(order, 3, by=li)
    look(come_back(second, buyer=li, seller=wang), Seen(sound=3), by=wang)
    look(come_back(first, buyer=li, seller=wang), Seen(sound=1), by=wang)

    assert available(box) == 6
    assert answer("SELECT sum(amount) FROM refunds") == order.goods.fen
    assert findings() == {}


def test_never_more_goes_back_than_is_left_of_what_was_paid(
    order: Order, li: Viewer, wang: Viewer, qian: Viewer
) -> None:
    with transaction():
        part = Money(order.total.fen - 5_000)
        refunds.ask(order.number, amount=part, reason=RefundReason.AGREED, note="", by=qian)
    found = come_back(ask(order, 4, by=li), buyer=li, seller=wang)

    look(found, Seen(sound=4), by=wang)

    assert again(found).refunded == Money(5_000)
    assert answer("SELECT sum(amount) FROM refunds") == order.total.fen
    assert findings() == {}


def test_after_five_days_it_is_paid_for_though_nobody_has_looked(order: Order, li: Viewer, wang: Viewer) -> None:
    found = come_back(ask(order, 2, by=li), buyer=li, seller=wang)
    with at(later(days=4, hours=23)), transaction():
        assert service.refund_due(by="worker") == 0

    for count in (1, 0):
        with at(later(days=5)), transaction():
            assert service.refund_due(by="worker") == count

    assert (the_refund().amount, again(found).state) == (Money(13_600), ReturnState.ARRIVED)
    with pytest.raises(AlwaysTaken):
        look(found, Seen(sound=0, sent_away=1), by=wang, words="晚了")
    look(found, Seen(sound=2), by=wang)
    assert answer("SELECT count(*) FROM refunds") == 1
    assert findings() == {}


def test_above_five_thousand_yuan_a_second_person_lets_it_go(li: Viewer, wang: Viewer, qian: Viewer) -> None:
    dear = a_pack(wang, said=described(price=1_100_000))
    order = arrived_order(an_order_of(1, dear, buyer=li), buyer=li, seller=wang, official=qian)
    found = come_back(ask(order, 1, by=li), buyer=li, seller=wang)

    look(found, Seen(sound=1), by=wang)

    assert (the_refund().state, the_refund().asked_by) == (RefundState.ASKED, wang.actor)
    second = a_viewer("吴县办", (Role.COUNTY, COUNTY))
    refund = the_refund()
    with transaction():
        refunds.decide(refund.id, agrees=True, by=second)
    assert findings() == {}


def test_a_check_finds_goods_that_came_back_past_the_books(order: Order, li: Viewer, wang: Viewer) -> None:
    found = come_back(ask(order, 1, by=li), buyer=li, seller=wang)

    sql("UPDATE returns SET state = 'done' WHERE id = :id", id=found.id)

    assert set(findings()) == {"V3-returned"}
    sql("UPDATE returns SET state = 'arrived' WHERE id = :id", id=found.id)


@given(
    price=st.integers(1, 10**6), pieces=st.integers(1, 40), light=st.integers(0, 50), cuts=st.lists(st.integers(0, 40))
)
def test_however_pieces_come_back_their_worth_and_weight_make_the_line(
    price: int, pieces: int, light: int, cuts: list[int]
) -> None:
    net = 997
    line = OrderLine(order_id=0, pack_id=0, title="", net=Weight(net), price=Money(price), pieces=pieces)
    line.weighed = Weight(net * pieces - net * pieces * light // 100)
    edges = [0, *sorted(cut for cut in cuts if cut <= pieces), pieces]
    runs = [(a, b - a) for a, b in itertools.pairwise(edges)]

    worth = [pricing.worth(line, first=first, pieces=count).fen for first, count in runs]
    grams = [pricing.grams(line, first=first, pieces=count) for first, count in runs]

    assert sum(worth) == (line.amount - line.short).fen
    assert sum(grams) == (line.promised - line.missing).grams
    assert min([*worth, *grams]) >= 0

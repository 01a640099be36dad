"""Stopping a pack: who may, what follows for buyer and seller, and who lets it go again."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from app.kernel.db import session, transaction
from app.kernel.errors import NotFound
from app.kernel.permissions import Viewer
from app.kernel.states import IllegalMove
from app.people.accounts.errors import ReasonMissing
from app.people.accounts.states import Role
from app.people.growers import service as growers
from app.people.growers.errors import OwnMatter
from app.people.messages.models import Message
from app.trade.catalog import queries, service
from app.trade.catalog.models import Pack
from app.trade.catalog.states import PackState
from app.trade.orders.errors import NotOnSale
from app.trade.orders.states import OrderState
from tests.cast import (
    MENGMEN,
    a_viewer,
    an_order_of,
    answer,
    fill,
    fresh,
    pack,
    pay,
    place,
    shop_of,
)

WHY = "净重和标的不一样"


def stop(box: Pack, *, by: Viewer, because: str = WHY) -> None:
    with transaction():
        service.stop(queries.pack_in_scope(by, box.slug, lock=True), by=by, because=because)


def release(box: Pack, *, by: Viewer) -> None:
    with transaction():
        service.release(queries.pack_in_scope(by, box.slug, lock=True), by=by, because="已经改好标签")


def state_of(box: Pack) -> PackState:
    session().rollback()
    session().expire_all()
    return session().get_one(Pack, box.id).state


def told(who: Viewer) -> list[str]:
    return list(session().scalars(select(Message.words).where(Message.person_id == who.person_id)))


def test_a_stopped_pack_is_off_the_shelf_and_its_seller_reads_why(wang: Viewer, zhao: Viewer, gift_box: Pack) -> None:
    stop(gift_box, by=zhao)

    assert state_of(gift_box) is PackState.STOPPED
    assert queries.on_sale(queries.Wanted()).items == []
    assert any(WHY in words for words in told(wang))
    assert queries.pack_of(wang, gift_box.slug).stopped_because == WHY


def test_it_is_on_record_who_stopped_it_and_why(zhao: Viewer, gift_box: Pack) -> None:
    stop(gift_box, by=zhao)

    rows = "SELECT count(*) FROM audit_rows WHERE act = 'packs.stopped' AND actor = :actor AND because = :why"
    assert answer(rows, actor=zhao.actor, why=WHY) == 1


def test_what_is_stopped_cannot_be_ordered_from_a_basket_that_holds_it(
    li: Viewer, zhao: Viewer, gift_box: Pack
) -> None:
    fill(li, {gift_box.slug: 1})
    stop(gift_box, by=zhao)

    with pytest.raises(NotOnSale):
        place(li)

    assert answer("SELECT count(*) FROM orders") == 0


def test_orders_that_stood_before_are_still_sent(
    li: Viewer, wang: Viewer, zhao: Viewer, qian: Viewer, gift_box: Pack
) -> None:
    order = an_order_of(2, gift_box, buyer=li)
    pay(order, by=qian)

    stop(gift_box, by=zhao)
    pack(order, by=wang)

    assert fresh(order).state is OrderState.PACKED


def test_its_seller_can_neither_sell_it_nor_take_it_off_until_it_is_released(
    wang: Viewer, zhao: Viewer, gift_box: Pack
) -> None:
    stop(gift_box, by=zhao)
    for state in PackState:
        with pytest.raises(IllegalMove), transaction():
            service.become(queries.pack_of(wang, gift_box.slug, lock=True), state, by=wang.actor)

    release(gift_box, by=zhao)
    assert state_of(gift_box) is PackState.OFF
    with transaction():
        service.become(queries.pack_of(wang, gift_box.slug, lock=True), PackState.ON_SALE, by=wang.actor)

    assert state_of(gift_box) is PackState.ON_SALE
    assert queries.pack_of(wang, gift_box.slug).stopped_because == ""
    assert "解除" in told(wang)[-1]


def test_an_official_of_another_township_does_not_find_it(gao: Viewer, gift_box: Pack) -> None:
    other = a_viewer("贺文书", (Role.TOWNSHIP, "township:141125105"))

    with pytest.raises(NotFound):
        stop(gift_box, by=other)
    with pytest.raises(NotFound):
        stop(gift_box, by=gao)

    assert queries.page_in_scope(other, words="", is_stopped=False, cursor=None).items == []
    assert state_of(gift_box) is PackState.ON_SALE


def test_the_county_finds_it_by_its_words_in_the_list_where_it_stands(qian: Viewer, gift_box: Pack) -> None:
    def found(words: str, *, is_stopped: bool) -> list[str]:
        page = queries.page_in_scope(qian, words=words, is_stopped=is_stopped, cursor=None)
        return [one.slug for one in page.items]

    assert found("木枣", is_stopped=False) == [gift_box.slug]
    assert found("木枣", is_stopped=True) == found("苹果", is_stopped=False) == []
    stop(gift_box, by=qian)
    assert found("木枣", is_stopped=True) == [gift_box.slug]
    assert found("木枣", is_stopped=False) == []


def test_without_a_reason_nothing_is_stopped(zhao: Viewer, gift_box: Pack) -> None:
    with pytest.raises(ReasonMissing):
        stop(gift_box, by=zhao, because=" 坏 ")

    assert state_of(gift_box) is PackState.ON_SALE


def test_nobody_releases_what_he_sells_himself(wang: Viewer, zhao: Viewer, gift_box: Pack) -> None:
    partner = a_viewer("刘文书", (Role.TOWNSHIP, f"township:{MENGMEN}"))
    with transaction():
        growers.add_member(shop_of(wang).id, partner.person_id, by=zhao, because="家里的儿子")
    stop(gift_box, by=zhao)

    with pytest.raises(OwnMatter):
        release(gift_box, by=partner)

    assert state_of(gift_box) is PackState.STOPPED


def test_what_is_stopped_is_not_stopped_again_and_what_is_not_is_not_released(zhao: Viewer, gift_box: Pack) -> None:
    with pytest.raises(IllegalMove):
        release(gift_box, by=zhao)
    stop(gift_box, by=zhao)
    with pytest.raises(IllegalMove):
        stop(gift_box, by=zhao)

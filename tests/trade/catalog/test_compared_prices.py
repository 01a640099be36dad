"""What may stand struck through beside a price: the lowest deal of the seven days before it fell, and nothing else."""

from __future__ import annotations

import pytest
from flask import Flask

from app.kernel import clock
from app.kernel.db import session, transaction
from app.kernel.money import Money
from app.kernel.permissions import Viewer
from app.trade.catalog import service
from app.trade.catalog.claims import compared_prices
from app.trade.catalog.errors import ComparedPrice
from app.trade.catalog.models import Pack
from app.trade.orders.models import Order
from tests.cast import a_pack, an_order_of, answer, at, cancel, described, later, pay


def sold(pack: Pack, *, buyer: Viewer, official: Viewer) -> Order:
    order = an_order_of(1, pack, buyer=buyer)
    pay(order, by=official)
    return order


def reprice(pack: Pack, fen: int) -> None:
    with transaction():
        now = session().get_one(Pack, pack.id)
        service.reprice(now, price=Money(fen), version=now.version, by="test")


def struck(pack: Pack) -> Money | None:
    session().rollback()
    session().expire_all()
    return session().get_one(Pack, pack.id).struck_at(clock.now())


def test_a_lower_price_stands_beside_the_lowest_deal_of_seven_days(li: Viewer, qian: Viewer, gift_box: Pack) -> None:
    sold(gift_box, buyer=li, official=qian)
    reprice(gift_box, 7500)
    sold(gift_box, buyer=li, official=qian)

    reprice(gift_box, 6000)

    assert struck(gift_box) == Money(6800)
    assert answer("SELECT count(*) FROM price_changes") == 2


def test_where_nothing_was_sold_there_is_nothing_to_compare_with(gift_box: Pack) -> None:
    reprice(gift_box, 6000)

    assert struck(gift_box) is None


def test_an_order_that_was_called_off_is_no_deal(li: Viewer, gift_box: Pack) -> None:
    cancel(an_order_of(1, gift_box, buyer=li), by=li)

    reprice(gift_box, 6000)

    assert struck(gift_box) is None


def test_a_price_raised_in_order_to_be_lowered_is_no_bargain(li: Viewer, qian: Viewer, gift_box: Pack) -> None:
    sold(gift_box, buyer=li, official=qian)
    reprice(gift_box, 9900)

    reprice(gift_box, 6800)

    assert struck(gift_box) is None


def test_a_deal_of_eight_days_ago_is_too_old(li: Viewer, qian: Viewer, gift_box: Pack) -> None:
    sold(gift_box, buyer=li, official=qian)

    with at(later(days=8)):
        reprice(gift_box, 6000)
        assert struck(gift_box) is None


def test_after_seven_days_the_price_stands_alone(li: Viewer, qian: Viewer, gift_box: Pack) -> None:
    sold(gift_box, buyer=li, official=qian)
    reprice(gift_box, 6000)

    with at(later(days=6, hours=23)):
        assert struck(gift_box) == Money(6800)
    with at(later(days=7)):
        assert struck(gift_box) is None


def test_a_higher_price_ends_the_comparison(li: Viewer, qian: Viewer, gift_box: Pack) -> None:
    sold(gift_box, buyer=li, official=qian)
    reprice(gift_box, 6000)
    reprice(gift_box, 6100)

    assert struck(gift_box) is None


def test_the_page_says_with_what_it_compares(app: Flask, li: Viewer, qian: Viewer, gift_box: Pack) -> None:
    sold(gift_box, buyer=li, official=qian)
    reprice(gift_box, 6000)

    page = app.test_client().get(f"/packs/{gift_box.slug}").text

    assert '<s><data value="6800">' in page
    assert "降价前 7 天的最低成交价" in page


@pytest.mark.parametrize("words", ["原价68元", "市场价：￥99", "专柜价 120", "原 价 ６８", "原價68"])
def test_no_other_price_is_compared_with_in_words(wang: Viewer, words: str) -> None:
    with pytest.raises(ComparedPrice):
        a_pack(wang, pieces=1, said=described(words=words))

    assert answer("SELECT count(*) FROM packs") == 0


@pytest.mark.parametrize("words", ["原价值观不变", "一箱68元", "市场上少见", "2026年新枣"])
def test_everyday_words_compare_nothing(words: str) -> None:
    assert compared_prices(words) == []

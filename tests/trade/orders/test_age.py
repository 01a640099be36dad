"""Alcohol is sold only to who says that he is of age, and the order keeps that he did."""

from __future__ import annotations

from dataclasses import replace

import pytest
from flask import Flask

from app.kernel.permissions import Viewer
from app.trade.catalog.models import Pack
from app.trade.orders.errors import AgeUnconfirmed
from tests.cast import MENGMEN as HERE
from tests.cast import a_grower, a_pack, available, described, fill, fresh, place, terms


@pytest.fixture
def wine(zhao: Viewer) -> Pack:
    """Jujube wine of a grower with a licence."""
    grower = a_grower("郭酿酒", "郭家酒坊", HERE, verified_by=zhao, licence="SC11514112500001")
    return a_pack(grower, said=described(title="枣酒 一斤装", net=500, product="zaojiu"))


def test_alcohol_is_not_sold_to_who_does_not_say_his_age(li: Viewer, wine: Pack) -> None:
    fill(li, {wine.slug: 1})

    with pytest.raises(AgeUnconfirmed) as refused:
        place(li, terms(li))

    assert refused.value.field == "is_adult"
    assert available(wine) == 10


def test_the_order_keeps_that_he_said_it(li: Viewer, wine: Pack) -> None:
    fill(li, {wine.slug: 1})

    (order,) = place(li, replace(terms(li), is_adult=True))

    assert fresh(order).adult_confirmed_at is not None


def test_fruit_asks_for_no_age(li: Viewer, gift_box: Pack) -> None:
    fill(li, {gift_box.slug: 1})

    (order,) = place(li, terms(li))

    assert fresh(order).adult_confirmed_at is None


def test_the_page_of_alcohol_says_who_may_not_buy_it(app: Flask, wine: Pack, gift_box: Pack) -> None:
    client = app.test_client()

    assert "不卖给未满十八岁的人" in client.get(f"/packs/{wine.slug}").text
    assert "十八岁" not in client.get(f"/packs/{gift_box.slug}").text

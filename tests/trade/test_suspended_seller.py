"""A suspended seller's goods are gone at once, wherever they were seen; what was ordered before goes its way."""

import pytest
from flask import Flask
from flask.testing import FlaskClient

from app.kernel import events
from app.kernel.db import transaction
from app.kernel.errors import DomainError
from app.kernel.permissions import Viewer
from app.people.growers import changes
from app.people.growers import service as growers
from app.people.growers.changes import Wanted
from app.trade.catalog.models import Pack
from app.trade.orders.states import OrderState
from tests.cast import an_order_of, fill, fresh, pack, pay, place, receive, ship, shop_of, terms
from tests.web.browsing import signed_in


def suspend(grower: Viewer, *, by: Viewer) -> None:
    with transaction():
        growers.suspend(shop_of(grower).id, by=by, because="抽检不合格")


def test_the_goods_leave_shelf_township_and_shop_at_once(
    app: Flask, client: FlaskClient, wang: Viewer, zhao: Viewer, gift_box: Pack
) -> None:
    title, slug, shop = gift_box.title, gift_box.slug, shop_of(wang).slug
    everywhere = ("/shelf", "/shelf?q=红枣", f"/sellers/{shop}", f"/townships/{gift_box.township_code}")
    assert {title in client.get(url).text for url in everywhere} == {True}

    suspend(wang, by=zhao)

    assert {title in client.get(url).text for url in everywhere} == {False}
    page = client.get(f"/packs/{slug}")
    assert page.status_code == 200
    assert "这一种现在不卖了" in page.text
    assert "暂停销售" in client.get(f"/sellers/{shop}").text


def test_what_lies_in_a_basket_can_no_longer_be_ordered(li: Viewer, wang: Viewer, zhao: Viewer, gift_box: Pack) -> None:
    fill(li, {gift_box.slug: 1})
    agreed = terms(li)
    suspend(wang, by=zhao)

    with pytest.raises(DomainError):
        place(li, agreed)


def test_orders_from_before_are_packed_sent_and_received(
    li: Viewer, wang: Viewer, zhao: Viewer, qian: Viewer, gift_box: Pack
) -> None:
    order = an_order_of(1, gift_box, buyer=li)
    suspend(wang, by=zhao)

    pay(order, by=qian)
    pack(order, by=wang)
    ship(order, by=wang)
    receive(order, by=li)

    assert fresh(order).state is OrderState.RECEIVED


def test_he_still_reaches_his_orders_and_reads_why(
    app: Flask, li: Viewer, wang: Viewer, zhao: Viewer, gift_box: Pack
) -> None:
    order = an_order_of(1, gift_box, buyer=li)
    suspend(wang, by=zhao)
    client = signed_in(app, wang)

    home = client.get("/grower/").text

    assert "抽检不合格" in home
    assert "/grower/orders" in home
    assert "/grower/listings/new" not in home
    assert order.number in client.get("/grower/orders").text


def test_when_he_is_resumed_the_goods_are_back(client: FlaskClient, wang: Viewer, zhao: Viewer, gift_box: Pack) -> None:
    title = gift_box.title
    suspend(wang, by=zhao)
    with transaction():
        growers.resume(shop_of(wang).id, by=zhao, because="复检合格了")

    assert title in client.get("/shelf").text


def test_packs_are_found_by_the_name_to_which_the_township_agreed(
    client: FlaskClient, wang: Viewer, zhao: Viewer, gift_box: Pack
) -> None:
    with transaction():
        change = changes.propose(shop_of(wang).id, Wanted("枣林深处", None, ""), by=wang)
    assert "枣林深处" not in client.get(f"/packs/{gift_box.slug}").text
    with transaction():
        changes.approve(change.id, by=zhao, because="不重名，可以改")
    with transaction():
        events.drain()

    assert gift_box.title in client.get("/shelf?q=枣林深处").text

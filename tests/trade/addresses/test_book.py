"""A buyer's address book, and checkout beginning with it."""

from __future__ import annotations

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import inspect, text
from werkzeug.test import TestResponse

from app.kernel import cache
from app.kernel.db import session, transaction
from app.kernel.errors import NotFound
from app.kernel.permissions import Viewer
from app.trade.addresses import queries, service
from app.trade.addresses.errors import BookFull
from app.trade.addresses.models import Address
from app.trade.addresses.queries import Place
from app.trade.catalog.models import Pack
from app.trade.orders import queries as orders
from app.trade.orders.models import Order
from tests.cast import GUANGDONG, SHANXI, answer, findings, sql
from tests.web.browsing import PageForm, form_to, forms_of, signed_in
from tests.web.test_hostile_values import CORPUS

HOME = Place("李晓月", "13812345678", SHANXI, "太原市迎泽区桃园路四十七号三单元")
WORK = Place("李晓月", "13812345679", GUANGDONG, "广州市越秀区沿江路四十七号")


def keep(who: Viewer, place: Place = HOME, *, is_default: bool = False) -> Address:
    with transaction():
        return service.keep(place, is_default=is_default, by=who)


def book(who: Viewer) -> list[tuple[str, bool]]:
    """Street and whether it is the default, as the page lists them."""
    session().rollback()
    session().expire_all()
    return [(one.place.street, one.is_default) for one in queries.of_viewer(who)]


def test_the_first_address_is_where_checkout_begins(li: Viewer) -> None:
    keep(li)
    keep(li, WORK)

    assert book(li) == [(HOME.street, True), (WORK.street, False)]


def test_the_same_address_is_kept_once(li: Viewer) -> None:
    first = keep(li)

    assert keep(li).code == first.code
    assert len(book(li)) == 1


def test_another_default_takes_the_place_of_the_first(li: Viewer) -> None:
    keep(li)
    work = keep(li, WORK)

    with transaction():
        service.make_default(work.code, by=li)

    assert book(li) == [(WORK.street, True), (HOME.street, False)]


def test_when_the_default_is_deleted_another_takes_its_place(li: Viewer) -> None:
    home = keep(li)
    keep(li, WORK)

    with transaction():
        service.delete(home.code, by=li)

    assert book(li) == [(WORK.street, True)]


def test_twenty_addresses_are_enough(li: Viewer) -> None:
    for number in range(service.MOST):
        keep(li, Place("李晓月", "13812345678", SHANXI, f"桃园路{number}号"))

    with pytest.raises(BookFull):
        keep(li)

    assert len(book(li)) == service.MOST


def test_a_stranger_finds_no_address(li: Viewer, hu: Viewer) -> None:
    code = keep(li).code

    for act in (service.delete, service.make_default):
        with pytest.raises(NotFound), transaction():
            act(code, by=hu)
    with pytest.raises(NotFound), transaction():
        service.change(code, WORK, is_default=False, by=hu)

    assert book(li) == [(HOME.street, True)]


def test_nothing_of_an_address_lies_in_clear_and_nothing_of_it_lies_there_once_deleted(li: Viewer) -> None:
    home, work = keep(li), keep(li, WORK)
    with transaction():
        service.change(home.code, Place("李晓月二", "13812345670", SHANXI, "迎泽大街七号"), is_default=False, by=li)

    for secret in (HOME.street, HOME.phone, WORK.street, WORK.phone, "迎泽大街七号", "13812345670", "李晓月二"):
        assert secret not in _dump()
    sealed = bytes(work.street_sealed).decode("latin-1")
    assert sealed in _dump()
    with transaction():
        service.delete(work.code, by=li)
    assert sealed not in _dump()


def _dump() -> str:
    """Every text and blob of every table, blobs both as bytes and as the text that they may be."""
    session().rollback()
    current = session()
    cells: list[str] = []
    for table in inspect(current.connection()).get_table_names():
        for row in current.execute(text(f'SELECT * FROM "{table}"')):
            for cell in row:
                if isinstance(cell, bytes | memoryview):
                    cells += [bytes(cell).decode("latin-1"), bytes(cell).decode("utf-8", "ignore")]
                else:
                    cells.append(str(cell))
    return "\n".join(cells)


@pytest.mark.corrupts
@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE addresses SET is_default = (1 = 0)",
        "UPDATE addresses SET phone_sealed = street_sealed",
        "UPDATE addresses SET code = 'another'",
    ],
)
def test_a_book_that_somebody_changed_by_hand_is_found(li: Viewer, statement: str) -> None:
    keep(li)

    sql(statement)

    assert "B1" in findings()


@pytest.fixture
def buyer(app: Flask, li: Viewer, gift_box: Pack) -> FlaskClient:
    """Li at her phone, with a box in her basket."""
    client = signed_in(app, li)
    add = next(one for one in forms_of(client, f"/packs/{gift_box.slug}") if one.action.startswith("/cart/"))
    client.post(add.action, data=add.fields)
    return client


def checkout(client: FlaskClient) -> PageForm:
    return form_to(client, "/checkout", "/checkout")


def order_placed() -> Order:
    session().rollback()
    (number,) = session().execute(text("SELECT id FROM orders ORDER BY id DESC LIMIT 1")).one()
    with transaction():
        return orders.locked_order(number)


def confirm(client: FlaskClient, fields: dict[str, str]) -> TestResponse:
    """Sent once, and once more at the total of another province."""
    first = client.post("/checkout", data=fields)
    if first.status_code != 409:
        return first
    again = dict(fields)
    for name in ("seen_total", "seen_basket", "request_key"):
        mark = f'name="{name}" type="hidden" value="'
        again[name] = first.text.split(mark)[1].split('"')[0]
    return client.post("/checkout", data=again)


def test_without_a_book_checkout_asks_for_the_address_alone(buyer: FlaskClient) -> None:
    form = checkout(buyer)

    assert "ship_to" not in form.kinds
    assert form.fields["consignee"] == "李晓月"


def test_with_a_book_the_default_is_chosen_and_its_order_goes_there(li: Viewer, buyer: FlaskClient) -> None:
    keep(li)
    default = keep(li, WORK, is_default=True)
    form = checkout(buyer)
    assert form.fields["ship_to"] == default.code
    assert (form.fields["consignee"], form.fields["address"]) == ("", "")

    assert buyer.post("/checkout", data=form.fields).status_code == 303

    order = order_placed()
    to = orders.ship_to(order)
    assert (to.consignee, to.phone, to.address) == (WORK.consignee, WORK.phone, WORK.street)
    assert order.province_code == GUANGDONG


def test_what_is_typed_beside_a_chosen_address_does_not_count(li: Viewer, buyer: FlaskClient) -> None:
    keep(li)
    form = checkout(buyer)

    sent = {**form.fields, "phone": "not a phone", "address": "枣" * 500, "province": GUANGDONG, "saves": "y"}
    assert buyer.post("/checkout", data=sent).status_code == 303

    assert orders.ship_to(order_placed()).address == HOME.street
    assert book(li) == [(HOME.street, True)]


def test_another_address_is_filled_in_and_kept_when_ticked(li: Viewer, buyer: FlaskClient) -> None:
    keep(li)
    form = checkout(buyer)
    other = {"ship_to": "other", "consignee": "李二", "phone": "13812345671", "address": "桃园路九号", "saves": "y"}

    assert confirm(buyer, {**form.fields, **other}).status_code == 303

    assert orders.ship_to(order_placed()).address == "桃园路九号"
    assert book(li) == [(HOME.street, True), ("桃园路九号", False)]


def test_another_address_is_not_kept_unless_ticked(li: Viewer, buyer: FlaskClient) -> None:
    form = checkout(buyer)

    confirm(buyer, {**form.fields, "consignee": "李二", "phone": "13812345671", "address": "桃园路九号"})

    assert book(li) == []


def test_another_address_needs_its_fields(li: Viewer, buyer: FlaskClient) -> None:
    keep(li)
    form = checkout(buyer)

    refused = buyer.post("/checkout", data={**form.fields, "ship_to": "other"})

    assert refused.status_code == 422
    assert 'id="address-error"' in refused.text
    assert answer("SELECT count(*) FROM orders") == 0


def test_a_full_book_says_so_at_the_tick(li: Viewer, buyer: FlaskClient) -> None:
    for number in range(service.MOST):
        keep(li, Place("李晓月", "13812345678", SHANXI, f"桃园路{number}号"))
    form = checkout(buyer)
    other = {"ship_to": "other", "consignee": "李二", "phone": "13812345671", "address": "桃园路九号", "saves": "y"}

    refused = buyer.post("/checkout", data={**form.fields, **other})

    assert refused.status_code == 422
    assert 'id="saves-error"' in refused.text
    assert answer("SELECT count(*) FROM orders") == 0


def test_an_address_of_another_buyer_cannot_be_chosen(li: Viewer, hu: Viewer, buyer: FlaskClient) -> None:
    keep(li)
    theirs = keep(hu, WORK)
    form = checkout(buyer)

    assert buyer.post("/checkout", data={**form.fields, "ship_to": theirs.code}).status_code == 422
    assert answer("SELECT count(*) FROM orders") == 0


def test_an_address_where_we_send_no_more_is_refused_where_it_was_chosen(li: Viewer, buyer: FlaskClient) -> None:
    keep(li, WORK)
    form = checkout(buyer)
    sql("UPDATE provinces SET is_served = (1 = 0) WHERE code = :code", code=GUANGDONG)
    cache.forget()

    refused = buyer.post("/checkout", data=form.fields)

    assert refused.status_code == 422
    assert 'id="ship_to-error"' in refused.text


def test_later_changes_and_deletion_leave_old_orders_as_they_were(li: Viewer, buyer: FlaskClient) -> None:
    code = keep(li).code
    buyer.post("/checkout", data=checkout(buyer).fields)

    with transaction():
        service.change(code, WORK, is_default=False, by=li)
    assert orders.ship_to(order_placed()).address == HOME.street
    with transaction():
        service.delete(code, by=li)

    assert orders.ship_to(order_placed()).address == HOME.street


def test_five_equal_posts_of_a_new_address_keep_one(app: Flask, li: Viewer) -> None:
    client = signed_in(app, li)
    form = form_to(client, "/me/addresses/new", "/me/addresses")
    filled = {**form.fields, "consignee": "李二", "phone": "13812345671", "address": "桃园路九号"}

    assert {client.post("/me/addresses", data=filled).status_code for _ in range(5)} == {303}

    assert len(book(li)) == 1


def test_a_stranger_gets_404_for_every_act(app: Flask, li: Viewer, hu: Viewer) -> None:
    code = keep(li).code
    stranger = signed_in(app, hu)
    form = form_to(stranger, "/me/addresses/new", "/me/addresses")
    filled = {**form.fields, "consignee": "胡", "phone": "13812345671", "address": "桃园路九号"}

    assert stranger.get(f"/me/addresses/{code}").status_code == 404
    for act in ("", "/default", "/deletion"):
        assert stranger.post(f"/me/addresses/{code}{act}", data=filled).status_code == 404
    assert stranger.post(f"/me/addresses/{code}", data={**filled, "phone": "x"}).status_code == 404
    assert book(li) == [(HOME.street, True)]


def test_an_address_is_changed_made_default_and_deleted_from_the_page(app: Flask, li: Viewer) -> None:
    keep(li)
    code = keep(li, WORK).code
    client = signed_in(app, li)

    form = form_to(client, f"/me/addresses/{code}", f"/me/addresses/{code}")
    client.post(form.action, data={**form.fields, "address": "沿江路一号"})
    make = form_to(client, "/me/addresses", f"/me/addresses/{code}/default")
    client.post(make.action, data=make.fields)
    assert book(li) == [("沿江路一号", True), (HOME.street, False)]
    drop = form_to(client, "/me/addresses", f"/me/addresses/{code}/deletion")
    client.post(drop.action, data=drop.fields)

    assert book(li) == [(HOME.street, True)]


@pytest.mark.timeout(300)
def test_no_hostile_value_in_any_field_makes_a_fault_or_a_row(app: Flask, li: Viewer) -> None:
    client = signed_in(app, li)
    code = keep(li).code
    good = {"consignee": "李二", "phone": "13812345671", "address": "桃园路九号"}
    for url, action in (("/me/addresses/new", "/me/addresses"), (f"/me/addresses/{code}",) * 2):
        form = form_to(client, url, action)
        for place, name in enumerate(form.typed):
            for value in CORPUS[place % 7 :: 7]:
                status = client.post(action, data={**form.fields, **good, name: value, "request_key": ""}).status_code
                assert status in (303, 422), (action, name, value[:40], status)
    assert findings() == {}

"""A fixed corpus of hostile values against every field of every form: a sentence and a 4xx, never a 5xx.

What a form refuses leaves nothing behind: the number of rows of every table that a refusal must not touch stays.
"""

from __future__ import annotations

import io
import itertools
from collections.abc import Iterator

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import func, select, text
from werkzeug.test import TestResponse

from app.kernel.db import Base, session
from app.kernel.permissions import Viewer
from app.trade.catalog.models import Pack
from tests.cast import a_pack, an_order_of
from tests.web.browsing import PageForm, forms_of, signed_in

NUMBERS = [
    "-1", "0", "-0", "+5", " 7 ", "1_000", "1e3", "1e9", "1e400", "0x10", "NaN", "nan", "Infinity", "-inf",
    "9223372036854775807", "9223372036854775808", "9007199254740993", "0.1", "1.005", "1.675", "0.001", "", " ", "null",
    "[]", "{}", "true", "１２", "1２", "٣", "²", "Ⅷ", "一", "1,000", "1，000", "1​", "‭1", "1.2.3", ".5", "5.",
    "--1", "1-1", "1 000", "１．５", "999999999999999", "99999999999999999999999999", "00012", "1'", '1"', "1;2",
]  # fmt: skip
TEXTS = [
    "\0", "a\0b", "a\r\nSet-Cookie: x=1", "\u202e\u202d", "\u200b\u200d\ufeff", "🍎" * 60, "👨‍👩‍👧‍👦", "e" + "́" * 3000,
    "枣" * 5000, "x" * 1_000_000, "<script>alert(1)</script>", '"><img src=x onerror=alert(1)>', "{{7*7}}", "{% raw %}",
    "${7*7}", "%s%n%x", "%(name)s", "{0.__class__}", "' OR 1=1 --", "'; DROP TABLE packs; --", "../../etc/passwd",
    "..%2f..%2fetc", "C:\\CON", "=HYPERLINK(\"http://x\")", "@SUM(1)", "+cmd", "\t", "\n\n\n", "　", "𠮷田",
    "堃·阿卜杜",
    "А́дмин", "柳林红枣官方\u200b", "\ud7ff\ue000", "\uffff", "\U0010ffff", "javascript:alert(1)", "data:text/html,x",
    "a" * 129, "-", ".", "_", "*", "?", "\\", "/", "//", "|", "&", "&amp;", "%", "%00", "%u0000", "null", "undefined",
]  # fmt: skip
CORPUS = list(dict.fromkeys([*NUMBERS, *TEXTS]))
UNTOUCHED = {"attempts", "sign_ins", "request_keys", "audit_rows", "cart_lines"}


def _rows() -> dict[str, int]:
    session().rollback()
    tables = [table for table in Base.metadata.sorted_tables if table.name not in UNTOUCHED]
    return {table.name: session().scalar(select(func.count()).select_from(table)) or 0 for table in tables}


def _pages(app: Flask, whose: str, cast: dict[str, Viewer], pack: Pack) -> Iterator[tuple[FlaskClient, str]]:
    number = an_order_of(1, pack, buyer=cast["buyer"]).number
    if whose == "nobody":
        for url in ("/shelf", f"/packs/{pack.slug}", "/sign-in", "/sign-up", "/county"):
            yield app.test_client(), url
        return
    client = signed_in(app, cast[whose])
    if whose == "buyer":
        add = next(form for form in forms_of(client, f"/packs/{pack.slug}") if form.action.startswith("/cart/"))
        client.post(add.action, data=add.fields)
    for url in PAGES[whose]:
        yield client, url.format(pack=pack.slug, order=number, shop=pack.seller_id)


PAGES = {
    "buyer": ("/cart", "/checkout", "/orders/{order}", "/me/password", "/grower/apply"),
    "seller": (
        "/grower/listings/new",
        "/imports",
        "/grower/listings/{pack}",
        "/grower/orders/{order}",
        "/grower/purse",
        "/grower/lots/new",
        "/grower/processing/new?step=mix",
        "/grower/shops/{shop}",
    ),
    "township": ("/desk/growers", "/desk/packs", "/desk/packs/{pack}", "/county"),
    "county": ("/desk/payments", "/desk/payments/{order}", "/desk/freight", "/desk/people", "/desk/mark"),
}


def _send(client: FlaskClient, form: PageForm, name: str, value: str) -> TestResponse:
    filled = {**form.fields, name: value}
    if form.method == "get":
        return client.get(form.action.split("?")[0], query_string=filled)
    return client.post(form.action, data=filled)


@pytest.mark.timeout(300)
@pytest.mark.parametrize("whose", ["nobody", *PAGES])
def test_no_value_in_any_field_makes_a_fault(
    app: Flask, li: Viewer, wang: Viewer, zhao: Viewer, qian: Viewer, gift_box: Pack, whose: str
) -> None:
    cast = {"buyer": li, "seller": wang, "township": zhao, "county": qian}
    # Neighbouring fields get other thirds on SQLite, other tenths on PostgreSQL; together they cover the corpus.
    step = 3 if app.extensions["liulin.database"].is_sqlite else 10

    assert _faults(app, whose, cast, gift_box, step=step) == []


@pytest.mark.deep
@pytest.mark.timeout(3600)
@pytest.mark.parametrize("whose", ["nobody", *PAGES])
def test_no_value_of_the_whole_corpus_in_any_field_makes_a_fault(
    app: Flask, li: Viewer, wang: Viewer, zhao: Viewer, qian: Viewer, gift_box: Pack, whose: str
) -> None:
    cast = {"buyer": li, "seller": wang, "township": zhao, "county": qian}

    assert _faults(app, whose, cast, gift_box, step=1) == []


def _faults(app: Flask, whose: str, cast: dict[str, Viewer], pack: Pack, *, step: int) -> list[str]:
    faults, fields = [], 0
    for client, url in _pages(app, whose, cast, pack):
        for form in forms_of(client, url):
            for name in form.typed:
                for value in CORPUS[fields % step :: step]:
                    status = _send(client, form, name, value).status_code
                    if status >= 500:
                        faults.append(f"{status} {url} {form.action} {name}={value[:40]!r}")
                fields += 1
    assert fields > 0
    return faults


def test_a_refused_value_leaves_no_row_behind(app: Flask, li: Viewer, wang: Viewer, gift_box: Pack) -> None:
    seller = signed_in(app, wang)
    (form,) = [one for one in forms_of(seller, "/grower/listings/new") if "net" in one.fields]
    good = {**form.fields, "net": "5", "pieces": "3", "price": "39.90", "village": "示例村", "variety": "muzao"}
    before = _rows()

    for name, value in itertools.product(("net", "pieces", "price", "harvest_year"), NUMBERS):
        answer = seller.post(form.action, data={**good, name: value, "request_key": f"{name}-{value}"[:90]})
        if answer.status_code == 422:
            assert _rows() == before, (name, value)
        else:
            assert answer.status_code == 303, (name, value, answer.status_code)
            before = _rows()


def test_a_refused_number_says_so_at_its_field(app: Flask, wang: Viewer, gift_box: Pack) -> None:
    seller = signed_in(app, wang)
    (form,) = [one for one in forms_of(seller, "/grower/listings/new") if "net" in one.fields]

    answer = seller.post(
        form.action, data={**form.fields, "net": "5", "pieces": "3", "price": "NaN", "village": "示例村"}
    )

    assert answer.status_code == 422
    assert 'id="price-error"' in answer.text
    assert "请填写数字" in answer.text
    assert 'value="示例村"' in answer.text


def test_full_width_digits_mean_what_they_look_like(app: Flask, li: Viewer, gift_box: Pack) -> None:
    buyer = signed_in(app, li)
    form = next(one for one in forms_of(buyer, f"/packs/{gift_box.slug}") if one.action.startswith("/cart/"))

    buyer.post(form.action, data={**form.fields, "pieces": "２"})

    assert session().scalar(text("SELECT pieces FROM cart_lines")) == 2


@pytest.mark.parametrize("url", ["/grower/listings/{pack}", "/grower/orders/{order}"])
def test_another_growers_things_are_not_found(app: Flask, li: Viewer, gao: Viewer, gift_box: Pack, url: str) -> None:
    order = an_order_of(1, gift_box, buyer=li)

    answer = signed_in(app, gao).get(url.format(pack=gift_box.slug, order=order.number))

    assert answer.status_code == 404


def test_another_buyers_order_looks_like_one_that_is_not_there(
    app: Flask, li: Viewer, hu: Viewer, gift_box: Pack
) -> None:
    order = an_order_of(1, gift_box, buyer=li)
    stranger = signed_in(app, hu)

    theirs, absent = stranger.get(f"/orders/{order.number}"), stranger.get("/orders/D22222-22222-22222")

    assert theirs.status_code == absent.status_code == 404
    assert len(theirs.text) == len(absent.text)


def test_an_official_of_another_township_does_not_see_an_order(
    app: Flask, li: Viewer, zhao: Viewer, gao: Viewer
) -> None:

    order = an_order_of(1, a_pack(gao), buyer=li)

    assert signed_in(app, zhao).get(f"/desk/orders/{order.number}").status_code == 404


@pytest.mark.parametrize("fields", [{"price": "1"}, {"seller_id": "2"}, {"goods": "1"}, {"state": "paid"}])
def test_what_a_buyer_adds_to_a_checkout_changes_nothing(
    app: Flask, li: Viewer, gift_box: Pack, fields: dict[str, str]
) -> None:
    buyer = signed_in(app, li)
    add = next(one for one in forms_of(buyer, f"/packs/{gift_box.slug}") if one.action.startswith("/cart/"))
    buyer.post(add.action, data=add.fields)
    (form,) = [one for one in forms_of(buyer, "/checkout") if one.action == "/checkout"]
    address = {"consignee": "李四", "phone": "13800001234", "address": "示例路一号"}

    answer = buyer.post("/checkout", data={**form.fields, **address, **fields})

    assert answer.status_code == 303
    row = session().execute(text("SELECT goods, state, seller_id FROM orders")).one()
    assert (row.goods, row.state, row.seller_id) == (6800, "placed", gift_box.seller_id)


def test_a_total_that_the_buyer_made_up_is_asked_again(app: Flask, li: Viewer, gift_box: Pack) -> None:
    buyer = signed_in(app, li)
    add = next(one for one in forms_of(buyer, f"/packs/{gift_box.slug}") if one.action.startswith("/cart/"))
    buyer.post(add.action, data=add.fields)
    (form,) = [one for one in forms_of(buyer, "/checkout") if one.action == "/checkout"]
    address = {"consignee": "李四", "phone": "13800001234", "address": "示例路一号"}

    answer = buyer.post("/checkout", data={**form.fields, **address, "seen_total": "1"})

    assert answer.status_code == 409
    assert "请看过后再确认一次" in answer.text
    assert session().scalar(text("SELECT count(*) FROM orders")) == 0


def test_five_equal_posts_make_one_order(app: Flask, li: Viewer, gift_box: Pack) -> None:
    buyer = signed_in(app, li)
    add = next(one for one in forms_of(buyer, f"/packs/{gift_box.slug}") if one.action.startswith("/cart/"))
    buyer.post(add.action, data=add.fields)
    (form,) = [one for one in forms_of(buyer, "/checkout") if one.action == "/checkout"]
    filled = {**form.fields, "consignee": "李四", "phone": "13800001234", "address": "示例路一号"}

    answers = [buyer.post("/checkout", data=filled) for _ in range(5)]

    assert {answer.headers["Location"] for answer in answers} == {answers[0].headers["Location"]}
    assert session().scalar(text("SELECT count(*) FROM orders")) == 1


def test_five_equal_posts_make_one_listing(app: Flask, wang: Viewer) -> None:
    seller = signed_in(app, wang)
    (form,) = [one for one in forms_of(seller, "/grower/listings/new") if "net" in one.fields]
    filled = {**form.fields, "net": "5", "pieces": "3", "price": "39.90", "village": "示例村", "variety": "muzao"}

    for _ in range(5):
        assert seller.post(form.action, data=filled).status_code == 303

    assert session().scalar(text("SELECT count(*) FROM packs")) == 1
    assert session().scalar(text("SELECT count(*) FROM lots")) == 1


def test_the_same_key_with_other_content_is_refused(app: Flask, wang: Viewer) -> None:
    seller = signed_in(app, wang)
    (form,) = [one for one in forms_of(seller, "/grower/listings/new") if "net" in one.fields]
    filled = {**form.fields, "net": "5", "pieces": "3", "price": "39.90", "village": "示例村", "variety": "muzao"}
    seller.post(form.action, data=filled)

    answer = seller.post(form.action, data={**filled, "pieces": "4"})

    assert answer.status_code == 422
    assert session().scalar(text("SELECT count(*) FROM packs")) == 1


def test_a_broken_photo_leaves_neither_row_nor_file(app: Flask, wang: Viewer) -> None:
    seller = signed_in(app, wang)
    (form,) = [one for one in forms_of(seller, "/grower/listings/new") if "net" in one.fields]
    filled = {**form.fields, "net": "5", "pieces": "3", "price": "39.90", "village": "示例村", "variety": "muzao"}

    answer = seller.post(
        form.action,
        data={**filled, "photo": (io.BytesIO(b"\xff\xd8\xff\xe0 not a picture"), "x.jpg")},
        content_type="multipart/form-data",
    )

    assert answer.status_code == 422
    assert "照片" in answer.text
    assert session().scalar(text("SELECT count(*) FROM packs")) == 0
    assert not list((app.config["SETTINGS"].instance / "media").rglob("*.webp"))

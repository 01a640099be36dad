"""Pages kept ready: the same for everybody, yet with everybody's own token, and never older than they may be."""

import gzip
import threading
import time
from itertools import count
from pathlib import Path

import pytest
from flask import Flask
from flask.typing import ResponseReturnValue
from flask_wtf.csrf import CSRFProtect
from wtforms import SelectField
from wtforms.widgets import Select

from app.kernel.db import transaction
from app.kernel.money import Money
from app.kernel.permissions import Viewer
from app.trade.catalog import service as packs
from app.trade.catalog.models import Pack
from app.web import compress, context, ready
from app.web.fields import Choices, Form
from tests.web.browsing import signed_in

FRESH_SECONDS = 0.3
PAGE = "<p>drawing {n}</p><input name=csrf_token value={token}><p>{fruit}</p><input value={token}>"


@pytest.fixture
def app(tmp_path: Path) -> Flask:
    app = Flask(__name__)
    app.secret_key = "for tests"
    CSRFProtect(app)
    context.init(app, static=tmp_path, cart_pieces=lambda: 0, is_demo=lambda: False, desk_menu=list)
    compress.init(app)
    drawings = count(1)

    @ready.ready
    def page() -> ResponseReturnValue:
        time.sleep(0.05)
        token = app.jinja_env.globals["csrf_token"]()  # type: ignore[operator]
        return PAGE.format(n=next(drawings), token=token, fruit="红枣 & 木枣" * 200)

    @ready.ready
    def refused() -> ResponseReturnValue:
        return f"refused {next(drawings)}", 422

    app.add_url_rule("/", "page", page)
    app.add_url_rule("/refused", "refused", refused)
    app.add_url_rule("/order", "order", lambda: "ordered", methods=["POST"])
    ready.keep(app, seconds=FRESH_SECONDS)
    return app


def drawing(html: str) -> str:
    return html.partition("</p>")[0]


def token_of(html: str) -> str:
    return html.partition("csrf_token value=")[2].partition(">")[0]


def test_strangers_share_a_drawing_and_each_has_a_token_of_his_own_that_is_good(app: Flask) -> None:
    li, hu = app.test_client(), app.test_client()

    first, second = li.get("/").text, hu.get("/").text

    assert drawing(first) == drawing(second)
    assert token_of(first) != token_of(second)
    assert hu.post("/order", data={"csrf_token": token_of(second)}).status_code == 200
    assert hu.post("/order", data={"csrf_token": token_of(first)}).status_code == 400


def test_a_page_is_drawn_anew_when_its_time_is_over(app: Flask) -> None:
    client = app.test_client()
    first = client.get("/").text
    time.sleep(FRESH_SECONDS)

    assert drawing(client.get("/").text) != drawing(first)


@pytest.mark.parametrize("own", ["_user_id", "cart", "_flashes"])
def test_who_is_signed_in_or_has_a_basket_or_a_message_gets_a_page_of_his_own(app: Flask, own: str) -> None:
    first = app.test_client().get("/").text
    client = app.test_client()
    with client.session_transaction() as cookie:
        cookie[own] = "something"

    assert drawing(client.get("/").text) != drawing(first)
    assert drawing(app.test_client().get("/").text) == drawing(first)


def test_who_reads_in_kilograms_gets_the_page_in_kilograms(app: Flask) -> None:
    first = app.test_client().get("/").text
    client = app.test_client()
    client.set_cookie("unit", "kg")

    assert drawing(client.get("/").text) != drawing(first)


def test_a_compressed_page_says_the_same(app: Flask) -> None:
    app.test_client().get("/")
    client = app.test_client()

    zipped = client.get("/", headers={"Accept-Encoding": "gzip"})
    packed = gzip.decompress(zipped.data).decode()

    assert zipped.content_encoding == "gzip"
    assert len(zipped.data) < len(packed) // 2
    plain = client.get("/").text
    assert packed.replace(token_of(packed), "") == plain.replace(token_of(plain), "")


def test_a_refusal_is_not_kept(app: Flask) -> None:
    client = app.test_client()

    assert client.get("/refused").text != client.get("/refused").text


def test_many_at_once_cost_one_drawing(app: Flask) -> None:
    seen: list[str] = []
    threads = [threading.Thread(target=lambda: seen.append(app.test_client().get("/").text)) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert len({drawing(html) for html in seen}) == 1
    assert len({token_of(html) for html in seen}) == 8


def test_addresses_without_end_do_not_fill_the_memory(app: Flask) -> None:
    client = app.test_client()
    for number in range(70):
        client.get(f"/refused?{number}")

    assert len(app.extensions["liulin.ready"]._places) <= 64


def test_a_new_price_is_on_the_shelf_within_the_time(assembled: Flask, gift_box: Pack) -> None:
    ready.keep(assembled, seconds=FRESH_SECONDS)
    client = assembled.test_client()
    assert 'value="9999"' not in client.get("/shelf").text

    with transaction():
        packs.reprice(gift_box, price=Money(9999), version=gift_box.version, by="test")
    time.sleep(FRESH_SECONDS)

    assert 'value="9999"' in client.get("/shelf").text


def test_our_select_is_the_same_html_as_that_of_wtforms(app: Flask) -> None:
    class Fruit(Form):
        class Meta(Form.Meta):
            csrf = False

        kind = SelectField(choices=[("", "全部"), ('"木枣"', "木枣 <大>"), ("tan", "滩枣")], default="tan")

    with app.test_request_context():
        field = Fruit().kind
        assert Choices()(field, aria_describedby="hint") == Select()(field, aria_describedby="hint")


def test_whoever_signs_in_at_the_door_never_gets_the_page_of_strangers(assembled: Flask, li: Viewer) -> None:
    ready.keep(assembled, seconds=60)
    assert li.name not in assembled.test_client().get("/shelf").text

    assert li.name in signed_in(assembled, li).get("/shelf").text
    assert li.name not in assembled.test_client().get("/shelf").text

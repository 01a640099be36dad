"""The radar over real sales: it agrees with the figure of what lies in store, and each sees what is his."""

from __future__ import annotations

import csv
import io
from datetime import timedelta

from flask import Flask
from flask.testing import FlaskClient

from app.insight.radar import queries
from app.insight.radar.outlook import WINDOW
from app.kernel import clock
from app.kernel.db import Database
from app.kernel.permissions import Viewer
from app.ledger.figures import Scope, Span
from app.trade.catalog.models import Pack
from app.trade.stock.figures import SOLD_WEIGHT, STOCK_ON_HAND
from bench.statements import counted
from tests.cast import (
    MENGMEN,
    SANJIAO,
    a_grower,
    a_pack,
    an_order_of,
    at,
    described,
    later,
    more_of,
    pack,
    pay,
    receive,
    ship,
    shop_of,
    today,
)
from tests.web.browsing import signed_in


def sell(pieces: int, what: Pack, *, to: Viewer, grower: Viewer, official: Viewer) -> None:
    order = an_order_of(pieces, what, buyer=to)
    pay(order, by=official)
    pack(order, by=grower)
    ship(order, by=grower)
    receive(order, by=to)


def test_holdings_add_up_to_what_lies_in_store(wang: Viewer, gao: Viewer, li: Viewer, qian: Viewer) -> None:
    box = a_pack(wang, pieces=10)
    more_of(box, pieces=4, keeps_days=40)
    a_pack(gao, pieces=3)
    sell(2, box, to=li, grower=wang, official=qian)

    found = {one.seller_id: one.outlook for one in queries.holdings()}

    scope = Scope(Span(None, today()))
    assert sum(one.grams for one in found.values()) == STOCK_ON_HAND.total(scope) == 15 * 2500
    assert sum(one.sold for one in found.values()) == SOLD_WEIGHT.total(scope) == 2 * 2500
    own = found[shop_of(wang).id]
    assert (own.grams, own.sold, own.days) == (30_000, 5_000, 180)
    assert own.first_ends == today() + timedelta(days=40)
    assert found[shop_of(gao).id].days is None


def test_a_past_day_is_counted_from_the_books_as_of_then(wang: Viewer, li: Viewer, qian: Viewer) -> None:
    before = today()
    box = a_pack(wang, pieces=10)
    with at(later(days=40)):
        sell(3, box, to=li, grower=wang, official=qian)
        now = today()
        (then,) = queries.holdings(before)
        (seen,) = queries.holdings(now)
        (counted_anew,) = queries.holdings(now - timedelta(days=1))

        assert then.outlook.grams == STOCK_ON_HAND.total(Scope(Span(None, before))) == 25_000
        assert (seen.outlook.grams, seen.outlook.sold) == (17_500, 7_500)
        assert (counted_anew.outlook.grams, counted_anew.outlook.sold) == (25_000, 0)


def test_what_was_sold_longer_ago_gives_no_speed(wang: Viewer, li: Viewer, qian: Viewer) -> None:
    box = a_pack(wang, pieces=10)
    sell(3, box, to=li, grower=wang, official=qian)

    with at(later(days=WINDOW)):
        (seen,) = queries.holdings()
        assert (seen.outlook.sold, seen.outlook.days) == (0, None)


def test_the_number_of_queries_does_not_grow_with_sellers(
    db: Database, wang: Viewer, gao: Viewer, zhao: Viewer
) -> None:
    a_pack(wang)
    clock.today()
    with counted(db.engine) as few:
        queries.by_village(queries.holdings())
    for number in range(6):
        a_pack(a_grower(f"枣农{number}", f"枣园{number}", MENGMEN, verified_by=zhao))
    clock.today()
    with counted(db.engine) as many:
        queries.by_village(queries.holdings())

    assert len(many) == len(few) <= 4


def test_a_village_of_few_is_not_named_in_public(
    app: Flask, client: FlaskClient, wang: Viewer, gao: Viewer, zhao: Viewer
) -> None:
    for number in range(4):
        a_pack(a_grower(f"枣农{number}", f"枣园{number}", MENGMEN, verified_by=zhao))
    a_pack(gao)
    few = queries.by_village(queries.holdings())
    assert [(one.name, one.sellers) for one in few] == [("", 5)]

    a_pack(wang)
    several = queries.by_village(queries.holdings())

    assert [(one.name, one.township, one.sellers) for one in several] == [("南垣村", MENGMEN, 5), ("", "", 1)]
    html = client.get("/county/radar").get_data(as_text=True)
    assert "南垣村" in html
    assert "其他" in html
    assert "枣园0" not in html
    assert f'<data value="{6 * 25_000}">' in html
    assert queries.together(several).grams == STOCK_ON_HAND.total(Scope(Span(None, today()))) == 6 * 25_000


def test_the_county_board_says_how_long_the_fruit_lasts(client: FlaskClient, wang: Viewer) -> None:
    a_pack(wang)

    html = client.get("/county").get_data(as_text=True)

    assert "卖得完吗" in html
    assert "近30天没有卖出" in html
    assert "/county/radar" in html


def test_an_official_sees_his_township_and_no_telephone(
    app: Flask, wang: Viewer, gao: Viewer, zhao: Viewer, qian: Viewer
) -> None:
    a_pack(wang)
    a_pack(gao)

    own = signed_in(app, zhao).get("/desk/radar").get_data(as_text=True)
    every = signed_in(app, qian).get("/desk/radar").get_data(as_text=True)

    assert "王家枣园" in own
    assert "高家枣园" not in own
    assert "高家枣园" in every
    assert f"/county/figures/stock_on_hand?to={today().isoformat()}" in every
    assert "139****" in own
    assert signed_in(app, zhao).get(f"/desk/radar?township={SANJIAO}").status_code == 404
    assert signed_in(app, qian).get("/desk/radar?township=1&village=%00").status_code == 404
    assert signed_in(app, wang).get("/desk/radar").status_code == 403


def test_the_list_is_narrowed_by_township_and_village(app: Flask, wang: Viewer, gao: Viewer, qian: Viewer) -> None:
    a_pack(wang)
    a_pack(gao)
    desk = signed_in(app, qian)

    assert "王家枣园" not in desk.get(f"/desk/radar?township={SANJIAO}").get_data(as_text=True)
    assert "高家枣园" in desk.get(f"/desk/radar?township={SANJIAO}&village=南垣村").get_data(as_text=True)
    assert "高家枣园" not in desk.get(f"/desk/radar?township={SANJIAO}&village=别村").get_data(as_text=True)


def test_the_table_has_everybody_and_no_telephone(app: Flask, wang: Viewer, gao: Viewer, qian: Viewer) -> None:
    a_pack(wang)
    a_pack(gao, said=described(title="骏枣"), pieces=2)

    answer = signed_in(app, qian).get("/desk/radar.csv")
    text = answer.get_data(as_text=True)
    rows = list(csv.DictReader(io.StringIO(text.removeprefix("\ufeff"))))

    assert {row["卖家"]: row["在库（斤）"] for row in rows} == {"王家枣园": "50", "高家枣园": "10"}
    assert "139" not in text
    assert answer.headers["Cache-Control"] == "no-store"


def test_a_grower_reads_how_long_his_own_fruit_lasts(app: Flask, wang: Viewer, li: Viewer, qian: Viewer) -> None:
    box = a_pack(wang)
    sell(2, box, to=li, grower=wang, official=qian)

    html = signed_in(app, wang).get("/grower/").get_data(as_text=True)

    assert "您还有40斤，按最近的卖法要 120 天。" in html
    assert "离端午" in html or "今天端午" in html


def test_a_grower_without_fruit_reads_nothing_of_it(app: Flask, wang: Viewer) -> None:
    assert "枣卖得完吗" not in signed_in(app, wang).get("/grower/").get_data(as_text=True)

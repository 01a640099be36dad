"""The pages of lots and recalls: light and without personal data for everybody, whole for those who act."""

from __future__ import annotations

import re

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import func, select, text

from app.kernel import clock
from app.kernel.db import Database, session
from app.kernel.permissions import Viewer
from app.people.accounts.models import Disclosure
from app.trade.catalog.models import Pack
from app.trade.lots import codes
from app.trade.recalls import queries
from app.trade.recalls.models import Recall
from tests.cast import an_order_of, available, later, pack, pay, seen_anew, ship
from tests.trade.recalls.cast import WHY, afterwards, fresh_lot, loose_lot, lot_of, made_of, recall_it
from tests.web.browsing import signed_in

MOST_BYTES = 20 * 1024


def trace_path(lot: object) -> str:
    return f"/lots/{codes.signed(lot.code)}"  # type: ignore[attr-defined]


def first_load(client: FlaskClient, path: str, *, zipped: bool) -> int:
    """Bytes of a page with all that it names, as a phone gets them that was never here."""
    headers = {"Accept-Encoding": "gzip"} if zipped else {}
    page = client.get(path, headers=headers)
    plain = client.get(path).text
    named = set(re.findall(r'(?:href|src)="(/static/[^"]+)"', plain))
    return len(page.data) + sum(len(client.get(one, headers=headers).data) for one in named)


@pytest.mark.parametrize("zipped", [True, False])
def test_the_first_load_of_a_trace_is_light(client: FlaskClient, gift_box: Pack, *, zipped: bool) -> None:
    assert 1_000 < first_load(client, trace_path(lot_of(gift_box)), zipped=zipped) <= MOST_BYTES


def test_a_trace_needs_no_script(client: FlaskClient, gift_box: Pack) -> None:
    assert "<script" not in client.get(trace_path(lot_of(gift_box))).text


def test_a_trace_tells_what_and_where_but_nobodys_name(client: FlaskClient, wang: Viewer, gift_box: Pack) -> None:
    page = client.get(trace_path(lot_of(gift_box)))

    assert page.status_code == 200
    assert all(words in page.text for words in ("木枣", "孟门镇", "南垣村", "没有被召回"))
    assert not any(name in page.text for name in (wang.name, "王家枣园", "王*"))


@pytest.mark.parametrize("zipped", [True, False])
def test_a_made_lot_names_its_orchards_and_steps(client: FlaskClient, wang: Viewer, *, zipped: bool) -> None:
    lot = made_of(loose_lot(wang), wang)

    assert "烘干" in client.get(trace_path(lot)).text
    assert first_load(client, trace_path(lot), zipped=zipped) <= MOST_BYTES


@pytest.mark.parametrize("change", [lambda code: code[:-1] + ("2" if code[-1] != "2" else "3"), lambda code: code[:20]])
def test_a_code_with_wrong_check_signs_is_no_lot(client: FlaskClient, gift_box: Pack, change: object) -> None:
    path = f"/lots/{change(codes.signed(lot_of(gift_box).code))}"  # type: ignore[operator]

    page = client.get(path)

    assert page.status_code == 404
    assert "无此批次" in page.text


def test_a_well_made_code_that_nobody_has_is_no_lot(client: FlaskClient, gift_box: Pack) -> None:
    page = client.get(f"/lots/{codes.signed('2' * 20)}")

    assert page.status_code == 404
    assert "无此批次" in page.text


def test_a_code_is_read_as_people_type_it(client: FlaskClient, gift_box: Pack) -> None:
    signed = codes.signed(lot_of(gift_box).code)

    assert client.get(f"/lots/{signed.lower().replace('-', ' ')}").status_code == 200


def test_who_guesses_codes_is_stopped(client: FlaskClient, gift_box: Pack) -> None:
    answers = [client.get("/lots/AAAA").status_code for _ in range(25)]

    assert answers[:20] == [404] * 20
    assert answers[-1] == 429


def test_a_recalled_lot_says_so_first(client: FlaskClient, zhao: Viewer, gift_box: Pack) -> None:
    lot = lot_of(gift_box)
    recall_it(lot, by=zhao)

    page = client.get(trace_path(lot)).text

    assert "已被召回，请不要吃" in page
    assert WHY in page


def test_an_old_page_is_not_shown_after_a_recall_nor_sent_twice_before(
    client: FlaskClient, zhao: Viewer, gift_box: Pack
) -> None:
    lot = lot_of(gift_box)
    tag = client.get(trace_path(lot)).headers["ETag"]

    assert client.get(trace_path(lot), headers={"If-None-Match": tag}).status_code == 304
    recall_it(lot, by=zhao)
    assert client.get(trace_path(lot), headers={"If-None-Match": tag}).status_code == 200


def test_a_lot_past_its_day_says_so(client: FlaskClient, gift_box: Pack) -> None:
    path = trace_path(lot_of(gift_box))
    with clock.pinned(later(days=200)):
        assert "过了保质期" in client.get(path).text


def test_the_seller_prints_labels(app: Flask, wang: Viewer, gift_box: Pack) -> None:
    lot = lot_of(gift_box)
    browser = signed_in(app, wang)

    labels = browser.get(f"/grower/lots/{lot.code}/labels.pdf?pack={gift_box.slug}&pieces=9&paper=sheet")

    assert labels.mimetype == "application/pdf"
    assert labels.data.startswith(b"%PDF-")
    assert labels.data.count(b"/Type /Page\n") == 2


IMPOSSIBLE = ("", "pieces=0", "pieces=201&paper=single", "pieces=1&paper=x", "pack=y&pieces=1")


@pytest.mark.parametrize("query", IMPOSSIBLE)
def test_labels_that_cannot_be_are_refused(app: Flask, wang: Viewer, gift_box: Pack, query: str) -> None:
    path = f"/grower/lots/{lot_of(gift_box).code}/labels.pdf?{query}"

    assert signed_in(app, wang).get(path).status_code == 422


@pytest.mark.parametrize("what", ["trace", "labels.pdf?pieces=1", "code.svg", "code.png"])
def test_nobody_sees_a_strangers_lot(app: Flask, wang: Viewer, gao: Viewer, gift_box: Pack, what: str) -> None:
    path = f"/grower/lots/{lot_of(gift_box).code}/{what}"

    assert signed_in(app, gao).get(path).status_code == 404
    assert signed_in(app, wang).get(path).status_code == 200


def test_the_seller_recalls_his_own_lot_once(app: Flask, wang: Viewer, gift_box: Pack) -> None:
    lot = lot_of(gift_box)
    browser = signed_in(app, wang)
    page = browser.get(f"/grower/lots/{lot.code}/trace").text
    sent = {**hidden(page), "level": "second", "because": WHY}

    answers = [browser.post(f"/grower/lots/{lot.code}/recall", data=sent).status_code for _ in range(2)]

    assert answers == [303, 303]
    assert available(gift_box) == 0
    assert session().scalars(select(func.count()).select_from(Recall)).one() == 1


def hidden(page: str) -> dict[str, str]:
    """What the page's forms carry by themselves."""
    fields = re.findall(r'<input[^>]*type="hidden"[^>]*>', page)
    pairs = [(re.search(r'name="([^"]+)"', one), re.search(r'value="([^"]*)"', one)) for one in fields]
    return {name[1]: value[1] for name, value in pairs if name and value}


def test_a_township_official_recalls_and_the_county_lifts(
    app: Flask, zhao: Viewer, qian: Viewer, gift_box: Pack
) -> None:
    lot = lot_of(gift_box)
    clerk, county = signed_in(app, zhao), signed_in(app, qian)
    page = clerk.get(f"/desk/lots/{lot.code}").text
    sent = {**hidden(page), "level": "first", "because": WHY}

    assert clerk.post(f"/desk/lots/{lot.code}/recall", data=sent).status_code == 303
    number = session().scalars(select(Recall.number)).one()
    mine = clerk.get(f"/desk/recalls/{number}").text
    assert "要由另一位干部来解除" in mine
    because = {**hidden(mine), "because": "复检合格"}
    assert clerk.post(f"/desk/recalls/{number}/lifting", data=because).status_code == 403
    theirs = hidden(county.get(f"/desk/recalls/{number}").text)
    assert county.post(f"/desk/recalls/{number}/lifting", data={**theirs, "because": "复检合格"}).status_code == 303
    assert available(gift_box) == 10


def test_another_township_finds_neither_lot_nor_recall(
    app: Flask, zhao: Viewer, gao: Viewer, qian: Viewer, gift_box: Pack
) -> None:
    other = loose_lot(gao)
    recall = recall_it(fresh_lot(other), by=qian)
    clerk = signed_in(app, zhao)

    assert clerk.get(f"/desk/lots/{other.code}").status_code == 404
    assert clerk.get(f"/desk/recalls/{recall.number}").status_code == 404
    assert clerk.get(f"/desk/recalls/{recall.number}/orders.csv").status_code == 404


def test_a_lot_is_found_by_its_label(app: Flask, zhao: Viewer, gift_box: Pack) -> None:
    lot = lot_of(gift_box)
    clerk = signed_in(app, zhao)

    assert clerk.get(f"/desk/lots?code={codes.signed(lot.code)}").headers["Location"].endswith(f"/desk/lots/{lot.code}")
    assert clerk.get("/desk/lots?code=nothing").status_code == 422


def test_the_list_masks_buyers_until_a_reason_is_given(
    app: Flask, li: Viewer, wang: Viewer, qian: Viewer, zhao: Viewer, gift_box: Pack
) -> None:
    order = an_order_of(2, gift_box, buyer=li)
    pay(order, by=qian)
    pack(order, by=wang)
    ship(order, by=wang)
    recall = recall_it(lot_of(gift_box), by=zhao)
    clerk = signed_in(app, zhao)
    page = clerk.get(f"/desk/recalls/{recall.number}").text
    asked = {**hidden(page), "order_number": order.number, "because": "打电话通知别吃"}

    told = clerk.post(f"/desk/recalls/{recall.number}/buyer", data=asked).text

    assert order.number in page
    assert not any(secret in page for secret in ("李晓月", "13812345678"))
    assert all(secret in told for secret in ("李晓月", "13812345678"))
    assert session().scalars(select(func.count()).select_from(Disclosure)).one() == 1


def test_the_table_of_orders_names_no_buyer(app: Flask, li: Viewer, zhao: Viewer, gift_box: Pack) -> None:
    order = an_order_of(2, gift_box, buyer=li)
    recall = recall_it(lot_of(gift_box), by=zhao)

    table = signed_in(app, zhao).get(f"/desk/recalls/{recall.number}/orders.csv").data.decode()

    assert order.number in table
    assert "李晓月" not in table


def test_anybody_reads_the_list_of_recalls(client: FlaskClient, zhao: Viewer, wang: Viewer, gift_box: Pack) -> None:
    lot = lot_of(gift_box)
    recall_it(lot, by=zhao)

    page = client.get("/recalls").text

    assert codes.signed(lot.code) in page
    assert WHY in page
    assert not any(name in page for name in (wang.name, "王家枣园", zhao.name))


def test_the_order_tells_its_buyer_and_its_seller(
    app: Flask, li: Viewer, wang: Viewer, qian: Viewer, zhao: Viewer, gift_box: Pack
) -> None:
    order = an_order_of(2, gift_box, buyer=li)
    pay(order, by=qian)
    pack(order, by=wang)
    ship(order, by=wang)
    recall_it(lot_of(gift_box), by=zhao)
    afterwards()

    assert "请不要吃" in signed_in(app, li).get(f"/orders/{order.number}").text
    assert "被召回的枣" in signed_in(app, wang).get(f"/grower/orders/{order.number}").text
    assert "被召回的枣" in signed_in(app, zhao).get(f"/desk/orders/{order.number}").text


def test_an_auditor_reads_and_changes_nothing(app: Flask, sun: Viewer, zhao: Viewer, gift_box: Pack) -> None:
    recall = recall_it(lot_of(gift_box), by=zhao)
    auditor = signed_in(app, seen_anew(sun.person_id))
    page = auditor.get(f"/desk/recalls/{recall.number}")

    assert page.status_code == 200
    assert "解除召回" not in page.text
    assert auditor.post(f"/desk/recalls/{recall.number}/lifting", data={"because": "复检合格"}).status_code == 403


def test_a_seller_finds_the_lots_of_his_pack(app: Flask, wang: Viewer, gao: Viewer, gift_box: Pack) -> None:
    path = f"/grower/lots/of/{gift_box.slug}"

    assert lot_of(gift_box).code in signed_in(app, wang).get(path).text
    assert path in signed_in(app, wang).get(f"/grower/listings/{gift_box.slug}").text
    assert signed_in(app, gao).get(path).status_code == 404


def test_the_list_of_a_recall_goes_by_indexes(db: Database) -> None:
    """Among a million lines no table is read whole that grows with orders."""
    statement = queries.statement_of([1]).compile(session().get_bind(), compile_kwargs={"literal_binds": True})
    if db.is_sqlite:
        plan = [row[3] for row in session().execute(text(f"EXPLAIN QUERY PLAN {statement}"))]
        read_whole = [line for line in plan if line.startswith("SCAN") and "moved" not in line]
    else:
        session().execute(text("SET enable_seqscan = off"))
        plan = [row[0] for row in session().execute(text(f"EXPLAIN {statement}"))]
        read_whole = [line for line in plan if "Seq Scan" in line]

    assert read_whole == [], plan

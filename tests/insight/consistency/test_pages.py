"""The officials' pages of the checks, through the door."""

from __future__ import annotations

import pytest
from flask import Flask
from flask.testing import FlaskClient

from app.insight.consistency import service
from app.kernel.permissions import Viewer
from tests.cast import sql
from tests.insight.consistency.falsified import heavier_pack
from tests.insight.consistency.world import World
from tests.web.browsing import form_to, forms_of, signed_in

LIST, RUNS = "/desk/checks", "/desk/checks/runs"


def ask(client: FlaskClient) -> int:
    form = form_to(client, LIST, RUNS)
    return client.post(RUNS, data=form.fields).status_code


def test_a_right_book_is_said_to_be_right(app: Flask, world: World, zhao: Viewer) -> None:
    service.carry_out_due(by="worker")

    page = signed_in(app, zhao).get(LIST).text

    assert "全部成立" in page
    assert "最近一次核对：" in page
    assert "有问题</span>" not in page


def test_before_the_first_run_the_page_claims_nothing(app: Flask, qian: Viewer) -> None:
    desk = signed_in(app, qian)

    page = desk.get(LIST).text

    assert "还没有核对过" in page
    assert "没查过" in page
    assert "成立</span>" not in page
    assert "还没有核对过" in desk.get(f"{LIST}/I1").text


@pytest.mark.corrupts
def test_a_broken_check_stands_first_and_names_its_rows(app: Flask, world: World, sun: Viewer) -> None:
    row = heavier_pack(world)
    service.carry_out_due(by="worker")
    desk = signed_in(app, sun)

    page = desk.get(LIST).text
    assert "有 1 项不成立" in page
    assert page.index(f'href="{LIST}/V3"') < page.index(f'href="{LIST}/I1"')

    opened = desk.get(f"{LIST}/V3").text
    assert row in opened
    assert "一种商品" in opened


def test_an_order_at_fault_opens_for_who_sees_the_whole_county(
    app: Flask, world: World, qian: Viewer, zhao: Viewer
) -> None:
    service.carry_out_due(by="worker")
    number = world.paid.number
    sql("UPDATE check_results SET found = 1, kept = :kept WHERE code = 'V5'", kept=f'[["order {number}", "0 fen"]]')

    assert f'href="/desk/orders/{number}"' in signed_in(app, qian).get(f"{LIST}/V5").text
    clerk = signed_in(app, zhao).get(f"{LIST}/V5").text
    assert f'href="/desk/orders/{number}"' not in clerk
    assert f"order {number}" in clerk


def test_a_county_official_asks_for_a_run_and_reads_its_result(app: Flask, qian: Viewer) -> None:
    service.carry_out_due(by="worker")
    sql("UPDATE check_runs SET asked_at = '2020-01-01 00:00:00'")
    desk = signed_in(app, qian)

    assert ask(desk) == 303
    waiting = desk.get(LIST).text
    assert "正在核对" in waiting
    assert "马上核对一次" not in waiting

    service.carry_out_due(by="worker")
    page = desk.get(LIST).text
    assert "正在核对" not in page
    assert f"这一次是{qian.name}要求核对的" in page


def test_asking_twice_is_refused_with_a_sentence(app: Flask, qian: Viewer) -> None:
    service.carry_out_due(by="worker")
    sql("UPDATE check_runs SET asked_at = '2020-01-01 00:00:00'")
    desk = signed_in(app, qian)
    form = form_to(desk, LIST, RUNS)
    assert desk.post(RUNS, data=form.fields).status_code == 303

    meanwhile = desk.post(RUNS, data=form.fields)
    service.carry_out_due(by="worker")
    at_once = desk.post(RUNS, data=form.fields)

    assert (meanwhile.status_code, at_once.status_code) == (409, 429)
    assert "正在核对，请过几秒再看结果" in meanwhile.text
    assert "请过一分钟再点" in at_once.text


def test_only_the_county_asks_and_only_officials_read(
    app: Flask, zhao: Viewer, qian: Viewer, sun: Viewer, li: Viewer, zhou: Viewer
) -> None:
    token = form_to(signed_in(app, qian), LIST, RUNS).fields["csrf_token"]
    assert token

    for who in (zhao, sun):
        client = signed_in(app, who)
        assert [form for form in forms_of(client, LIST) if form.action == RUNS] == []
        (leave,) = [form for form in forms_of(client, "/me") if form.action == "/sign-out"]
        assert client.post(RUNS, data=leave.fields).status_code == 403
    for who in (li, zhou):
        assert signed_in(app, who).get(LIST).status_code == 403
    assert app.test_client().get(LIST).status_code == 303


def test_a_check_that_does_not_exist_is_not_found(app: Flask, qian: Viewer) -> None:
    desk = signed_in(app, qian)

    for code in ("I99", "runs", "%00", "é" * 300):
        assert desk.get(f"{LIST}/{code}").status_code == 404

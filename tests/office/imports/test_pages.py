"""The pages: bring a file, see it tried, confirm it, fetch templates, faults and exports."""

from __future__ import annotations

import csv
import io

import pytest
from flask import Flask
from flask.testing import FlaskClient

from app.gateways import sheets
from app.kernel.db import session
from app.kernel.permissions import Viewer
from app.office.imports import working
from tests.cast import MENGMEN, answer
from tests.office.imports.bringing import a_household, done, growers_file
from tests.web.browsing import form_to, signed_in

TARGET = f"growers|township:{MENGMEN}"


def work() -> None:
    session().rollback()
    while working.go_on():
        session().rollback()
    session().rollback()


def upload(client: FlaskClient, data: bytes, name: str = "名单.xlsx", target: str = TARGET) -> str:
    form = form_to(client, "/imports", "/imports")
    sent = {**form.fields, "target": target, "file": (io.BytesIO(data), name)}
    answered = client.post("/imports", data=sent, content_type="multipart/form-data")
    assert answered.status_code == 303, answered.text
    return answered.headers["Location"]


def read(data: bytes) -> list[list[str]]:
    with sheets.rows(data) as rows:
        return [[cell.text for cell in row.cells] for row in rows]


def test_a_list_goes_from_upload_to_done_by_taps(app: Flask, zhao: Viewer) -> None:
    client = signed_in(app, zhao)
    url = upload(client, growers_file([a_household(1), a_household(2)]))
    assert 'http-equiv="refresh"' in client.get(url).text
    work()
    page = client.get(url).text
    assert "试读通过，2 行都对" in page
    assert "refresh" not in page
    form = form_to(client, url, f"{url}/confirmation")
    for _ in range(2):
        assert client.post(form.action, data=form.fields).status_code == 303
    work()

    assert "已写入 2 行" in client.get(url).text
    assert answer("SELECT count(*) FROM households") == 2


def test_what_is_wrong_is_told_on_the_page_and_in_a_file_with_numbers_masked(app: Flask, zhao: Viewer) -> None:
    client = signed_in(app, zhao)
    url = upload(client, growers_file([a_household(1), a_household(2, 家庭人口="三"), a_household(3, 电话="1370000")]))
    work()

    page = client.get(url).text
    assert "第 3 行" in page
    assert "有 2 行不对" in page
    assert "confirmation" not in page
    form = form_to(client, url, f"{url}/faults")
    lines = list(csv.reader(io.StringIO(client.post(form.action, data=form.fields).text.lstrip("\ufeff"))))
    assert [line[0] for line in lines] == ["行号", "3", "4"]
    assert "数字" in lines[1][-1]
    assert "13700000002" not in str(lines)


@pytest.mark.parametrize("form", ["xlsx", "csv"])
def test_a_template_comes_back_as_nothing_to_import(app: Flask, zhao: Viewer, form: str) -> None:
    client = signed_in(app, zhao)
    data = client.get(f"/imports/templates/growers.{form}").data
    url = upload(client, data, f"模板.{form}")
    work()

    assert "没有数据" in client.get(url).text


@pytest.mark.parametrize("form", ["xlsx", "csv"])
def test_an_export_is_masked_is_text_and_changes_nothing_when_it_comes_back(
    app: Flask, zhao: Viewer, wang: Viewer, form: str
) -> None:
    formula = "=HYPERLINK(1)家"
    done(growers_file([a_household(1), a_household(2, 卖家名称=formula), a_household(3, 卖家名称="@SUM家")]), zhao)
    client = signed_in(app, zhao)
    page = form_to(client, "/imports", "/imports/exports")
    data = client.post(page.action, data={**page.fields, "target": TARGET, "form": form}).data

    rows = read(data)
    assert "13700000001" not in str(rows)
    assert rows[-1][0] == "合计"
    names = {row[4].removeprefix("'") for row in rows}
    assert {formula, "@SUM家"} <= names
    if form == "csv":
        assert b"\"'=HYPERLINK" in data
        assert b'"=HYPERLINK' not in data
    assert answer("SELECT count(*) FROM audit_rows WHERE act = 'imports.exported'") == 1
    url = upload(client, data, f"导出.{form}")
    work()
    text = client.get(url).text
    assert "试读通过，4 行都对" in text
    assert '<dt>不变</dt><dd><data value="4">' in text


def test_a_refused_file_is_told_at_the_field_and_leaves_nothing(app: Flask, zhao: Viewer) -> None:
    client = signed_in(app, zhao)
    form = form_to(client, "/imports", "/imports")
    sent = {**form.fields, "target": TARGET, "file": (io.BytesIO(b"%PDF-1.7"), "a.xlsx")}
    answered = client.post("/imports", data=sent, content_type="multipart/form-data")

    assert answered.status_code == 415
    assert "这不是能读的表格" in answered.text
    assert answer("SELECT count(*) FROM imports") == 0


def test_no_file_and_a_foreign_owner_are_refused(app: Flask, zhao: Viewer) -> None:
    client = signed_in(app, zhao)
    form = form_to(client, "/imports", "/imports")
    for sent in ({"target": TARGET}, {"target": "growers|township:141125105", "file": (io.BytesIO(b"a"), "a.csv")}, {}):
        answered = client.post("/imports", data={**form.fields, **sent}, content_type="multipart/form-data")
        assert answered.status_code == 422
    assert client.get("/imports/templates/nothing.xlsx").status_code == 404
    assert client.get("/imports/I23456-23456-23456").status_code == 404


@pytest.mark.parametrize(
    "name", ["../../etc/passwd", "a\0b.xlsx", "CON", "<script>alert(1)</script>.csv", "名" * 500, "\u202egnp.xlsx"]
)
def test_a_hostile_file_name_is_only_words(app: Flask, zhao: Viewer, name: str) -> None:
    client = signed_in(app, zhao)
    url = upload(client, growers_file([a_household(1)]), name)

    page = client.get(url)
    assert page.status_code == 200
    assert "<script>alert" not in page.text
    assert "\u202e" not in page.text


def test_nobody_sees_the_import_of_another_township(app: Flask, zhao: Viewer, wang: Viewer, qian: Viewer) -> None:
    url = upload(signed_in(app, zhao), growers_file([a_household(1)]))

    assert signed_in(app, wang).get(url).status_code == 404
    assert signed_in(app, qian).get(url).status_code == 200

"""The county's desk for paying people, through its pages."""

from __future__ import annotations

import io
import itertools

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import func, select
from werkzeug.test import TestResponse

from app.kernel.db import session
from app.kernel.permissions import Viewer
from app.office.payouts import answers
from app.office.payouts.models import BankReturn, FileDownload, Payout, PayoutFile
from app.office.payouts.states import PayoutState
from tests.office.payouts.paying import a_file, a_payout, an_account, anew, books_now, done, refused, said, sent
from tests.people.purse import purses
from tests.web.browsing import PageForm, form_to, signed_in


def upload(client: FlaskClient, data: bytes, *, bank: str = "rural|", **more: str) -> TestResponse:
    """The bank's answer through the form."""
    form = form_to(client, "/desk/payouts", "/desk/payouts/returns")
    filled = {**form.fields, **more, "bank": bank, "file": (io.BytesIO(data), "回盘.csv")}
    return client.post(form.action, data=filled, content_type="multipart/form-data")


def press(client: FlaskClient, form: PageForm, **typed: str) -> TestResponse:
    return client.post(form.action, data={**form.fields, **typed})


@pytest.fixture
def payout(wang: Viewer, zhao: Viewer, qian: Viewer) -> Payout:
    an_account(wang, zhao)
    return a_payout(wang)


def rows_of(table: type[object]) -> int:
    session().rollback()
    return session().scalar(select(func.count()).select_from(table)) or 0


def test_an_official_makes_a_file_takes_it_and_brings_the_answer(app: Flask, qian: Viewer, payout: Payout) -> None:
    client = signed_in(app, qian)

    made = press(client, form_to(client, "/desk/payouts", "/desk/payouts/files"))
    address = made.headers["Location"]
    taken = press(client, form_to(client, address, f"{address}/download"))
    heard = upload(client, said(done(payout)), count="1", total="68")

    assert (made.status_code, taken.status_code, heard.status_code) == (303, 200, 303)
    assert taken.headers["Content-Disposition"].endswith('.csv"')
    assert taken.headers["Cache-Control"] == "no-store"
    assert payout.number in taken.data.decode("utf-8-sig")
    assert anew(payout).state is PayoutState.PAID
    assert "已到账" in client.get(heard.headers["Location"]).text
    assert "已到账" in client.get(f"/desk/payouts/{payout.number}").text


def test_a_button_pressed_twice_makes_one_file(app: Flask, qian: Viewer, payout: Payout) -> None:
    client = signed_in(app, qian)
    form = form_to(client, "/desk/payouts", "/desk/payouts/files")

    assert [press(client, form).status_code for _ in range(2)] == [303, 303]
    assert rows_of(PayoutFile) == 1


def test_a_second_download_asks_for_a_reason_on_the_page(app: Flask, qian: Viewer, payout: Payout) -> None:
    file = sent(payout, by=qian)
    client = signed_in(app, qian)
    address = f"/desk/payouts/files/{file.number}"
    form = form_to(client, address, f"{address}/download")

    without, with_reason = press(client, form), press(client, form, because="原来的U盘坏了")

    assert (without.status_code, with_reason.status_code) == (422, 200)
    assert "再下载要写明原因" in without.text
    assert "不要交给银行两次" in without.text
    assert rows_of(FileDownload) == 2


def test_a_file_with_a_dead_account_says_so_and_can_be_called_off(
    app: Flask, wang: Viewer, qian: Viewer, payout: Payout
) -> None:
    file = a_file(by=qian)
    purses.withdraw(wang)
    client = signed_in(app, qian)
    address = f"/desk/payouts/files/{file.number}"

    refused_one = press(client, form_to(client, address, f"{address}/download"))
    void = press(client, form_to(client, address, f"{address}/void"), because="账号停用了")

    assert (refused_one.status_code, void.status_code) == (409, 303)
    assert "已经停用" in refused_one.text
    assert anew(payout).state is PayoutState.HELD


def test_the_same_answer_again_shows_the_earlier_one(app: Flask, qian: Viewer, payout: Payout) -> None:
    sent(payout, by=qian)
    client = signed_in(app, qian)
    first, second = (upload(client, said(done(payout))) for _ in range(2))

    assert first.headers["Location"] == second.headers["Location"]
    assert "以前收过" in client.get(second.headers["Location"]).text


@pytest.mark.parametrize(
    ("data", "line"),
    [
        (b"", "空的"),
        (b"\0", "不是文本文件"),
        (",".join(answers.COLUMNS).encode(), "只有表头"),
        (said("x"), "第 2 行"),
        (said("F22222-22222-22222,1234,1.00,付了,B1,"), "第 2 行"),
        (b"x" * (answers.MOST_BYTES + 1), "文件太大"),
    ],
    ids=["empty", "nul", "header", "columns", "word", "large"],
)
def test_a_wrong_file_is_refused_with_its_line_and_nothing_is_written(
    app: Flask, qian: Viewer, payout: Payout, data: bytes, line: str
) -> None:
    sent(payout, by=qian)
    client = signed_in(app, qian)
    before = books_now()

    refused_one = upload(client, data)

    assert refused_one.status_code == 422
    assert line in refused_one.text
    assert (books_now(), rows_of(BankReturn)) == (before, 0)


@pytest.mark.parametrize("bank", ["", "x", "rural", "other|没有这家", "postal|", "rural|\0"])
def test_a_bank_that_has_no_file_of_ours_is_refused(app: Flask, qian: Viewer, payout: Payout, bank: str) -> None:
    sent(payout, by=qian)

    assert upload(signed_in(app, qian), said(done(payout)), bank=bank).status_code == 422
    assert rows_of(BankReturn) == 0


def test_an_answer_without_a_file_is_refused(app: Flask, qian: Viewer, payout: Payout) -> None:
    sent(payout, by=qian)
    client = signed_in(app, qian)
    form = form_to(client, "/desk/payouts", "/desk/payouts/returns")

    assert press(client, form, bank="rural|").status_code == 422
    assert press(client, form, bank="rural|", file="=1+1").status_code == 422


def test_an_odd_line_is_on_the_list_until_somebody_says_how_it_ended(app: Flask, qian: Viewer, payout: Payout) -> None:
    sent(payout, by=qian)
    client = signed_in(app, qian)
    address = upload(client, said(done(payout).replace("68.00", "67.00"))).headers["Location"] + "/2"
    assert "金额不一样" in client.get("/desk/payouts").text

    assert press(client, form_to(client, address, address)).status_code == 422
    form = form_to(client, address, address)
    assert press(client, form, because="银行更正了回盘").status_code == 303
    assert press(client, form, because="再登记一次").status_code == 409

    assert "金额不一样" not in client.get("/desk/payouts").text
    assert "钱县办" in client.get(address).text


def test_what_no_answer_names_goes_on_waiting(app: Flask, wang: Viewer, qian: Viewer, payout: Payout) -> None:
    other = a_payout(wang, 300)
    sent(payout, by=qian)
    client = signed_in(app, qian)
    upload(client, said(refused(payout)))

    page = client.get("/desk/payouts/list?state=exported").text
    assert other.number in page
    assert payout.number not in page
    assert "1 笔没回话" in client.get("/desk/payouts").text


def test_an_auditor_reads_everything_and_changes_nothing(app: Flask, qian: Viewer, sun: Viewer, payout: Payout) -> None:
    file = sent(payout, by=qian)
    client = signed_in(app, sun)

    for address in ("", "/list", f"/{payout.number}", f"/files/{file.number}"):
        page = client.get(f"/desk/payouts{address}")
        assert page.status_code == 200
        assert 'action="/desk/payouts' not in page.text
    assert client.post(f"/desk/payouts/files/{file.number}/download").status_code in (400, 403)


@pytest.mark.parametrize("who", ["li", "wang", "zhao", "zhou"])
def test_nobody_else_sees_the_desk(app: Flask, who: str, request: pytest.FixtureRequest) -> None:
    assert signed_in(app, request.getfixturevalue(who)).get("/desk/payouts").status_code == 403


HOSTILE = [
    "",
    "\0",
    "a\0b",
    "枣" * 5000,
    "'; DROP TABLE payouts; --",
    "{{7*7}}",
    "%s%n",
    "\ud7ff\ue000",
    "../..",
    "=1+1",
    "9" * 40,
]


def test_no_value_in_any_field_or_address_makes_a_fault(app: Flask, qian: Viewer, payout: Payout) -> None:
    file = sent(payout, by=qian)
    client = signed_in(app, qian)
    line = upload(client, said(done(payout).replace("68.00", "67.00"))).headers["Location"] + "/2"
    a_second_payout_waits = form_to_make(client)
    forms = [
        a_second_payout_waits,
        form_to(client, "/desk/payouts", "/desk/payouts/returns"),
        form_to(client, f"/desk/payouts/files/{file.number}", f"/desk/payouts/files/{file.number}/download"),
        form_to(client, line, line),
    ]

    for form, value in itertools.product(forms, HOSTILE):
        for name in form.fields if form is a_second_payout_waits else form.typed:
            status = client.post(form.action, data={**form.fields, name: value}).status_code
            assert status < 500, (form.action, name, value, status)
    for value in [*HOSTILE, "nothing", "%00", "1"]:
        for address in ("", "/list?state=", "/list?after=", "/files/", "/returns/", "/returns/x?sort=", "/returns/x/9"):
            assert client.get(f"/desk/payouts{address}{value}").status_code < 500


def form_to_make(client: FlaskClient) -> PageForm:
    """The button of a bank, as it was on the page before its file was made."""
    form = form_to(client, "/desk/payouts", "/desk/payouts/returns")
    return PageForm(
        "/desk/payouts/files", "post", {"csrf_token": form.fields["csrf_token"], "bank": "rural|", "request_key": "k"}
    )

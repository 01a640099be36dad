"""A grower's pages and the township's desk."""

import re

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import func, select

from app.kernel.db import Database, session, transaction
from app.people.accounts import service as accounts
from app.people.accounts.models import Disclosure
from app.people.accounts.states import Role
from app.people.growers import resident_ids
from app.people.growers.models import ResidentId, Seller
from app.people.growers.states import SellerStatus
from config import Settings
from tests.people.cast import MENGMEN, PHONE, SANJIAO, a_person, an_applicant
from tests.people.shell import an_app, come_in, csrf, post

ID = "14112519550203001" + resident_ids.check_sign("14112519550203001")
FILLED = {
    "kind": "household",
    "name": "王家枣园",
    "township_code": MENGMEN,
    "village": "",
    "head_name": "王枣林",
    "members": "4",
    "licence_no": "",
    "words": "木枣，晒得干",
    "request_key": "key-1",
}


@pytest.fixture
def app(people: Database, settings: Settings) -> Flask:
    """The pages."""
    return an_app(people, settings)


@pytest.fixture
def grower(app: Flask) -> FlaskClient:
    """The browser of somebody who would like to sell."""
    a_person()
    client = app.test_client()
    come_in(client)
    return client


def client_of(app: Flask, role: Role, scope: str, phone: str = "13900000002") -> FlaskClient:
    person = a_person(phone, "赵乡镇")
    with transaction():
        accounts.appoint(person.id, role, scope, by="test", because="任命")
    client = app.test_client()
    assert come_in(client, phone).status_code == 303
    return client


@pytest.fixture
def official(app: Flask) -> FlaskClient:
    """The browser of the official of Mengmen."""
    return client_of(app, Role.TOWNSHIP, f"township:{MENGMEN}")


def sellers() -> list[Seller]:
    session().rollback()
    session().expire_all()
    return list(session().scalars(select(Seller).order_by(Seller.id)))


def test_an_application_is_filled_in_and_waits(grower: FlaskClient) -> None:
    assert grower.get("/grower/apply").status_code == 200

    answer = post(grower, "/grower/apply", FILLED)

    assert (answer.status_code, answer.headers["Location"]) == (303, "/grower/")
    assert [(one.name, one.township_code, one.status) for one in sellers()] == [
        ("王家枣园", MENGMEN, SellerStatus.APPLIED)
    ]
    assert "乡镇正在核实" in grower.get("/grower/apply").get_data(as_text=True)


def test_five_taps_make_one_application(grower: FlaskClient) -> None:
    token = csrf(grower)

    answers = [grower.post("/grower/apply", data={"csrf_token": token, **FILLED}) for _ in range(5)]

    assert [answer.headers["Location"] for answer in answers] == ["/grower/"] * 5
    assert len(sellers()) == 1


def test_a_key_that_comes_back_with_other_words_is_refused(grower: FlaskClient) -> None:
    post(grower, "/grower/apply", FILLED)

    assert post(grower, "/grower/apply", {**FILLED, "name": "李家枣园"}).status_code == 422


def test_a_second_application_is_refused_while_the_first_waits(grower: FlaskClient) -> None:
    post(grower, "/grower/apply", FILLED)

    assert post(grower, "/grower/apply", {**FILLED, "request_key": "key-2"}).status_code == 409
    assert len(sellers()) == 1


def test_a_known_village_is_kept_as_such_and_another_in_the_words(grower: FlaskClient) -> None:
    post(grower, "/grower/apply", {**FILLED, "village": "没有这村"})

    assert sellers()[0].words == "没有这村。木枣，晒得干"
    assert sellers()[0].village_id is None


@pytest.mark.parametrize(
    "changed",
    [
        {"kind": "emperor"},
        {"kind": ""},
        {"name": ""},
        {"name": "1"},
        {"township_code": ""},
        {"township_code": "141125202"},
        {"township_code": "141124105"},
        {"members": "0"},
        {"members": "31"},
        {"members": "４四"},
        {"members": ""},
        {"head_name": ""},
        {"kind": "processor", "licence_no": ""},
        {"words": "甜" * 301},
        {"request_key": ""},
        {"request_key": "x" * 101},
    ],
)
def test_what_does_not_fit_is_refused(grower: FlaskClient, changed: dict[str, str]) -> None:
    answer = post(grower, "/grower/apply", {**FILLED, **changed})

    assert answer.status_code == 422
    assert "还不能提交" in answer.get_data(as_text=True)
    assert sellers() == []


def test_a_stranger_is_led_to_the_door(app: Flask) -> None:
    assert app.test_client().get("/grower/apply").headers["Location"] == "/sign-in?next=/grower/apply"


def test_an_id_is_kept_shown_masked_and_withdrawn(grower: FlaskClient) -> None:
    assert post(grower, "/grower/identity", {"resident_id": ID, "consent": "y"}).status_code == 303
    page = grower.get("/grower/identity").get_data(as_text=True)
    assert resident_ids.masked(ID) in page
    assert ID not in page

    post(grower, "/grower/identity/withdrawal")

    assert resident_ids.masked(ID) not in grower.get("/grower/identity").get_data(as_text=True)


@pytest.mark.parametrize(
    "data",
    [{"resident_id": ID}, {"resident_id": "1", "consent": "y"}, {"resident_id": "x" * 9999, "consent": "y"}, {}],
)
def test_an_id_without_consent_or_sense_is_not_kept(grower: FlaskClient, data: dict[str, str]) -> None:
    assert post(grower, "/grower/identity", data).status_code == 422
    session().rollback()
    assert session().scalars(select(func.count()).select_from(ResidentId)).one() == 0


def test_the_queue_counts_what_waits_in_the_township(official: FlaskClient) -> None:
    seller = an_applicant()

    page = official.get("/desk/growers").get_data(as_text=True)

    assert '待核实&nbsp;<b class="count">1</b>' in page
    assert f"/desk/growers/{seller.id}" in page


def test_the_official_verifies_and_the_queue_is_empty(official: FlaskClient) -> None:
    seller = an_applicant()

    answer = post(official, f"/desk/growers/{seller.id}/verification", {"because": "上门看过枣园"})

    assert answer.status_code == 303
    assert sellers()[0].status is SellerStatus.ACTIVE
    page = official.get("/desk/growers").get_data(as_text=True)
    assert '待核实&nbsp;<b class="count">0</b>' in page
    shown = official.get(f"/desk/growers/{seller.id}").get_data(as_text=True)
    assert "上门看过枣园" in shown
    assert "suspension" in shown
    assert "verification" not in shown


def test_the_grower_reads_why_he_was_refused(grower: FlaskClient, official: FlaskClient) -> None:
    post(grower, "/grower/apply", FILLED)

    post(official, f"/desk/growers/{sellers()[0].id}/refusal", {"because": "枣园不在本乡"})

    assert "原因：枣园不在本乡" in grower.get("/grower/apply").get_data(as_text=True)


def test_a_decision_without_a_reason_or_out_of_turn_is_refused(official: FlaskClient) -> None:
    seller = an_applicant()

    assert post(official, f"/desk/growers/{seller.id}/verification", {"because": "好"}).status_code == 422
    assert post(official, f"/desk/growers/{seller.id}/suspension", {"because": "抽检不合格"}).status_code == 409
    assert post(official, f"/desk/growers/{seller.id}/coronation", {"because": "抽检不合格"}).status_code in (404, 405)
    assert sellers()[0].status is SellerStatus.APPLIED


def test_another_township_s_seller_looks_like_none(app: Flask) -> None:
    stranger = client_of(app, Role.TOWNSHIP, f"township:{SANJIAO}")
    seller = an_applicant()

    for path in (f"/desk/growers/{seller.id}", "/desk/growers/999999"):
        assert stranger.get(path).status_code == 404
        for act in ("verification", "refusal", "suspension", "resumption", "closing", "phone", "resident-id"):
            assert post(stranger, f"{path}/{act}", {"because": "上门看过枣园"}).status_code == 404
    assert sellers()[0].status is SellerStatus.APPLIED


def test_county_and_auditor_read_and_do_not_decide(app: Flask) -> None:
    seller = an_applicant()

    for role, phone in ((Role.COUNTY, "13900000003"), (Role.AUDITOR, "13900000004")):
        client = client_of(app, role, "county", phone)
        page = client.get(f"/desk/growers/{seller.id}")
        assert page.status_code == 200
        assert "137****0001" in page.get_data(as_text=True)
        assert post(client, f"/desk/growers/{seller.id}/verification", {"because": "上门看过枣园"}).status_code == 403


def test_buyers_do_not_enter_the_desk(grower: FlaskClient) -> None:
    seller = an_applicant()

    for path in ("/desk/growers", f"/desk/growers/{seller.id}"):
        assert grower.get(path).status_code == 403
    for act in ("verification", "phone", "resident-id"):
        assert post(grower, f"/desk/growers/{seller.id}/{act}", {"because": "想当然吧"}).status_code == 403


def test_the_official_opens_number_and_id_on_record(app: Flask, official: FlaskClient, grower: FlaskClient) -> None:
    post(grower, "/grower/apply", FILLED)
    post(grower, "/grower/identity", {"resident_id": ID, "consent": "y"})
    seller = sellers()[0]

    phone = post(official, f"/desk/growers/{seller.id}/phone", {"because": "通知来开会"})
    resident_id = post(official, f"/desk/growers/{seller.id}/resident-id", {"because": "核对贷款资料"})

    assert PHONE in phone.get_data(as_text=True)
    assert ID in resident_id.get_data(as_text=True)
    shown = official.get(f"/desk/growers/{seller.id}").get_data(as_text=True)
    assert PHONE not in shown
    assert ID not in shown
    session().rollback()
    assert sorted(session().scalars(select(Disclosure.field))) == ["phone", "resident_id"]


@pytest.mark.parametrize("query", [{"status": "x"}, {"status": "\0"}, {"after": "x"}, {"after": "W10"}])
def test_a_made_up_place_in_the_queue_is_no_fault(official: FlaskClient, query: dict[str, str]) -> None:
    assert official.get("/desk/growers", query_string=query).status_code in (200, 422)


def test_the_seller_s_own_person_sees_no_decisions_on_his_own(app: Flask, official: FlaskClient) -> None:
    post(official, "/grower/apply", FILLED)
    seller = sellers()[0]

    assert "verification" not in official.get(f"/desk/growers/{seller.id}").get_data(as_text=True)
    assert post(official, f"/desk/growers/{seller.id}/verification", {"because": "自己看过了"}).status_code == 403
    assert sellers()[0].status is SellerStatus.APPLIED


def a_shop(grower: FlaskClient, official: FlaskClient) -> str:
    """The address of a verified seller's own page."""
    post(grower, "/grower/apply", FILLED)
    number = sellers()[0].id
    post(official, f"/desk/growers/{number}/verification", {"because": "上门看过枣园"})
    return f"/grower/shops/{number}"


CHANGED = {"name": "枣林深处", "licence_no": "", "words": "黄河边的<b>木枣</b>"}


def test_a_change_waits_before_the_township_s_eyes_and_is_live_once_it_agrees(
    grower: FlaskClient, official: FlaskClient
) -> None:
    shop = a_shop(grower, official)
    desk = shop.replace("/grower/shops", "/desk/growers")

    assert post(grower, shop, CHANGED).status_code == 303

    own, theirs = grower.get(shop).text, official.get(desk).text
    for page in (own, theirs):
        assert "枣林深处" in page
        assert "王家枣园" in page
        assert "<b>木枣</b>" not in page
    (decision,) = re.findall(rf'action="({desk}/changes/\d+/approval)"', theirs)
    assert post(official, decision, {"because": "好"}).status_code == 422
    assert post(official, decision, {"because": "看过，不重名"}).status_code == 303

    assert [one.name for one in sellers()] == ["枣林深处"]
    assert "看过，不重名" in grower.get(shop).text
    assert post(official, decision, {"because": "看过，不重名"}).status_code == 409


def test_a_change_can_be_taken_back_on_the_page(grower: FlaskClient, official: FlaskClient) -> None:
    shop = a_shop(grower, official)
    post(grower, shop, CHANGED)

    assert post(grower, f"{shop}/withdrawal").status_code == 303
    assert "收回，不改了" not in grower.get(shop).text
    assert post(grower, f"{shop}/withdrawal").status_code == 404


@pytest.mark.parametrize(
    ("changed", "words"),
    [
        ({"name": ""}, "请填写"),
        ({"name": "1"}, "2 到 40 个字"),
        ({"name": "\0\0"}, "还不能提交"),
        ({"name": "王家枣园", "words": "木枣，晒得干"}, "没有要改的"),
        ({"words": "甜" * 301}, "300"),
        ({"licence_no": "9" * 41}, "还不能提交"),
    ],
)
def test_what_cannot_be_changed_so_is_refused_at_its_place(
    grower: FlaskClient, official: FlaskClient, changed: dict[str, str], words: str
) -> None:
    shop = a_shop(grower, official)

    answer = post(grower, shop, {**CHANGED, **changed})

    assert answer.status_code == 422
    assert words in answer.text
    assert "收回，不改了" not in grower.get(shop).text


def test_the_seller_reads_why_he_is_suspended_and_what_came_before(grower: FlaskClient, official: FlaskClient) -> None:
    shop = a_shop(grower, official)
    post(official, f"{shop.replace('/grower/shops', '/desk/growers')}/suspension", {"because": "抽检不合格"})

    page = grower.get(shop).text
    assert "暂停销售" in page
    assert page.count("抽检不合格") == 2
    assert "上门看过枣园" in page


def test_a_refused_application_is_there_to_be_mended(grower: FlaskClient, official: FlaskClient) -> None:
    post(grower, "/grower/apply", FILLED)
    number = sellers()[0].id
    post(official, f"/desk/growers/{number}/refusal", {"because": "没有找到枣园"})

    assert "没有找到枣园" in grower.get(f"/grower/shops/{number}").text
    assert 'value="王家枣园"' in grower.get("/grower/apply").text
    assert post(grower, "/grower/apply", {**FILLED, "request_key": "key-2"}).status_code == 303
    assert len(sellers()) == 2


def test_nobody_opens_another_s_shop_page(app: Flask, grower: FlaskClient, official: FlaskClient) -> None:
    shop = a_shop(grower, official)
    stranger = app.test_client()
    a_person("13700000009")
    come_in(stranger, "13700000009")

    assert stranger.get(shop).status_code == 404
    assert post(stranger, shop, CHANGED).status_code == 404
    assert post(stranger, f"{shop}/withdrawal").status_code == 404
    assert app.test_client().get(shop).status_code == 303

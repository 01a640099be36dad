"""The pages for coming in, going out and signing up."""

import re
from dataclasses import replace

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import func, select
from werkzeug.test import TestResponse

from app.kernel.db import Database, session, transaction
from app.people.accounts import service as accounts
from app.people.accounts.models import Consent, Person, SignIn
from app.people.accounts.states import Role
from config import Settings
from tests.people.cast import PASSWORD, PHONE, a_person, an_admin, at, enrol, enter, later, signed_in_viewer
from tests.people.shell import an_app, come_in, csrf, post, text_of


@pytest.fixture
def app(people: Database, settings: Settings) -> Flask:
    return an_app(people, settings)


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    return app.test_client()


def sign_up(client: FlaskClient, **changed: str) -> TestResponse:
    data = {"phone": PHONE, "name": "李枣花", "password": PASSWORD, "consent": "y", **changed}
    return client.post("/sign-up", data={"csrf_token": csrf(client, "/sign-up"), **data})


def test_signing_up_then_in_opens_one_s_own_page(client: FlaskClient) -> None:
    assert sign_up(client).status_code == 303
    assert come_in(client).headers["Location"] == "/"

    page = client.get("/me")

    assert page.status_code == 200
    assert "李枣花" in page.get_data(as_text=True)


def test_signing_up_looks_the_same_for_a_known_number(app: Flask) -> None:
    a_person()
    answers = []
    for phone in (PHONE, "13911112222"):
        client = app.test_client()
        answer = sign_up(client, phone=phone)
        after = client.get("/sign-in")
        answers.append((answer.status_code, answer.headers["Location"], answer.get_data(), text_of(after)))

    assert answers[0] == answers[1]


def test_without_the_tick_nobody_is_signed_up(client: FlaskClient) -> None:
    answer = sign_up(client, consent="")

    assert answer.status_code == 422
    assert session().scalars(select(func.count()).select_from(Person)).one() == 0


def test_signing_up_keeps_the_version_of_the_wording(client: FlaskClient) -> None:
    sign_up(client)

    assert session().scalars(select(Consent.text_version)).one() == "account-2026-01"


def test_wrong_unknown_and_disabled_get_one_page(app: Flask) -> None:
    a_person()
    off = a_person("13800005678", "钱")
    admin = an_admin()
    with transaction():
        accounts.disable(off.id, by=admin, because="已经离职")

    answers = []
    for phone, password in ((PHONE, "not the password"), ("13911112222", PASSWORD), ("13800005678", PASSWORD)):
        answer = come_in(app.test_client(), phone, password)
        answers.append((answer.status_code, text_of(answer).replace(phone, "PHONE")))

    assert len(set(answers)) == 1
    assert answers[0][0] == 401


def test_the_eleventh_try_is_told_to_wait_for_known_and_unknown_alike(app: Flask) -> None:
    a_person()
    answers = []
    for phone in (PHONE, "13911112222"):
        client = app.test_client()
        for _ in range(10):
            assert come_in(client, phone, "not the password").status_code == 401
        answer = come_in(client, phone, PASSWORD)
        assert 290 <= int(answer.headers["Retry-After"]) <= 300
        answers.append((answer.status_code, text_of(answer).replace(phone, "PHONE")))

    assert answers[0] == answers[1]
    assert answers[0][0] == 429


def test_a_known_device_gets_in_while_strangers_are_held_off(app: Flask) -> None:
    a_person()
    own, stranger = app.test_client(), app.test_client()
    come_in(own)
    post(own, "/sign-out")
    for _ in range(10):
        come_in(stranger, PHONE, "not the password")

    assert come_in(stranger).status_code == 429
    assert come_in(own).status_code == 303


def test_the_cookie_keeps_the_basket_and_nothing_else_through_signing_in(client: FlaskClient) -> None:
    a_person()
    with client.session_transaction() as cookie:
        cookie["cart"] = "basket"
        cookie["planted"] = "x"
        cookie["_user_id"] = "planted token"

    come_in(client)

    with client.session_transaction() as cookie:
        assert cookie["cart"] == "basket"
        assert cookie["_user_id"] != "planted token"
        assert "planted" not in cookie


def test_signing_in_again_ends_the_sign_in_of_before(app: Flask) -> None:
    a_person()
    client, copy = app.test_client(), app.test_client()
    come_in(client)
    with client.session_transaction() as cookie:
        stolen = cookie["_user_id"]
    with copy.session_transaction() as cookie:
        cookie["_user_id"] = stolen
    assert copy.get("/me").status_code == 200

    come_in(client)

    assert copy.get("/me").status_code == 303
    assert client.get("/me").status_code == 200


def test_after_signing_out_a_copied_cookie_opens_nothing(app: Flask) -> None:
    a_person()
    client, copy = app.test_client(), app.test_client()
    come_in(client)
    with client.session_transaction() as cookie:
        stolen = dict(cookie)
    assert post(client, "/sign-out").status_code == 303
    with copy.session_transaction() as cookie:
        cookie.update(stolen)

    assert copy.get("/me").status_code == 303
    assert client.get("/me").status_code == 303


@pytest.mark.parametrize(
    ("wanted", "place"),
    [
        ("/orders", "/orders"),
        ("/townships/141125107?page=2", "/townships/141125107?page=2"),
        ("//evil.example", "/"),
        ("/\\evil.example", "/"),
        ("https:evil.example", "/"),
        ("https://evil.example/", "/"),
        ("%0d%0aLocation:evil", "/"),
        ("javascript:alert(1)", "/"),
        ("／／evil.example", "/"),
        ("/\tevil", "/"),
        ("", "/"),
    ],
)
def test_after_signing_in_one_stays_on_this_site(client: FlaskClient, wanted: str, place: str) -> None:
    a_person()
    client.get("/sign-in")

    answer = client.post(
        "/sign-in",
        query_string={"next": wanted},
        data={"csrf_token": csrf(client), "phone": PHONE, "password": PASSWORD},
    )

    assert answer.headers["Location"] == place


@pytest.mark.parametrize("path", ["/sign-in", "/sign-up", "/sign-out", "/me/password", "/me/totp", "/me/step-up"])
def test_without_the_form_s_token_nothing_is_done(client: FlaskClient, path: str) -> None:
    a_person()
    come_in(client)

    assert client.post(path, data={"phone": PHONE, "password": PASSWORD}).status_code == 403
    assert client.get("/me").status_code == 200


def test_staff_over_tls_are_led_to_the_second_factor(people: Database, settings: Settings) -> None:
    person = a_person()
    with transaction():
        accounts.appoint(person.id, Role.COUNTY, "county", by="test", because="任命")
    secure = an_app(people, over_tls(settings), step_up_needed=True)

    assert come_in_over_tls(secure.test_client(), "/orders") == "/me/totp"
    enrol(signed_in_viewer(enter()))
    session().rollback()
    assert come_in_over_tls(secure.test_client(), "/orders") == "/me/step-up?next=/orders"


def over_tls(settings: Settings) -> Settings:
    return replace(settings, public_url="https://localhost")


def come_in_over_tls(client: FlaskClient, wanted: str) -> str:
    site = "https://localhost"
    found = re.search(
        r'name="csrf_token"[^>]*value="([^"]+)"', client.get("/sign-in", base_url=site).get_data(as_text=True)
    )
    assert found is not None
    answer = client.post(
        f"/sign-in?next={wanted}",
        base_url=site,
        headers={"Referer": f"{site}/sign-in"},
        data={"csrf_token": found.group(1), "phone": PHONE, "password": PASSWORD},
    )
    return answer.headers["Location"]


def test_a_temporary_password_leads_to_a_new_one(client: FlaskClient) -> None:
    with transaction():
        _, secret = accounts.enlist(PHONE, "赵乡镇", by="test")

    assert come_in(client, password=secret).headers["Location"] == "/me/password"


def test_being_here_is_written_down_once_a_minute(client: FlaskClient) -> None:
    a_person()
    come_in(client)
    before = session().scalars(select(SignIn.last_seen_at)).one()
    with at(later(seconds=61)):
        assert client.get("/me").status_code == 200
    session().rollback()

    assert session().scalars(select(SignIn.last_seen_at)).one() > before

"""A person's own pages: sign-ins, password, second factor."""

import re

import pytest
from flask import Flask
from flask.testing import FlaskClient

from app.kernel.db import Database, session
from app.people.accounts import queries
from app.people.accounts import service as accounts
from config import Settings
from tests.people.cast import PASSWORD, PHONE, a_person, code_now, enter, signed_in_viewer, who
from tests.people.shell import an_app, come_in, post


@pytest.fixture
def app(people: Database, settings: Settings) -> Flask:
    """The pages, with one person signed up."""
    a_person()
    return an_app(people, settings)


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    """That person's browser."""
    client = app.test_client()
    come_in(client)
    return client


def token_of(client: FlaskClient) -> str:
    with client.session_transaction() as cookie:
        token: str = cookie["_user_id"]
        return token


@pytest.mark.parametrize("path", ["/me", "/me/password", "/me/totp", "/me/step-up", "/me/totp/picture.svg"])
def test_strangers_are_led_to_the_door_and_back(app: Flask, path: str) -> None:
    answer = app.test_client().get(path)

    assert (answer.status_code, answer.headers["Location"]) == (303, f"/sign-in?next={path}")


def test_another_device_is_listed_and_can_be_ended(client: FlaskClient) -> None:
    other = enter()
    other_id = signed_in_viewer(other).sign_in_id
    page = client.get("/me").get_data(as_text=True)
    assert f"/me/sign-ins/{other_id}/end" in page
    assert "就是这台" in page

    assert post(client, f"/me/sign-ins/{other_id}/end").status_code == 303

    session().rollback()
    assert who(other) is None
    assert client.get("/me").status_code == 200


@pytest.mark.parametrize("number", ["999999", "9007199254740991", "9" * 30, "-1", "x", "1.0", "%00"])
def test_a_sign_in_that_is_not_one_s_own_is_not_found(client: FlaskClient, number: str) -> None:
    assert post(client, f"/me/sign-ins/{number}/end").status_code == 404


def test_a_stranger_s_sign_in_cannot_be_ended(client: FlaskClient) -> None:
    a_person("13800005678", "钱")
    his = enter("13800005678")

    answer = post(client, f"/me/sign-ins/{signed_in_viewer(his).sign_in_id}/end")

    assert answer.status_code == 404
    session().rollback()
    assert who(his) is not None


def test_all_other_devices_can_be_ended_at_once(client: FlaskClient) -> None:
    others = [enter(), enter()]

    assert post(client, "/me/sign-ins/end-others").status_code == 303

    session().rollback()
    assert [who(token) for token in others] == [None, None]
    assert client.get("/me").status_code == 200


def test_the_password_is_changed_and_the_page_stays_open_under_a_new_token(client: FlaskClient) -> None:
    before = token_of(client)

    answer = post(client, "/me/password", {"old": PASSWORD, "password": "a better jujube tree"})

    assert answer.status_code == 303
    assert token_of(client) != before
    assert client.get("/me").status_code == 200
    session().rollback()
    assert who(before) is None
    assert enter(password="a better jujube tree")


@pytest.mark.parametrize(
    ("old", "new", "status"),
    [("wrong", "a better jujube tree", 401), (PASSWORD, "12345678", 422), (PASSWORD, "", 422), ("", "", 401)],
)
def test_a_wrong_or_weak_password_changes_nothing(client: FlaskClient, old: str, new: str, status: int) -> None:
    answer = post(client, "/me/password", {"old": old, "password": new})

    assert answer.status_code == status
    assert "还不能提交" in answer.get_data(as_text=True)
    assert enter()


def test_guessing_the_old_password_is_limited(client: FlaskClient) -> None:
    for _ in range(10):
        assert post(client, "/me/password", {"old": "wrong", "password": "x"}).status_code == 401

    answer = post(client, "/me/password", {"old": PASSWORD, "password": "a better jujube tree"})

    assert answer.status_code == 429
    assert answer.headers["Retry-After"]


def enrol_on_pages(client: FlaskClient) -> str:
    """Enrol a second factor page by page; its secret."""
    assert post(client, "/me/totp").status_code == 303
    secret = re.search(r'<p class="number">([A-Z2-7]{32})</p>', client.get("/me/totp").get_data(as_text=True))
    assert secret is not None
    return secret.group(1)


def test_the_second_factor_is_enrolled_page_by_page(client: FlaskClient) -> None:
    secret = enrol_on_pages(client)
    picture = client.get("/me/totp/picture.svg")
    assert picture.mimetype == "image/svg+xml"
    assert picture.headers["Cache-Control"] == "no-store"
    assert secret.encode() not in picture.get_data()

    answer = post(client, "/me/totp/confirmation", {"code": code_now(secret)})

    page = answer.get_data(as_text=True)
    assert answer.status_code == 200
    assert len(re.findall(r'<li class="number">(?:[0-9A-Z]{4}-){3}[0-9A-Z]{4}</li>', page)) == 10
    assert secret not in client.get("/me/totp").get_data(as_text=True)
    assert client.get("/me/totp/picture.svg").status_code == 404


def test_a_code_leads_back_to_where_it_was_asked(client: FlaskClient) -> None:
    secret = enrol_on_pages(client)
    post(client, "/me/totp/confirmation", {"code": code_now(secret)})

    answer = post(client, "/me/step-up?next=/desk/people", {"code": code_now(secret, steps=1)})
    assert (answer.status_code, answer.headers["Location"]) == (303, "/desk/people")
    again = post(client, "/me/step-up?next=//evil.example", {"code": code_now(secret, steps=1)})
    assert again.status_code == 422


def test_wrong_codes_are_refused_and_then_held_off(client: FlaskClient) -> None:
    secret = enrol_on_pages(client)
    for _ in range(5):
        assert post(client, "/me/totp/confirmation", {"code": "000000x"}).status_code == 422

    assert post(client, "/me/totp/confirmation", {"code": code_now(secret)}).status_code == 429


def test_stepping_up_without_a_second_factor_leads_to_enrolling(client: FlaskClient) -> None:
    answer = client.get("/me/step-up?next=/desk/people")

    assert (answer.status_code, answer.headers["Location"]) == (303, "/me/totp")


def test_the_second_factor_is_taken_off_only_where_it_was_given(people: Database, settings: Settings) -> None:
    a_person()
    strict = an_app(people, settings, step_up_needed=True)
    client = strict.test_client()
    come_in(client)
    secret = enrol_on_pages(client)
    post(client, "/me/totp/confirmation", {"code": code_now(secret)})
    late = strict.test_client()
    come_in(late)

    assert post(late, "/me/totp/removal").headers["Location"].startswith("/me/step-up")
    assert post(client, "/me/totp/removal").headers["Location"] == "/me/totp"
    session().rollback()
    person = queries.by_phone(PHONE)
    assert person is not None
    assert not person.is_enrolled
    assert accounts.waiting_secret(by=signed_in_viewer(enter())) is None

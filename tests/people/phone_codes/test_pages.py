"""The pages for signing in by phone: the same for whoever is known and whoever is not, and on to where one wanted."""

import re
import time
from dataclasses import replace
from statistics import fmean

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from app.kernel.db import Database, session, transaction
from app.people.accounts import service as accounts
from app.people.accounts.states import Role
from app.people.messages import sending
from app.people.messages.sending import Gateways
from app.web.security import limiter
from config import Settings
from tests.people.cast import PASSWORD, PHONE, a_person, an_admin, at, enrol, enter, later, signed_in_viewer
from tests.people.phone_codes.coding import code_of, requests, wrong
from tests.people.shell import an_app, come_in, csrf, post, text_of

UNKNOWN, OFF = "13911112222", "13800005678"


@pytest.fixture
def app(people: Database, settings: Settings) -> Flask:
    app = an_app(people, settings)
    limiter.reset()
    return app


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    return app.test_client()


def ask(client: FlaskClient, phone: str = PHONE, *, query: str = "") -> TestResponse:
    token = csrf(client, "/sign-in/code")
    return client.post(f"/sign-in/code{query}", data={"csrf_token": token, "phone": phone})


def newest() -> str:
    return code_of(requests()[-1].id)


def type_in(client: FlaskClient, code: str, *, query: str = "") -> TestResponse:
    token = csrf(client, "/sign-in/code/check")
    return client.post(f"/sign-in/code/check{query}", data={"csrf_token": token, "code": code})


def test_asking_and_typing_opens_one_s_own_page(client: FlaskClient) -> None:
    a_person()

    assert ask(client, "138 0000 1234").headers["Location"] == "/sign-in/code/check"
    page = client.get("/sign-in/code/check").get_data(as_text=True)
    assert "138****1234" in page
    assert PHONE not in page
    assert type_in(client, newest()).headers["Location"] == "/"
    assert "李枣花" in client.get("/me").get_data(as_text=True)


def test_the_pages_ask_phones_for_the_right_keyboard_and_the_code_from_the_text(client: FlaskClient) -> None:
    ask(client, UNKNOWN)

    asked = client.get("/sign-in/code").get_data(as_text=True)
    typed = client.get("/sign-in/code/check").get_data(as_text=True)

    assert re.search(r'<input[^>]*inputmode="tel"[^>]*name="phone"', asked)
    assert re.search(r'<input[^>]*autocomplete="one-time-code"[^>]*inputmode="numeric"[^>]*name="code"', typed)


def test_the_page_to_sign_in_leads_there_and_keeps_where_one_wanted(client: FlaskClient) -> None:
    page = client.get("/sign-in?next=/orders").get_data(as_text=True)

    assert 'href="/sign-in/code?next=/orders"' in page
    assert 'href="/sign-in?next=/orders"' in client.get("/sign-in/code?next=/orders").get_data(as_text=True)


def test_known_unknown_and_disabled_see_one_page_whatever_they_do(app: Flask) -> None:
    a_person()
    off = a_person(OFF, "钱")
    admin = an_admin()
    with transaction():
        accounts.disable(off.id, by=admin, because="已经离职")

    seen = []
    for phone in (PHONE, UNKNOWN, OFF):
        client = app.test_client()
        answers = [ask(client, phone), client.get("/sign-in/code/check"), ask(client, phone)]
        code = wrong(newest())
        answers.append(type_in(client, code))
        answers.append(post(client, "/sign-in/code/again"))
        shown = f"{phone[:3]}****{phone[-4:]}"
        seen.append(
            [
                (one.status_code, text_of(one).replace(phone, "P").replace(shown, "P").replace(code, "C"))
                for one in answers
            ]
        )

    assert seen[0] == seen[1] == seen[2]
    assert [status for status, _ in seen[0]] == [303, 200, 429, 422, 429]


def without(page: str, *own: str) -> str:
    """The page without what is one reader's own."""
    for words in own:
        page = page.replace(words, "…")
    return page


def test_asking_for_an_unknown_number_does_the_same_work_in_the_same_time(app: Flask) -> None:
    """Each statement of the one is a statement of the other; the mean times differ by less than five milliseconds."""
    spent: dict[str, list[float]] = {"known": [], "unknown": []}
    for number in range(25):
        a_person(f"138{number:08d}")
    for number in range(25):
        for kind, phone in (("known", f"138{number:08d}"), ("unknown", f"139{number:08d}")):
            client = app.test_client()
            token = csrf(client, "/sign-in/code")
            place = {"REMOTE_ADDR": f"192.0.{number}.{len(kind)}"}
            session().rollback()
            began = time.process_time()
            answer = client.post("/sign-in/code", data={"csrf_token": token, "phone": phone}, environ_overrides=place)
            spent[kind].append(time.process_time() - began)
            assert answer.status_code == 303

    middle = {kind: fmean(sorted(times)[5:20]) for kind, times in spent.items()}
    assert abs(middle["known"] - middle["unknown"]) < 0.005, middle


@pytest.mark.parametrize(
    ("wanted", "place"),
    [
        ("/orders", "/orders"),
        ("//evil.example", "/"),
        ("/\\evil.example", "/"),
        ("https://evil.example/", "/"),
        ("", "/"),
    ],
)
def test_after_signing_in_one_stays_on_this_site(client: FlaskClient, wanted: str, place: str) -> None:
    a_person()

    onward = ask(client, query=f"?next={wanted}").headers["Location"]
    page = client.get(onward).get_data(as_text=True)
    assert ("evil" in onward, "evil.example" in page) == (False, False)
    assert type_in(client, newest(), query=f"?next={wanted}").headers["Location"] == place


def test_the_form_for_the_code_keeps_where_one_wanted(client: FlaskClient) -> None:
    onward = ask(client, UNKNOWN, query="?next=/orders").headers["Location"]

    assert onward == "/sign-in/code/check?next=/orders"
    page = client.get(onward).get_data(as_text=True)
    assert 'action="/sign-in/code/check?next=/orders"' in page
    assert 'action="/sign-in/code/again?next=/orders"' in page


@pytest.mark.parametrize("phone", ["", "12345", "1380000123４５", "'; DROP TABLE people; --"])
def test_what_is_no_number_is_refused_at_its_field(client: FlaskClient, phone: str) -> None:
    answer = ask(client, phone)

    assert answer.status_code == 422
    assert 'id="phone-error"' in answer.get_data(as_text=True)
    assert requests() == []


def test_within_a_minute_one_is_told_to_wait_and_after_it_gets_another(client: FlaskClient) -> None:
    a_person()
    ask(client)
    first = newest()

    answer = post(client, "/sign-in/code/again")
    assert (answer.status_code, answer.headers["Retry-After"]) == (429, "60")
    assert "60 秒" in answer.get_data(as_text=True)
    with at(later(seconds=61)):
        assert post(client, "/sign-in/code/again").status_code == 303
        second = newest()
        if first != second:
            assert type_in(client, first).status_code == 422
        assert type_in(client, second).status_code == 303


def test_who_has_asked_for_nothing_is_sent_to_ask(client: FlaskClient) -> None:
    assert client.get("/sign-in/code/check").headers["Location"] == "/sign-in/code"
    assert post(client, "/sign-in/code/check", {"code": "123456"}).headers["Location"] == "/sign-in/code"
    assert post(client, "/sign-in/code/again").headers["Location"] == "/sign-in/code"
    assert requests() == []


@pytest.mark.parametrize("path", ["/sign-in/code", "/sign-in/code/again", "/sign-in/code/check"])
def test_without_the_form_s_token_nothing_is_done(client: FlaskClient, path: str) -> None:
    ask(client, UNKNOWN)

    assert client.post(path, data={"phone": PHONE, "code": "123456"}).status_code == 403
    assert len(requests()) == 1


def test_the_cookie_keeps_the_basket_and_neither_number_nor_code_through_signing_in(client: FlaskClient) -> None:
    a_person()
    with client.session_transaction() as cookie:
        cookie["cart"] = "basket"
        cookie["planted"] = "x"
    ask(client)
    with client.session_transaction() as cookie:
        assert PHONE not in str(dict(cookie))

    type_in(client, newest())

    with client.session_transaction() as cookie:
        assert set(cookie) - {"_permanent", "csrf_token"} == {"cart", "_user_id"}


def test_a_temporary_password_leads_to_a_new_one(client: FlaskClient) -> None:
    with transaction():
        accounts.enlist(PHONE, "赵乡镇", by="test")
    ask(client)

    assert type_in(client, newest(), query="?next=/orders").headers["Location"] == "/me/password"


def test_who_was_enlisted_and_came_by_code_chooses_a_password_without_one(client: FlaskClient, app: Flask) -> None:
    with transaction():
        accounts.enlist_many([(PHONE, "刘枣农")], by="test")
    ask(client)
    type_in(client, newest())

    page = client.get("/me/password").get_data(as_text=True)
    assert 'name="old"' not in page
    assert post(client, "/me/password", {"password": "12345678"}).status_code == 422
    assert post(client, "/me/password", {"password": PASSWORD}).status_code == 303

    assert client.get("/me").status_code == 200
    assert 'name="old"' in client.get("/me/password").get_data(as_text=True)
    assert come_in(app.test_client()).headers["Location"] == "/"


def test_with_a_password_of_one_s_own_the_old_one_is_proved_however_one_came_in(client: FlaskClient) -> None:
    a_person()
    ask(client)
    type_in(client, newest())

    answer = post(client, "/me/password", {"password": "another long password"})

    assert answer.status_code == 401


def test_staff_with_a_temporary_password_prove_it_however_they_came_in(client: FlaskClient) -> None:
    with transaction():
        person, secret = accounts.enlist(PHONE, "赵乡镇", by="test")
        accounts.appoint(person.id, Role.COUNTY, "county", by="test", because="任命")
    ask(client)
    type_in(client, newest())

    assert 'name="old"' in client.get("/me/password").get_data(as_text=True)
    assert post(client, "/me/password", {"password": "Another-long-1"}).status_code == 401
    assert post(client, "/me/password", {"old": secret, "password": "Another-long-1"}).status_code == 303


def test_staff_over_tls_are_led_to_the_second_factor(people: Database, settings: Settings) -> None:
    person = a_person()
    with transaction():
        accounts.appoint(person.id, Role.COUNTY, "county", by="test", because="任命")
    secure = an_app(people, replace(settings, public_url="https://localhost"), step_up_needed=True)

    assert _by_code_over_tls(secure.test_client()) == "/me/totp"
    enrol(signed_in_viewer(enter()))
    session().rollback()
    with at(later(seconds=61)):
        assert _by_code_over_tls(secure.test_client()) == "/me/step-up?next=/orders"


def _by_code_over_tls(client: FlaskClient) -> str:
    site = "https://localhost"
    headers = {"Referer": f"{site}/sign-in"}

    def token(page: str) -> str:
        html = client.get(page, base_url=site).get_data(as_text=True)
        (found, *_rest) = re.findall(r'name="csrf_token"[^>]*value="([^"]+)"', html)
        return str(found)

    asked = {"csrf_token": token("/sign-in/code"), "phone": PHONE}
    client.post("/sign-in/code", base_url=site, headers=headers, data=asked)
    typed = {"csrf_token": token("/sign-in/code/check"), "code": newest()}
    answer = client.post("/sign-in/code/check?next=/orders", base_url=site, headers=headers, data=typed)
    return answer.headers["Location"]


def test_many_requests_from_one_address_are_refused_by_the_shell_as_well(client: FlaskClient) -> None:
    token = csrf(client, "/sign-in/code")
    statuses = [client.post("/sign-in/code", data={"csrf_token": token, "phone": "x"}).status_code for _ in range(21)]

    assert statuses == [*[422] * 20, 429]


def test_the_page_says_where_the_code_is_while_no_text_reaches_a_phone(people: Database, client: FlaskClient) -> None:
    ask(client, UNKNOWN)

    assert "还没有接短信服务" in client.get("/sign-in/code/check").get_data(as_text=True)
    sending.use(Gateways(unless=lambda: True), on=people)
    assert "示例县不往外发短信" in client.get("/sign-in/code/check").get_data(as_text=True)


def test_signing_in_by_password_stays_as_it_was(client: FlaskClient) -> None:
    a_person()
    ask(client)

    assert come_in(client, PHONE, PASSWORD).status_code == 303

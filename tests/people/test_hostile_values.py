"""Whatever is typed into any field about people, the answer is a refusal in words, never a fault."""

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import func, select

from app.kernel.db import Database, session, transaction
from app.people.accounts import service as accounts
from app.people.accounts.models import Person, RoleGrant
from app.people.accounts.states import Role
from app.people.growers.models import Seller
from app.web.security import limiter
from config import Settings
from tests.people.cast import MENGMEN, a_person, an_applicant
from tests.people.shell import an_app, come_in, csrf

HOSTILE = [
    "\0",
    "a\0b",
    "' OR '1'='1",
    "'; DROP TABLE people; --",
    '"><script>alert(1)</script>',
    "{{ 7*7 }}",
    "%s%n%d",
    "../../etc/passwd",
    "\u202e\u200b\ufeff",
    "\ud7ff\ue000\U0010ffff",
    "🙂" * 300,
    "枣" * 20_000,
    "9" * 400,
    "-1",
    "1e309",
    "NaN",
    "٣",
    "\r\nSet-Cookie: x=y",
    " " * 500,
    "None",
    "true",
    "[]",
]
FORMS = {
    "/sign-in": {"phone": "13911112222", "password": "some long password"},
    "/sign-in/code": {"phone": "13911112222"},
    "/sign-in/code/check": {"code": "123456"},
    "/sign-up": {"phone": "13911112222", "name": "钱", "password": "some long password", "consent": "y"},
    "/me/password": {"old": "some long password", "password": "another long password"},
    "/me/totp/confirmation": {"code": "123456"},
    "/me/step-up": {"code": "123456"},
    "/desk/people": {"phone": "13911112222"},
    "/desk/people/{person}/grants": {"role": "township_official", "township_code": MENGMEN, "because": "新近到任"},
    "/desk/people/{person}/grants/1/end": {"because": "调离本县"},
    "/desk/people/{person}/disabling": {"because": "账号被盗用"},
    "/grower/apply": {
        "kind": "household",
        "name": "王家枣园",
        "township_code": MENGMEN,
        "village": "某村",
        "head_name": "王",
        "members": "3",
        "licence_no": "SC1",
        "words": "好",
        "request_key": "k",
    },
    "/grower/identity": {"resident_id": "11010519491231002X", "consent": "y"},
    "/grower/identity/withdrawal": {"x": "y"},
    "/desk/growers/{seller}/verification": {"because": "上门看过枣园"},
    "/desk/growers/{seller}/phone": {"because": "通知来开会"},
    "/desk/growers/{seller}/resident-id": {"because": "通知来开会"},
    "/me/sign-ins/end-others": {"x": "y"},
}
CASES = [(path, field) for path, fields in FORMS.items() for field in fields]
FREE_TEXT = {"village", "licence_no", "words", "name", "head_name", "because", "x", "consent", "request_key"}


@pytest.fixture
def app(people: Database, settings: Settings) -> Flask:
    """The pages."""
    return an_app(people, settings)


def client_of(app: Flask, path: str) -> FlaskClient:
    """Somebody who may use this form."""
    role = Role.ADMIN if path.startswith("/desk/people") else Role.TOWNSHIP
    person = a_person("13900000001", "某人")
    scope = "county" if role is Role.ADMIN else f"township:{MENGMEN}"
    with transaction():
        accounts.appoint(person.id, role, scope, by="test", because="任命")
    client = app.test_client()
    come_in(client, "13900000001")
    if path == "/sign-in/code/check":
        limiter.reset()
        client.post("/sign-in/code", data={"csrf_token": csrf(client, "/me/password"), "phone": "13911112222"})
    return client


@pytest.mark.parametrize(("path", "field"), CASES, ids=[f"{path}-{field}" for path, field in CASES])
def test_a_hostile_value_is_refused_in_words(app: Flask, path: str, field: str) -> None:
    client = client_of(app, path)
    person, seller = a_person(), an_applicant()
    token = csrf(client)
    before = rows()

    for value in HOSTILE:
        data = {**FORMS[path], field: value, "csrf_token": token}
        answer = client.post(path.format(person=person.id, seller=seller.id), data=data)

        assert answer.status_code < 500, (path, field, value[:40])
        if field not in FREE_TEXT and path != "/sign-up":
            assert answer.status_code >= 400, (path, field, value[:40])
        assert "<script>alert" not in answer.get_data(as_text=True)
    if field not in FREE_TEXT and path != "/sign-up":
        assert rows() == before


def rows() -> tuple[int, ...]:
    """How many people, grants and sellers there are."""
    session().rollback()
    return tuple(session().scalars(select(func.count()).select_from(one)).one() for one in (Person, RoleGrant, Seller))


@pytest.mark.parametrize("path", FORMS)
def test_an_empty_form_is_refused_in_words(app: Flask, path: str) -> None:
    client = client_of(app, path)
    person, seller = a_person(), an_applicant()

    answer = client.post(path.format(person=person.id, seller=seller.id), data={"csrf_token": csrf(client)})

    assert answer.status_code in (303, 401, 404, 422)


def test_a_cookie_of_random_bytes_is_nobody(app: Flask) -> None:
    for value in ("x", "eyJzaWduX2luIjoieCJ9.x.x", "\x7f" * 50, "." * 4000):
        client = app.test_client()
        client.set_cookie("liulin", value)
        assert client.get("/me").status_code == 303


@pytest.mark.parametrize("value", [1, None, ["x"], {"a": 1}, "x" * 5000, "\0"])
def test_a_signed_cookie_with_another_kind_of_value_is_nobody(app: Flask, value: object) -> None:
    a_person()
    client = app.test_client()
    with client.session_transaction() as cookie:
        cookie["_user_id"] = value
        cookie["device"] = value

    assert client.get("/me").status_code == 303
    with client.session_transaction() as cookie:
        cookie["_user_id"] = value
        cookie["device"] = value
    assert come_in(client).status_code == 303

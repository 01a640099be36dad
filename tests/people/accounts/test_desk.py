"""The desk for people: found by the exact number, roles given and taken, numbers opened on record."""

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from app.kernel.db import Database, session, transaction
from app.people.accounts import queries
from app.people.accounts import service as accounts
from app.people.accounts.models import Disclosure, Person
from app.people.accounts.states import Role
from config import Settings
from tests.people.cast import MENGMEN, PHONE, a_person, enrol, enter, signed_in_viewer, who
from tests.people.shell import an_app, come_in, post

ADMIN = "13900000001"
COUNTY = {"role": "county_official", "township_code": "", "because": "新近到任"}


@pytest.fixture
def app(people: Database, settings: Settings) -> Flask:
    """The pages."""
    return an_app(people, settings)


@pytest.fixture
def li(app: Flask) -> Person:
    """Somebody without a role."""
    return a_person()


def client_of(app: Flask, phone: str, role: Role, scope: str = "county") -> FlaskClient:
    person = a_person(phone, "某人")
    with transaction():
        accounts.appoint(person.id, role, scope, by="test", because="任命")
    client = app.test_client()
    assert come_in(client, phone).status_code == 303
    return client


@pytest.fixture
def admin(app: Flask) -> FlaskClient:
    """An administrator's browser."""
    return client_of(app, ADMIN, Role.ADMIN)


def roles_of(person: Person) -> list[tuple[str, str]]:
    session().rollback()
    return [(grant.role.value, grant.scope) for grant in queries.grants_of(person.id)]


def test_a_person_is_found_by_the_exact_number_and_shown_masked(admin: FlaskClient, li: Person) -> None:
    answer = post(admin, "/desk/people", {"phone": "138 0000 1234"})
    assert answer.headers["Location"] == f"/desk/people/{li.id}"

    page = admin.get(answer.headers["Location"]).get_data(as_text=True)

    assert "138****1234" in page
    assert PHONE not in page


@pytest.mark.parametrize(("phone", "status"), [("13911112222", 404), ("1380000", 422), ("", 422), ("x" * 5000, 422)])
def test_a_number_that_nobody_has_finds_nobody(admin: FlaskClient, li: Person, phone: str, status: int) -> None:
    assert post(admin, "/desk/people", {"phone": phone}).status_code == status


def test_a_township_role_is_granted_and_ended(admin: FlaskClient, li: Person) -> None:
    answer = post(
        admin,
        f"/desk/people/{li.id}/grants",
        {"role": "township_official", "township_code": MENGMEN, "because": "新近到任"},
    )
    assert answer.status_code == 303
    assert roles_of(li) == [("township_official", f"township:{MENGMEN}")]
    assert "孟门镇" in admin.get(f"/desk/people/{li.id}").get_data(as_text=True)
    assert "李枣花" in admin.get("/desk/people").get_data(as_text=True)

    grant_id = queries.grants_of(li.id)[0].id
    ended = post(admin, f"/desk/people/{li.id}/grants/{grant_id}/end", {"because": "调离本县"})

    assert ended.status_code == 303
    assert roles_of(li) == []


@pytest.mark.parametrize(
    ("changed", "status"),
    [
        ({"because": ""}, 422),
        ({"because": "短"}, 422),
        ({"township_code": ""}, 422),
        ({"township_code": "141125202"}, 422),
        ({"role": "seller"}, 422),
        ({"role": "buyer"}, 422),
        ({"role": "emperor"}, 422),
        ({"role": "\0"}, 422),
    ],
)
def test_what_does_not_fit_is_refused_at_its_field(
    admin: FlaskClient, li: Person, changed: dict[str, str], status: int
) -> None:
    data = {"role": "township_official", "township_code": MENGMEN, "because": "新近到任", **changed}

    answer = post(admin, f"/desk/people/{li.id}/grants", data)

    assert answer.status_code == status
    assert "还不能提交" in answer.get_data(as_text=True)
    assert roles_of(li) == []


def test_roles_that_exclude_each_other_are_refused(admin: FlaskClient, li: Person) -> None:
    post(admin, f"/desk/people/{li.id}/grants", {"role": "auditor", "township_code": "", "because": "审计局委派"})

    answer = post(
        admin, f"/desk/people/{li.id}/grants", {"role": "county_official", "township_code": "", "because": "新近到任"}
    )

    assert answer.status_code == 409
    assert "督查·审计" in answer.get_data(as_text=True)
    assert roles_of(li) == [("auditor", "county")]


def test_the_administrator_cannot_give_himself_a_role(admin: FlaskClient) -> None:
    own = queries.by_phone(ADMIN)
    assert own is not None

    answer = post(
        admin, f"/desk/people/{own.id}/grants", {"role": "county_official", "township_code": "", "because": "给我自己"}
    )

    assert answer.status_code == 403
    assert roles_of(own) == [("administrator", "county")]


def test_an_account_is_disabled_and_out_at_once(admin: FlaskClient, li: Person) -> None:
    token = enter()

    assert post(admin, f"/desk/people/{li.id}/disabling", {"because": "账号被盗用"}).status_code == 303

    session().rollback()
    assert who(token) is None
    assert "已停用" in admin.get(f"/desk/people/{li.id}").get_data(as_text=True)


def test_a_county_official_opens_a_number_once_and_on_record(app: Flask, li: Person) -> None:
    client = client_of(app, "13900000003", Role.COUNTY)

    answer = post(client, f"/desk/people/{li.id}/phone", {"because": "核对收货纠纷"})

    assert PHONE in answer.get_data(as_text=True)
    assert answer.headers["Cache-Control"] == "no-store"
    session().rollback()
    assert session().scalars(select(Disclosure.person_id)).one() == li.id
    assert PHONE not in client.get(f"/desk/people/{li.id}").get_data(as_text=True)


def test_without_a_reason_the_number_stays_masked(app: Flask, li: Person) -> None:
    client = client_of(app, "13900000003", Role.COUNTY)

    answer = post(client, f"/desk/people/{li.id}/phone", {"because": "看看"})

    assert answer.status_code == 422
    assert PHONE not in answer.get_data(as_text=True)


def test_the_administrator_opens_no_number(admin: FlaskClient, li: Person) -> None:
    assert post(admin, f"/desk/people/{li.id}/phone", {"because": "核对收货纠纷"}).status_code == 403


def test_buyers_have_no_desk(app: Flask, li: Person) -> None:
    client = app.test_client()
    come_in(client)

    for path in ("/desk/people", f"/desk/people/{li.id}"):
        assert client.get(path).status_code == 403
    for path in ("grants", "disabling", "phone", "grants/1/end"):
        assert post(client, f"/desk/people/{li.id}/{path}", {"because": "想当然吧"}).status_code == 403


def test_the_auditor_reads_and_changes_nothing(app: Flask, li: Person) -> None:
    client = client_of(app, "13900000004", Role.AUDITOR)

    assert client.get(f"/desk/people/{li.id}").status_code == 200
    for path in ("grants", "disabling", "phone", "grants/1/end"):
        assert post(client, f"/desk/people/{li.id}/{path}", {"because": "想当然吧"}).status_code == 403


def test_a_grant_over_tls_asks_for_the_second_factor_first(people: Database, settings: Settings) -> None:
    li, person = a_person(), a_person(ADMIN, "管理员")
    with transaction():
        accounts.appoint(person.id, Role.ADMIN, "county", by="test", because="任命")
    strict = an_app(people, settings, step_up_needed=True)
    client = strict.test_client()
    come_in(client, ADMIN)
    data = COUNTY
    assert client.get("/desk/people").status_code == 403

    with client.session_transaction() as cookie:
        token = cookie["_user_id"]
    session().rollback()
    enrol(signed_in_viewer(token))

    assert post(client, f"/desk/people/{li.id}/grants", data).status_code == 303
    assert roles_of(li) == [("county_official", "county")]


@pytest.mark.parametrize("number", ["999999", "9" * 40, "x", "-1"])
def test_a_person_who_is_not_there_is_not_found(admin: FlaskClient, number: str) -> None:
    assert admin.get(f"/desk/people/{number}").status_code == 404


@pytest.mark.parametrize("after", ["x", "W10", "WyJhIl0", "\0", "9" * 3000])
def test_a_made_up_place_in_the_list_is_refused(admin: FlaskClient, after: str) -> None:
    assert admin.get("/desk/people", query_string={"after": after}).status_code in (200, 422)

"""The page on which a mail address is given, confirmed and removed; whatever is typed, it answers in words."""

from collections.abc import Iterator

import pytest
from flask import Flask
from flask.testing import FlaskClient

from app.gateways.mail import SmtpMail
from app.kernel.db import Database, session
from app.kernel.permissions import Viewer
from app.people.messages import queries, sending
from app.people.messages.sending import Gateways
from config import Settings
from tests.fakes.smtp_server import SmtpServer
from tests.people.cast import a_person, viewer_for
from tests.people.messages.mailing import ADDRESS, carry, code_for, code_in, confirmed, mailboxes, mails, wrong_for
from tests.people.shell import an_app, come_in, csrf, post, text_of

GIVEN = {"address": ADDRESS, "consent": "y"}
HOSTILE = (
    *("", " ", "li", "li@", "@", "<script>alert(1)</script>@example.com", "li@example.com\r\nBcc: all@example.com"),
    *("li@example.com, all@example.com", "' OR 1=1 --", "{{7*7}}@example.com{%x%}", "a" * 100_000, "\0", "\ud7ff"),
    *("li@例子", "١٢٣@example.com", "li@localhost", "javascript:alert(1)", "-1", "9" * 400),
)


@pytest.fixture
def li(people: Database) -> Viewer:
    return viewer_for(a_person())


@pytest.fixture
def server(people: Database) -> Iterator[SmtpServer]:
    """A mail server that the database's mails go through."""
    with SmtpServer() as server:
        sending.use(Gateways(mail=SmtpMail(server.url)), on=people)
        yield server
        sending.use(None, on=people)


@pytest.fixture
def client(li: Viewer, people: Database, settings: Settings) -> FlaskClient:
    """Li's browser."""
    app: Flask = an_app(people, settings)
    client = app.test_client()
    come_in(client)
    return client


def test_an_address_is_given_confirmed_and_removed(server: SmtpServer, client: FlaskClient, li: Viewer) -> None:
    assert "/me/mail" in client.get("/me").text
    assert post(client, "/me/mail", GIVEN).status_code == 303
    page = client.get("/me/mail").text
    assert ADDRESS in page
    assert "等您确认" in page
    carry()

    assert post(client, "/me/mail/confirmation", {"code": code_in(server)}).status_code == 303
    page = client.get("/me/mail").text
    assert "已确认" in page
    assert "六位确认码" not in page

    assert post(client, "/me/mail/removal").status_code == 303
    assert ADDRESS not in client.get("/me/mail").text
    assert mailboxes() == []
    assert post(client, "/me/mail/removal").status_code == 404


def test_without_the_tick_no_address_is_kept(server: SmtpServer, client: FlaskClient) -> None:
    answer = post(client, "/me/mail", {"address": ADDRESS})

    assert answer.status_code == 422
    assert "请先勾选同意" in answer.text
    assert (mailboxes(), mails()) == ([], [])


@pytest.mark.parametrize("typed", HOSTILE, ids=range(len(HOSTILE)))
def test_what_is_no_address_is_refused_in_words_and_nothing_is_kept(
    server: SmtpServer, client: FlaskClient, typed: str
) -> None:
    answer = post(client, "/me/mail", {"address": typed, "consent": "y"})

    assert answer.status_code == 422
    assert 'id="address-error"' in answer.text
    assert "<script>alert" not in answer.text
    assert (mailboxes(), mails()) == ([], [])


@pytest.mark.parametrize("typed", HOSTILE, ids=range(len(HOSTILE)))
def test_what_is_no_code_is_refused_in_words(server: SmtpServer, client: FlaskClient, typed: str) -> None:
    post(client, "/me/mail", GIVEN)

    answer = post(client, "/me/mail/confirmation", {"code": typed})

    assert answer.status_code == 422
    assert 'id="code-error"' in answer.text
    assert mailboxes()[0].confirmed_at is None


def test_a_code_without_an_address_is_refused(server: SmtpServer, client: FlaskClient) -> None:
    assert post(client, "/me/mail/confirmation", {"code": "123456"}).status_code == 422


def test_the_sixth_guess_waits(server: SmtpServer, client: FlaskClient, li: Viewer) -> None:
    post(client, "/me/mail", GIVEN)
    session().rollback()
    wrong, right = wrong_for(li), code_for(li)
    for _ in range(5):
        assert post(client, "/me/mail/confirmation", {"code": wrong}).status_code == 422

    answer = post(client, "/me/mail/confirmation", {"code": right})

    assert (answer.status_code, answer.headers["Retry-After"]) == (429, "900")
    assert "15 分钟" in answer.text


def test_the_fourth_code_within_an_hour_waits(server: SmtpServer, client: FlaskClient) -> None:
    for _ in range(3):
        assert post(client, "/me/mail", GIVEN).status_code == 303

    answer = post(client, "/me/mail", GIVEN)

    assert (answer.status_code, answer.headers["Retry-After"]) == (429, "3600")
    assert len(mails()) == 3


def test_nobody_learns_that_another_has_the_same_address(server: SmtpServer, client: FlaskClient, li: Viewer) -> None:
    fresh = post(client, "/me/mail", {**GIVEN, "address": "new@example.com"})
    before = text_of(client.get("/me/mail")).replace("new@example.com", ADDRESS)
    confirmed(viewer_for(a_person("13700000001", "王枣林")))

    taken = post(client, "/me/mail", GIVEN)

    assert taken.status_code == fresh.status_code
    assert text_of(client.get("/me/mail")) == before
    session().rollback()
    assert queries.mailed_among([li.person_id]) == frozenset()


def test_where_there_is_no_mail_the_page_says_so_and_takes_nothing(client: FlaskClient) -> None:
    page = client.get("/me/mail").text
    assert "县里还没有接邮件服务" in page
    assert 'name="address"' not in page

    assert post(client, "/me/mail", GIVEN).status_code == 409
    assert mailboxes() == []


def test_a_form_from_elsewhere_is_refused(server: SmtpServer, client: FlaskClient) -> None:
    csrf(client)

    assert client.post("/me/mail", data=GIVEN).status_code == 403
    assert client.post("/me/mail/removal").status_code == 403

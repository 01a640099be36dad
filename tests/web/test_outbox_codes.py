"""The desk opens a sign-in code only while no text reaches a phone: freely where all are examples, else on record."""

import json
from collections.abc import Iterator
from dataclasses import replace

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from app.audit.models import AuditRow
from app.demo.models import DemoCounty
from app.factory import create_app
from app.gateways.sms import HttpSms
from app.kernel import clock
from app.kernel.db import Database, session, transaction
from app.kernel.permissions import Viewer
from app.people.messages import sending
from app.people.messages.sending import Gateways
from config import Settings
from tests.fakes.sms_server import SmsServer
from tests.people.phone_codes.coding import ask, code_of, enter, phone_of, texts, work
from tests.web.browsing import form_to, forms_of, signed_in


@pytest.fixture
def code(county: Database, li: Viewer) -> str:
    """What Li is to type; the text with it went to the log."""
    request = ask(phone_of(li.person_id))
    work()
    return code_of(request)


@pytest.fixture
def provider(db: Database) -> Iterator[SmsServer]:
    """A provider that the database's texts go through."""
    with SmsServer() as server:
        sending.use(Gateways(sms=HttpSms(server.url)), on=db)
        yield server
        sending.use(None, on=db)


def opening() -> str:
    return f"/desk/outbox/texts/{texts()[-1].id}/code"


def opened(client: FlaskClient) -> str:
    """What the administrator sees who opens the code of the newest text."""
    path = opening()
    form = form_to(client, "/desk/outbox?state=sent", path)
    page = client.post(path, data=form.fields)
    assert (page.status_code, page.headers["Cache-Control"]) == (200, "no-store")
    return page.text


def test_where_no_text_reaches_a_phone_the_administrator_opens_a_code_and_that_is_on_record(
    app: Flask, li: Viewer, zhou: Viewer, code: str
) -> None:
    client = signed_in(app, zhou)

    assert code not in client.get("/desk/outbox?state=sent").text
    assert code in opened(client)

    told = session().scalars(select(AuditRow.details).where(AuditRow.act == "messages.code_opened")).one()
    assert json.loads(told) == {"person": li.person_id}
    assert enter(code, phone_of(li.person_id)).person_id == li.person_id


@pytest.mark.parametrize("who", ["qian", "sun"])
def test_whoever_only_reads_the_desk_opens_no_code(
    app: Flask, code: str, who: str, request: pytest.FixtureRequest
) -> None:
    client = signed_in(app, request.getfixturevalue(who))

    page = client.get("/desk/outbox?state=sent")
    path, data = opening(), forms_of(client, "/me/password")[0].fields

    assert "登录验证码" in page.text
    assert (code in page.text, path in page.text) == (False, False)
    assert client.post(path, data=data).status_code == 403


def test_a_code_that_was_used_is_opened_by_nobody(app: Flask, li: Viewer, zhou: Viewer, code: str) -> None:
    client = signed_in(app, zhou)
    path = opening()
    data = form_to(client, "/desk/outbox?state=sent", path).fields
    enter(code, phone_of(li.person_id))

    assert path not in client.get("/desk/outbox?state=sent").text
    assert client.post(path, data=data).status_code == 404


def test_once_texts_reach_phones_no_code_is_opened_by_anybody(
    app: Flask, provider: SmsServer, zhou: Viewer, code: str
) -> None:
    client = signed_in(app, zhou)
    path, data = opening(), forms_of(client, "/me/password")[0].fields

    page = client.get("/desk/outbox?state=sent").text

    assert code in provider.taken[-1].words
    assert "登录验证码" in page
    assert (code in page, path in page) == (False, False)
    assert client.post(path, data=data).status_code == 404


@pytest.mark.corrupts
def test_in_the_demo_county_the_desk_shows_the_code_whatever_gateway_is_set(
    assembled: Flask, settings: Settings, li: Viewer, qian: Viewer, zhou: Viewer
) -> None:
    with transaction() as current:
        current.add(DemoCounty(id=1, seed=1, made_at=clock.now()))
    with SmsServer() as phones:
        connected = create_app(replace(settings, sms_url=phones.url))
        theirs: Database = connected.extensions["liulin.database"]
        with theirs.unit_of_work():
            request = ask(phone_of(li.person_id))
            work()
            code = code_of(request)
            pages = [signed_in(connected, one).get("/desk/outbox?state=sent").text for one in (zhou, qian)]
            session().rollback()
        theirs.dispose()

    assert [code in page for page in pages] == [True, True]
    assert phones.asked == []

"""The desk sees mails masked beside the texts; codes only where all are examples, and from there nothing goes."""

from collections.abc import Iterator
from dataclasses import replace

import pytest
from flask import Flask

from app.demo.models import DemoCounty
from app.factory import create_app
from app.gateways.mail import SmtpMail
from app.kernel import clock
from app.kernel.db import Database, session, transaction
from app.kernel.permissions import Viewer
from app.people.messages import sending, service
from app.people.messages.sending import Gateways
from app.people.messages.states import Way
from config import Settings
from tests.fakes.sms_server import SmsServer
from tests.fakes.smtp_server import Fault, SmtpServer
from tests.people.messages.mailing import ADDRESS, ask, carry, code_for, confirmed
from tests.web.browsing import signed_in


@pytest.fixture
def server(db: Database) -> Iterator[SmtpServer]:
    """A mail server that the database's mails go through."""
    with SmtpServer() as server:
        sending.use(Gateways(mail=SmtpMail(server.url)), on=db)
        yield server


def test_a_mail_that_was_refused_is_seen_masked_with_its_sentence(
    app: Flask, server: SmtpServer, li: Viewer, zhou: Viewer
) -> None:
    confirmed(li)
    carry()
    with transaction():
        service.tell([li.person_id], "订单 D123456 发货了", link="/orders")
    server.faults.append(Fault.NO_SUCH_BOX)
    carry()

    page = signed_in(app, zhou).get("/desk/outbox").text

    assert "l***@example.com" in page
    assert "订单 D**** 发货了" in page
    assert "answered 550" in page
    assert ADDRESS not in page


def test_a_waiting_code_is_shown_to_nobody(app: Flask, server: SmtpServer, li: Viewer, zhou: Viewer) -> None:
    ask(li)
    code = code_for(li)

    page = signed_in(app, zhou).get("/desk/outbox?state=waiting").text

    assert "柳林红枣：邮箱确认码" in page
    assert code not in page


@pytest.mark.corrupts
def test_in_the_demo_county_nothing_goes_out_and_the_desk_shows_the_code(
    assembled: Flask, db: Database, settings: Settings, li: Viewer, zhou: Viewer
) -> None:
    with transaction() as current:
        current.add(DemoCounty(id=1, seed=1, made_at=clock.now()))
    with SmtpServer() as server, SmsServer() as phones:
        connected = create_app(replace(settings, mail_url=server.url, sms_url=phones.url))
        theirs: Database = connected.extensions["liulin.database"]
        with theirs.unit_of_work():
            ask(li)
            code = code_for(li)
            with transaction():
                service.text([li.person_id], "订单发货了。")
            page = signed_in(connected, zhou).get("/desk/outbox?state=waiting").text
            session().rollback()
            assert (sending.send_due(Way.MAIL), sending.send_due(Way.TEXT)) == (1, 1)
        theirs.dispose()

        assert code in page
        assert "示例县，不外发" in page
        assert (server.tried, phones.asked) == (0, [])

"""The desk sees what is on its way out, masked; the administrator gives it another try, and that is on record."""

import pytest
from flask import Flask
from sqlalchemy import select

from app.kernel import events
from app.kernel.db import session, transaction
from app.kernel.events import OutboxRow
from app.kernel.permissions import Viewer
from app.people.accounts import queries as accounts
from app.people.messages import sending, service
from app.people.messages.models import OutgoingText
from app.people.messages.states import TextState
from app.trade.orders.events import OrderPlaced
from tests.cast import answer, at, later
from tests.web.browsing import forms_of, signed_in

WORDS = "验证码 482913，订单退 68.00 元"


@pytest.fixture
def given_up(li: Viewer) -> int:
    """A text to Li that was given up; its id."""
    with transaction():
        service.text([li.person_id], WORDS)
    with at(later(days=2)):
        sending.send_due()
    return texts()[0].id


@pytest.fixture
def dead(li: Viewer) -> int:
    """A job that was given up with an error that names a value; its id."""
    with transaction():
        events.emit(OrderPlaced(number="D-none", seller_id=1, buyer_id=li.person_id))
    with transaction() as current:
        row = current.scalars(select(OutboxRow)).one()
        row.attempts, row.dead_at = 8, row.created_at
        row.last_error = "IntegrityError: no such order\n[parameters: ('13812345678', '李晓月')]"
    return rows()[0].id


def texts() -> list[OutgoingText]:
    session().rollback()
    return list(session().scalars(select(OutgoingText).order_by(OutgoingText.id)))


def rows() -> list[OutboxRow]:
    session().rollback()
    return list(session().scalars(select(OutboxRow).order_by(OutboxRow.id)))


def test_numbers_and_codes_are_hidden_on_the_page(app: Flask, li: Viewer, zhou: Viewer, given_up: int) -> None:
    phone = accounts.phone_of(accounts.person(li.person_id))

    page = signed_in(app, zhou).get("/desk/outbox").text

    assert "验证码 ****，订单退 68.00 元" in page
    assert f"{phone[:3]}****{phone[-4:]}" in page
    assert phone not in page
    assert "还没有接短信网关" in page


@pytest.mark.corrupts
def test_an_error_is_shown_without_the_values_in_it(app: Flask, zhou: Viewer, dead: int) -> None:
    page = signed_in(app, zhou).get("/desk/outbox").text

    assert "no such order" in page
    assert "13812345678" not in page
    assert "parameters" not in page


def test_the_administrator_lets_a_text_go_again_under_its_own_name(app: Flask, zhou: Viewer, given_up: int) -> None:
    name = texts()[0].reference
    client = signed_in(app, zhou)
    (form,) = [one for one in forms_of(client, "/desk/outbox") if one.action.endswith("/again")]

    assert client.post(form.action, data=form.fields).status_code == 303

    (row,) = texts()
    assert (row.state, row.tries, row.reference) == (TextState.WAITING, 0, name)
    assert answer("SELECT count(*) FROM audit_rows WHERE act = 'messages.send_again'") == 1
    session().rollback()
    assert sending.send_due() == 1


def test_the_administrator_lets_a_job_be_done_again(app: Flask, zhou: Viewer, dead: int) -> None:
    client = signed_in(app, zhou)
    (form,) = [one for one in forms_of(client, "/desk/outbox") if "/jobs/" in one.action]

    assert client.post(form.action, data=form.fields).status_code == 303

    (row,) = rows()
    assert (row.dead_at, row.attempts) == (None, 0)
    assert answer("SELECT count(*) FROM audit_rows WHERE act = 'outbox.do_again'") == 1


def test_what_has_gone_does_not_go_again(app: Flask, li: Viewer, zhou: Viewer) -> None:
    with transaction():
        service.text([li.person_id], WORDS)
    session().rollback()
    sending.send_due()
    client = signed_in(app, zhou)
    fields = next(form for form in forms_of(client, "/me") if "csrf_token" in form.fields).fields

    sent = texts()[0]
    assert client.post(f"/desk/outbox/texts/{sent.id}/again", data=fields).status_code == 409
    assert client.post("/desk/outbox/texts/999999/again", data=fields).status_code == 404
    assert client.post("/desk/outbox/jobs/999999/again", data=fields).status_code == 404
    assert client.post("/desk/outbox/jobs/0/again", data=fields).status_code == 404
    assert client.post(f"/desk/outbox/texts/{'9' * 30}/again", data=fields).status_code == 404
    assert texts()[0].state is TextState.SENT


def test_county_and_auditor_look_and_touch_nothing(app: Flask, qian: Viewer, sun: Viewer, given_up: int) -> None:
    for who in (qian, sun):
        client = signed_in(app, who)
        assert [one for one in forms_of(client, "/desk/outbox") if one.action.endswith("/again")] == []
        fields = next(form for form in forms_of(client, "/me") if "csrf_token" in form.fields).fields
        assert client.post(f"/desk/outbox/texts/{given_up}/again", data=fields).status_code == 403

    assert texts()[0].state is TextState.GIVEN_UP


@pytest.mark.parametrize("state", ["sent", "failed", "x", "", "\0", "枣"])
def test_any_state_in_the_address_is_answered(app: Flask, zhou: Viewer, given_up: int, state: str) -> None:
    assert signed_in(app, zhou).get("/desk/outbox", query_string={"state": state}).status_code == 200

"""The worker dies while it sends a text; whoever comes next sends it again, and the phone gets it once."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import select

from app.gateways.sms import HttpSms
from app.kernel import clock, ids
from app.kernel.db import Database, database, session, transaction
from app.kernel.permissions import Viewer
from app.people.messages import sending, service
from app.people.messages.models import OutgoingText
from app.people.messages.sending import Gateways
from app.people.messages.states import TextState
from tests.cast import at, later
from tests.fakes.sms_server import SmsServer
from tests.faults.doomed import Doomed
from tests.faults.points import Point, after, before

pytestmark = [pytest.mark.durable, pytest.mark.timeout(120)]

WORDS = "订单发货了。"
POINTS = [
    before(sending, "_lease"),
    after(sending, "_lease"),
    before(HttpSms, "send"),
    after(HttpSms, "send"),
    before(sending, "_sent"),
    after(sending, "_sent"),
]


@pytest.fixture
def provider(county: Database) -> Iterator[SmsServer]:
    """The provider is not killed: it lives in the test's own process, which is also the one that carries on."""
    with SmsServer() as server:
        sending.use(Gateways(sms=HttpSms(server.url)), on=county)
        yield server
        sending.use(None, on=county)


@pytest.fixture
def child(county: Database, database_url: str, tmp_path: Path) -> Doomed:
    return Doomed(county, database_url, tmp_path / "last-words.txt")


def write(who: Viewer) -> None:
    with transaction():
        service.text([who.person_id], WORDS)


def texts() -> list[OutgoingText]:
    session().rollback()
    return list(session().scalars(select(OutgoingText).order_by(OutgoingText.id)))


@pytest.mark.parametrize("point", POINTS, ids=str)
def test_a_text_survives_a_kill_at_each_point(point: Point, child: Doomed, provider: SmsServer, li: Viewer) -> None:
    write(li)

    def work(step: object) -> None:
        sending.use(Gateways(sms=HttpSms(provider.url)), on=database())
        point.arm()
        sending.send_due()

    assert child.run(work), f"never came there: {point}"
    session().rollback()
    sending.send_due()
    with at(later(seconds=61)):
        sending.send_due()

    assert [one.state for one in texts()] == [TextState.SENT]
    assert len(provider.taken) == 1
    assert {one.id for one in provider.asked} == {texts()[0].reference}


def send_under_a_new_name() -> None:
    """What everybody writes first: send what waits, then write down that it went."""
    for row in session().scalars(select(OutgoingText).where(OutgoingText.state == TextState.WAITING)).all():
        number, words = row.id, row.words
        sms = sending._gateways[database()].sms
        assert sms is not None
        sms.send(to="13700000001", words=words, reference=ids.code())
        with transaction():
            row = session().get_one(OutgoingText, number)
            row.state, row.sent_at = TextState.SENT, clock.now()


def test_without_a_name_that_stays_a_text_whose_sender_died_is_seen_twice(
    child: Doomed, provider: SmsServer, li: Viewer
) -> None:
    write(li)

    def work(step: object) -> None:
        sending.use(Gateways(sms=HttpSms(provider.url)), on=database())
        after(HttpSms, "send").arm()
        send_under_a_new_name()

    assert child.run(work)
    session().rollback()
    send_under_a_new_name()

    assert len(provider.taken) == 2

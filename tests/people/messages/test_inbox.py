"""Growers are told what the township decided and why; each reads his own messages only."""

from collections.abc import Iterator

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy.exc import IntegrityError

from app.kernel import events
from app.kernel.db import Database, session, transaction
from app.people.growers import service as growers
from app.people.growers.events import SellerRefused, SellerSuspended, SellerVerified
from app.people.growers.models import Seller
from app.people.messages import hearers, queries, service, short
from config import Settings
from tests.people.cast import a_person, an_applicant, an_official, enter, signed_in_viewer
from tests.people.shell import an_app, come_in, post

WANG = "13700000001"


@pytest.fixture
def seller(people: Database) -> Iterator[Seller]:
    """An applicant, while decisions are heard."""
    kinds: tuple[type[short.Decided], ...] = (SellerVerified, SellerRefused, SellerSuspended)
    for kind in kinds:
        events.hear_now(kind, hearers.seller_decided)
    yield an_applicant()
    for kind in kinds:
        events._now[kind].remove(hearers.seller_decided)


@pytest.fixture
def client(seller: Seller, people: Database, settings: Settings) -> FlaskClient:
    """The grower's browser."""
    app: Flask = an_app(people, settings)
    client = app.test_client()
    come_in(client, WANG)
    return client


def words_of(phone: str) -> list[str]:
    session().rollback()
    return [one.words for one in queries.page_of(signed_in_viewer(enter(phone)), cursor=None).items]


def test_each_decision_is_told_with_its_reason_newest_first(seller: Seller) -> None:
    official = an_official()
    with transaction():
        growers.verify(seller.id, by=official, because="上门看过枣园")
    with transaction():
        growers.suspend(seller.id, by=official, because="抽检不合格")

    assert words_of(WANG) == [
        "“王家枣园”暂停销售，已经下的单请照常发货。原因：抽检不合格",
        "“王家枣园”核实通过了，现在就能上架卖枣。原因：上门看过枣园",
    ]


def test_a_decision_that_fails_tells_nothing(seller: Seller) -> None:
    official = an_official()

    def verify_and_break() -> None:
        growers.verify(seller.id, by=official, because="上门看过枣园")
        raise RuntimeError

    with pytest.raises(RuntimeError), transaction():
        verify_and_break()

    assert words_of(WANG) == []


def test_nobody_reads_another_s_messages(seller: Seller) -> None:
    a_person()
    with transaction():
        service.tell([seller.contact_person_id], "只给您看", link="/grower/")

    assert words_of("13800001234") == []


@pytest.mark.parametrize("link", ["https://evil.example", "//evil.example", "javascript:alert(1)", ""])
def test_a_message_leads_nowhere_but_here(seller: Seller, link: str) -> None:
    with pytest.raises(IntegrityError), transaction():
        service.tell([seller.contact_person_id], "看这里", link=link)


def test_the_inbox_shows_what_is_new_until_it_is_read(seller: Seller, client: FlaskClient) -> None:
    assert "还没有消息" in client.get("/me/messages").get_data(as_text=True)
    with transaction():
        service.tell([seller.contact_person_id], "枣会开了", link="/grower/")
    viewer = signed_in_viewer(enter(WANG))
    last = queries.page_of(viewer, cursor=None).items[0].id
    assert "枣会开了" in client.get("/me/messages").get_data(as_text=True)
    assert queries.unread(viewer) == 1
    with transaction():
        service.tell([seller.contact_person_id], "又来一条", link="/grower/")

    assert post(client, "/me/messages/reading", {"upto": str(last)}).status_code == 303

    session().rollback()
    assert queries.unread(viewer) == 1


@pytest.mark.parametrize("upto", ["", "x", "-1", "9" * 30, "\0"])
def test_a_made_up_number_reads_nothing(seller: Seller, client: FlaskClient, upto: str) -> None:
    with transaction():
        service.tell([seller.contact_person_id], "枣会开了", link="/grower/")

    assert post(client, "/me/messages/reading", {"upto": upto}).status_code == 303

    session().rollback()
    assert queries.unread(signed_in_viewer(enter(WANG))) == 1

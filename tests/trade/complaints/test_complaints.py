"""A complaint with answer and clock: whose turn it is follows from time alone, and nothing said is ever lost."""

from __future__ import annotations

import io
from collections.abc import Callable

import pytest
from flask import Flask
from flask.testing import FlaskClient
from PIL import Image
from sqlalchemy import select, text
from sqlalchemy.exc import DatabaseError

from app.insight.pending import queue as pending
from app.kernel import events
from app.kernel.db import Base, session, transaction
from app.kernel.errors import NotFound
from app.kernel.permissions import Viewer
from app.kernel.states import IllegalMove
from app.people.accounts.errors import NotSteppedUp
from app.people.accounts.states import Role
from app.people.growers.errors import OwnMatter
from app.people.messages.models import Message
from app.trade.catalog import media
from app.trade.catalog.models import Pack
from app.trade.complaints import pages, queries, service
from app.trade.complaints.errors import AlreadyOpen, ComplainedEnough, StillTheTownships, WordsMissing
from app.trade.complaints.models import Complaint, Entry
from app.trade.complaints.queries import Shelf
from app.trade.complaints.states import ComplaintState, Kind, Outcome, Side
from app.trade.orders.models import Order
from tests.cast import MENGMEN, a_viewer, an_order_of, answer, at, findings, later, pay, sql
from tests.web.browsing import form_to, signed_in
from tests.web.test_hostile_values import CORPUS

SECRET = "请打 13812345678，枣里有虫"


@pytest.fixture
def order(li: Viewer, wang: Viewer, qian: Viewer, gift_box: Pack) -> Order:
    placed = an_order_of(2, gift_box, buyer=li)
    pay(placed, by=qian)
    return placed


def complain(order: Order, *, by: Viewer, words: str = SECRET) -> Complaint:
    with transaction():
        return service.make(order.number, Kind.SPOILT, words, by=by)


def reply(one: Complaint, *, by: Viewer, words: str = "马上补发") -> None:
    with transaction():
        service.answer(one.number, words, by=by)


def dissent(order: Order, *, by: Viewer) -> None:
    with transaction():
        service.dissent(order.number, "没有收到补发", by=by)


def decide(one: Complaint, *, by: Viewer) -> None:
    with transaction():
        service.decide(one.number, Outcome.FOR_BUYER, "三天内补发两箱", by=by)


def fresh(one: Complaint) -> Complaint:
    session().rollback()
    session().expire_all()
    session().info.clear()
    return session().get_one(Complaint, one.id)


def turn(one: Complaint) -> tuple[ComplaintState, Side | None]:
    """Whose turn it is, as pages say it."""
    now = pages.turn_of(fresh(one))
    return now.state, now.holder


def said(one: Complaint) -> list[str]:
    return [entry.words for entry in queries.thread_of(fresh(one))]


def told(who: Viewer) -> list[str]:
    with transaction():
        events.drain()
    mine = select(Message.words).where(Message.person_id == who.person_id).order_by(Message.id)
    return list(session().scalars(mine))


def work() -> int:
    """The worker comes by."""
    with transaction():
        return service.pass_due(by="worker")


def test_a_complaint_goes_to_the_seller_and_he_is_told(order: Order, li: Viewer, wang: Viewer) -> None:
    one = complain(order, by=li)

    assert turn(one) == (ComplaintState.WAITING, Side.SELLER)
    assert any("三天内答复" in words for words in told(wang))
    assert said(one) == [SECRET]


def test_an_answer_goes_back_to_the_buyer(order: Order, li: Viewer, wang: Viewer) -> None:
    one = complain(order, by=li)

    reply(one, by=wang)

    assert turn(one) == (ComplaintState.ANSWERED, Side.BUYER)
    assert any("答复了您" in words for words in told(li))


def test_a_buyer_who_is_content_ends_it(order: Order, li: Viewer, wang: Viewer) -> None:
    one = complain(order, by=li)
    reply(one, by=wang)

    with transaction():
        service.settle(order.number, "", by=li)

    assert turn(one) == (ComplaintState.SETTLED, None)
    assert any("解决了" in words for words in told(wang))


def test_a_buyer_who_is_not_content_passes_it_to_the_sellers_township(
    order: Order, li: Viewer, wang: Viewer, zhao: Viewer
) -> None:
    one = complain(order, by=li)
    reply(one, by=wang)

    dissent(order, by=li)

    assert turn(one) == (ComplaintState.PASSED, Side.TOWNSHIP)
    assert any("买家对答复不满意" in words for words in told(zhao))
    decide(one, by=zhao)
    assert turn(one) == (ComplaintState.DECIDED, None)
    assert said(one) == [SECRET, "马上补发", "没有收到补发", "三天内补发两箱"]
    assert any("有处理结果" in words for words in told(li))
    assert any("有处理结果" in words for words in told(wang))


def test_a_sellers_silence_passes_it_on_by_time_alone(order: Order, li: Viewer, wang: Viewer, zhao: Viewer) -> None:
    one = complain(order, by=li)
    just_before, just_after = later(days=3, seconds=-30), later(days=3, seconds=30)

    with at(just_before):
        assert turn(one) == (ComplaintState.WAITING, Side.SELLER)
        assert queries.counts_in_scope(zhao)[Shelf.WAITING] == 0
    with at(just_after):
        assert turn(one) == (ComplaintState.PASSED, Side.TOWNSHIP)
        assert queries.counts_in_scope(zhao)[Shelf.WAITING] == 1
        assert [row.complaint.id for row in queries.page_in_scope(zhao, shelf=Shelf.WAITING, cursor=None).items] == [
            one.id
        ]
        with pytest.raises(IllegalMove):
            reply(one, by=wang)
        decide(one, by=zhao)
    assert turn(one) == (ComplaintState.DECIDED, None)


def test_the_job_tells_whom_the_clock_has_moved_and_only_once(
    order: Order, li: Viewer, wang: Viewer, zhao: Viewer, qian: Viewer
) -> None:
    complain(order, by=li)
    lapsed, late = later(days=4), later(days=11)

    with at(lapsed):
        assert work() == 1
        assert work() == 0
        for who in (li, wang, zhao):
            assert sum("卖家三天没有答复" in words for words in told(who)) == 1
        assert not any("过了期限" in words for words in told(qian))
    with at(late):
        assert work() == 1
        assert work() == 0
        assert sum("过了期限" in words for words in told(qian)) == 1


def test_the_county_acts_once_the_township_is_late_and_not_before(
    order: Order, li: Viewer, zhao: Viewer, qian: Viewer
) -> None:
    one = complain(order, by=li)
    in_time, late = later(days=5), later(days=11)

    with at(in_time), pytest.raises(StillTheTownships):
        decide(one, by=qian)
    with at(late):
        assert turn(one) == (ComplaintState.PASSED, Side.COUNTY)
        decide(one, by=qian)
    assert turn(one) == (ComplaintState.DECIDED, None)


def test_a_late_township_may_still_decide(order: Order, li: Viewer, zhao: Viewer) -> None:
    one = complain(order, by=li)

    with at(later(days=30)):
        decide(one, by=zhao)

    assert turn(one) == (ComplaintState.DECIDED, None)


def test_nobody_decides_while_the_seller_still_has_time(order: Order, li: Viewer, zhao: Viewer, qian: Viewer) -> None:
    one = complain(order, by=li)

    for official in (zhao, qian):
        with pytest.raises(IllegalMove):
            decide(one, by=official)


def test_a_buyers_silence_after_an_answer_ends_it_by_time_alone(order: Order, li: Viewer, wang: Viewer) -> None:
    one = complain(order, by=li)
    reply(one, by=wang)

    with at(later(days=8)):
        assert turn(one) == (ComplaintState.CLOSED, None)
        with pytest.raises(IllegalMove):
            dissent(order, by=li)
        assert work() == 1
    assert turn(one)[0] is ComplaintState.CLOSED
    assert findings() == {}


def test_an_order_has_one_open_complaint_and_three_in_all(order: Order, li: Viewer, wang: Viewer) -> None:
    complain(order, by=li)
    with pytest.raises(AlreadyOpen):
        complain(order, by=li)
    for _ in range(2):
        with transaction():
            service.settle(order.number, "", by=li)
        complain(order, by=li)
    with transaction():
        service.settle(order.number, "", by=li)

    with pytest.raises(ComplainedEnough):
        complain(order, by=li)


def test_another_complaint_may_follow_one_that_the_clock_has_ended(order: Order, li: Viewer, wang: Viewer) -> None:
    reply(complain(order, by=li), by=wang)

    with at(later(days=8)):
        complain(order, by=li)

    assert answer("SELECT count(*) FROM complaints") == 2


def test_everybody_may_add_words_while_it_is_open_and_nobody_afterwards(
    order: Order, li: Viewer, wang: Viewer, zhao: Viewer
) -> None:
    one = complain(order, by=li)
    with transaction():
        service.add_words(service.of_buyer(order.number, by=li), "又坏了一箱", Side.BUYER, by=li)
    with transaction():
        service.add_words(service.to_decide(one.number, by=zhao), "请卖家尽快", Side.TOWNSHIP, by=zhao)
    assert said(one) == [SECRET, "又坏了一箱", "请卖家尽快"]
    assert turn(one) == (ComplaintState.WAITING, Side.SELLER)

    with transaction():
        service.settle(order.number, "", by=li)
    with pytest.raises(IllegalMove), transaction():
        service.add_words(queries.of_seller(wang, one.number, lock=True), "再说一句", Side.SELLER, by=wang)


@pytest.mark.parametrize("words", ["", " ", "坏", "枣" * 1001])
def test_words_are_needed_and_bounded(order: Order, li: Viewer, words: str) -> None:
    with pytest.raises(WordsMissing):
        complain(order, by=li, words=words)


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE complaint_entries SET side = 'seller'",
        "DELETE FROM complaint_entries",
    ],
)
def test_what_was_said_can_be_neither_changed_nor_deleted(order: Order, li: Viewer, statement: str) -> None:
    complain(order, by=li)

    with pytest.raises(DatabaseError, match="append-only"):
        sql(statement)


def test_nothing_said_lies_anywhere_in_clear(order: Order, li: Viewer, wang: Viewer, zhao: Viewer) -> None:
    one = complain(order, by=li)
    reply(one, by=wang, words="虫子是后来生的")
    dissent(order, by=li)
    decide(one, by=zhao)
    told(li)

    session().rollback()
    for table in Base.metadata.sorted_tables:
        for row in session().execute(select(table)):
            cells = "\n".join(
                bytes(cell).decode("utf-8", "ignore") if isinstance(cell, bytes | memoryview) else str(cell)
                for cell in row
            )
            for words in (SECRET, "虫子是后来生的", "三天内补发两箱", "13812345678，"):
                assert words not in cells, table.name


def test_nobody_decides_about_his_own_purchase_or_his_own_shop(
    order: Order, li: Viewer, wang: Viewer, zhao: Viewer, gift_box: Pack
) -> None:
    buys_himself = complain(an_order_of(1, gift_box, buyer=zhao), by=zhao)
    one = complain(order, by=li)
    clerk_who_grows = a_viewer("王二", (Role.TOWNSHIP, f"township:{MENGMEN}"))
    sql(
        "INSERT INTO seller_memberships (seller_id, person_id, since) VALUES (:seller, :person, :at)",
        seller=order.seller_id,
        person=clerk_who_grows.person_id,
        at=str(order.placed_at)[:19],
    )

    with at(later(days=4)):
        with pytest.raises(OwnMatter):
            decide(buys_himself, by=zhao)
        with pytest.raises(OwnMatter):
            decide(one, by=clerk_who_grows)
    sql("UPDATE seller_memberships SET ended_at = since WHERE person_id = :person", person=clerk_who_grows.person_id)


def test_deciding_asks_for_the_second_factor(order: Order, li: Viewer, zhao: Viewer) -> None:
    one = complain(order, by=li)
    tired = Viewer(zhao.person_id, zhao.name, zhao.grants, zhao.rights, is_stepped_up=False)

    with at(later(days=4)), pytest.raises(NotSteppedUp):
        decide(one, by=tired)


def test_strangers_find_no_complaint(
    app: Flask, order: Order, li: Viewer, hu: Viewer, wang: Viewer, gao: Viewer, zhao: Viewer, sun: Viewer
) -> None:
    one = complain(order, by=li)
    elsewhere = a_viewer("郑三", (Role.TOWNSHIP, "township:141125105"))
    acts: tuple[Callable[[], object], ...] = (
        lambda: service.answer(one.number, "不是我的", by=gao),
        lambda: service.settle(order.number, "", by=hu),
        lambda: service.dissent(order.number, "不满意", by=hu),
        lambda: service.make(order.number, Kind.OTHER, "不是我的", by=hu),
        lambda: service.decide(one.number, Outcome.AGREED, "不归我管", by=elsewhere),
        lambda: service.decide(one.number, Outcome.AGREED, "审计不办", by=sun),
    )
    for act in acts:
        with pytest.raises(NotFound), transaction():
            act()
    assert signed_in(app, hu).get(f"/orders/{order.number}/complaint").status_code == 404
    assert signed_in(app, gao).get(f"/grower/complaints/{one.number}").status_code == 404
    assert signed_in(app, elsewhere).get(f"/desk/complaints/{one.number}").status_code == 404
    assert one.number not in signed_in(app, elsewhere).get("/desk/complaints?list=parties").text
    assert signed_in(app, sun).get(f"/desk/complaints/{one.number}").status_code == 200
    assert "form" not in _work(signed_in(app, sun), f"/desk/complaints/{one.number}")


def _work(client: FlaskClient, url: str) -> str:
    return client.get(url).text.split('class="desk-work"')[1].split("<footer")[0]


def test_the_overdue_come_first_on_the_officials_list(
    app: Flask, li: Viewer, hu: Viewer, wang: Viewer, zhao: Viewer, gift_box: Pack
) -> None:
    early, late = an_order_of(1, gift_box, buyer=li), an_order_of(1, gift_box, buyer=hu)
    second = complain(late, by=hu)
    with at(later(days=2)):
        first = complain(early, by=li)
        reply(first, by=wang)
        dissent(early, by=li)

    with at(later(days=4)):
        rows = queries.page_in_scope(zhao, shelf=Shelf.WAITING, cursor=None).items
        assert [row.complaint.number for row in rows] == [first.number, second.number]


def a_photo(colour: str = "red") -> io.BytesIO:
    file = io.BytesIO()
    Image.new("RGB", (320, 240), colour).save(file, "JPEG")
    file.seek(0)
    return file


def send(client: FlaskClient, order: Order, *, pictures: int = 0, **other: object) -> int:
    here = f"/orders/{order.number}/complaint"
    form = form_to(client, here, here)
    files = [(a_photo(), f"{number}.jpg") for number in range(pictures)]
    data = {**form.fields, "kind": "spoilt", "words": SECRET, "photos": files, **other}
    return client.post(here, data=data, content_type="multipart/form-data").status_code


def test_photos_are_for_the_parties_and_their_officials_alone(
    app: Flask, order: Order, li: Viewer, hu: Viewer, wang: Viewer, gao: Viewer, zhao: Viewer, qian: Viewer
) -> None:
    assert send(signed_in(app, li), order, pictures=3) == 303
    number = session().scalars(select(Complaint.number)).one()
    url = f"/complaints/{number}/photos/2"
    elsewhere = a_viewer("郑三", (Role.TOWNSHIP, "township:141125105"))

    for who in (li, wang, zhao, qian):
        reply_to = signed_in(app, who).get(url)
        assert (reply_to.status_code, reply_to.content_type) == (200, "image/webp")
        assert reply_to.headers["Cache-Control"] == "private, no-store"
    for stranger in (hu, gao, elsewhere):
        assert signed_in(app, stranger).get(url).status_code == 404
    assert app.test_client().get(url).status_code == 303
    stem = session().scalars(text("SELECT stem FROM complaint_photos WHERE position = 2")).one()
    assert app.test_client().get(f"/media/complaints/{stem}/page.webp").status_code == 404
    assert signed_in(app, li).get(f"/complaints/{number}/photos/4").status_code == 404


def test_four_photos_are_too_many_and_leave_no_file(app: Flask, order: Order, li: Viewer) -> None:
    assert send(signed_in(app, li), order, pictures=4) == 422

    assert answer("SELECT count(*) FROM complaints") == 0
    assert media.store().keys("complaints") == []


def test_a_broken_photo_leaves_neither_row_nor_file(app: Flask, order: Order, li: Viewer) -> None:
    broken = [(a_photo(), "good.jpg"), (io.BytesIO(b"\xff\xd8\xff\xe0 not a picture"), "x.jpg")]

    assert send(signed_in(app, li), order, photos=broken) == 422

    assert answer("SELECT count(*) FROM complaints") == 0
    assert media.store().keys("complaints") == []


def test_a_refused_complaint_leaves_no_file(app: Flask, order: Order, li: Viewer) -> None:
    client = signed_in(app, li)
    form_key = form_to(client, f"/orders/{order.number}/complaint", f"/orders/{order.number}/complaint")
    complain(order, by=li)

    data = {**form_key.fields, "kind": "spoilt", "words": SECRET, "photos": [(a_photo(), "1.jpg")]}
    refused = client.post(form_key.action, data=data, content_type="multipart/form-data")

    assert refused.status_code == 409
    assert media.store().keys("complaints") == []


def test_five_equal_posts_make_one_complaint_with_its_files(app: Flask, order: Order, li: Viewer) -> None:
    client = signed_in(app, li)
    here = f"/orders/{order.number}/complaint"
    fields = form_to(client, here, here).fields

    for _ in range(3):
        data = {**fields, "kind": "spoilt", "words": SECRET, "photos": [(a_photo(), "1.jpg")]}
        assert client.post(here, data=data, content_type="multipart/form-data").status_code == 303

    assert answer("SELECT count(*) FROM complaint_entries") == 1
    assert len(media.store().keys("complaints")) == 2


def test_the_whole_way_through_the_pages(app: Flask, order: Order, li: Viewer, wang: Viewer, zhao: Viewer) -> None:
    buyer, seller, official = signed_in(app, li), signed_in(app, wang), signed_in(app, zhao)
    here = f"/orders/{order.number}/complaint"
    assert "我要投诉" in buyer.get(f"/orders/{order.number}").text
    assert send(buyer, order) == 303
    number = session().scalars(select(Complaint.number)).one()
    assert "现在等卖家答复" in buyer.get(here).text

    assert "买家投诉了" in seller.get(f"/grower/orders/{order.number}").text
    page = f"/grower/complaints/{number}"
    assert "现在等您答复" in seller.get(page).text
    form = form_to(seller, page, f"{page}/answer")
    assert {seller.post(form.action, data={**form.fields, "words": "马上补发"}).status_code for _ in range(3)} == {303}

    assert "马上补发" in buyer.get(here).text
    form = form_to(buyer, here, f"{here}/dissent")
    assert buyer.post(form.action, data={**form.fields, "words": "没收到"}).status_code == 303

    assert number in official.get("/desk/complaints").text
    page = f"/desk/complaints/{number}"
    assert "现在等您处理" in official.get(page).text
    form = form_to(official, page, f"{page}/decision")
    assert (
        official.post(form.action, data={**form.fields, "outcome": "for_buyer", "words": "补发两箱"}).status_code == 303
    )

    for client, url in ((buyer, here), (seller, f"/grower/complaints/{number}")):
        assert "买家有理，卖家要改正" in client.get(url).text
    assert number in official.get("/desk/complaints?list=ended").text
    assert "已有处理结果" in official.get(f"/desk/orders/{order.number}").text
    assert findings() == {}


def test_a_buyer_sees_his_complaints_and_the_public_page_leads_there(app: Flask, order: Order, li: Viewer) -> None:
    complain(order, by=li)
    client = signed_in(app, li)

    assert order.number in client.get("/complaints/mine").text
    assert "/complaints/mine" in client.get("/complaints").text


@pytest.mark.corrupts
@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE complaints SET state = 'settled', ended_at = made_at",
        "UPDATE complaints SET state = 'decided', ended_at = made_at, outcome = 'agreed'",
        "UPDATE complaints SET number = 'T-other'",
        "UPDATE complaints SET buyer_id = (SELECT max(id) FROM people)",
    ],
)
def test_a_complaint_that_somebody_changed_by_hand_is_found(
    order: Order, li: Viewer, hu: Viewer, statement: str
) -> None:
    complain(order, by=li)

    sql(statement)

    assert set(findings()) == {"B4"}


@pytest.mark.timeout(300)
def test_no_hostile_value_in_any_field_makes_a_fault(
    app: Flask, order: Order, li: Viewer, wang: Viewer, zhao: Viewer
) -> None:
    buyer, seller, official = signed_in(app, li), signed_in(app, wang), signed_in(app, zhao)
    here = f"/orders/{order.number}/complaint"
    form = form_to(buyer, here, here)
    for place, name in enumerate(form.typed):
        for value in CORPUS[place % 5 :: 5]:
            # The kind or the words stay bad, so that no value makes a row.
            bad = {"words": "x"} if name != "words" else {"kind": "nothing"}
            status = buyer.post(here, data={**form.fields, "kind": "spoilt", **bad, name: value}).status_code
            assert status == 422, (name, value[:40], status)
    assert answer("SELECT count(*) FROM complaints") == 0

    one = complain(order, by=li)
    for client, page, act in ((buyer, here, "words"), (seller, f"/grower/complaints/{one.number}", "answer")):
        form = form_to(client, page, f"{page}/{act}")
        for number, value in enumerate(CORPUS[::3]):
            filled = {**form.fields, "request_key": f"k{number}", "words": value}
            status = client.post(form.action, data=filled).status_code
            assert status in (303, 409, 422), (act, value[:40], status)
    dissent(order, by=li)
    page = f"/desk/complaints/{one.number}"
    form = form_to(official, page, f"{page}/decision")
    for place, name in enumerate(form.typed):
        for value in CORPUS[place::5]:
            bad = {"words": "x"} if name != "words" else {"outcome": "nothing"}
            filled = {**form.fields, "outcome": "agreed", **bad, name: value}
            status = official.post(form.action, data=filled).status_code
            assert status == 422, (name, value[:40], status)
    assert findings() == {}


def test_the_county_speaks_as_the_county(order: Order, li: Viewer, qian: Viewer) -> None:
    one = complain(order, by=li)

    with at(later(days=11)):
        decide(one, by=qian)

    assert session().scalars(select(Entry.side).order_by(Entry.id.desc())).first() is Side.COUNTY


def test_it_waits_in_the_officials_queue_by_time_alone(
    app: Flask, order: Order, li: Viewer, zhao: Viewer, qian: Viewer, sun: Viewer
) -> None:
    complain(order, by=li)

    def waits_for(who: Viewer) -> bool:
        with app.test_request_context("/"):
            return any(one.kind == "买家投诉" for one in pending.of(who, kind="complaints").rows)

    assert not waits_for(zhao)
    with at(later(days=4)):
        assert [waits_for(who) for who in (zhao, qian, sun)] == [True, False, False]
    with at(later(days=11)):
        assert [waits_for(who) for who in (zhao, qian, sun)] == [True, True, False]

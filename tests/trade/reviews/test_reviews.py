"""Reviews: by who received the goods, once, under a surname, for ever; a reply; a fold with its reason."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from flask import Flask
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from app.kernel.db import session, transaction
from app.kernel.errors import DomainError, NotFound
from app.kernel.permissions import Viewer
from app.people.accounts.errors import ReasonMissing
from app.people.growers.errors import OwnMatter
from app.people.growers.models import Membership
from app.trade.catalog.models import Pack
from app.trade.orders.models import Order
from app.trade.reviews import queries, service
from app.trade.reviews.errors import (
    FoldedAlready,
    NotReceived,
    OwnGoods,
    PersonalWords,
    RepliedAlready,
    ReviewedAlready,
    TooLateToReview,
)
from app.trade.reviews.models import Review
from tests.cast import an_order_of, answer, at, fresh, later, pack, pay, receive, ship
from tests.web.browsing import forms_of, signed_in


@pytest.fixture
def received(li: Viewer, wang: Viewer, qian: Viewer, gift_box: Pack) -> Order:
    """Two boxes of Wang's that Li has received."""
    order = an_order_of(2, gift_box, buyer=li)
    pay(order, by=qian)
    pack(order, by=wang)
    ship(order, by=wang)
    receive(order, by=li)
    return fresh(order)


def reviewed(order: Order, *, by: Viewer, stars: int = 5, words: str = "甜，肉厚") -> Review:
    with transaction():
        return service.write(order.number, order.lines[0].id, stars=stars, words=words, by=by)


def refusal(act: Callable[[], object]) -> type[DomainError]:
    with pytest.raises(DomainError) as refused:
        act()
    session().rollback()
    return type(refused.value)


def refusal_of(act: Callable[[], object]) -> type[DomainError]:
    """The refusal of an act that needs a transaction around it."""

    def within() -> None:
        with transaction():
            act()

    return refusal(within)


def test_who_received_goods_may_judge_them_for_everybody(li: Viewer, received: Order, gift_box: Pack) -> None:
    reviewed(received, by=li, stars=4)

    (one,) = queries.page_of_pack(gift_box.id).items
    assert (one.stars, one.words, one.by) == (4, "甜，肉厚", "李**")
    assert queries.summary(gift_box.id).average == "4.0"


def test_the_average_is_rounded_half_up_to_a_tenth() -> None:
    assert queries.Summary(3, 47).average == "4.7"
    assert queries.Summary(0, 0).average == "0.0"


def test_nobody_judges_goods_before_he_has_them(li: Viewer, wang: Viewer, qian: Viewer, gift_box: Pack) -> None:
    order = an_order_of(1, gift_box, buyer=li)
    line = fresh(order).lines[0].id

    for step in (lambda: None, lambda: pay(order, by=qian), lambda: pack(order, by=wang), lambda: ship(order, by=wang)):
        step()
        assert refusal_of(lambda: service.write(order.number, line, stars=5, words="", by=li)) is NotReceived
    assert answer("SELECT count(*) FROM reviews") == 0


def test_one_line_is_judged_once(li: Viewer, received: Order) -> None:
    reviewed(received, by=li)

    assert refusal(lambda: reviewed(received, by=li, stars=1)) is ReviewedAlready
    assert answer("SELECT min(stars) FROM reviews") == 5


def test_nobody_judges_what_another_bought(hu: Viewer, received: Order) -> None:
    assert refusal(lambda: reviewed(received, by=hu)) is NotFound


def test_a_line_of_another_order_is_not_found(li: Viewer, received: Order) -> None:
    with pytest.raises(NotFound), transaction():
        service.write(received.number, received.lines[0].id + 99, stars=5, words="", by=li)


def test_half_a_year_later_it_is_too_late(li: Viewer, received: Order) -> None:
    with at(later(days=180)):
        assert refusal(lambda: reviewed(received, by=li)) is TooLateToReview


@pytest.mark.corrupts
def test_the_sellers_own_people_do_not_judge(li: Viewer, received: Order) -> None:
    with transaction():
        session().add(Membership(seller_id=received.seller_id, person_id=li.person_id, since=received.placed_at))

    assert refusal(lambda: reviewed(received, by=li)) is OwnGoods


@pytest.mark.parametrize(
    "words", ["打我电话13812345678", "1 3 8-1234-5678", "１３８１２３４５６７８", "141125195001011234"]
)
def test_phone_and_id_numbers_are_kept_out_of_public_words(li: Viewer, received: Order, words: str) -> None:
    assert refusal(lambda: reviewed(received, by=li, words=words)) is PersonalWords


@pytest.mark.parametrize("words", ["2500克一箱，2026年的", "", "买了12箱，每箱68.00元"])
def test_other_numbers_may_be_said(li: Viewer, received: Order, words: str) -> None:
    assert reviewed(received, by=li, words=words).words == words


@pytest.mark.parametrize("table", ["reviews", "review_replies", "review_foldings"])
@pytest.mark.parametrize("change", ["DELETE FROM {table}", "UPDATE {table} SET at = at"])
def test_no_word_can_be_changed_or_deleted(
    li: Viewer, wang: Viewer, qian: Viewer, received: Order, table: str, change: str
) -> None:
    review = reviewed(received, by=li)
    with transaction():
        service.reply(review.number, "谢谢", by=wang)
    with transaction():
        service.fold(review.number, is_folded=True, because="骂人的话", by=qian)

    with pytest.raises(DBAPIError, match="append-only"), transaction():
        session().execute(text(change.format(table=table)))
    session().rollback()
    assert answer(f"SELECT count(*) FROM {table}") == 1


def test_the_seller_replies_once(li: Viewer, wang: Viewer, received: Order) -> None:
    review = reviewed(received, by=li)
    with transaction():
        service.reply(review.number, "谢谢您，明年再来。", by=wang)

    def again() -> None:
        service.reply(review.number, "再说一句", by=wang)

    assert refusal_of(again) is RepliedAlready
    assert queries.said(review).reply == "谢谢您，明年再来。"


def test_another_seller_does_not_reply(li: Viewer, gao: Viewer, received: Order) -> None:
    review = reviewed(received, by=li)

    assert refusal_of(lambda: service.reply(review.number, "我来说", by=gao)) is NotFound


def test_a_folded_review_stays_counts_and_shows_why(li: Viewer, qian: Viewer, received: Order, gift_box: Pack) -> None:
    review = reviewed(received, by=li, stars=1, words="骂人的话")
    with transaction():
        service.fold(review.number, is_folded=True, because="骂人的话", by=qian)

    (one,) = queries.page_of_pack(gift_box.id).items
    assert (one.is_folded, one.folded_because, one.words) == (True, "骂人的话", "骂人的话")
    assert queries.summary(gift_box.id).count == 1

    assert (
        refusal_of(lambda: service.fold(review.number, is_folded=True, because="再折叠一次", by=qian)) is FoldedAlready
    )
    with transaction():
        service.fold(review.number, is_folded=False, because="看过了没有违法", by=qian)
    assert not queries.said(review).is_folded


def test_a_fold_needs_a_reason(li: Viewer, qian: Viewer, received: Order) -> None:
    review = reviewed(received, by=li)

    assert refusal_of(lambda: service.fold(review.number, is_folded=True, because=" ", by=qian)) is ReasonMissing


@pytest.mark.corrupts
def test_an_official_does_not_fold_words_about_his_own_shop(li: Viewer, qian: Viewer, received: Order) -> None:
    review = reviewed(received, by=li)
    with transaction():
        session().add(Membership(seller_id=received.seller_id, person_id=qian.person_id, since=received.placed_at))

    assert refusal_of(lambda: service.fold(review.number, is_folded=True, because="说得不好听", by=qian)) is OwnMatter


def test_a_buyer_writes_and_everybody_reads(app: Flask, li: Viewer, received: Order, gift_box: Pack) -> None:
    here = f"/orders/{received.number}/reviews"
    client = signed_in(app, li)
    form = next(form for form in forms_of(client, here) if form.action == here and "stars" in form.kinds)
    for _ in range(3):
        assert client.post(here, data=form.fields | {"stars": "5", "words": "好枣\n核小"}).status_code == 303

    assert answer("SELECT count(*) FROM reviews") == 1
    stranger = app.test_client()
    assert "好枣" in stranger.get(f"/packs/{gift_box.slug}").text
    read = stranger.get(f"/packs/{gift_box.slug}/reviews").text
    assert "李**" in read
    assert "李晓月" not in read

"""Acts on reviews: a buyer writes one, the seller replies once, the county folds away what breaks the law."""

from __future__ import annotations

import re
from datetime import timedelta

from app import audit
from app.kernel import clock, ids
from app.kernel.db import session
from app.kernel.errors import NotFound
from app.kernel.events import emit
from app.kernel.permissions import Viewer
from app.kernel.text import folded
from app.people.accounts import wording
from app.people.agents import acting
from app.people.growers import queries as growers
from app.people.growers.errors import OwnMatter
from app.trade.orders import queries as orders
from app.trade.orders.models import Order, OrderLine
from app.trade.reviews import queries
from app.trade.reviews.errors import (
    FoldedAlready,
    NotReceived,
    OwnGoods,
    PersonalWords,
    RepliedAlready,
    ReviewedAlready,
    TooLateToReview,
)
from app.trade.reviews.events import ReviewAnswered, ReviewFolded, ReviewWritten
from app.trade.reviews.models import Folding, Reply, Review

MOST_WORDS = 500
WITHIN = timedelta(days=180)
"""The platform's own promise; the law sets no end."""
_MARKS = re.compile(r"[\W_]+")
_PERSONAL = re.compile(r"(?<!\d)(?:1[3-9]\d{9}|\d{17}[\dx]|\d{16,19})(?!\d)")


def may_review(order: Order) -> bool:
    """Whether its buyer may review what was in it now."""
    return order.received_at is not None and order.received_at + WITHIN > clock.now()


def write(order_number: str, line_id: int, *, stars: int, words: str, by: Viewer) -> Review:
    """The buyer's word on one line of his own order is public, under his surname, for ever.

    Raises `NotFound`, `NotReceived`, `TooLateToReview`, `ReviewedAlready`, `OwnGoods`, `PersonalWords`.
    Source: 电子商务法 art. 39: the platform gives buyers a way to judge, and deletes nothing.
    """
    order = orders.order_of(by, order_number, lock=True)
    line = next((line for line in order.lines if line.id == line_id), None)
    if line is None:
        raise NotFound()
    _refuse_unless_due(order, line, by=by)
    if is_personal(words):
        raise PersonalWords(field="words")
    review = Review(
        number=ids.code(10),
        order_line_id=line.id,
        pack_id=line.pack_id,
        seller_id=order.seller_id,
        buyer_id=order.buyer_id,
        township_code=order.township_code,
        at=clock.now(),
        stars=stars,
        words=words,
        is_sample=order.is_sample,
    )
    session().add(review)
    session().flush()
    audit.note("reviews.written", f"review:{review.number}", by=by.actor, stars=stars, order=order.number)
    emit(ReviewWritten(number=review.number, seller_id=order.seller_id, title=line.title, stars=stars))
    return review


def _refuse_unless_due(order: Order, line: OrderLine, *, by: Viewer) -> None:
    if order.received_at is None:
        raise NotReceived()
    if not may_review(order):
        raise TooLateToReview(days=WITHIN.days)
    if growers.is_member(by.person_id, order.seller_id):
        raise OwnGoods()
    if queries.of_lines([line.id]):
        raise ReviewedAlready()


def is_personal(words: str) -> bool:
    """Whether the words hold what looks like a phone, ID or card number, however it is spaced or spelt."""
    return _PERSONAL.search(_MARKS.sub("", folded(words))) is not None


def reply(number: str, words: str, *, by: Viewer) -> Reply:
    """The seller's reply stands under the review, for ever.

    Raises `NotFound`, `MandateOver`, `RepliedAlready`, `PersonalWords`.
    """
    review = queries.of_seller(by, number)
    who = acting.in_name_of(review.seller_id, by=by)
    # One reply at a time: the review itself can never be locked for a change.
    growers.seller(review.seller_id, lock=True)
    if queries.reply_to(review) is not None:
        raise RepliedAlready()
    if is_personal(words):
        raise PersonalWords(field="words")
    said = Reply(review_id=review.id, at=clock.now(), by=who, words=words)
    session().add(said)
    session().flush()
    audit.note("reviews.replied", f"review:{review.number}", by=said.by)
    order_number, title = queries.line_of(review)
    emit(ReviewAnswered(number=review.number, buyer_id=review.buyer_id, order_number=order_number, title=title))
    return said


def fold(number: str, *, is_folded: bool, because: str, by: Viewer) -> Folding:
    """The review is shown only to who opens it, with the reason beside it, or as before; it stays, and it counts.

    Raises `NotFound`, `OwnMatter`, `FoldedAlready` when it is as it was asked to be, `ReasonMissing`.
    """
    review = queries.in_scope(by, number)
    if growers.is_member(by.person_id, review.seller_id):
        raise OwnMatter()
    growers.seller(review.seller_id, lock=True)
    if queries.is_folded(review) == is_folded:
        raise FoldedAlready()
    step = Folding(
        review_id=review.id, at=clock.now(), by=by.actor, is_folded=is_folded, because=wording.reason(because)
    )
    session().add(step)
    session().flush()
    act = "reviews.folded" if is_folded else "reviews.unfolded"
    audit.note(act, f"review:{review.number}", by=by.actor, because=step.because)
    if is_folded:
        order_number, _title = queries.line_of(review)
        emit(
            ReviewFolded(
                number=review.number, buyer_id=review.buyer_id, order_number=order_number, because=step.because
            )
        )
    return step

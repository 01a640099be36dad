"""Reading reviews: of a pack for everybody, of his shops for a seller, of his townships for an official."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, func, select, true

from app.kernel.db import AnySelect, session
from app.kernel.errors import NotFound
from app.kernel.paging import Key, Page, after, page
from app.kernel.permissions import Viewer
from app.people.accounts.models import Person
from app.people.townships import queries as townships
from app.trade.orders.models import Order, OrderLine
from app.trade.reviews.models import Folding, Reply, Review
from app.trade.reviews.permissions import REVIEWS_ANSWER, REVIEWS_READ

_NEWEST_FIRST = (Key(Review.id.expression, lambda row: row[0].id, descending=True),)


@dataclass(frozen=True, slots=True)
class Said:
    """A review as pages show it: under a surname, with the reply, and with the reason where it is folded away."""

    number: str
    title: str
    by: str
    at: datetime
    stars: int
    words: str
    is_sample: bool
    reply: str
    replied_at: datetime | None
    folded_because: str

    @property
    def is_folded(self) -> bool:
        """Whether it is shown only to who opens it."""
        return bool(self.folded_because)


@dataclass(frozen=True, slots=True)
class Summary:
    """How many have judged a pack, and how: tenths of a star, half up; 0 where nobody has."""

    count: int
    tenths: int

    @property
    def average(self) -> str:
        """4.7."""
        return f"{self.tenths // 10}.{self.tenths % 10}"


def summary(pack_id: int) -> Summary:
    """What all reviews of a pack come to, folded ones included."""
    counted = select(func.count(), func.coalesce(func.sum(Review.stars), 0)).where(Review.pack_id == pack_id)
    count, stars = session().execute(counted).one()
    return Summary(int(count), (20 * int(stars) + int(count)) // (2 * int(count)) if count else 0)


def page_of_pack(pack_id: int, *, cursor: str | None = None, size: int = 24) -> Page[Said]:
    """What buyers said of a pack, the newest first. Raises `BadCursor`."""
    return _page(Review.pack_id == pack_id, cursor, size=size)


def page_of_seller(who: Viewer, *, cursor: str | None) -> Page[Said]:
    """What buyers said of his shops' goods. Raises `BadCursor`."""
    return _page(Review.seller_id.in_(who.sellers(REVIEWS_ANSWER)), cursor)


def page_in_scope(who: Viewer, *, cursor: str | None) -> Page[Said]:
    """What buyers said of goods from his townships. Raises `BadCursor`."""
    return _page(_is_in_scope(who), cursor)


def said(review: Review) -> Said:
    """One review as pages show it."""
    return _page(Review.id == review.id, None).items[0]


def _page(condition: ColumnElement[bool], cursor: str | None, *, size: int = 24) -> Page[Said]:
    last = select(func.max(Folding.id)).where(Folding.review_id == Review.id).correlate(Review).scalar_subquery()
    statement: AnySelect = (
        select(Review, OrderLine.title, Person.name, Reply, Folding)
        .join(OrderLine, OrderLine.id == Review.order_line_id)
        .join(Person, Person.id == Review.buyer_id)
        .outerjoin(Reply, Reply.review_id == Review.id)
        .outerjoin(Folding, (Folding.review_id == Review.id) & (Folding.id == last))
        .where(condition)
    )
    found = page(session().execute(after(statement, _NEWEST_FIRST, cursor, size=size)).all(), _NEWEST_FIRST, size=size)
    return Page([_said(*row) for row in found.items], found.next_cursor)


def _said(review: Review, title: str, name: str, reply: Reply | None, folding: Folding | None) -> Said:
    return Said(
        number=review.number,
        title=title,
        by=f"{name[:1]}**",
        at=review.at,
        stars=review.stars,
        words=review.words,
        is_sample=review.is_sample,
        reply=reply.words if reply else "",
        replied_at=reply.at if reply else None,
        folded_because=folding.because if folding is not None and folding.is_folded else "",
    )


def of_lines(line_ids: Sequence[int]) -> dict[int, Said]:
    """Order line → what its buyer said of it, where he did."""
    if not line_ids:
        return {}
    of_them = select(Review.number, Review.order_line_id).where(Review.order_line_id.in_(line_ids))
    numbers = dict(session().execute(of_them).all())
    return {numbers[one.number]: one for one in _page(Review.order_line_id.in_(line_ids), None, size=1000).items}


def count_of_lines(line_ids: Sequence[int]) -> int:
    """Of how many of these lines the buyer has said something."""
    return session().scalar(select(func.count()).where(Review.order_line_id.in_(line_ids))) or 0


def of_seller(who: Viewer, number: str) -> Review:
    """A review of goods of a seller for whom he answers. Raises `NotFound`."""
    return _one(Review.number == number, Review.seller_id.in_(who.sellers(REVIEWS_ANSWER)))


def in_scope(who: Viewer, number: str) -> Review:
    """A review of goods from his townships. Raises `NotFound`."""
    return _one(Review.number == number, _is_in_scope(who))


def _one(*conditions: ColumnElement[bool]) -> Review:
    found = session().scalars(select(Review).where(*conditions)).one_or_none()
    if found is None:
        raise NotFound()
    return found


def _is_in_scope(who: Viewer) -> ColumnElement[bool]:
    codes = who.townships(REVIEWS_READ)
    return true() if codes is None else Review.township_code.in_(townships.lineages(codes))


def reply_to(review: Review) -> Reply | None:
    """The seller's reply, if there is one."""
    return session().scalars(select(Reply).where(Reply.review_id == review.id)).one_or_none()


def is_folded(review: Review) -> bool:
    """Whether the county has folded it away."""
    newest = select(Folding.is_folded).where(Folding.review_id == review.id).order_by(Folding.id.desc()).limit(1)
    return bool(session().scalars(newest).first())


def line_of(review: Review) -> tuple[str, str]:
    """(order number, what the goods were called) of a review."""
    statement = (
        select(Order.number, OrderLine.title)
        .join(OrderLine, OrderLine.order_id == Order.id)
        .where(OrderLine.id == review.order_line_id)
    )
    number, title = session().execute(statement).one()
    return number, title

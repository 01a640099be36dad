"""Reading complaints, always through the person who asks."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from sqlalchemy import ColumnElement, and_, case, exists, false, func, or_, select, true

from app.kernel import clock
from app.kernel.db import AnySelect, locked, session
from app.kernel.errors import NotFound
from app.kernel.paging import Key, Page, after, page
from app.kernel.permissions import Permission, Viewer
from app.people.accounts.models import Person
from app.people.accounts.sealing import vault
from app.people.growers.models import Membership, Seller
from app.people.townships import queries as townships
from app.trade.complaints.models import Complaint, Entry, Photo
from app.trade.complaints.permissions import COMPLAINTS_ANSWER, COMPLAINTS_READ
from app.trade.complaints.states import OPEN, Act, ComplaintState, Side
from app.trade.orders.models import Order

WORDS_FIELD = "complaints.words"
_NEWEST = (Key(Complaint.id, lambda row: row[0].id, descending=True),)
MOST_WAITING = 200


class Shelf(StrEnum):
    """The lists of an official: what waits for him, what is with the parties, what has ended."""

    WAITING = "waiting"
    PARTIES = "parties"
    ENDED = "ended"

    @property
    def words(self) -> str:
        """What people read."""
        return {"waiting": "等处理", "parties": "买卖双方在谈", "ended": "办完的"}[self.value]


@dataclass(frozen=True, slots=True)
class Listed:
    """A complaint as lists show it."""

    complaint: Complaint
    order_number: str
    seller_name: str


@dataclass(frozen=True, slots=True)
class Said:
    """One entry of the thread, in clear."""

    at: datetime
    side: Side
    act: Act
    who: str
    words: str = field(repr=False)
    by_agent: bool = False


def of_order(order: Order, *, lock: bool = False) -> Complaint | None:
    """The newest complaint about an order that the asker was allowed to see."""
    statement = select(Complaint).where(Complaint.order_id == order.id).order_by(Complaint.id.desc()).limit(1)
    return session().scalars(locked(statement) if lock else statement).first()


def count_of(order: Order) -> int:
    """How often the buyer complained about an order."""
    return session().scalar(select(func.count()).where(Complaint.order_id == order.id)) or 0


def of_seller(who: Viewer, number: str, *, lock: bool = False) -> Complaint:
    """A complaint about a seller for whom he answers. Raises `NotFound`."""
    mine = Complaint.seller_id.in_(who.sellers(COMPLAINTS_ANSWER))
    return _one(select(Complaint).where(Complaint.number == number, mine), lock=lock)


def of_official(who: Viewer, number: str, permission: Permission, *, lock: bool = False) -> Complaint:
    """A complaint about a seller in his townships. Raises `NotFound`."""
    return _one(select(Complaint).where(Complaint.number == number, in_scope(who, permission)), lock=lock)


def readable(who: Viewer, number: str) -> Complaint:
    """A complaint of his own, about his own seller, or in his townships. Raises `NotFound`."""
    is_his = or_(
        Complaint.buyer_id == who.person_id,
        Complaint.seller_id.in_(who.sellers(COMPLAINTS_ANSWER)),
        in_scope(who, COMPLAINTS_READ),
    )
    return _one(select(Complaint).where(Complaint.number == number, is_his), lock=False)


def in_scope(who: Viewer, permission: Permission) -> ColumnElement[bool]:
    """Whether a complaint lies where he holds the permission."""
    if not who.may(permission):
        return false()
    codes = who.townships(permission)
    return true() if codes is None else Complaint.township_code.in_(townships.lineages(codes))


def _one(statement: AnySelect, *, lock: bool) -> Complaint:
    found: Complaint | None = session().scalars(locked(statement) if lock else statement).one_or_none()
    if found is None:
        raise NotFound()
    return found


def listed(one: Complaint) -> Listed:
    """The complaint with the names that belong to it."""
    return Listed(*session().execute(_named().where(Complaint.id == one.id)).one())


def page_of_buyer(who: Viewer, *, cursor: str | None) -> Page[Listed]:
    """His complaints, newest first. Raises `BadCursor`."""
    return _page(_named().where(Complaint.buyer_id == who.person_id), _NEWEST, cursor)


def page_of_seller(who: Viewer, *, cursor: str | None) -> Page[Listed]:
    """Complaints about his sellers, newest first. Raises `BadCursor`."""
    return _page(_named().where(Complaint.seller_id.in_(who.sellers(COMPLAINTS_ANSWER))), _NEWEST, cursor)


def page_in_scope(who: Viewer, *, shelf: Shelf, cursor: str | None) -> Page[Listed]:
    """Complaints in his townships, newest first; what waits for him by its clock, so the overdue ones first.

    Of those that wait the two hundred whose time is over soonest. Raises `BadCursor`.
    """
    statement = _named().where(in_scope(who, COMPLAINTS_READ), _is_on(shelf))
    if shelf is not Shelf.WAITING:
        return _page(statement, _NEWEST, cursor)
    rows = session().execute(statement.order_by(Complaint.decide_until, Complaint.id).limit(MOST_WAITING))
    return Page([Listed(*row) for row in rows], None)


def counts_in_scope(who: Viewer) -> dict[Shelf, int]:
    """How many complaints of his townships are on each of his lists, in one query."""
    counts = [func.count(case((_is_on(shelf), 1))) for shelf in Shelf]
    row = session().execute(select(*counts).where(in_scope(who, COMPLAINTS_READ))).one()
    return dict(zip(Shelf, (int(count) for count in row), strict=True))


def waits_for_official() -> ColumnElement[bool]:
    """Whether a complaint is the township's by the clock, whether or not a job has said so."""
    lapsed = and_(Complaint.state == ComplaintState.WAITING, Complaint.answer_until <= clock.sql_now())
    return or_(Complaint.state == ComplaintState.PASSED, lapsed)


def is_late() -> ColumnElement[bool]:
    """Whether the township has let its time pass, of one that waits for it."""
    return Complaint.decide_until <= clock.sql_now()


def _is_on(shelf: Shelf) -> ColumnElement[bool]:
    silent = and_(Complaint.state == ComplaintState.ANSWERED, Complaint.buyer_until <= clock.sql_now())
    waits = waits_for_official()
    ended = or_(Complaint.state.not_in(OPEN), silent)
    return {Shelf.WAITING: waits, Shelf.ENDED: ended, Shelf.PARTIES: ~waits & ~ended}[shelf]


def _named() -> AnySelect:
    return (
        select(Complaint, Order.number, Seller.name)
        .join(Order, Order.id == Complaint.order_id)
        .join(Seller, Seller.id == Complaint.seller_id)
    )


def _page(statement: AnySelect, keys: Sequence[Key], cursor: str | None) -> Page[Listed]:
    found = page(session().execute(after(statement, keys, cursor)).all(), keys)
    return Page([Listed(*row) for row in found.items], found.next_cursor)


def thread_of(one: Complaint) -> list[Said]:
    """What everybody said, in order, with the names of those who spoke. Raises `Undecipherable`."""
    is_own = exists().where(Membership.seller_id == one.seller_id, Membership.person_id == Entry.person_id)
    rows = session().execute(
        select(Entry, Person.name, (Entry.side == Side.SELLER) & ~is_own)
        .join(Person, Person.id == Entry.person_id)
        .where(Entry.complaint_id == one.id)
        .order_by(Entry.position)
    )
    return [
        Said(entry.at, entry.side, entry.act, name, words_of(entry, one.number), by_agent=bool(by_agent))
        for entry, name, by_agent in rows
    ]


def words_of(entry: Entry, number: str) -> str:
    """The words in clear, of an entry of the complaint with that number. Raises `Undecipherable`."""
    return vault().unseal(entry.words_sealed, field=WORDS_FIELD, row=f"{number}:{entry.position}")


def last_position(one: Complaint) -> int:
    """How many entries the thread has."""
    return session().scalar(select(func.max(Entry.position)).where(Entry.complaint_id == one.id)) or 0


def photos_of(one: Complaint) -> Sequence[Photo]:
    """Its pictures, in order."""
    return session().scalars(select(Photo).where(Photo.complaint_id == one.id).order_by(Photo.position)).all()


def photo_of(one: Complaint, position: int) -> Photo:
    """One of its pictures. Raises `NotFound`."""
    found = (
        session().scalars(select(Photo).where(Photo.complaint_id == one.id, Photo.position == position)).one_or_none()
    )
    if found is None:
        raise NotFound()
    return found

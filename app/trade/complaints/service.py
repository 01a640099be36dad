"""Acts on complaints: the buyer complains, the seller answers, the buyer says whether it will do, an official decides.

Each has his time (`models.py`), and the clock alone moves a complaint on; the job only tells people.
"""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import or_, select

from app import audit
from app.kernel import clock, ids
from app.kernel.db import locked, session
from app.kernel.errors import NotFound
from app.kernel.events import emit
from app.kernel.permissions import Viewer
from app.kernel.states import IllegalMove
from app.people.accounts.errors import NotSteppedUp
from app.people.accounts.sealing import vault
from app.people.agents import acting
from app.people.growers import queries as growers
from app.people.growers.errors import OwnMatter
from app.trade.complaints import photos, queries
from app.trade.complaints.errors import (
    AlreadyOpen,
    ComplainedEnough,
    SaidEnough,
    StillTheTownships,
    TooManyPhotos,
    WordsMissing,
)
from app.trade.complaints.events import (
    ComplaintAnswered,
    ComplaintDecided,
    ComplaintFact,
    ComplaintMade,
    ComplaintOverdue,
    ComplaintPassed,
    ComplaintSettled,
)
from app.trade.complaints.models import OFFICIAL_DECIDES_WITHIN, SELLER_ANSWERS_WITHIN, Complaint, Entry, Photo
from app.trade.complaints.permissions import COMPLAINTS_DECIDE
from app.trade.complaints.photos import Stored
from app.trade.complaints.states import OPEN, Act, ComplaintState, Kind, Outcome, Side
from app.trade.orders import queries as orders
from app.trade.orders.models import Order

MOST_WORDS = 1000
MOST_ENTRIES = 50
MOST_PER_ORDER = 3


def make(order_number: str, kind: Kind, words: str, *, pictures: Sequence[Stored] = (), by: Viewer) -> Complaint:
    """The buyer complains about his own order; the seller has three days to answer.

    Raises `NotFound`, `AlreadyOpen`, `ComplainedEnough`, `WordsMissing`, `TooManyPhotos`.
    """
    order = orders.order_of(by, order_number, lock=True)
    if len(pictures) > photos.MOST:
        raise TooManyPhotos(most=photos.MOST, field="photos")
    before = queries.of_order(order, lock=True)
    if before is not None:
        before.pass_time(clock.now())
        session().flush()
        if before.state in OPEN:
            raise AlreadyOpen()
    if queries.count_of(order) >= MOST_PER_ORDER:
        raise ComplainedEnough(most=MOST_PER_ORDER)
    complaint = _new(order, kind)
    session().add(complaint)
    session().flush()
    _say(complaint, words, Side.BUYER, Act.MADE, by=by)
    for position, one in enumerate(pictures, start=1):
        session().add(
            Photo(
                complaint_id=complaint.id,
                position=position,
                stem=one.stem,
                width=one.width,
                height=one.height,
                sha256=one.sha256,
            )
        )
    session().flush()
    emit(_fact(ComplaintMade, complaint, order))
    return complaint


def _new(order: Order, kind: Kind) -> Complaint:
    answer_until = clock.now() + SELLER_ANSWERS_WITHIN
    return Complaint(
        number=ids.public_number("T"),
        order_id=order.id,
        buyer_id=order.buyer_id,
        seller_id=order.seller_id,
        township_code=order.township_code,
        kind=kind,
        made_at=clock.now(),
        answer_until=answer_until,
        decide_until=answer_until + OFFICIAL_DECIDES_WITHIN,
    )


def answer(number: str, words: str, *, by: Viewer) -> Complaint:
    """The seller has answered; the buyer has seven days to say that it will not do.

    Raises `NotFound`, `WordsMissing`, `IllegalMove` once his time is over.
    """
    complaint = _now(queries.of_seller(by, number, lock=True))
    complaint.answer(at=clock.now())
    _say(complaint, words, Side.SELLER, Act.ANSWERED, by=by)
    emit(_fact(ComplaintAnswered, complaint))
    return complaint


def add_words(complaint: Complaint, words: str, side: Side, *, by: Viewer) -> Entry:
    """Somebody adds something to a complaint that is open, locked through him; nothing moves by it.

    Raises `WordsMissing`, `SaidEnough`, `IllegalMove` once it has ended.
    """
    _now(complaint)
    if complaint.state not in OPEN:
        raise IllegalMove()
    return _say(complaint, words, side, Act.SAID, by=by)


def dissent(order_number: str, words: str, *, by: Viewer) -> Complaint:
    """The answer will not do, and why: the township has seven days.

    Raises `NotFound`, `WordsMissing`, `IllegalMove`.
    """
    complaint = of_buyer(order_number, by=by)
    complaint.dissent(at=clock.now())
    _say(complaint, words, Side.BUYER, Act.DISSENTED, by=by)
    emit(_fact(ComplaintPassed, complaint, by_clock=False))
    return complaint


def settle(order_number: str, words: str, *, by: Viewer) -> Complaint:
    """The buyer says that it is settled, whoever held it. Raises `NotFound`, `IllegalMove` once it has ended."""
    complaint = of_buyer(order_number, by=by)
    complaint.end(ComplaintState.SETTLED, at=clock.now())
    _say(complaint, words or Act.SETTLED.words, Side.BUYER, Act.SETTLED, by=by)
    emit(_fact(ComplaintSettled, complaint))
    return complaint


def decide(number: str, outcome: Outcome, words: str, *, by: Viewer) -> Complaint:
    """An official has decided and said why: the township in its time or late, the county once it is late.

    Raises `NotFound` outside his townships, `NotSteppedUp`, `OwnMatter` about his own purchase or a seller for whom he
    acts, `StillTheTownships`, `WordsMissing`, `IllegalMove`.
    """
    complaint = to_decide(number, by=by)
    side = side_of(by)
    if side is Side.COUNTY and not complaint.is_overdue(clock.now()):
        if complaint.state is not ComplaintState.PASSED:
            raise IllegalMove()
        day = complaint.decide_until.astimezone(clock.SHANGHAI)
        raise StillTheTownships(until=f"{day:%Y-%m-%d %H:%M}")
    complaint.end(ComplaintState.DECIDED, at=clock.now(), outcome=outcome)
    _say(complaint, words, side, Act.DECIDED, by=by)
    emit(_fact(ComplaintDecided, complaint))
    return complaint


def to_decide(number: str, *, by: Viewer) -> Complaint:
    """A complaint that the official may act on, locked. Raises `NotFound`, `NotSteppedUp`, `OwnMatter`."""
    if not by.is_stepped_up:
        raise NotSteppedUp()
    complaint = queries.of_official(by, number, COMPLAINTS_DECIDE, lock=True)
    if is_own(complaint, by):
        raise OwnMatter()
    return _now(complaint)


def is_own(complaint: Complaint, who: Viewer) -> bool:
    """Whether he bought it himself or acts for the seller."""
    return complaint.buyer_id == who.person_id or growers.is_member(who.person_id, complaint.seller_id)


def side_of(official: Viewer) -> Side:
    """As whom an official speaks: for the county when he holds the right for all of it."""
    return Side.COUNTY if official.townships(COMPLAINTS_DECIDE) is None else Side.TOWNSHIP


def of_buyer(order_number: str, *, by: Viewer) -> Complaint:
    """The newest complaint about the buyer's own order, locked, as the clock has it. Raises `NotFound`."""
    found = queries.of_order(orders.order_of(by, order_number, lock=True), lock=True)
    if found is None:
        raise NotFound()
    return _now(found)


def pass_due(*, by: str, limit: int = 200) -> int:
    """Say in the rows what the clock has said by now, and tell people: what lapsed, what ended, what is overdue."""
    moment = clock.now()
    due = select(Complaint).where(
        or_(
            (Complaint.state == ComplaintState.WAITING) & (Complaint.answer_until <= moment),
            (Complaint.state == ComplaintState.ANSWERED) & (Complaint.buyer_until <= moment),
            (Complaint.state == ComplaintState.PASSED)
            & (Complaint.decide_until <= moment)
            & Complaint.is_overdue_told.is_(False),
        )
    )
    rows = session().scalars(locked(due.order_by(Complaint.id).limit(limit))).all()
    for complaint in rows:
        _pass_one(complaint, by=by)
    return len(rows)


def _pass_one(complaint: Complaint, *, by: str) -> None:
    moment, before = clock.now(), complaint.state
    complaint.pass_time(moment)
    session().flush()
    if complaint.state is not before:
        audit.note(f"complaints.{complaint.state.value}", _thing(complaint), by=by, by_clock=True)
    if before is ComplaintState.WAITING:
        emit(_fact(ComplaintPassed, complaint, by_clock=True))
    if complaint.is_overdue(moment) and not complaint.is_overdue_told:
        complaint.is_overdue_told = True
        session().flush()
        emit(_fact(ComplaintOverdue, complaint))


def _now(complaint: Complaint) -> Complaint:
    complaint.pass_time(clock.now())
    return complaint


def _say(complaint: Complaint, words: str, side: Side, act: Act, *, by: Viewer) -> Entry:
    who = acting.in_name_of(complaint.seller_id, by=by) if side is Side.SELLER else by.actor
    said = words.strip()
    if not 2 <= len(said) <= MOST_WORDS:
        raise WordsMissing(field="words")
    position = queries.last_position(complaint) + 1
    # Who decides or settles always finds room.
    if act is Act.SAID and position > MOST_ENTRIES:
        raise SaidEnough()
    entry = Entry(
        complaint_id=complaint.id,
        position=position,
        at=clock.now(),
        person_id=by.person_id,
        side=side,
        act=act,
        words_sealed=vault().seal(said, field=queries.WORDS_FIELD, row=f"{complaint.number}:{position}"),
    )
    session().add(entry)
    session().flush()
    audit.note(f"complaints.{act.value}", _thing(complaint), by=who, side=side.value, position=position)
    return entry


def _thing(complaint: Complaint) -> str:
    return f"complaint:{complaint.number}"


def _fact(kind: type[ComplaintFact], complaint: Complaint, order: Order | None = None, **more: bool) -> ComplaintFact:
    order = order or session().get_one(Order, complaint.order_id)
    return kind(
        number=complaint.number,
        order_number=order.number,
        seller_id=complaint.seller_id,
        buyer_id=complaint.buyer_id,
        township_code=complaint.township_code,
        **more,
    )

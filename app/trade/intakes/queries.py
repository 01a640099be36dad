"""Reading purchase points, prices and deliveries, through the person who asks."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import BigInteger, ColumnElement, Select, func, or_, select, true, type_coerce
from sqlalchemy.orm import InstrumentedAttribute, aliased, selectinload

from app.kernel.db import AnySelect, locked, session
from app.kernel.errors import NotFound
from app.kernel.money import Money
from app.kernel.paging import Key, Page, after, page
from app.kernel.permissions import Permission, Viewer
from app.kernel.weight import Weight
from app.people.growers.models import Household, Seller
from app.people.growers.states import SellerKind, SellerStatus
from app.people.townships import queries as townships
from app.people.townships.models import Township
from app.trade.catalog import queries as catalog
from app.trade.intakes.models import (
    Intake,
    IntakeLine,
    IntakeObjection,
    IntakePayment,
    IntakeStep,
    PriceLine,
    PriceList,
    PurchasePoint,
)
from app.trade.intakes.permissions import INTAKES_EDIT, INTAKES_OWN, INTAKES_READ
from app.trade.intakes.states import IntakeState

BUYERS = (SellerKind.COOP, SellerKind.PROCESSOR)
_BY_ID = (Key(Intake.id, lambda row: row[0].id, descending=True),)
_LISTS = (Key(PriceList.id, lambda row: row.id, descending=True),)


def buyers_of(who: Viewer) -> list[Seller]:
    """The verified co-ops and processors for whom he buys."""
    statement = (
        select(Seller)
        .where(Seller.id.in_(who.sellers(INTAKES_EDIT)), Seller.kind.in_(BUYERS))
        .where(Seller.status == SellerStatus.ACTIVE)
        .order_by(Seller.id)
    )
    return list(session().scalars(statement))


def point_of(who: Viewer, slug: str, *, lock: bool = False) -> PurchasePoint:
    """A point of a seller for whom he buys. Raises `NotFound`."""
    return _point(
        select(PurchasePoint).where(PurchasePoint.slug == slug, PurchasePoint.seller_id.in_(who.sellers(INTAKES_EDIT))),
        lock=lock,
    )


def point(slug: str) -> PurchasePoint:
    """The point by its public name, open or closed. Raises `NotFound`."""
    return _point(select(PurchasePoint).where(PurchasePoint.slug == slug), lock=False)


def _point(statement: Select[PurchasePoint], *, lock: bool) -> PurchasePoint:
    found = session().scalars(locked(statement) if lock else statement).one_or_none()
    if found is None:
        raise NotFound()
    return found


@dataclass(frozen=True, slots=True)
class PointRow:
    """A point with its buyer's name, kind and public name, and its township's name."""

    point: PurchasePoint
    seller: Seller
    township: str


def points_of(who: Viewer) -> list[PointRow]:
    """The points of the sellers for whom he buys, open ones first."""
    return _points(_with_names().where(PurchasePoint.seller_id.in_(who.sellers(INTAKES_EDIT))))


def open_points() -> list[PointRow]:
    """The points that buy now, of verified buyers, by township."""
    buys = PurchasePoint.closed_at.is_(None) & (Seller.status == SellerStatus.ACTIVE)
    return _points(_with_names().where(buys).limit(200))


def points_in_scope(who: Viewer) -> list[PointRow]:
    """The points in the official's townships."""
    return _points(_with_names().where(_in_townships(who, INTAKES_READ, PurchasePoint.township_code)))


def named(one: PurchasePoint) -> PointRow:
    """The point with the names that go with it."""
    (row,) = _points(_with_names().where(PurchasePoint.id == one.id))
    return row


def _with_names() -> AnySelect:
    return (
        select(PurchasePoint, Seller, Township.name)
        .join(Seller, Seller.id == PurchasePoint.seller_id)
        .join(Township, Township.code == PurchasePoint.township_code)
        .order_by(PurchasePoint.closed_at.is_not(None), PurchasePoint.township_code, PurchasePoint.id)
    )


def _points(statement: AnySelect) -> list[PointRow]:
    return [PointRow(*row) for row in session().execute(statement)]


def _in_townships(who: Viewer, permission: Permission, code: InstrumentedAttribute[str]) -> ColumnElement[bool]:
    codes = who.townships(permission)
    return true() if codes is None else code.in_(townships.lineages(codes))


def in_force(point_id: int, *, at: datetime) -> PriceList | None:
    """The list that is in force at a moment, with its lines; None before the first."""
    return lists_in_force([point_id], at=at).get(point_id)


def lists_in_force(point_ids: Collection[int], *, at: datetime) -> dict[int, PriceList]:
    """Point id → the list in force at a moment, with its lines."""
    later = aliased(PriceList)
    comes_after = (later.effective_from > PriceList.effective_from) | (
        (later.effective_from == PriceList.effective_from) & (later.version > PriceList.version)
    )
    statement = (
        select(PriceList)
        .where(PriceList.point_id.in_(point_ids), PriceList.effective_from <= at)
        .where(
            ~select(later.id)
            .where(later.point_id == PriceList.point_id, later.effective_from <= at, comes_after)
            .exists()
        )
        .options(selectinload(PriceList.lines))
    )
    return {one.point_id: one for one in session().scalars(statement)}


def history(point_id: int, *, cursor: str | None) -> Page[PriceList]:
    """All lists of a point, the newest first, with their lines."""
    statement = select(PriceList).where(PriceList.point_id == point_id).options(selectinload(PriceList.lines))
    return page(session().scalars(after(statement, _LISTS, cursor, size=10)).all(), _LISTS, size=10)


def posted_for(intake: Intake) -> dict[str, Money]:
    """Grade → what was posted for a jin of the intake's variety when it came."""
    statement = select(PriceLine.grade_key, PriceLine.per_jin).where(
        PriceLine.list_id == intake.list_id, PriceLine.variety_key == intake.variety_key
    )
    return dict(session().execute(statement).all())


def list_of(intake: Intake) -> PriceList:
    """The list by which it is priced, with its lines."""
    statement = select(PriceList).where(PriceList.id == intake.list_id).options(selectinload(PriceList.lines))
    return session().scalars(statement).one()


def variety_name(key: str) -> str:
    """The variety's name, or the key where there is none."""
    return dict(catalog.varieties()).get(key, key)


def by_ticket(point_id: int, ticket: str) -> Intake:
    """The delivery that was weighed under this ticket. Raises `NotFound`."""
    return _one(select(Intake).where(Intake.point_id == point_id, Intake.ticket == ticket), lock=False)


def intake_of_buyer(who: Viewer, number: str, *, lock: bool = False) -> Intake:
    """A delivery to a seller for whom he buys. Raises `NotFound`."""
    mine = Intake.seller_id.in_(who.sellers(INTAKES_EDIT))
    return _one(select(Intake).where(Intake.number == number, mine), lock=lock)


def intake_of_grower(who: Viewer, number: str, *, lock: bool = False) -> Intake:
    """A delivery of a household for whom he acts. Raises `NotFound`."""
    mine = Intake.grower_id.in_(who.sellers(INTAKES_OWN))
    return _one(select(Intake).where(Intake.number == number, mine), lock=lock)


def intake_in_scope(who: Viewer, number: str) -> Intake:
    """A delivery in the official's townships. Raises `NotFound`."""
    inside = _in_townships(who, INTAKES_READ, Intake.township_code)
    return _one(select(Intake).where(Intake.number == number, inside), lock=False)


def _one(statement: Select[Intake], *, lock: bool) -> Intake:
    found = session().scalars(locked(statement) if lock else statement).one_or_none()
    if found is None:
        raise NotFound()
    return found


def lines_of(intake: Intake) -> list[IntakeLine]:
    """The graded parts, in one order for everybody."""
    statement = select(IntakeLine).where(IntakeLine.intake_id == intake.id).order_by(IntakeLine.grade_key)
    return list(session().scalars(statement))


def bought(intake: Intake) -> Weight:
    """What was graded and, once taken in, is paid for."""
    return intake.net - intake.impurities - intake.returned


def steps_of(intake: Intake) -> list[IntakeStep]:
    """What happened to it, in order."""
    statement = select(IntakeStep).where(IntakeStep.intake_id == intake.id).order_by(IntakeStep.id)
    return list(session().scalars(statement))


def decided_at(intake: Intake) -> datetime | None:
    """When it was taken in or refused; None before."""
    ends = (IntakeState.ACCEPTED, IntakeState.REFUSED)
    statement = select(IntakeStep.at).where(IntakeStep.intake_id == intake.id, IntakeStep.state.in_(ends))
    return session().scalars(statement).first()


def payments_of(intake: Intake) -> list[IntakePayment]:
    """What was paid, in order."""
    statement = select(IntakePayment).where(IntakePayment.intake_id == intake.id).order_by(IntakePayment.id)
    return list(session().scalars(statement))


def left_of(intake: Intake) -> Money:
    """What is still owed for a delivery that was taken in."""
    paid = func.coalesce(func.sum(type_coerce(IntakePayment.amount, BigInteger)), 0)
    gone = session().scalar(select(paid).where(IntakePayment.intake_id == intake.id)) or 0
    return intake.total - Money(int(gone)) if intake.is_taken else Money(0)


def objections_of(intake: Intake) -> list[IntakeObjection]:
    """What the grower objected to, the newest first."""
    statement = select(IntakeObjection).where(IntakeObjection.intake_id == intake.id)
    return list(session().scalars(statement.order_by(IntakeObjection.id.desc())))


@dataclass(frozen=True, slots=True)
class Row:
    """A delivery in a list: whose it is, and where it went."""

    intake: Intake
    grower: str | None
    buyer: str
    point: str

    @property
    def supplier(self) -> str:
        """Whose fruit it is."""
        return self.grower or self.intake.outside_name


def page_of_buyer(who: Viewer, *, cursor: str | None) -> Page[Row]:
    """Deliveries to the sellers for whom he buys, newest first; one query."""
    return _page(_rows().where(Intake.seller_id.in_(who.sellers(INTAKES_EDIT))), cursor)


def page_of_grower(who: Viewer, *, cursor: str | None) -> Page[Row]:
    """Deliveries of the households for whom he acts, newest first; one query."""
    return _page(_rows().where(Intake.grower_id.in_(who.sellers(INTAKES_OWN))), cursor)


def page_in_scope(who: Viewer, *, cursor: str | None) -> Page[Row]:
    """Deliveries in the official's townships, newest first; one query."""
    return _page(_rows().where(_in_townships(who, INTAKES_READ, Intake.township_code)), cursor)


def row_of(intake: Intake) -> Row:
    """The delivery with the names that go with it."""
    return Row(*session().execute(_rows().where(Intake.id == intake.id)).one())


def waiting_objections(who: Viewer) -> list[Row]:
    """Deliveries in the official's townships with an objection that nobody has answered."""
    waits = select(IntakeObjection.intake_id).where(IntakeObjection.answered_at.is_(None))
    inside = _in_townships(who, INTAKES_READ, Intake.township_code)
    statement = _rows().where(Intake.id.in_(waits), inside).order_by(Intake.id).limit(100)
    return [Row(*row) for row in session().execute(statement)]


def _rows() -> AnySelect:
    grower, buyer = aliased(Seller), aliased(Seller)
    return (
        select(Intake, grower.name, buyer.name, PurchasePoint.name)
        .join(buyer, buyer.id == Intake.seller_id)
        .join(PurchasePoint, PurchasePoint.id == Intake.point_id)
        .outerjoin(grower, grower.id == Intake.grower_id)
    )


def _page(statement: AnySelect, cursor: str | None) -> Page[Row]:
    rows: Sequence[object] = session().execute(after(statement, _BY_ID, cursor)).all()
    found = page(rows, _BY_ID)
    return Page([Row(*row) for row in found.items], found.next_cursor)  # type: ignore[misc]


def households(words: str) -> list[tuple[Seller, str]]:
    """Verified households whose shop is called so, or whose head is called exactly so, with their townships' names."""
    wanted = words.strip()
    if not wanted:
        return []
    statement = (
        select(Seller, Township.name)
        .join(Township, Township.code == Seller.township_code)
        .outerjoin(Household, Household.seller_id == Seller.id)
        .where(Seller.kind == SellerKind.HOUSEHOLD, Seller.status == SellerStatus.ACTIVE)
        .where(or_(Seller.name.contains(wanted, autoescape=True), Household.head_name == wanted))
        .order_by(Seller.name, Seller.id)
        .limit(20)
    )
    return [(seller, township) for seller, township in session().execute(statement)]


def recent_households(point_id: int) -> list[tuple[Seller, str]]:
    """The verified households that delivered here last, eight at most."""
    last = func.max(Intake.id)
    recent = (
        select(Intake.grower_id, last.label("last"))
        .where(Intake.point_id == point_id, Intake.grower_id.is_not(None))
        .group_by(Intake.grower_id)
        .order_by(last.desc())
        .limit(8)
        .subquery()
    )
    statement = (
        select(Seller, Township.name)
        .join(recent, recent.c.grower_id == Seller.id)
        .join(Township, Township.code == Seller.township_code)
        .where(Seller.status == SellerStatus.ACTIVE)
        .order_by(recent.c.last.desc())
    )
    return [(seller, township) for seller, township in session().execute(statement)]


def household(slug: str) -> Seller:
    """A verified household by its public name. Raises `NotFound`."""
    statement = select(Seller).where(
        Seller.slug == slug, Seller.kind == SellerKind.HOUSEHOLD, Seller.status == SellerStatus.ACTIVE
    )
    found = session().scalars(statement).one_or_none()
    if found is None:
        raise NotFound()
    return found

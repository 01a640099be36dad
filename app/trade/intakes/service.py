"""Acts on a delivery, in the order in which they happen: weigh, grade with the grower, price, take in or refuse, store.

Nothing is bought before its price was posted, and at the price that was posted when it came; more may be given, with
a reason, less never. Source: 明码标价和禁止价格欺诈规定 10.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import delete, select

from app import audit
from app.kernel import clock, ids
from app.kernel.db import session
from app.kernel.events import emit
from app.kernel.money import Money
from app.kernel.permissions import Viewer
from app.kernel.weight import Weight
from app.ledger import books
from app.ledger.books.movements import Post
from app.people.growers import queries as growers
from app.people.growers.models import Seller
from app.people.growers.states import SellerKind
from app.trade.catalog.errors import UnknownChoice
from app.trade.catalog.models import Grade
from app.trade.intakes import accounts, prices, pricing, queries
from app.trade.intakes.errors import (
    BadScale,
    BelowPosted,
    BetterWithoutReason,
    GradeNotPosted,
    GradeTwice,
    NobodyPresent,
    NotAllWeighed,
    NothingGraded,
    NothingPosted,
    PointClosed,
    TicketTaken,
    TooHeavy,
    UnknownSupplier,
)
from app.trade.intakes.events import IntakeAccepted, IntakeRefused
from app.trade.intakes.models import Intake, IntakeLine, IntakeStep, PurchasePoint
from app.trade.intakes.states import IntakeState, Presence, ScaleUnit
from app.trade.lots import service as lots
from app.trade.lots.errors import BadHarvest
from app.trade.lots.models import Lot
from app.trade.lots.states import LotOrigin
from app.trade.stock import service as stock

NOTHING = Weight(0)
KEEPS_DAYS = 360
"""How long loose dried fruit counts as good, as where a pack says nothing else."""
MOST_GROSS = Weight(100_000_000)


@dataclass(frozen=True, slots=True)
class Supplier:
    """Whose fruit it is: a registered household, or somebody from elsewhere by name and place."""

    grower_id: int | None = None
    name: str = ""
    place: str = ""
    is_member: bool = False


@dataclass(frozen=True, slots=True)
class Delivery:
    """What came, and what the ticket of the scale says."""

    ticket: str
    variety_key: str
    gross: Weight
    tare: Weight
    unit: ScaleUnit
    harvest_year: int
    village_name: str


@dataclass(frozen=True, slots=True)
class Part:
    """So much of a delivery has this grade; `per_jin` only where more is given than was posted, with the reason."""

    grade_key: str
    weight: Weight
    per_jin: Money | None = None
    because: str = ""


@dataclass(frozen=True, slots=True)
class Grading:
    """What was found when the fruit was looked at, and who stood by. Shares in per mille."""

    presence: Presence | None
    present_name: str
    parts: Sequence[Part]
    impurities: Weight = NOTHING
    returned: Weight = NOTHING
    moisture: int | None = None
    defects: int | None = None
    note: str = ""


def deliver(slug: str, said: Delivery, supplier: Supplier, *, by: Viewer) -> Intake:
    """Fruit has come to the buyer's own point and was weighed; one intake for each ticket.

    Raises `NotFound`, `OnlyBuyers`, `PointClosed`, `NothingPosted`, `TicketTaken`, `UnknownSupplier`, `BadScale`,
    `TooHeavy`, `BadHarvest`.
    """
    point = queries.point_of(by, slug, lock=True)
    seller = growers.seller(point.seller_id)
    prices.refuse_unless_buyer(seller)
    if not point.is_open:
        raise PointClosed()
    _refuse_weights(said)
    posted = queries.in_force(point.id, at=clock.now())
    if posted is None or all(line.variety_key != said.variety_key for line in posted.lines):
        raise NothingPosted(variety=queries.variety_name(said.variety_key), field="variety")
    _refuse_ticket(point, said.ticket)
    _refuse_supplier(supplier)
    actor = by.acting_for(seller.id)
    intake = Intake(
        number=ids.public_number("Y"),
        point_id=point.id,
        seller_id=seller.id,
        township_code=point.township_code,
        list_id=posted.id,
        ticket=said.ticket,
        variety_key=said.variety_key,
        village_name=said.village_name,
        harvest_year=said.harvest_year,
        unit=said.unit,
        gross=said.gross,
        tare=said.tare,
        net=said.gross - said.tare,
        delivered_at=clock.now(),
        grower_id=supplier.grower_id,
        outside_name=supplier.name,
        outside_place=supplier.place,
        is_member=supplier.is_member and seller.kind is SellerKind.COOP,
    )
    session().add(intake)
    session().flush()
    step(intake, by=actor)
    intake.become(IntakeState.WEIGHED)
    step(intake, by=actor)
    audit.note("intakes.weighed", intake.subject, by=actor, ticket=said.ticket, grams=intake.net.grams)
    return intake


def step(intake: Intake, *, by: str) -> None:
    """That the delivery is now in its state is kept with the time and the name."""
    session().add(IntakeStep(intake_id=intake.id, state=intake.state, at=clock.now(), by=by))
    session().flush()


def _refuse_weights(said: Delivery) -> None:
    if said.gross <= said.tare or said.tare < NOTHING:
        raise BadScale(field="gross")
    if said.gross > MOST_GROSS:
        raise TooHeavy(field="gross", most=MOST_GROSS.grams // 1000)
    year = clock.today().year
    if not year - 2 <= said.harvest_year <= year:
        raise BadHarvest(field="harvest_year", least=year - 2, most=year)


def _refuse_ticket(point: PurchasePoint, ticket: str) -> None:
    first = select(Intake.number).where(Intake.point_id == point.id, Intake.ticket == ticket)
    number = session().scalars(first).one_or_none()
    if number is not None:
        raise TicketTaken(ticket=ticket, number=number, field="ticket")


def _refuse_supplier(supplier: Supplier) -> None:
    if supplier.grower_id is None:
        if not (supplier.name and supplier.place):
            raise UnknownSupplier(field="outside_name")
        return
    household = session().get(Seller, supplier.grower_id)
    if household is None or household.kind is not SellerKind.HOUSEHOLD or not household.is_active or supplier.name:
        raise UnknownSupplier(field="outside_name")


def grade(number: str, found: Grading, *, by: Viewer) -> Intake:
    """The fruit was looked at while somebody stood by for its grower, and priced by the list of when it came.

    Until it is taken in, grading again takes the place of what was found before. Every gram of the net weight is in a
    grade, impurities or returned. Source: domain.md 2.16.
    Raises `NotFound`, `IllegalMove`, `NobodyPresent`, `NothingGraded`, `GradeTwice`, `GradeNotPosted`, `BelowPosted`,
    `BetterWithoutReason`, `NotAllWeighed`, `UnknownChoice`.
    """
    intake = queries.intake_of_buyer(by, number, lock=True)
    intake.become(IntakeState.GRADED)
    if found.presence is None or not found.present_name:
        raise NobodyPresent(field="present_name" if found.presence else "presence")
    intake.presence, intake.present_name = found.presence, found.present_name
    intake.moisture, intake.defects, intake.grading_note = found.moisture, found.defects, found.note
    intake.impurities, intake.returned = found.impurities, found.returned
    lines = _lines(intake, found)
    graded = sum((line.weight.grams for line in lines), start=found.impurities.grams + found.returned.grams)
    if graded != intake.net.grams:
        raise NotAllWeighed(sum=graded, net=intake.net.grams, difference=intake.net.grams - graded)
    intake.total = pricing.total(line.amount for line in lines)
    actor = by.acting_for(intake.seller_id)
    current = session()
    current.execute(delete(IntakeLine).where(IntakeLine.intake_id == intake.id))
    current.add_all(lines)
    step(intake, by=actor)
    intake.become(IntakeState.PRICED)
    step(intake, by=actor)
    parts = ", ".join(f"{line.grade_key} {line.weight.grams}" for line in lines)
    present = f"{found.presence.value} {found.present_name}"
    audit.note("intakes.graded", intake.subject, by=actor, present=present, grams=parts, total=intake.total.fen)
    return intake


def _lines(intake: Intake, found: Grading) -> list[IntakeLine]:
    """The graded parts with their prices, by grade, so that everybody touches the accounts in one order."""
    if not found.parts:
        raise NothingGraded()
    posted = queries.posted_for(intake)
    grades = {one.key: one for one in session().scalars(select(Grade))}
    lines: dict[str, IntakeLine] = {}
    for part in sorted(found.parts, key=lambda part: part.grade_key):
        grade = grades.get(part.grade_key)
        if grade is None or not grade.is_in_force(clock.day_of(intake.delivered_at)) or not part.weight:
            raise UnknownChoice()
        if part.grade_key in lines:
            raise GradeTwice(grade=grade.name)
        if part.grade_key not in posted:
            raise GradeNotPosted(grade=grade.name)
        price = posted[part.grade_key]
        given = part.per_jin or price
        if given < price:
            raise BelowPosted(grade=grade.name, posted=str(price))
        if given > price and not part.because:
            raise BetterWithoutReason(grade=grade.name)
        lines[part.grade_key] = IntakeLine(
            intake_id=intake.id,
            grade_key=part.grade_key,
            weight=part.weight,
            posted=price,
            per_jin=given,
            amount=pricing.amount(part.weight, given),
            better_because=part.because if given > price else "",
        )
    return list(lines.values())


def accept(number: str, *, by: Viewer) -> Intake:
    """The buyer has the fruit, one lot for each grade, and owes for it.

    Raises `NotFound`, `IllegalMove`, and `OnlyBuyers` when the buyer was suspended meanwhile.
    """
    intake = queries.intake_of_buyer(by, number, lock=True)
    seller = growers.seller(intake.seller_id)
    prices.refuse_unless_buyer(seller)
    intake.become(IntakeState.ACCEPTED)
    intake.accepted_at = clock.now()
    actor = by.acting_for(seller.id)
    step(intake, by=actor)
    for line in queries.lines_of(intake):
        lot = _lot(intake, line, seller, by=actor)
        line.lot_id = lot.id
        stock.receive(lot, by=actor)
    session().flush()
    audit.note("intakes.accepted", intake.subject, by=actor, grams=intake.net.grams, total=intake.total.fen)
    grams = queries.bought(intake).grams
    emit(IntakeAccepted(intake.number, seller.id, intake.grower_id or 0, grams, intake.total.fen))
    if intake.total:
        owed = accounts.owed_place(seller_id=seller.id, township=intake.township_code, number=intake.number)
        cost = accounts.cost_place(seller_id=seller.id, township=intake.township_code)
        books.record(
            accounts.FRUIT_BOUGHT,
            [Post(cost, owed, intake.total.fen)],
            by=actor,
            subject=intake.subject,
            key=f"fruit.bought:{intake.number}",
        )
    return intake


def _lot(intake: Intake, line: IntakeLine, seller: Seller, *, by: str) -> Lot:
    harvest = lots.Harvest(
        village_name=intake.village_name,
        variety_key=intake.variety_key,
        grade_key=line.grade_key,
        year=intake.harvest_year,
        best_before=clock.today() + timedelta(days=KEEPS_DAYS),
    )
    origin = LotOrigin.OUTSIDE if intake.grower_id is None else LotOrigin.BOUGHT
    return lots.take_in(seller, harvest, weight=line.weight, by=by, origin=origin, grower_id=intake.grower_id)


def refuse(number: str, *, because: str, by: Viewer) -> Intake:
    """The fruit goes back with its grower, and why is kept. Raises `NotFound`, `IllegalMove`."""
    intake = queries.intake_of_buyer(by, number, lock=True)
    intake.become(IntakeState.REFUSED)
    intake.refused_because = because
    actor = by.acting_for(intake.seller_id)
    step(intake, by=actor)
    audit.note("intakes.refused", intake.subject, by=actor, because=because)
    emit(IntakeRefused(intake.number, intake.seller_id, intake.grower_id or 0))
    return intake

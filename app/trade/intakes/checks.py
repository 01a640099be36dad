"""Proving that what was weighed, graded, paid for and stored is one thing."""

from __future__ import annotations

from collections.abc import Iterator

from sqlalchemy import BigInteger, Subquery, and_, func, literal, or_, select, type_coerce
from sqlalchemy.orm import InstrumentedAttribute, aliased

from app.kernel.checks import Check, Finding
from app.kernel.db import AnySelect, session
from app.kernel.money import Money
from app.ledger.books.models import Account
from app.trade.intakes import pricing
from app.trade.intakes.accounts import OWED_FOR_FRUIT
from app.trade.intakes.models import Intake, IntakeLine, IntakePayment, PriceLine, PriceList
from app.trade.intakes.states import TAKEN, IntakeState
from app.trade.lots.models import Lot
from app.trade.lots.states import LotOrigin

_GRADED = (IntakeState.PRICED, *TAKEN)


def _weights() -> Iterator[Finding]:
    """V3: the net weight is in grades, impurities and what was returned, and each grade taken in is a lot of its own.

    That the books received each lot's weight is V3-in.
    """
    lines = func.coalesce(func.sum(type_coerce(IntakeLine.weight, BigInteger)), 0)
    sums = select(IntakeLine.intake_id, lines.label("grams")).group_by(IntakeLine.intake_id).subquery()
    rows = (
        select(Intake, func.coalesce(sums.c.grams, 0))
        .outerjoin(sums, sums.c.intake_id == Intake.id)
        .where(Intake.state.in_(_GRADED))
    )
    for intake, graded in session().execute(rows):
        there = int(graded) + intake.impurities.grams + intake.returned.grams
        if there != intake.net.grams:
            yield Finding(f"intake {intake.number}", f"{intake.net.grams} g weighed, {there} g accounted for")
    yield from _lots()


def _lots() -> Iterator[Finding]:
    rows: AnySelect = (
        select(Intake, IntakeLine, Lot)
        .join(IntakeLine, IntakeLine.intake_id == Intake.id)
        .outerjoin(Lot, Lot.id == IntakeLine.lot_id)
        .where(or_(Intake.state.in_(TAKEN), IntakeLine.lot_id.is_not(None)))
    )
    for row in session().execute(rows):
        intake, line, lot = row[0], row[1], row[2]
        origin = LotOrigin.OUTSIDE if intake.grower_id is None else LotOrigin.BOUGHT
        wanted = (intake.seller_id, intake.variety_key, line.grade_key, line.weight, intake.grower_id, origin)
        is_it = lot is not None and wanted == (
            lot.seller_id,
            lot.variety_key,
            lot.grade_key,
            lot.weight_in,
            lot.grower_id,
            lot.origin,
        )
        if not (is_it and intake.is_taken):
            yield Finding(f"intake {intake.number}", f"its lot of {line.grade_key} is missing or another")


def _money() -> Iterator[Finding]:
    """V4: each line costs weight by price, half up; a delivery owes its lines less what was paid, also in the books."""
    for line, number in session().execute(
        select(IntakeLine, Intake.number).join(Intake, Intake.id == IntakeLine.intake_id)
    ):
        if line.amount != pricing.amount(line.weight, line.per_jin):
            yield Finding(f"intake {number}", f"{line.grade_key} costs {line.amount.fen} fen, not weight by price")
    sums = _sums(IntakeLine.intake_id, IntakeLine.amount)
    paid = _sums(IntakePayment.intake_id, IntakePayment.amount)
    rows = (
        select(Intake, func.coalesce(sums.c.fen, 0), func.coalesce(paid.c.fen, 0), Account.cr, Account.dr)
        .outerjoin(sums, sums.c.of == Intake.id)
        .outerjoin(paid, paid.c.of == Intake.id)
        .outerjoin(
            Account, (Account.role == OWED_FOR_FRUIT.name) & (Account.subject == literal("intake:") + Intake.number)
        )
    )
    for intake, lines, gone, owed, settled in session().execute(rows):
        due = int(lines) if intake.is_taken else 0
        if intake.total.fen != lines:
            yield Finding(f"intake {intake.number}", f"total {intake.total.fen} fen, lines {lines} fen")
        if (owed or 0, settled or 0) != (due, gone) or gone > due:
            words = f"{due} fen due and {gone} paid, booked {owed or 0} and {settled or 0}"
            yield Finding(f"intake {intake.number}", words)


def _sums(of: InstrumentedAttribute[int], amount: InstrumentedAttribute[Money]) -> Subquery:
    fen = func.sum(type_coerce(amount, BigInteger))
    return select(of.label("of"), fen.label("fen")).group_by(of).subquery()


def _prices() -> Iterator[Finding]:
    """V4: a delivery is priced by the list in force when it came, and never below it."""
    later = aliased(PriceList)
    replaced = (
        select(later.id)
        .where(later.point_id == Intake.point_id, later.effective_from <= Intake.delivered_at)
        .where(
            or_(
                later.effective_from > PriceList.effective_from,
                and_(later.effective_from == PriceList.effective_from, later.version > PriceList.version),
            )
        )
        .exists()
    )
    wrong = (
        select(Intake.number)
        .join(PriceList, PriceList.id == Intake.list_id)
        .where(or_(PriceList.point_id != Intake.point_id, PriceList.effective_from > Intake.delivered_at, replaced))
    )
    for number in session().scalars(wrong.limit(50)):
        yield Finding(f"intake {number}", "is priced by a list that was not in force")
    posted = (
        select(Intake.number, IntakeLine.grade_key)
        .join(IntakeLine, IntakeLine.intake_id == Intake.id)
        .outerjoin(
            PriceLine,
            (PriceLine.list_id == Intake.list_id)
            & (PriceLine.variety_key == Intake.variety_key)
            & (PriceLine.grade_key == IntakeLine.grade_key),
        )
        .where(or_(PriceLine.id.is_(None), PriceLine.per_jin != IntakeLine.posted))
    )
    for number, grade in session().execute(posted.limit(50)):
        yield Finding(f"intake {number}", f"{grade} is not at the posted price")


CHECKS = (
    Check("V3-intakes", "收购的每一克都在等级、扣杂或退回里，收下的都成了批次", _weights),
    Check("V4-intakes", "收购款等于斤数乘单价，与账上一致，不会多付", _money),
    Check("V4-posted", "收购按送到时的牌价，不低于牌价", _prices),
)

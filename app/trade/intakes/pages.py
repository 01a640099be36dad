"""What pages show of points, prices and deliveries, where more than one door shows it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from flask import render_template
from flask_babel import gettext as _

from app.kernel import clock
from app.kernel.db import session
from app.kernel.errors import NotFound
from app.kernel.money import Money
from app.kernel.weight import Weight, decimal_text
from app.trade.catalog import queries as catalog
from app.trade.catalog.models import Grade
from app.trade.intakes import objections, queries
from app.trade.intakes.models import Intake, IntakeLine, IntakeObjection, IntakePayment, IntakeStep, PriceList
from app.trade.intakes.queries import PointRow, Row
from app.trade.intakes.states import IntakeState
from app.trade.lots import queries as lots
from app.trade.lots.models import Lot

_TONES = {
    IntakeState.WEIGHED: "warn",
    IntakeState.PRICED: "warn",
    IntakeState.ACCEPTED: "good",
    IntakeState.IN_STORE: "good",
    IntakeState.REFUSED: "bad",
}


def tone(state: IntakeState) -> str:
    """The colour of a state's badge."""
    return _TONES.get(state, "plain")


def grade_words(grade: Grade) -> str:
    """A grade with its standard, as people read it."""
    if not grade.standard:
        return _(grade.name)
    standard = f"{grade.category} {grade.standard}"
    return _("%(grade)s（%(standard)s）", grade=grade.name, standard=standard)


def all_grades() -> dict[str, Grade]:
    """Key → grade, those that are not in force any more too."""
    return {one.key: one for one in session().query(Grade)}


def grade_choices(day: date) -> list[tuple[str, str]]:
    """(key, words) of the grades in force that day, ungraded first."""
    grades = catalog.grades_in_force(day)
    return [(one.key, grade_words(one)) for one in sorted(grades, key=lambda one: bool(one.standard))]


@dataclass(frozen=True, slots=True)
class BoardLine:
    """A line of a board as people read it."""

    variety: str
    grade: str
    per_jin: Money
    size: str


@dataclass(frozen=True, slots=True)
class Board:
    """A posted list as people read it."""

    version: int
    effective_from: datetime
    is_to_come: bool
    note: str
    lines: Sequence[BoardLine]


def boards(lists: Sequence[PriceList]) -> list[Board]:
    """The lists in words; two statements for however many."""
    names = dict(catalog.varieties())
    grades = {key: grade_words(one) for key, one in all_grades().items()} if lists else {}
    now = clock.now()
    return [
        Board(
            one.version,
            one.effective_from,
            one.effective_from > now,
            one.note,
            [
                BoardLine(names.get(line.variety_key, ""), grades.get(line.grade_key, ""), line.per_jin, line.size)
                for line in one.lines
            ],
        )
        for one in lists
    ]


@dataclass(frozen=True, slots=True)
class PointBoard:
    """A point with what it pays today."""

    row: PointRow
    board: Board | None


def with_boards(rows: Sequence[PointRow]) -> list[PointBoard]:
    """The points with the lists in force now."""
    lists = queries.lists_in_force([row.point.id for row in rows], at=clock.now())
    shown = dict(zip(lists, boards(list(lists.values())), strict=True))
    return [PointBoard(row, shown.get(row.point.id)) for row in rows]


@dataclass(frozen=True, slots=True)
class GradedLine:
    """A graded part as people read it."""

    line: IntakeLine
    grade: str
    lot: Lot | None


@dataclass(frozen=True, slots=True)
class IntakePage:
    """Everything about a delivery."""

    row: Row
    variety: str
    lines: Sequence[GradedLine]
    steps: Sequence[IntakeStep]
    payments: Sequence[IntakePayment]
    objections: Sequence[IntakeObjection]
    may_object: bool
    board: Board

    @property
    def intake(self) -> Intake:
        """The delivery itself."""
        return self.row.intake

    @property
    def tone(self) -> str:
        """The colour of its badge."""
        return tone(self.intake.state)

    @property
    def left(self) -> Money:
        """What is still owed."""
        if not self.intake.is_taken:
            return Money(0)
        return self.intake.total - Money(sum(one.amount.fen for one in self.payments))

    @property
    def open_objection(self) -> IntakeObjection | None:
        """What waits for the buyer's answer."""
        return next((one for one in self.objections if one.answered_at is None), None)

    @property
    def bought(self) -> Weight:
        """What is paid for."""
        return queries.bought(self.intake)


def intake_page(intake: Intake) -> IntakePage:
    """The delivery with all that hangs on it, in a fixed number of statements."""
    graded = queries.lines_of(intake)
    grades = all_grades()
    by_id = lots.lots([line.lot_id for line in graded if line.lot_id is not None])
    lines = [
        GradedLine(one, grade_words(grades[one.grade_key]), by_id.get(one.lot_id) if one.lot_id else None)
        for one in graded
    ]
    (board,) = boards([queries.list_of(intake)])
    return IntakePage(
        queries.row_of(intake),
        queries.variety_name(intake.variety_key),
        lines,
        queries.steps_of(intake),
        queries.payments_of(intake),
        queries.objections_of(intake),
        objections.may_object(intake),
        board,
    )


def percent(per_mille: int) -> str:
    """23.5% of 235 per mille."""
    return f"{decimal_text(per_mille, 10)}%"


def slip_page(intake: Intake, *, back: str) -> str:
    """The slip of a delivery that was decided. Raises `NotFound` before."""
    if intake.state not in (IntakeState.ACCEPTED, IntakeState.IN_STORE, IntakeState.REFUSED):
        raise NotFound()
    one = intake_page(intake)
    return render_template("trade/intakes/slip.html", one=one, back=back, percent=percent, printed_at=clock.now())

"""A grower who does not agree with weight, grade or price, and the buyer's answer; the township reads both."""

from __future__ import annotations

from app import audit
from app.kernel import clock
from app.kernel.db import session
from app.kernel.events import emit
from app.kernel.permissions import Viewer
from app.trade.intakes import queries
from app.trade.intakes.errors import NothingToAnswer, ObjectionOpen, TooLateToObject
from app.trade.intakes.events import IntakeAnswered, IntakeObjected
from app.trade.intakes.models import OBJECT_WITHIN, Intake, IntakeObjection


def may_object(intake: Intake) -> bool:
    """Whether the seven days after the decision last."""
    decided = queries.decided_at(intake)
    return decided is not None and clock.now() < decided + OBJECT_WITHIN


def make(number: str, *, words: str, by: Viewer) -> IntakeObjection:
    """The grower's own delivery has an objection that waits for the buyer.

    Raises `NotFound`, `TooLateToObject`, `ObjectionOpen`.
    """
    intake = queries.intake_of_grower(by, number, lock=True)
    if not may_object(intake):
        raise TooLateToObject()
    if any(one.answered_at is None for one in queries.objections_of(intake)):
        raise ObjectionOpen()
    actor = by.acting_for(intake.grower_id or 0)
    row = IntakeObjection(intake_id=intake.id, words=words, at=clock.now(), by=actor)
    session().add(row)
    session().flush()
    audit.note("intakes.objected", intake.subject, by=actor)
    emit(IntakeObjected(intake.number, intake.seller_id, intake.grower_id or 0))
    return row


def answer(number: str, *, words: str, by: Viewer) -> IntakeObjection:
    """The buyer has answered what waited. Raises `NotFound`, `NothingToAnswer`."""
    intake = queries.intake_of_buyer(by, number, lock=True)
    waiting = [one for one in queries.objections_of(intake) if one.answered_at is None]
    if not waiting:
        raise NothingToAnswer()
    (row,) = waiting
    actor = by.acting_for(intake.seller_id)
    row.answer, row.answered_at, row.answered_by = words, clock.now(), actor
    session().flush()
    audit.note("intakes.answered", intake.subject, by=actor)
    emit(IntakeAnswered(intake.number, intake.seller_id, intake.grower_id or 0))
    return row

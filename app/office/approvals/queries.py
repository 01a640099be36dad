"""Reading what was asked and decided."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, and_, exists, false, or_, select

from app.kernel.db import locked, session
from app.kernel.permissions import Permission, Viewer
from app.office.approvals import procedures
from app.office.approvals.models import Approval, Decision
from app.office.approvals.procedures import Procedure
from app.office.approvals.states import ApprovalState
from app.people.accounts.models import Person
from app.people.townships import queries as townships

MOST_LISTED = 200


@dataclass(frozen=True, slots=True)
class Listed:
    """Something asked, as lists show it."""

    kind: str
    words: str
    link: str
    state: ApprovalState
    asked_at: datetime
    asked_by: str
    step: str


@dataclass(frozen=True, slots=True)
class Taken:
    """A step that somebody took."""

    words: str
    name: str
    agrees: bool
    because: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Course:
    """How a thing came to be decided: who asked, who took which step, and what the next step is."""

    approval: Approval
    asked_by: str
    taken: list[Taken]
    next_words: str

    def is_open_to(self, who: Viewer, permission: Permission) -> bool:
        """Whether a page may offer him the next step; deciding asks again, and more."""
        is_open = self.approval.state is ApprovalState.OPEN
        return is_open and who.may(permission) and self.approval.asked_by != who.person_id


def open_of(procedure: Procedure, subject: str, *, lock: bool = False) -> Approval | None:
    """What waits for a decision about a subject."""
    statement = select(Approval).where(
        Approval.kind == procedure.kind, Approval.subject == subject, Approval.state == ApprovalState.OPEN
    )
    return session().scalars(locked(statement) if lock else statement).one_or_none()


def latest_of(procedure: Procedure, subject: str, *, lock: bool = False) -> Approval | None:
    """What was asked last about a subject, however it stands."""
    statement = (
        select(Approval)
        .where(Approval.kind == procedure.kind, Approval.subject == subject)
        .order_by(Approval.id.desc())
        .limit(1)
    )
    return session().scalars(locked(statement) if lock else statement).one_or_none()


def decisions_of(approval: Approval) -> Sequence[Decision]:
    """The steps that were taken, in their order."""
    statement = select(Decision).where(Decision.approval_id == approval.id).order_by(Decision.step)
    return session().scalars(statement).all()


def course_of(procedure: Procedure, subject: str) -> Course | None:
    """How the newest request about a subject went; None when nobody asked."""
    approval = latest_of(procedure, subject)
    if approval is None:
        return None
    rows = session().execute(
        select(Decision, Person.name)
        .join(Person, Person.id == Decision.person_id)
        .where(Decision.approval_id == approval.id)
        .order_by(Decision.step)
    )
    taken = [Taken(procedure.steps[one.step - 1].words, name, one.agrees, one.because, one.at) for one, name in rows]
    is_open = approval.state is ApprovalState.OPEN
    asked_by = session().get_one(Person, approval.asked_by).name
    return Course(approval, asked_by, taken, procedure.steps[approval.step - 1].words if is_open else "")


def waiting_for(who: Viewer) -> list[Listed]:
    """What the person may decide now: not what he asked, and nothing in which he took a step; the oldest first."""
    took_part = exists().where(Decision.approval_id == Approval.id, Decision.person_id == who.person_id)
    reached = [
        _reach(who, one, place, step.permission)
        for one in procedures.known()
        for place, step in enumerate(one.steps, 1)
    ]
    is_open = and_(Approval.state == ApprovalState.OPEN, Approval.asked_by != who.person_id)
    return _listed(and_(is_open, ~took_part, or_(false(), *reached)), newest_first=False)


def _reach(who: Viewer, procedure: Procedure, place: int, permission: Permission) -> ColumnElement[bool]:
    if not who.may(permission):
        return false()
    here = and_(Approval.kind == procedure.kind, Approval.step == place)
    codes = who.townships(permission)
    return here if codes is None else and_(here, Approval.township.in_(townships.lineages(codes)))


def asked_by(who: Viewer) -> list[Listed]:
    """What the person asked himself, the newest first."""
    return _listed(Approval.asked_by == who.person_id, newest_first=True)


def _listed(wanted: ColumnElement[bool], *, newest_first: bool) -> list[Listed]:
    order = Approval.id.desc() if newest_first else Approval.id.asc()
    rows = session().execute(
        select(Approval, Person.name)
        .join(Person, Person.id == Approval.asked_by)
        .where(wanted)
        .order_by(order)
        .limit(MOST_LISTED)
    )
    return [_line(approval, name) for approval, name in rows]


def _line(approval: Approval, name: str) -> Listed:
    procedure = procedures.of_kind(approval.kind)
    return Listed(
        kind=procedure.words,
        words=approval.words,
        link=approval.link,
        state=approval.state,
        asked_at=approval.asked_at,
        asked_by=name,
        step=procedure.steps[approval.step - 1].words,
    )

"""Proving that nobody decided what he made, and that what is decided was decided by everybody who had to."""

from __future__ import annotations

from collections.abc import Iterator

from sqlalchemy import func, select

from app.kernel.checks import Check, Finding
from app.kernel.db import session
from app.office.approvals import procedures
from app.office.approvals.models import Approval, Decision
from app.office.approvals.states import ApprovalState


def _two_people() -> Iterator[Finding]:
    """V12: maker and deciders are different people, and an approval has the consent of each of its steps."""
    steps = {one.kind: len(one.steps) for one in procedures.known()}
    taken, people = func.count(Decision.step), func.count(Decision.person_id.distinct())
    rows = session().execute(
        select(Approval.id, Approval.kind, Approval.state, taken, people)
        .outerjoin(Decision, (Decision.approval_id == Approval.id) & Decision.agrees.is_(True))
        .group_by(Approval.id, Approval.kind, Approval.state)
    )
    for number, kind, state, steps_taken, by_people in rows:
        if steps_taken != by_people:
            yield Finding(f"approval {number}", "one person took two steps")
        if state is ApprovalState.APPROVED and steps_taken != steps.get(kind):
            yield Finding(f"approval {number}", f"approved after {steps_taken} of {steps.get(kind)} steps")
    own = select(Decision.approval_id).join(Approval, Approval.id == Decision.approval_id)
    for number in session().scalars(own.where(Decision.person_id == Approval.asked_by)):
        yield Finding(f"approval {number}", "decided by whoever asked for it")


CHECKS = (Check("V12", "提出的人不审批，一人只审一步", _two_people),)

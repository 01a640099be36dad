"""Asking for a decision and deciding: the maker never decides, one person takes one step, nothing stale passes."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Collection, Mapping
from dataclasses import dataclass

from sqlalchemy.exc import IntegrityError

from app import audit
from app.kernel import clock
from app.kernel.db import session
from app.kernel.errors import NotFound
from app.kernel.permissions import Permission, Viewer
from app.office.approvals import queries
from app.office.approvals.errors import (
    AlreadyDecided,
    AskedAlready,
    OwnInterest,
    OwnRequest,
    SecondStep,
    Stale,
    WhyMissing,
)
from app.office.approvals.models import Approval, Decision
from app.office.approvals.procedures import Procedure
from app.office.approvals.states import ApprovalState
from app.people.accounts import queries as people
from app.people.accounts.errors import NotSteppedUp
from app.people.townships import queries as townships

Payload = Mapping[str, str | int | None]


@dataclass(frozen=True, slots=True)
class Request:
    """What is asked: the thing, where it is (empty: the whole county's), what a list says of it, and its page."""

    subject: str
    words: str
    link: str
    township: str = ""


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a person decides, over what he saw, and why."""

    agrees: bool
    seen: str
    because: str = ""


def fingerprint(payload: Payload) -> str:
    """Equal for equal contents: SHA-256 in hex of the payload as JSON with sorted keys."""
    return hashlib.sha256(json.dumps(payload, ensure_ascii=False, sort_keys=True).encode()).hexdigest()


def ask(procedure: Procedure, request: Request, *, payload: Payload, by: Viewer) -> Approval:
    """The thing waits for its first decision, exactly as `payload` says it is now. Raises `AskedAlready`."""
    if queries.open_of(procedure, request.subject, lock=True) is not None:
        raise AskedAlready()
    approval = Approval(
        kind=procedure.kind,
        subject=request.subject,
        township=request.township,
        words=request.words,
        link=request.link,
        fingerprint=fingerprint(payload),
        asked_at=clock.now(),
        asked_by=by.person_id,
    )
    try:
        with session().begin_nested():
            session().add(approval)
    except IntegrityError as error:
        raise AskedAlready() from error
    audit.note("approvals.asked", request.subject, by=by.actor, kind=procedure.kind, fingerprint=approval.fingerprint)
    return approval


def decide(
    procedure: Procedure,
    subject: str,
    verdict: Verdict,
    *,
    payload: Payload,
    touching: Collection[int],
    by: Viewer,
) -> ApprovalState:
    """Take the next step about a subject; the state afterwards, `OPEN` while further steps remain.

    `payload` is what the thing is now, `touching` the ids of the sellers whose money it is about. The caller does in
    the same transaction what follows from the last agreement.
    Raises `NotFound` without anything to decide here, `NotSteppedUp`, `AlreadyDecided`, `OwnRequest`, `OwnInterest`,
    `SecondStep`, `WhyMissing` for a refusal without a reason, and `Stale` when the thing is not as it was asked or not
    as it was seen.
    """
    approval = queries.latest_of(procedure, subject, lock=True)
    if approval is None:
        raise NotFound()
    _refuse_who_is_late(approval)
    step = procedure.steps[approval.step - 1]
    if not may_decide(by, approval, step.permission):
        raise NotFound()
    if step.permission.needs_step_up and not by.is_stepped_up:
        raise NotSteppedUp()
    _refuse_the_involved(approval, touching, by)
    if not verdict.agrees and not verdict.because.strip():
        raise WhyMissing(field="because")
    if len({approval.fingerprint, verdict.seen, fingerprint(payload)}) > 1:
        raise Stale()
    return _decided(procedure, approval, verdict, by)


def _refuse_who_is_late(approval: Approval) -> None:
    if approval.state is ApprovalState.OPEN:
        return
    last = queries.decisions_of(approval)
    who, moment = (last[-1].person_id, last[-1].at) if last else (approval.asked_by, approval.ended_at or clock.now())
    raise AlreadyDecided(
        name=people.person(who).name,
        at=f"{moment.astimezone(clock.SHANGHAI):%Y-%m-%d %H:%M}",
        state=approval.state.words,
    )


def _refuse_the_involved(approval: Approval, touching: Collection[int], by: Viewer) -> None:
    if approval.asked_by == by.person_id:
        raise OwnRequest()
    if any(one.person_id == by.person_id for one in queries.decisions_of(approval)):
        raise SecondStep()
    if by.seller_ids.intersection(touching):
        raise OwnInterest()


def _decided(procedure: Procedure, approval: Approval, verdict: Verdict, by: Viewer) -> ApprovalState:
    moment = clock.now()
    session().add(
        Decision(
            approval_id=approval.id,
            step=approval.step,
            asked_by=approval.asked_by,
            person_id=by.person_id,
            agrees=verdict.agrees,
            because=verdict.because.strip(),
            at=moment,
        )
    )
    if not verdict.agrees:
        approval.end(ApprovalState.REFUSED, at=moment)
    elif approval.step == len(procedure.steps):
        approval.end(ApprovalState.APPROVED, at=moment)
    else:
        approval.step += 1
    session().flush()
    audit.note(
        "approvals.decided",
        approval.subject,
        by=by.actor,
        because=verdict.because.strip(),
        kind=approval.kind,
        agrees=verdict.agrees,
        state=approval.state.value,
        fingerprint=approval.fingerprint,
    )
    return approval.state


def withdraw(procedure: Procedure, subject: str, *, by: Viewer) -> Approval:
    """Whoever asked takes it back while it waits. Raises `NotFound` for others, `AlreadyDecided`."""
    approval = queries.latest_of(procedure, subject, lock=True)
    if approval is None or approval.asked_by != by.person_id:
        raise NotFound()
    _refuse_who_is_late(approval)
    approval.end(ApprovalState.WITHDRAWN, at=clock.now())
    session().flush()
    audit.note("approvals.withdrawn", subject, by=by.actor, kind=procedure.kind)
    return approval


def may_decide(who: Viewer, approval: Approval, permission: Permission) -> bool:
    """Whether the person holds the permission where the thing is: of a township, or of the whole county."""
    if not who.may(permission):
        return False
    codes = who.townships(permission)
    return codes is None or (bool(approval.township) and approval.township in townships.lineages(codes))

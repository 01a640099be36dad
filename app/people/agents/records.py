"""What was done in a seller's name, from the audit; the slip that says it on paper; and objections to it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from app.audit import service as audit
from app.audit.models import AuditRow
from app.kernel import clock
from app.kernel.db import session
from app.kernel.errors import NotFound
from app.kernel.events import emit
from app.kernel.permissions import Viewer
from app.people.accounts import wording
from app.people.accounts.errors import NotSteppedUp, ReasonMissing
from app.people.agents import queries
from app.people.agents.errors import AlreadyObjected, WordsNeeded
from app.people.agents.events import ActAnswered, ActObjected
from app.people.agents.models import Objection
from app.people.agents.permissions import AGENTS_MANAGE, AGENTS_READ
from app.people.growers import actors
from app.people.growers import queries as growers

MOST = 20


@dataclass(frozen=True, slots=True)
class Kind:
    """How one kind of act is told: in short, and, for the slip, the facts of its row as (label, value)."""

    words: str
    facts: Callable[[AuditRow], Sequence[tuple[str, str]]]


@dataclass(frozen=True, slots=True)
class Act:
    """One thing that an agent did for a seller."""

    id: int
    at: datetime
    words: str
    agent_id: int
    seller_id: int


@dataclass(frozen=True, slots=True)
class Slip:
    """An act with everything that its paper says."""

    act: Act
    agent_name: str
    seller_name: str
    township_code: str
    facts: Sequence[tuple[str, str]]
    objection: Objection | None
    may_object: bool
    is_for_official: bool


_kinds: dict[str, Kind] = {}


def register(kinds: dict[str, Kind]) -> None:
    """From here on, acts of these names are told so. The assembly says it; saying it again changes nothing."""
    _kinds.update(kinds)


def of_pairs(pairs: Iterable[tuple[int, int]], *, limit: int = MOST) -> list[Act]:
    """What these (person, seller) did as agent for seller, the newest first."""
    named = [f"person:{person} for seller:{seller}" for person, seller in set(pairs)]
    if not named:
        return []
    rows = session().scalars(
        select(AuditRow)
        .where(AuditRow.actor.in_(named), AuditRow.act.in_(_kinds))
        .order_by(AuditRow.id.desc())
        .limit(limit)
    )
    return [act for row in rows if (act := _act(row)) is not None]


def slip(audit_id: int, *, viewer: Viewer) -> Slip:
    """The slip of one act, for the seller's own people, the agent himself and officials of the place.

    Raises `NotFound` for everybody else, and for what is no act of an agent.
    """
    row = session().get(AuditRow, audit_id)
    act = None if row is None else _act(row)
    if row is None or act is None:
        raise NotFound()
    seller = growers.seller(act.seller_id)
    is_own = growers.is_member(viewer.person_id, seller.id)
    is_official = queries.reaches(viewer, AGENTS_READ, seller.township_code)
    if not (is_own or is_official or viewer.person_id == act.agent_id):
        raise NotFound()
    objection = queries.objection_to(row.id)
    manages = queries.reaches(viewer, AGENTS_MANAGE, seller.township_code)
    return Slip(
        act=act,
        agent_name=actors.names_of({act.agent_id}).get(act.agent_id, ""),
        seller_name=seller.name,
        township_code=seller.township_code,
        facts=_kinds[row.act].facts(row),
        objection=objection,
        may_object=objection is None and (is_own or manages),
        is_for_official=is_official and not is_own,
    )


def object_to(audit_id: int, words: str, *, by: Viewer) -> Objection:
    """The seller's people, or its township for them, say that an act was not right; the township is told.

    Raises `NotFound`, `WordsNeeded`, `AlreadyObjected`.
    """
    seen = slip(audit_id, viewer=by)
    said = _said(words, field="words")
    if seen.objection is not None:
        raise AlreadyObjected()
    if not seen.may_object:
        raise NotFound()
    objection = Objection(
        seller_id=seen.act.seller_id, audit_id=audit_id, words=said, raised_by=by.actor, raised_at=clock.now()
    )
    try:
        with session().begin_nested():
            session().add(objection)
    except IntegrityError as error:
        raise AlreadyObjected() from error
    audit.note("agents.objected", f"seller:{objection.seller_id}", by=by.actor, because=said, record=audit_id)
    emit(ActObjected(objection_id=objection.id))
    return objection


def answer(objection_id: int, words: str, *, by: Viewer) -> Objection:
    """The township has looked into it and says what it did. Raises `NotFound`, `NotSteppedUp`, `WordsNeeded`."""
    said = _said(words, field="answer")
    seller = growers.seller(queries.objection(objection_id).seller_id)
    if not queries.reaches(by, AGENTS_MANAGE, seller.township_code):
        raise NotFound()
    if not by.is_stepped_up:
        raise NotSteppedUp()
    objection = queries.objection(objection_id, lock=True)
    if objection.answered_at is not None or growers.is_member(by.person_id, seller.id):
        raise NotFound()
    objection.answered_at, objection.answered_by, objection.answer = clock.now(), by.actor, said
    audit.note("agents.objection_answered", f"seller:{seller.id}", by=by.actor, because=said, objection=objection.id)
    session().flush()
    emit(ActAnswered(objection_id=objection.id))
    return objection


def _said(words: str, *, field: str) -> str:
    try:
        return wording.reason(words)
    except ReasonMissing as error:
        raise WordsNeeded(field=field) from error


def _act(row: AuditRow) -> Act | None:
    parts = actors.parts_of(row.actor)
    kind = _kinds.get(row.act)
    if parts is None or parts[1] is None or kind is None:
        return None
    return Act(row.id, row.at, kind.words, parts[0], parts[1])

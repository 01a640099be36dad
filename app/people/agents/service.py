"""Naming agents and ending it: by an official of their township, who acts for nobody himself."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

from sqlalchemy.exc import IntegrityError

from app.audit import service as audit
from app.kernel import clock
from app.kernel.db import session
from app.kernel.errors import Forbidden, NotFound
from app.kernel.events import emit
from app.kernel.permissions import Viewer
from app.people.accounts import queries as accounts
from app.people.accounts import wording
from app.people.accounts.errors import NotSteppedUp
from app.people.agents import mandates, queries
from app.people.agents.errors import AlreadyAgent, BadPlace, BadUntil, NobodyThere, OfficialActsForNobody
from app.people.agents.events import AgentEnded, AgentNamed, MandateEnded
from app.people.agents.models import Agent
from app.people.agents.permissions import AGENTS_MANAGE
from app.people.townships import queries as townships

LONGEST = timedelta(days=365)


@dataclass(frozen=True, slots=True)
class Naming:
    """Whom a township lets act for growers: his number, where, and until when."""

    phone: str
    township_code: str
    village_id: int | None
    until: date


def name(naming: Naming, *, because: str, by: Viewer) -> Agent:
    """The person may ask growers of that place for mandates from now on.

    Raises `Forbidden` outside the official's townships, `NotSteppedUp`, `BadPhone`, `NobodyThere`, `BadPlace`,
    `BadUntil`, `OfficialActsForNobody`, `AlreadyAgent`, `ReasonMissing`.
    """
    refuse_unless_official(by, naming.township_code)
    reason = wording.reason(because)
    found = accounts.by_phone(naming.phone)
    if found is None or found.disabled_at is not None:
        raise NobodyThere(field="phone")
    person = accounts.person(found.id, lock=True)
    if accounts.is_staff(person.id) or person.id == by.person_id:
        raise OfficialActsForNobody(field="phone")
    _check(naming)
    before = queries.open_agent_of(person.id, lock=True)
    if before is not None:
        if before.is_standing(clock.today()):
            raise AlreadyAgent(field="phone")
        _end(before, by=by, because="已经到期")
    agent = Agent(
        person_id=person.id,
        township_code=naming.township_code,
        village_id=naming.village_id,
        named_by=by.actor,
        named_at=clock.now(),
        until=naming.until,
        because=reason,
    )
    try:
        with session().begin_nested():
            session().add(agent)
    except IntegrityError as error:
        raise AlreadyAgent(field="phone") from error
    audit.note("agents.named", f"agent:{agent.id}", by=by.actor, because=reason, person=person.id)
    emit(AgentNamed(agent_id=agent.id))
    return agent


def end(agent_id: int, *, because: str, by: Viewer) -> Agent:
    """The person is an agent no more, and acts for nobody from his next request on.

    Raises `NotFound` outside the official's townships or when it was ended before, `NotSteppedUp`, `ReasonMissing`.
    """
    reason = wording.reason(because)
    seen = queries.agent_in_scope(agent_id, by, AGENTS_MANAGE).agent
    if not by.is_stepped_up:
        raise NotSteppedUp()
    accounts.person(seen.person_id, lock=True)
    agent = queries.agent(agent_id, lock=True)
    if agent.ended_at is not None:
        raise NotFound()
    _end(agent, by=by, because=reason)
    emit(AgentEnded(agent_id=agent.id))
    return agent


def refuse_unless_official(by: Viewer, township_code: str) -> None:
    """Raises `Forbidden` outside the official's townships, `NotSteppedUp`."""
    if not queries.reaches(by, AGENTS_MANAGE, township_code):
        raise Forbidden()
    if not by.is_stepped_up:
        raise NotSteppedUp()


def _end(agent: Agent, *, by: Viewer, because: str) -> None:
    for mandate in queries.live_of(agent.id):
        mandates.stop(mandate, by=by.actor, because=because)
        emit(MandateEnded(mandate_id=mandate.id))
    agent.end(by=by.actor, because=because, at=clock.now())
    session().flush()
    audit.note("agents.ended", f"agent:{agent.id}", by=by.actor, because=because, person=agent.person_id)


def _check(naming: Naming) -> None:
    if naming.township_code not in {place.code for place in townships.present()}:
        raise BadPlace(field="township_code")
    if naming.village_id is not None:
        try:
            townships.village(naming.village_id, in_township=naming.township_code)
        except NotFound as error:
            raise BadPlace(field="village") from error
    today = clock.today()
    if not today < naming.until <= today + LONGEST:
        raise BadUntil(field="until")

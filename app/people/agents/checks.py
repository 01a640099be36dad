"""Proving that nobody acts for a seller without its consent: rights, mandates and what was done say the same."""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Iterator

from sqlalchemy import or_, select

from app.audit.models import AuditRow
from app.kernel import clock
from app.kernel.checks import Check, Finding
from app.kernel.db import session
from app.kernel.errors import NotFound
from app.people.accounts import queries as accounts
from app.people.accounts.models import RoleGrant
from app.people.accounts.states import Role
from app.people.agents import papers
from app.people.agents.models import Agent, Mandate
from app.people.agents.states import MandateState, Way
from app.people.growers import actors


def _rights_come_from_mandates() -> Iterator[Finding]:
    good = {
        row.grant_id: row
        for row in session().execute(
            select(Mandate.grant_id, Mandate.seller_id, Mandate.expires_on, Agent.person_id, Agent.ended_at)
            .join(Agent, Agent.id == Mandate.agent_id)
            .where(Mandate.state == MandateState.IN_FORCE)
        )
    }
    for grant in session().scalars(select(RoleGrant).where(RoleGrant.role == Role.AGENT, accounts.is_held())):
        row = good.get(grant.id)
        if row is None or row.ended_at is not None:
            yield Finding(f"role {grant.id}", "lets an agent act without a mandate in force")
        elif (grant.person_id, grant.scope, grant.ends_at) != (
            row.person_id,
            f"seller:{row.seller_id}",
            clock.end_of(row.expires_on),
        ):
            yield Finding(f"role {grant.id}", "is not what its mandate says")


def _papers_were_looked_at() -> Iterator[Finding]:
    unseen = select(Mandate.id).where(
        Mandate.way == Way.ON_PAPER,
        Mandate.grant_id.is_not(None),
        or_(Mandate.decided_by.is_(None), Mandate.decided_by == Mandate.recorded_by),
    )
    for number in session().scalars(unseen):
        yield Finding(f"mandate {number}", "on paper is in force, and nobody else looked at it")
    for mandate in session().scalars(select(Mandate).where(Mandate.paper_stem.is_not(None))):
        try:
            is_same = hashlib.sha256(papers.read(mandate.paper_stem or "")).hexdigest() == mandate.paper_sha256
        except NotFound:
            is_same = False
        if not is_same:
            yield Finding(f"mandate {mandate.id}", "its paper is missing or is another")


def _acts_were_covered() -> Iterator[Finding]:
    spans: dict[tuple[int, int], list[Mandate]] = defaultdict(list)
    given = select(Agent.person_id, Mandate).join(Mandate, Mandate.agent_id == Agent.id)
    for person_id, mandate in session().execute(given.where(Mandate.grant_id.is_not(None))).all():
        spans[person_id, mandate.seller_id].append(mandate)
    done = select(AuditRow).where(AuditRow.actor.like("person:% for seller:%"))
    for row in session().scalars(done.execution_options(yield_per=1000)):
        parts = actors.parts_of(row.actor)
        covers = [] if parts is None or parts[1] is None else spans[parts[0], parts[1]]
        if not any(_covers(one, row) for one in covers):
            yield Finding(f"audit row {row.id}", "was done for a seller without a mandate in force")


def _covers(mandate: Mandate, row: AuditRow) -> bool:
    begun = mandate.decided_at is not None and mandate.decided_at <= row.at
    is_over = mandate.ended_at is not None and mandate.ended_at < row.at
    return begun and not is_over and row.at < clock.end_of(mandate.expires_on)


CHECKS = (
    Check("A1", "代办员的权限都来自枣农现在有效的委托，到期日也一样", _rights_come_from_mandates),
    Check("A2", "纸质委托书都由另一位干部核对过，照片还在、没有换过", _papers_were_looked_at),
    Check("A3", "代办员替枣农办的每件事，当时都有有效的委托", _acts_were_covered),
)
"""Source: 个人信息保护法 art. 14 and 15; 民法典 art. 165 and 173."""

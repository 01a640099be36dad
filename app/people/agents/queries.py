"""Reading agents, mandates and objections, always through what the asker may see."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeVar

from sqlalchemy import ColumnElement, Select, select, true

from app.kernel import clock, paging
from app.kernel.db import AnySelect, locked, session
from app.kernel.errors import NotFound
from app.kernel.paging import Page
from app.kernel.permissions import Permission, Viewer
from app.people.accounts.models import Person
from app.people.agents.models import Agent, Mandate, Objection
from app.people.agents.states import LIVE, PENDING, MandateState
from app.people.growers.models import Membership, Seller
from app.people.townships import queries as townships
from app.people.townships.models import Township, Village

MOST_EARLIER = 20
T = TypeVar("T", Agent, Mandate, Objection)


@dataclass(frozen=True, slots=True)
class NamedAgent:
    """An agent as lists show him."""

    agent: Agent
    name: str
    township: str
    village: str


@dataclass(frozen=True, slots=True)
class Listed:
    """A mandate as lists show it: whose, and for whom."""

    mandate: Mandate
    agent: Agent
    agent_name: str
    seller: Seller


def standing_agent(person_id: int) -> Agent | None:
    """What the person is an agent for today, if he is one."""
    found = (
        session()
        .scalars(select(Agent).where(Agent.person_id == person_id, Agent.ended_at.is_(None)).limit(1))
        .one_or_none()
    )
    return found if found is not None and found.is_standing(clock.today()) else None


def agent(agent_id: int, *, lock: bool = False) -> Agent:
    """The agent, standing or not. Raises `NotFound`."""
    return _one(select(Agent).where(Agent.id == agent_id), lock=lock)


def open_agent_of(person_id: int, *, lock: bool = False) -> Agent | None:
    """His naming that nobody has ended, past its day or not."""
    statement = select(Agent).where(Agent.person_id == person_id, Agent.ended_at.is_(None))
    return session().scalars(locked(statement) if lock else statement).one_or_none()


def agent_in_scope(agent_id: int, viewer: Viewer, permission: Permission) -> NamedAgent:
    """The agent, if his place lies where the viewer holds the permission. Raises `NotFound`."""
    row = session().execute(_named(viewer, permission).where(Agent.id == agent_id)).one_or_none()
    if row is None:
        raise NotFound()
    return NamedAgent(row[0], row[1], row[2], row[3] or "")


def page_of_agents(viewer: Viewer, permission: Permission, *, cursor: str | None) -> Page[NamedAgent]:
    """The agents of the viewer's townships, the last named first. Raises `BadCursor`."""
    keys = (paging.Key(Agent.id.expression, lambda row: row[0].id, descending=True),)
    page = paging.page(session().execute(paging.after(_named(viewer, permission), keys, cursor)).all(), keys)
    return Page([NamedAgent(row[0], row[1], row[2], row[3] or "") for row in page.items], page.next_cursor)


def _named(viewer: Viewer, permission: Permission) -> AnySelect:
    return (
        select(Agent, Person.name, Township.name, Village.name)
        .join(Person, Person.id == Agent.person_id)
        .join(Township, Township.code == Agent.township_code)
        .outerjoin(Village, Village.id == Agent.village_id)
        .where(_within(viewer, permission, Agent.township_code.expression))
    )


def serving(sellers: Sequence[Seller]) -> dict[int, list[NamedAgent]]:
    """Seller id → the agents of its place, the longest named first."""
    today = clock.today()
    codes = {code for one in sellers for code in townships.lineage(one.township_code)}
    rows = (
        session()
        .execute(
            select(Agent, Person.name, Township.name, Village.name)
            .join(Person, Person.id == Agent.person_id)
            .join(Township, Township.code == Agent.township_code)
            .outerjoin(Village, Village.id == Agent.village_id)
            .where(Agent.township_code.in_(codes), Agent.ended_at.is_(None), Agent.until >= today)
            .order_by(Agent.id)
        )
        .all()
    )
    found = [NamedAgent(row[0], row[1], row[2], row[3] or "") for row in rows]
    return {seller.id: [one for one in found if serves(one.agent, seller)] for seller in sellers}


def serves(one: Agent, seller: Seller) -> bool:
    """Whether the seller lies where he is an agent."""
    if one.township_code not in townships.lineage(seller.township_code):
        return False
    return one.village_id is None or one.village_id == seller.village_id


def mandate(mandate_id: int, *, lock: bool = False) -> Mandate:
    """The mandate, whatever its state. Raises `NotFound`."""
    return _one(select(Mandate).where(Mandate.id == mandate_id), lock=lock)


def mandate_of_member(mandate_id: int, viewer: Viewer) -> Mandate:
    """The mandate, if the viewer is one of its seller's people. Raises `NotFound`."""
    mine = select(Membership.seller_id).where(Membership.person_id == viewer.person_id, Membership.ended_at.is_(None))
    return _one(select(Mandate).where(Mandate.id == mandate_id, Mandate.seller_id.in_(mine)), lock=False)


def mandate_of_agent(mandate_id: int, viewer: Viewer) -> Mandate:
    """The mandate, if the viewer is the agent of it. Raises `NotFound`."""
    his = select(Agent.id).where(Agent.person_id == viewer.person_id)
    return _one(select(Mandate).where(Mandate.id == mandate_id, Mandate.agent_id.in_(his)), lock=False)


def mandate_in_scope(mandate_id: int, viewer: Viewer, permission: Permission) -> Mandate:
    """The mandate, if its seller lies where the viewer holds the permission. Raises `NotFound`."""
    statement = (
        select(Mandate)
        .join(Seller, Seller.id == Mandate.seller_id)
        .where(Mandate.id == mandate_id, _within(viewer, permission, Seller.township_code.expression))
    )
    return _one(statement, lock=False)


def live_of(agent_id: int) -> Sequence[Mandate]:
    """The mandates of an agent that are asked for, wait or are in force."""
    statement = select(Mandate).where(Mandate.agent_id == agent_id, Mandate.state.in_(LIVE)).order_by(Mandate.id)
    return session().scalars(locked(statement)).all()


def between(agent_id: int, seller_id: int) -> dict[MandateState, Mandate]:
    """The live mandates between the two, locked, by state."""
    statement = select(Mandate).where(
        Mandate.agent_id == agent_id, Mandate.seller_id == seller_id, Mandate.state.in_(LIVE)
    )
    return {one.state: one for one in session().scalars(locked(statement.order_by(Mandate.id)))}


def of_sellers(seller_ids: Sequence[int]) -> list[Listed]:
    """The sellers' mandates, live ones first, then the newest; at most so many."""
    statement = _listed().where(Mandate.seller_id.in_(seller_ids))
    return _rows(statement.order_by(Mandate.state.in_(LIVE).desc(), Mandate.id.desc()).limit(MOST_EARLIER * 2))


def of_agent(person_id: int) -> list[Listed]:
    """The mandates that the person asked for or has: live ones alone, by the seller's name."""
    statement = _listed().where(Agent.person_id == person_id, Mandate.state.in_(LIVE))
    return _rows(statement.order_by(Seller.name, Mandate.id))


def all_of(agent_id: int) -> list[Listed]:
    """Every mandate of one naming, live ones first, then the newest; at most so many."""
    statement = _listed().where(Mandate.agent_id == agent_id)
    return _rows(statement.order_by(Mandate.state.in_(LIVE).desc(), Mandate.id.desc()).limit(MOST_EARLIER * 5))


def listed(mandate_id: int) -> Listed:
    """A mandate with its names. Raises `NotFound`."""
    rows = _rows(_listed().where(Mandate.id == mandate_id))
    if not rows:
        raise NotFound()
    return rows[0]


def papers_waiting(viewer: Viewer, permission: Permission) -> list[Listed]:
    """The mandates on paper that wait where the viewer holds the permission, the longest waiting first."""
    statement = _listed().where(
        Mandate.state == MandateState.WAITING, _within(viewer, permission, Seller.township_code.expression)
    )
    return _rows(statement.order_by(Mandate.id).limit(100))


def agents_of(seller_id: int) -> list[int]:
    """The people who may act as agents of the seller today."""
    statement = (
        select(Agent.person_id)
        .join(Mandate, Mandate.agent_id == Agent.id)
        .where(Mandate.seller_id == seller_id, Mandate.state == MandateState.IN_FORCE)
        .where(Mandate.expires_on >= clock.today())
        .distinct()
        .order_by(Agent.person_id)
    )
    return list(session().scalars(statement))


def objection(objection_id: int, *, lock: bool = False) -> Objection:
    """The objection. Raises `NotFound`."""
    return _one(select(Objection).where(Objection.id == objection_id), lock=lock)


def objection_to(audit_id: int) -> Objection | None:
    """What was objected to an act, if anything was."""
    return session().scalars(select(Objection).where(Objection.audit_id == audit_id)).one_or_none()


def open_objections(viewer: Viewer, permission: Permission) -> list[tuple[Objection, str]]:
    """The objections that nobody has answered where the viewer holds the permission, with the seller's name."""
    rows = (
        session()
        .execute(
            select(Objection, Seller.name)
            .join(Seller, Seller.id == Objection.seller_id)
            .where(Objection.answered_at.is_(None), _within(viewer, permission, Seller.township_code.expression))
            .order_by(Objection.id)
            .limit(100)
        )
        .all()
    )
    return [(row[0], row[1]) for row in rows]


def is_pending(one: Mandate) -> bool:
    """Whether it was asked for, or waits for the township."""
    return one.state in PENDING


def _listed() -> AnySelect:
    return (
        select(Mandate, Agent, Person.name, Seller)
        .join(Agent, Agent.id == Mandate.agent_id)
        .join(Person, Person.id == Agent.person_id)
        .join(Seller, Seller.id == Mandate.seller_id)
    )


def _rows(statement: AnySelect) -> list[Listed]:
    return [Listed(*row) for row in session().execute(statement).all()]


def _within(viewer: Viewer, permission: Permission, code: ColumnElement[str]) -> ColumnElement[bool]:
    codes = viewer.townships(permission)
    return true() if codes is None else code.in_(townships.lineages(codes))


def reaches(viewer: Viewer, permission: Permission, township_code: str) -> bool:
    """Whether the viewer holds the permission in the township."""
    if not viewer.may(permission):
        return False
    codes = viewer.townships(permission)
    return codes is None or township_code in townships.lineages(codes)


def _one(statement: Select[T], *, lock: bool) -> T:
    found = session().scalars(locked(statement) if lock else statement).one_or_none()
    if found is None:
        raise NotFound()
    return found

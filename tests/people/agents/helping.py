"""An agent of Mengmen, and the short ways to a mandate."""

from __future__ import annotations

from datetime import timedelta

from app.kernel import clock
from app.kernel.db import transaction
from app.kernel.permissions import Viewer
from app.people.accounts import queries as accounts
from app.people.agents import mandates, queries, service
from app.people.agents.mandates import Wish
from app.people.agents.models import Agent, Mandate
from app.people.agents.papers import Paper
from app.people.agents.service import Naming
from tests.cast import MENGMEN, a_viewer, seen_anew, shop_of

PAPER = Paper("a" * 24, "0" * 64)


def phone_of(who: Viewer) -> str:
    return accounts.phone_of(accounts.person(who.person_id))


def name_agent(who: Viewer, *, by: Viewer, days: int = 365, village_id: int | None = None) -> Agent:
    naming = Naming(phone_of(who), MENGMEN, village_id, clock.today() + timedelta(days=days))
    with transaction():
        return service.name(naming, because="村里推选的", by=by)


def an_agent(*, named_by: Viewer, days: int = 365) -> Viewer:
    """Gao Erniu, whom the township has named, and whom no grower has let act yet."""
    person = a_viewer("高二牛")
    name_agent(person, by=named_by, days=days)
    return seen_anew(person.person_id)


def give(grower: Viewer, agent: Viewer, *, days: int = 90) -> Mandate:
    """The grower lets the agent act, himself, on his own phone."""
    standing = queries.standing_agent(agent.person_id)
    assert standing is not None
    with transaction():
        return mandates.give(shop_of(grower).id, standing.id, days, by=grower)


def ask(grower: Viewer, agent: Viewer, *, days: int = 90) -> Mandate:
    """The agent asks, and a code goes to the grower's phone."""
    with transaction():
        return mandates.ask(Wish(phone_of(grower), days), by=agent)


def acting_for(grower: Viewer, *, named_by: Viewer) -> Viewer:
    """An agent with a good mandate, as he is at his next request."""
    agent = an_agent(named_by=named_by)
    give(grower, agent)
    return seen_anew(agent.person_id)

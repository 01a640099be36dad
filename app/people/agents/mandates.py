"""A grower's consent that an agent acts for him: asked for, given by himself, by a code or on paper, and taken back."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

from sqlalchemy import select

from app.audit import service as audit
from app.kernel import clock, ids
from app.kernel.db import locked, session
from app.kernel.errors import NotFound
from app.kernel.events import Fact, emit
from app.kernel.permissions import Viewer
from app.people.accounts import attempts, phones, roles, wording
from app.people.accounts import queries as accounts
from app.people.accounts.attempts import Kind, Try
from app.people.accounts.errors import NotSteppedUp, TooManyAttempts
from app.people.accounts.models import RoleGrant
from app.people.accounts.states import Role
from app.people.agents import codes, queries
from app.people.agents.errors import (
    AskedTooOften,
    BadLength,
    BadMandateCode,
    NoSuchGrower,
    NotAnAgent,
    OwnRecord,
    OwnShop,
)
from app.people.agents.events import MandateAsked, MandateEnded, MandateGiven, MandateOnPaper, MandateRefused
from app.people.agents.models import Agent, Mandate
from app.people.agents.papers import Paper
from app.people.agents.permissions import AGENTS_MANAGE
from app.people.agents.states import MandateState, Way
from app.people.agents.wording import CURRENT
from app.people.growers import queries as growers
from app.people.growers.models import Seller
from app.people.growers.states import SellerStatus

LENGTHS = (90, 180, 365)
"""The days for which a mandate may be given; a year is the most."""
ASKED = Kind("mandate_asked", ((20, timedelta(days=1)),))
"""Numbers that an agent tries on one day, so that he does not learn whose number is whose."""
CODES = Kind("mandate_codes", ((3, timedelta(hours=1)), (6, timedelta(days=1))))
"""Codes that one grower is texted, whoever asks."""
GUESSES = Kind("mandate_guess", ((5, codes.LIVE_FOR), (20, timedelta(days=1))))


@dataclass(frozen=True, slots=True)
class Wish:
    """For whom an agent would act, and for how many days."""

    phone: str
    days: int


def begin_asking(wish: Wish, *, by: Viewer) -> None:
    """Count that the agent tries a number, in a transaction of its own. Raises `BadPhone`, `AskedTooOften`."""
    phones.parse(wish.phone)
    _count(ASKED, f"person:{by.person_id}")


def ask(wish: Wish, *, by: Viewer) -> Mandate:
    """The grower is asked: a code goes to his phone, and who has it may give the mandate with it.

    What was asked before between the two is replaced. Raises `NotAnAgent`, `BadLength`, `NoSuchGrower`, `OwnShop`,
    `AskedTooOften` when the grower was asked too often.
    """
    agent, seller = _parties(wish, by=by)
    _count(CODES, f"seller:{seller.id}")
    mandate = _record(agent, seller, wish.days, way=Way.BY_PHONE_CODE, state=MandateState.ASKED, by=by.actor)
    mandate.code_key, mandate.code_until = ids.token(), clock.now() + codes.LIVE_FOR
    _note("mandates.asked", mandate, by=by.actor)
    _tell(MandateAsked(mandate_id=mandate.id))
    return mandate


def on_paper(wish: Wish, paper: Paper, *, by: Viewer) -> Mandate:
    """A signed paper waits for the township; until it has looked, the agent has no right. Raises as `ask` does."""
    agent, seller = _parties(wish, by=by)
    mandate = _record(agent, seller, wish.days, way=Way.ON_PAPER, state=MandateState.WAITING, by=by.actor, paper=paper)
    _note("mandates.on_paper", mandate, by=by.actor, sha256=paper.sha256)
    _tell(MandateOnPaper(mandate_id=mandate.id))
    return mandate


def give(seller_id: int, agent_id: int, days: int, *, by: Viewer) -> Mandate:
    """One of the seller's people, signed in himself, lets the agent act from now on.

    Raises `NotFound` unless the viewer is one of them and the agent serves his place, `BadLength`, `OwnShop`.
    """
    seller = growers.own_seller(seller_id, by)
    agent = _locked_agent(agent_id)
    if not _may_serve(agent, seller):
        raise NotFound()
    _refuse_own(agent, seller)
    mandate = _record(agent, seller, days, way=Way.IN_PERSON, state=MandateState.ASKED, by=by.actor)
    return _put_in_force(mandate, agent, by=by.actor, because="枣农自己同意")


def accept(mandate_id: int, *, by: Viewer) -> Mandate:
    """One of the seller's people, signed in himself, agrees to what an agent asked.

    Raises `NotFound`, `IllegalMove` unless it is asked for, `NotAnAgent` when he is an agent no more.
    """
    mandate, agent = _locked(queries.mandate_of_member(mandate_id, by))
    if mandate.state is not MandateState.ASKED:
        raise NotFound()
    mandate.way = Way.IN_PERSON
    return _put_in_force(mandate, agent, by=by.actor, because="枣农自己同意")


def decline(mandate_id: int, *, by: Viewer) -> Mandate:
    """One of the seller's people does not agree. Raises `NotFound`, `IllegalMove`."""
    mandate, _agent = _locked(queries.mandate_of_member(mandate_id, by))
    return _refuse(mandate, by=by.actor, because="枣农不同意")


def begin_guess(mandate_id: int, *, by: Viewer) -> Try:
    """Count a guess at the code, in a transaction of its own. Raises `NotFound`, `AskedTooOften`."""
    mandate = queries.mandate_of_agent(mandate_id, by)
    return _count(GUESSES, mandate.subject)


def give_by_code(counted: Try, mandate_id: int, code: str, *, by: Viewer) -> Mandate:
    """The grower told the agent the code from his phone: the agent may act from now on, and the code is used up.

    Raises `NotFound`, `BadMandateCode`, `NotAnAgent`.
    """
    mandate, agent = _locked(queries.mandate_of_agent(mandate_id, by))
    if mandate.state is not MandateState.ASKED or not codes.fits(mandate, code):
        raise BadMandateCode(field="code")
    attempts.forgive(counted)
    return _put_in_force(mandate, agent, by=by.actor, because="枣农把手机上的验证码告诉了代办员")


def confirm(mandate_id: int, *, by: Viewer, because: str) -> Mandate:
    """An official of the grower's township has looked at the paper: the agent may act from now on.

    Raises `NotFound` outside his townships, `NotSteppedUp`, `OwnRecord`, `ReasonMissing`, `IllegalMove`.
    """
    mandate, agent, reason = _for_official(mandate_id, by, because)
    return _put_in_force(mandate, agent, by=by.actor, because=reason)


def refuse(mandate_id: int, *, by: Viewer, because: str) -> Mandate:
    """The paper is not good, for that reason. Raises as `confirm` does."""
    mandate, _agent, reason = _for_official(mandate_id, by, because)
    return _refuse(mandate, by=by.actor, because=reason)


def withdraw(mandate_id: int, *, by: Viewer) -> Mandate:
    """One of the seller's people takes it back; the agent's next act is refused. Raises `NotFound`, `IllegalMove`."""
    mandate, _agent = _locked(queries.mandate_of_member(mandate_id, by))
    return _withdraw(mandate, by=by.actor, because="枣农自己停的")


def withdraw_for(mandate_id: int, *, by: Viewer, because: str) -> Mandate:
    """The township takes it back for the grower, who told it so. Raises as `confirm` does, but for `OwnRecord`."""
    reason = wording.reason(because)
    if not by.is_stepped_up:
        raise NotSteppedUp()
    mandate, _agent = _locked(queries.mandate_in_scope(mandate_id, by, AGENTS_MANAGE))
    return _withdraw(mandate, by=by.actor, because=reason)


def stop(mandate: Mandate, *, by: str, because: str, state: MandateState = MandateState.WITHDRAWN) -> None:
    """A locked mandate gives no right any more, and the role that it gave is ended. Raises `IllegalMove`."""
    mandate.end(state, by=by, because=because, at=clock.now())
    if mandate.grant_id is not None:
        grant = session().scalars(locked(select(RoleGrant).where(RoleGrant.id == mandate.grant_id))).one()
        if grant.ended_at is None:
            roles.end(grant, by=by, because=because)
    # Ended in the database before another takes its place there.
    session().flush()
    _note(f"mandates.{state.value}", mandate, by=by, because=because)


def _withdraw(mandate: Mandate, *, by: str, because: str) -> Mandate:
    stop(mandate, by=by, because=because)
    _tell(MandateEnded(mandate_id=mandate.id))
    return mandate


def _refuse(mandate: Mandate, *, by: str, because: str) -> Mandate:
    mandate.refuse(by=by, because=because, at=clock.now())
    _note("mandates.refused", mandate, by=by, because=because)
    _tell(MandateRefused(mandate_id=mandate.id))
    return mandate


def _put_in_force(mandate: Mandate, agent: Agent, *, by: str, because: str) -> Mandate:
    seller = growers.seller(mandate.seller_id)
    if not _may_serve(agent, seller):
        raise NotAnAgent()
    _refuse_own(agent, seller)
    before = queries.between(agent.id, seller.id).get(MandateState.IN_FORCE)
    if before is not None:
        stop(before, by=by, because="换了新的委托", state=MandateState.REPLACED)
    grant = roles.appoint(
        agent.person_id,
        Role.AGENT,
        f"seller:{seller.id}",
        by=by,
        because=because,
        ends_at=clock.end_of(mandate.expires_on),
    )
    mandate.give(grant.id, by=by, because=because, at=clock.now())
    _note("mandates.in_force", mandate, by=by, because=because, until=str(mandate.expires_on))
    _tell(MandateGiven(mandate_id=mandate.id))
    return mandate


def _record(
    agent: Agent,
    seller: Seller,
    days: int,
    *,
    way: Way,
    state: MandateState,
    by: str,
    paper: Paper | None = None,
) -> Mandate:
    if days not in LENGTHS:
        raise BadLength(field="days")
    for earlier in queries.between(agent.id, seller.id).values():
        if queries.is_pending(earlier):
            stop(earlier, by=by, because="又问了一次", state=MandateState.REPLACED)
    mandate = Mandate(
        agent_id=agent.id,
        seller_id=seller.id,
        way=way,
        text_version=CURRENT.version,
        recorded_by=by,
        recorded_at=clock.now(),
        expires_on=_last_day(agent, days),
        state=state,
        paper_stem=paper.stem if paper else None,
        paper_sha256=paper.sha256 if paper else None,
    )
    session().add(mandate)
    session().flush()
    return mandate


def _last_day(agent: Agent, days: int) -> date:
    return min(clock.today() + timedelta(days=days), agent.until)


def _parties(wish: Wish, *, by: Viewer) -> tuple[Agent, Seller]:
    """The agent who asks, locked, and the seller whose contact has that number."""
    standing = queries.standing_agent(by.person_id)
    if standing is None:
        raise NotAnAgent()
    agent = _locked_agent(standing.id)
    person = accounts.by_phone(wish.phone)
    sellers = [] if person is None else growers.led_by(person.id)
    found = [one for one in sellers if _may_serve(agent, one)]
    if not found:
        raise NoSuchGrower(field="phone")
    _refuse_own(agent, found[0])
    return agent, found[0]


def _may_serve(agent: Agent, seller: Seller) -> bool:
    is_selling = seller.status is SellerStatus.ACTIVE
    return agent.is_standing(clock.today()) and is_selling and queries.serves(agent, seller)


def _refuse_own(agent: Agent, seller: Seller) -> None:
    if growers.is_member(agent.person_id, seller.id):
        raise OwnShop(field="phone")


def _locked_agent(agent_id: int) -> Agent:
    """People come before everything else in the lock order; the right will be given to this one."""
    accounts.person(queries.agent(agent_id).person_id, lock=True)
    return queries.agent(agent_id, lock=True)


def _locked(seen: Mandate) -> tuple[Mandate, Agent]:
    agent = _locked_agent(seen.agent_id)
    return queries.mandate(seen.id, lock=True), agent


def _for_official(mandate_id: int, by: Viewer, because: str) -> tuple[Mandate, Agent, str]:
    if not by.is_stepped_up:
        raise NotSteppedUp()
    reason = wording.reason(because)
    mandate, agent = _locked(queries.mandate_in_scope(mandate_id, by, AGENTS_MANAGE))
    if mandate.state is not MandateState.WAITING:
        raise NotFound()
    if mandate.recorded_by == by.actor or growers.is_member(by.person_id, mandate.seller_id):
        raise OwnRecord()
    return mandate, agent, reason


def _count(kind: Kind, subject: str) -> Try:
    try:
        return attempts.count(kind, subject)
    except TooManyAttempts as error:
        raise AskedTooOften() from error


def _note(act: str, mandate: Mandate, *, by: str, because: str = "", **details: str) -> None:
    session().flush()
    audit.note(
        act,
        mandate.subject,
        by=by,
        because=because,
        seller=mandate.seller_id,
        agent=mandate.agent_id,
        way=mandate.way.value,
        text=mandate.text_version,
        **details,
    )


def _tell(fact: Fact) -> None:
    session().flush()
    emit(fact)

"""What growers, agents and townships are told of mandates: by message, and the grower always by text too.

So that a mandate that a grower never gave is noticed at once, even by one who never opens a page.
"""

from __future__ import annotations

from app.kernel.db import session
from app.people.accounts import queries as accounts
from app.people.accounts.states import Role
from app.people.agents import codes, queries
from app.people.agents.events import (
    ActAnswered,
    ActObjected,
    AgentEnded,
    AgentNamed,
    MandateAsked,
    MandateEnded,
    MandateGiven,
    MandateOnPaper,
    MandateRefused,
)
from app.people.agents.queries import Listed
from app.people.growers import queries as growers
from app.people.messages import queue, service, short
from app.people.messages.carried import Maker
from app.people.messages.states import Carries
from app.people.townships import queries as townships

CODE = Maker(short.MANDATE_CODE, codes.codes_of)
_HERE, _HOME = "/grower/agents", "/agent/"


def asked(fact: MandateAsked) -> None:
    """The grower's own phone gets the code, and his inbox the question."""
    one = queries.listed(fact.mandate_id)
    service.tell(
        _people(one),
        f"{one.agent_name}想替“{one.seller.name}”卖枣，到{one.mandate.expires_on}为止。同意不同意，都请在这里点。",
        link=_HERE,
    )
    queue.put_carrying(Carries.MANDATE_CODE, one.mandate.id, one.seller.contact_person_id, short.MANDATE_CODE_NAME)


def on_paper(fact: MandateOnPaper) -> None:
    """The township has a paper to look at; the grower hears that there is one."""
    one = queries.listed(fact.mandate_id)
    service.tell(
        _people(one),
        f"{one.agent_name}交来了您签字的委托书，乡镇核对过他才能替您卖枣。您没有签过，请马上找乡镇。",
        link=_HERE,
    )
    service.text(_people(one), short.mandate_on_paper(one.agent_name))
    service.tell(
        _officials(one.seller.township_code),
        f"“{one.seller.name}”的纸质委托书等您核对（{one.agent_name}代办）。",
        link=f"/desk/agents/mandates/{one.mandate.id}",
    )


def given(fact: MandateGiven) -> None:
    """Both sides hear that it is in force, and the grower what to do if it was not he."""
    one = queries.listed(fact.mandate_id)
    day = str(one.mandate.expires_on)
    service.tell(
        _people(one),
        f"{one.agent_name}可以替“{one.seller.name}”卖枣了，到{day}为止。枣钱还是只到您的账号。不是您同意的，请马上停掉。",
        link=_HERE,
    )
    service.text(_people(one), short.mandate_given(one.agent_name))
    service.tell([one.agent.person_id], f"“{one.seller.name}”让您代办了，到{day}为止。", link=_HOME)


def refused(fact: MandateRefused) -> None:
    """Both sides hear that it gives no right."""
    one = queries.listed(fact.mandate_id)
    because = one.mandate.because
    service.tell(_people(one), f"{one.agent_name}不能替“{one.seller.name}”卖枣。原因：{because}", link=_HERE)
    service.text(_people(one), short.mandate_refused(one.agent_name))
    service.tell([one.agent.person_id], f"“{one.seller.name}”的委托没有成。原因：{because}", link=_HOME)


def ended(fact: MandateEnded) -> None:
    """Both sides hear that it is over."""
    one = queries.listed(fact.mandate_id)
    because = one.mandate.ended_because
    service.tell(_people(one), f"{one.agent_name}不能再替“{one.seller.name}”卖枣了。原因：{because}", link=_HERE)
    service.text(_people(one), short.mandate_ended(one.agent_name))
    service.tell([one.agent.person_id], f"“{one.seller.name}”不再让您代办。原因：{because}", link=_HOME)


def named(fact: AgentNamed) -> None:
    """The agent hears that he is one, and what comes first."""
    agent = queries.agent(fact.agent_id)
    place = f"{townships.name_of(agent.township_code)}{townships.village_name(agent.village_id)}"
    service.tell(
        [agent.person_id],
        f"乡镇指定您做{place}的代办员，到{agent.until}为止。枣农答应了，您才能替他卖枣。",
        link=_HOME,
    )


def dismissed(fact: AgentEnded) -> None:
    """The agent hears that he is one no more."""
    agent = queries.agent(fact.agent_id)
    service.tell([agent.person_id], f"您不再是代办员，手上的委托都停了。原因：{agent.ended_because}", link=_HOME)


def objected(fact: ActObjected) -> None:
    """The township hears of an objection, and so does the agent who did it."""
    objection = queries.objection(fact.objection_id)
    seller = growers.seller(objection.seller_id)
    link = f"/desk/agents/objections/{objection.id}"
    service.tell(_officials(seller.township_code), f"“{seller.name}”对代办提了异议：{objection.words}", link=link)
    service.tell(
        queries.agents_of(seller.id),
        f"“{seller.name}”对代办提了异议，乡镇会来问。",
        link=f"/grower/slips/{objection.audit_id}",
    )


def answered(fact: ActAnswered) -> None:
    """The grower hears what the township found."""
    objection = queries.objection(fact.objection_id)
    people = [one.id for one in growers.people_of(objection.seller_id)]
    service.tell(people, f"您提的异议，乡镇答复：{objection.answer}", link=f"/grower/slips/{objection.audit_id}")


def _people(one: Listed) -> list[int]:
    session().flush()
    return [person.id for person in growers.people_of(one.seller.id)]


def _officials(township_code: str) -> list[int]:
    found = {
        person.id
        for code in townships.lineage(township_code)
        for person in accounts.holds_in(Role.TOWNSHIP, f"township:{code}")
    }
    return sorted(found)

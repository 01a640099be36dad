"""A grower's consent: who may ask, how it is given, when it counts, and how it is taken back."""

from __future__ import annotations

import dataclasses
import hashlib

import pytest
from sqlalchemy import func, select

from app.kernel.db import session, transaction
from app.kernel.errors import Forbidden, NotFound
from app.kernel.permissions import Viewer
from app.kernel.states import IllegalMove
from app.people.accounts import service as accounts
from app.people.accounts.errors import NotSteppedUp, ReasonMissing, RolesExclude
from app.people.accounts.models import RoleGrant
from app.people.accounts.states import Role
from app.people.agents import codes, mandates, papers, queries, service
from app.people.agents.errors import (
    AlreadyAgent,
    AskedTooOften,
    BadLength,
    BadMandateCode,
    NoSuchGrower,
    NotAnAgent,
    OfficialActsForNobody,
    OwnRecord,
    OwnShop,
)
from app.people.agents.mandates import Wish
from app.people.agents.models import Mandate
from app.people.agents.papers import Paper
from app.people.agents.states import MandateState, Way
from app.people.growers import service as growers
from app.people.messages.models import Message, OutgoingText
from app.people.townships import queries as townships
from app.trade.catalog import media
from tests.cast import MENGMEN, SANJIAO, a_grower, a_viewer, at, later, seen_anew, shop_of
from tests.people.agents.helping import acting_for, an_agent, ask, give, name_agent, phone_of

JPEG = b"signed and sealed"


def a_paper() -> Paper:
    """A picture that is in the store."""
    paper = Paper("b" * 24, hashlib.sha256(JPEG).hexdigest())
    media.store().put(papers.key(paper.stem), JPEG, "image/jpeg")
    return paper


def on_paper(grower: Viewer, agent: Viewer) -> Mandate:
    with transaction():
        return mandates.on_paper(Wish(phone_of(grower), 365), a_paper(), by=agent)


def another_clerk() -> Viewer:
    return a_viewer("钱文书", (Role.TOWNSHIP, f"township:{MENGMEN}"))


def sellers_of(agent: Viewer) -> frozenset[int]:
    """For whom he may act at his next request."""
    session().expire_all()
    return seen_anew(agent.person_id).agent_for


def grants() -> int:
    return session().scalars(select(func.count()).where(RoleGrant.role == Role.AGENT)).one()


def test_a_grower_signed_in_lets_an_agent_act_at_once(wang: Viewer, zhao: Viewer) -> None:
    agent = an_agent(named_by=zhao)

    mandate = give(wang, agent)

    assert (mandate.state, mandate.way, mandate.text_version) == (
        MandateState.IN_FORCE,
        Way.IN_PERSON,
        "mandate-2026-11",
    )
    assert sellers_of(agent) == {shop_of(wang).id}


def test_naming_alone_gives_no_right_over_any_grower(wang: Viewer, zhao: Viewer) -> None:
    assert sellers_of(an_agent(named_by=zhao)) == frozenset()


def test_who_was_never_named_asks_for_nothing(wang: Viewer, li: Viewer) -> None:
    with pytest.raises(NotAnAgent):
        ask(wang, li)

    assert session().scalars(select(Mandate)).all() == []


def test_an_agent_of_one_township_asks_nobody_in_another(gao: Viewer, zhao: Viewer) -> None:
    with pytest.raises(NoSuchGrower):
        ask(gao, an_agent(named_by=zhao))


def test_an_agent_of_one_village_asks_nobody_in_another(wang: Viewer, zhao: Viewer) -> None:
    person = a_viewer("高二牛")
    name_agent(person, by=zhao, village_id=townships.villages_of(MENGMEN)[0].id)

    with pytest.raises(NoSuchGrower):
        ask(wang, seen_anew(person.person_id))


def test_a_mandate_asked_for_gives_no_right_until_the_code_comes_back(wang: Viewer, zhao: Viewer) -> None:
    agent = an_agent(named_by=zhao)
    mandate = ask(wang, agent)
    assert sellers_of(agent) == frozenset()

    with transaction():
        counted = mandates.begin_guess(mandate.id, by=agent)
        mandates.give_by_code(counted, mandate.id, codes.of(mandate) or "", by=agent)

    assert mandate.way is Way.BY_PHONE_CODE
    assert sellers_of(agent) == {shop_of(wang).id}


@pytest.mark.parametrize("typed", ["", "000000 1", "abcdef", "\ud800", "１" * 50])
def test_a_wrong_code_gives_nothing(wang: Viewer, zhao: Viewer, typed: str) -> None:
    agent = an_agent(named_by=zhao)
    mandate = ask(wang, agent)

    with pytest.raises(BadMandateCode), transaction():
        mandates.give_by_code(mandates.begin_guess(mandate.id, by=agent), mandate.id, typed, by=agent)

    assert sellers_of(agent) == frozenset()


def test_a_code_is_good_for_half_an_hour(wang: Viewer, zhao: Viewer) -> None:
    agent = an_agent(named_by=zhao)
    mandate = ask(wang, agent)
    code = codes.of(mandate) or ""

    with at(later(minutes=31)), pytest.raises(BadMandateCode), transaction():
        mandates.give_by_code(mandates.begin_guess(mandate.id, by=agent), mandate.id, code, by=agent)


def test_nobody_guesses_at_a_code_more_than_five_times(wang: Viewer, zhao: Viewer) -> None:
    agent = an_agent(named_by=zhao)
    mandate = ask(wang, agent)
    for _ in range(5):
        with transaction():
            mandates.begin_guess(mandate.id, by=agent)

    with pytest.raises(AskedTooOften), transaction():
        mandates.begin_guess(mandate.id, by=agent)


def test_the_code_of_one_mandate_opens_no_other_and_no_other_agent_may_try(wang: Viewer, zhao: Viewer) -> None:
    mandate = ask(wang, an_agent(named_by=zhao))
    other = an_agent(named_by=zhao)

    with pytest.raises(NotFound), transaction():
        mandates.begin_guess(mandate.id, by=other)


def test_the_code_stands_nowhere_in_the_database_and_goes_to_the_growers_own_phone(wang: Viewer, zhao: Viewer) -> None:
    mandate = ask(wang, an_agent(named_by=zhao))
    code = codes.of(mandate) or ""

    (text,) = session().scalars(select(OutgoingText).where(OutgoingText.carried_id == mandate.id))

    assert text.person_id == wang.person_id
    assert code not in text.words
    assert code not in (mandate.code_key or "")


def test_a_grower_is_texted_three_codes_an_hour_at_most(wang: Viewer, zhao: Viewer) -> None:
    agent = an_agent(named_by=zhao)
    for _ in range(3):
        ask(wang, agent)

    with pytest.raises(AskedTooOften):
        ask(wang, agent)


def test_asking_again_replaces_what_was_asked(wang: Viewer, zhao: Viewer) -> None:
    agent = an_agent(named_by=zhao)
    first = ask(wang, agent)
    ask(wang, agent)

    assert first.state is MandateState.REPLACED
    assert codes.of(first) is None


def test_a_grower_agrees_on_his_own_page_to_what_was_asked(wang: Viewer, zhao: Viewer) -> None:
    agent = an_agent(named_by=zhao)
    mandate = ask(wang, agent)

    with transaction():
        mandates.accept(mandate.id, by=wang)

    assert (mandate.way, mandate.decided_by) == (Way.IN_PERSON, wang.actor)
    assert sellers_of(agent) == {shop_of(wang).id}


def test_what_a_grower_does_not_agree_to_gives_no_right(wang: Viewer, zhao: Viewer) -> None:
    agent = an_agent(named_by=zhao)
    mandate = ask(wang, agent)

    with transaction():
        mandates.decline(mandate.id, by=wang)

    assert mandate.state is MandateState.REFUSED
    assert sellers_of(agent) == frozenset()


def test_nobody_agrees_for_somebody_elses_shop(wang: Viewer, gao: Viewer, zhao: Viewer) -> None:
    agent = an_agent(named_by=zhao)
    mandate = ask(wang, agent)

    for stranger in (gao, agent):
        with pytest.raises(NotFound), transaction():
            mandates.accept(mandate.id, by=stranger)


def test_a_paper_counts_only_once_an_official_has_looked_at_it(wang: Viewer, zhao: Viewer) -> None:
    agent = an_agent(named_by=zhao)
    mandate = on_paper(wang, agent)
    assert (mandate.state, sellers_of(agent)) == (MandateState.WAITING, frozenset())

    with transaction():
        mandates.confirm(mandate.id, by=zhao, because="打电话问过本人")

    assert sellers_of(agent) == {shop_of(wang).id}


def test_a_refused_paper_gives_nothing(wang: Viewer, zhao: Viewer) -> None:
    agent = an_agent(named_by=zhao)
    mandate = on_paper(wang, agent)

    with transaction():
        mandates.refuse(mandate.id, by=zhao, because="没有手印")

    assert (mandate.state, sellers_of(agent)) == (MandateState.REFUSED, frozenset())


def test_nobody_confirms_a_paper_that_he_recorded(wang: Viewer, zhao: Viewer) -> None:
    mandate = on_paper(wang, an_agent(named_by=zhao))
    with transaction() as current:
        current.get_one(Mandate, mandate.id).recorded_by = zhao.actor

    with pytest.raises(OwnRecord), transaction():
        mandates.confirm(mandate.id, by=zhao, because="打电话问过本人")
    assert grants() == 0


def test_an_official_of_another_township_finds_no_paper(wang: Viewer, zhao: Viewer) -> None:
    mandate = on_paper(wang, an_agent(named_by=zhao))
    stranger = a_viewer("郑文书", (Role.TOWNSHIP, f"township:{SANJIAO}"))

    with pytest.raises(NotFound), transaction():
        mandates.confirm(mandate.id, by=stranger, because="打电话问过本人")


@pytest.mark.parametrize("because", ["", "行", "x" * 201])
def test_a_confirmation_says_how_it_was_checked(wang: Viewer, zhao: Viewer, because: str) -> None:
    mandate = on_paper(wang, an_agent(named_by=zhao))

    with pytest.raises(ReasonMissing), transaction():
        mandates.confirm(mandate.id, by=zhao, because=because)


def test_a_decided_paper_is_not_decided_again(wang: Viewer, zhao: Viewer) -> None:
    mandate = on_paper(wang, an_agent(named_by=zhao))
    with transaction():
        mandates.refuse(mandate.id, by=zhao, because="没有手印")
    second = another_clerk()

    with pytest.raises(NotFound), transaction():
        mandates.confirm(mandate.id, by=second, because="打电话问过本人")


def test_a_grower_takes_it_back_and_the_agent_has_nothing_at_his_next_request(wang: Viewer, zhao: Viewer) -> None:
    agent = an_agent(named_by=zhao)
    mandate = give(wang, agent)

    with transaction():
        mandates.withdraw(mandate.id, by=wang)

    assert (mandate.state, sellers_of(agent)) == (MandateState.WITHDRAWN, frozenset())


def test_what_was_taken_back_is_not_taken_back_again(wang: Viewer, zhao: Viewer) -> None:
    mandate = give(wang, an_agent(named_by=zhao))
    with transaction():
        mandates.withdraw(mandate.id, by=wang)

    with pytest.raises(IllegalMove), transaction():
        mandates.withdraw(mandate.id, by=wang)


def test_the_township_takes_it_back_for_a_grower_who_says_so(wang: Viewer, zhao: Viewer) -> None:
    agent = an_agent(named_by=zhao)
    mandate = give(wang, agent)

    with transaction():
        mandates.withdraw_for(mandate.id, by=zhao, because="老人来乡镇说的")

    assert (mandate.ended_by, sellers_of(agent)) == (zhao.actor, frozenset())


def test_a_mandate_is_over_after_its_last_day_without_anybody_doing_anything(wang: Viewer, zhao: Viewer) -> None:
    agent = an_agent(named_by=zhao)
    give(wang, agent, days=90)

    with at(later(days=90)):
        assert sellers_of(agent) == {shop_of(wang).id}
    with at(later(days=92)):
        assert sellers_of(agent) == frozenset()


def test_no_mandate_outlasts_the_naming_of_its_agent(wang: Viewer, zhao: Viewer) -> None:
    agent = an_agent(named_by=zhao, days=30)

    mandate = give(wang, agent, days=365)

    standing = queries.standing_agent(agent.person_id)
    assert standing is not None
    assert mandate.expires_on == standing.until


@pytest.mark.parametrize("days", [0, -1, 366, 10**9])
def test_no_other_length_than_those_offered_is_taken(wang: Viewer, zhao: Viewer, days: int) -> None:
    with pytest.raises(BadLength):
        give(wang, an_agent(named_by=zhao), days=days)


def test_a_new_mandate_takes_the_place_of_the_one_before(wang: Viewer, zhao: Viewer) -> None:
    agent = an_agent(named_by=zhao)
    first = give(wang, agent, days=90)
    second = give(wang, agent, days=365)

    assert (first.state, second.state) == (MandateState.REPLACED, MandateState.IN_FORCE)
    assert sellers_of(agent) == {shop_of(wang).id}


def test_ending_an_agent_ends_every_mandate_of_his(wang: Viewer, zhao: Viewer) -> None:
    agent = an_agent(named_by=zhao)
    mandate = give(wang, agent)

    with transaction():
        service.end(mandate.agent_id, because="调走了不做了", by=zhao)

    assert (mandate.state, sellers_of(agent)) == (MandateState.WITHDRAWN, frozenset())
    assert queries.standing_agent(agent.person_id) is None


def test_an_official_cannot_be_named(zhao: Viewer) -> None:
    with pytest.raises(OfficialActsForNobody):
        name_agent(another_clerk(), by=zhao)
    with pytest.raises(OfficialActsForNobody):
        name_agent(zhao, by=zhao)


def test_who_became_an_official_after_he_was_named_gets_no_mandate(wang: Viewer, zhao: Viewer) -> None:
    agent = an_agent(named_by=zhao)
    with transaction():
        accounts.appoint(agent.person_id, Role.TOWNSHIP, f"township:{SANJIAO}", by="test", because="任命")

    with pytest.raises(RolesExclude):
        give(wang, agent)


def test_nobody_is_named_twice(zhao: Viewer) -> None:
    agent = an_agent(named_by=zhao)

    with pytest.raises(AlreadyAgent):
        name_agent(agent, by=zhao)


def test_an_official_names_agents_in_his_own_township_alone(li: Viewer) -> None:
    stranger = a_viewer("郑文书", (Role.TOWNSHIP, f"township:{SANJIAO}"))

    with pytest.raises(Forbidden):
        name_agent(li, by=stranger)


def test_naming_needs_the_second_factor(li: Viewer, zhao: Viewer) -> None:
    with pytest.raises(NotSteppedUp):
        name_agent(li, by=dataclasses.replace(zhao, is_stepped_up=False))


def test_who_is_one_of_the_sellers_people_needs_no_mandate(wang: Viewer, zhao: Viewer) -> None:
    agent = an_agent(named_by=zhao)
    with transaction():
        growers.add_member(shop_of(wang).id, agent.person_id, by=zhao, because="儿子一起卖")

    with pytest.raises(OwnShop):
        give(wang, agent)


def test_every_step_of_a_mandate_tells_the_grower_by_message_and_text(wang: Viewer, zhao: Viewer) -> None:
    mandate = give(wang, an_agent(named_by=zhao))
    with transaction():
        mandates.withdraw(mandate.id, by=wang)

    told = session().scalars(select(Message.words).where(Message.person_id == wang.person_id)).all()
    texted = session().scalars(select(OutgoingText.words).where(OutgoingText.person_id == wang.person_id)).all()
    assert any("高二牛可以替" in words for words in told)
    assert any("高二牛不能再替" in words for words in told)
    assert any("不是您同意的，请马上找乡镇" in words for words in texted)
    assert any("不能再替您卖枣了" in words for words in texted)


def test_a_suspended_seller_is_asked_for_nothing(wang: Viewer, zhao: Viewer) -> None:
    agent = an_agent(named_by=zhao)
    with transaction():
        growers.suspend(shop_of(wang).id, by=zhao, because="抽检不合格")

    with pytest.raises(NoSuchGrower):
        ask(wang, agent)


def test_an_agent_for_two_growers_loses_one_and_keeps_the_other(wang: Viewer, zhao: Viewer) -> None:
    other = a_grower("李满仓", "李家枣园", MENGMEN, verified_by=zhao)
    agent = acting_for(wang, named_by=zhao)
    mandate = give(other, agent)

    with transaction():
        mandates.withdraw(mandate.id, by=other)

    assert sellers_of(agent) == {shop_of(wang).id}

"""The maker never decides, one person takes one step, and nothing passes that is not what was asked and seen."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from sqlalchemy.exc import IntegrityError

from app.kernel.db import transaction
from app.kernel.errors import DomainError, NotFound
from app.kernel.permissions import COUNTY, Viewer
from app.office.approvals import procedures, queries, service
from app.office.approvals.errors import (
    AlreadyDecided,
    AskedAlready,
    OwnInterest,
    OwnRequest,
    SecondStep,
    Stale,
    WhyMissing,
)
from app.office.approvals.procedures import Procedure, Step
from app.office.approvals.service import Request, Verdict
from app.office.approvals.states import ApprovalState
from app.people.accounts.states import Role
from app.people.purse.permissions import PURSE_VERIFY
from app.trade.payments.permissions import PAYMENTS_CONFIRM
from tests.cast import MENGMEN, SANJIAO, a_viewer, findings, sql

ONE_STEP = Procedure("test.one", "一步的事", (Step(PAYMENTS_CONFIRM, "县里审批"),))
TWO_STEPS = Procedure("test.two", "两步的事", (Step(PURSE_VERIFY, "乡镇审核"), Step(PAYMENTS_CONFIRM, "县里审批")))
THING = Request("thing:1", "一件事", "/desk/things/1", MENGMEN)
CONTENT: dict[str, str | int | None] = {"fen": 100, "to": "王枣林"}
SEEN = service.fingerprint(CONTENT)
YES, NO = Verdict(True, SEEN), Verdict(False, SEEN, "数不对")


@pytest.fixture(autouse=True)
def _known() -> Iterator[None]:
    before = dict(procedures._known)
    procedures.register(ONE_STEP, TWO_STEPS)
    yield
    procedures._known.clear()
    procedures._known.update(before)


@pytest.fixture
def tian(county: object) -> Viewer:
    """Another official of the county."""
    return a_viewer("田县办", (Role.COUNTY, COUNTY))


def ask(procedure: Procedure, *, by: Viewer) -> None:
    with transaction():
        service.ask(procedure, THING, payload=CONTENT, by=by)


def decide(
    procedure: Procedure,
    *,
    by: Viewer,
    verdict: Verdict = YES,
    content: dict[str, str | int | None] = CONTENT,
    touching: tuple[int, ...] = (),
) -> ApprovalState:
    with transaction():
        return service.decide(procedure, THING.subject, verdict, payload=content, touching=touching, by=by)


def test_a_second_person_approves(qian: Viewer, tian: Viewer) -> None:
    ask(ONE_STEP, by=qian)

    assert [one.words for one in queries.waiting_for(tian)] == ["一件事"]
    assert decide(ONE_STEP, by=tian) is ApprovalState.APPROVED
    assert queries.waiting_for(tian) == []


def test_whoever_asked_never_decides(qian: Viewer) -> None:
    ask(ONE_STEP, by=qian)

    with pytest.raises(OwnRequest):
        decide(ONE_STEP, by=qian)
    assert queries.waiting_for(qian) == []


def test_no_right_of_any_other_role_takes_a_step(qian: Viewer, zhou: Viewer, sun: Viewer, zhao: Viewer) -> None:
    ask(ONE_STEP, by=qian)

    for outsider in (zhou, sun, zhao):
        with pytest.raises(NotFound):
            decide(ONE_STEP, by=outsider)


def test_one_person_takes_one_step(county: object, qian: Viewer, li: Viewer) -> None:
    both = a_viewer("贺双岗", (Role.TOWNSHIP, f"township:{MENGMEN}"), (Role.COUNTY, COUNTY))
    ask(TWO_STEPS, by=li)
    assert decide(TWO_STEPS, by=both) is ApprovalState.OPEN

    with pytest.raises(SecondStep):
        decide(TWO_STEPS, by=both)
    assert decide(TWO_STEPS, by=qian) is ApprovalState.APPROVED


def test_an_official_of_another_township_cannot_decide(county: object, li: Viewer) -> None:
    neighbour = a_viewer("郑文书", (Role.TOWNSHIP, f"township:{SANJIAO}"))
    ask(TWO_STEPS, by=li)

    with pytest.raises(NotFound):
        decide(TWO_STEPS, by=neighbour)
    assert queries.waiting_for(neighbour) == []


@pytest.mark.parametrize(
    ("verdict", "content"),
    [
        (YES, {"fen": 101, "to": "王枣林"}),
        (Verdict(True, service.fingerprint({"fen": 99})), CONTENT),
        (Verdict(True, ""), CONTENT),
        (Verdict(False, "x", "数不对"), CONTENT),
    ],
    ids=["the thing has changed", "another content was seen", "nothing was seen", "refused over something else"],
)
def test_nothing_stale_is_decided(
    qian: Viewer, tian: Viewer, verdict: Verdict, content: dict[str, str | int | None]
) -> None:
    ask(ONE_STEP, by=qian)

    with pytest.raises(Stale):
        decide(ONE_STEP, by=tian, verdict=verdict, content=content)
    assert decide(ONE_STEP, by=tian) is ApprovalState.APPROVED


def test_nobody_decides_about_his_own_households_money(county: object, qian: Viewer, wang: Viewer) -> None:
    (own,) = wang.seller_ids
    grower_at_the_county = Viewer(
        wang.person_id, wang.name, (*wang.grants, *qian.grants), {**wang.rights, **qian.rights}
    )
    ask(ONE_STEP, by=qian)

    with pytest.raises(OwnInterest):
        decide(ONE_STEP, by=grower_at_the_county, touching=(own,))


def test_a_refusal_says_why_and_can_be_asked_anew(qian: Viewer, tian: Viewer) -> None:
    ask(ONE_STEP, by=qian)
    with pytest.raises(WhyMissing):
        decide(ONE_STEP, by=tian, verdict=Verdict(False, SEEN, "  "))

    assert decide(ONE_STEP, by=tian, verdict=NO) is ApprovalState.REFUSED
    ask(ONE_STEP, by=qian)
    assert decide(ONE_STEP, by=tian) is ApprovalState.APPROVED


def test_the_second_of_two_learns_who_was_faster_and_when(qian: Viewer, tian: Viewer) -> None:
    third = a_viewer("雷县办", (Role.COUNTY, COUNTY))
    ask(ONE_STEP, by=qian)
    decide(ONE_STEP, by=tian)

    with pytest.raises(AlreadyDecided, match=r"田县办已经在 20.*已批准"):
        decide(ONE_STEP, by=third, verdict=NO)


def test_it_is_asked_once_and_taken_back_by_its_asker_alone(qian: Viewer, tian: Viewer) -> None:
    ask(ONE_STEP, by=qian)
    with pytest.raises(AskedAlready):
        ask(ONE_STEP, by=tian)
    with pytest.raises(NotFound), transaction():
        service.withdraw(ONE_STEP, THING.subject, by=tian)

    with transaction():
        service.withdraw(ONE_STEP, THING.subject, by=qian)
    with pytest.raises(DomainError):
        decide(ONE_STEP, by=tian)


def test_the_database_itself_refuses_a_maker_who_decides(qian: Viewer) -> None:
    ask(ONE_STEP, by=qian)

    with pytest.raises(IntegrityError):
        sql(
            "INSERT INTO approval_decisions (approval_id, step, asked_by, person_id, agrees, because, at) "
            "SELECT id, 1, asked_by, asked_by, :yes, '', asked_at FROM approvals",
            yes=True,
        )


@pytest.mark.parametrize(
    "change", ["UPDATE approval_decisions SET agrees = NOT agrees", "DELETE FROM approval_decisions"]
)
def test_what_was_decided_is_for_ever(qian: Viewer, tian: Viewer, change: str) -> None:
    ask(ONE_STEP, by=qian)
    decide(ONE_STEP, by=tian)

    with pytest.raises(IntegrityError, match="append-only"):
        sql(change)


@pytest.mark.corrupts
def test_an_approval_without_its_decision_is_found(qian: Viewer) -> None:
    ask(ONE_STEP, by=qian)
    sql("UPDATE approvals SET state = 'approved', ended_at = asked_at")

    assert set(findings()) == {"V12"}

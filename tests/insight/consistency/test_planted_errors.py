"""One planted error turns exactly its check red, and the page's run names the row."""

from __future__ import annotations

import pytest

from app.insight.consistency import queries, service
from app.insight.consistency.states import Verdict
from app.kernel.db import session
from app.wiring import CHECKS
from tests.insight.consistency.falsified import FALSIFICATIONS, Falsification
from tests.insight.consistency.world import World


def red() -> set[str]:
    """The checks that the newest run found broken."""
    session().rollback()
    session().expire_all()
    return {one.check.code for one in queries.overview().standings if one.verdict is Verdict.BROKEN}


def test_a_county_whose_book_is_right_is_green_throughout(world: World) -> None:
    service.carry_out_due(by="worker")

    assert {one.verdict for one in queries.overview().standings} == {Verdict.HOLDS}


@pytest.mark.corrupts
@pytest.mark.parametrize("falsification", FALSIFICATIONS, ids=lambda one: one.code)
def test_a_planted_error_turns_its_check_red_and_no_other(world: World, falsification: Falsification) -> None:
    row = falsification.plant(world)

    service.carry_out_due(by="worker")

    assert red() == {falsification.code} | falsification.also
    assert row in [one.row for one in queries.standing(falsification.code).findings]


def test_every_check_has_its_planted_error() -> None:
    planted = [one.code for one in FALSIFICATIONS]

    assert len(planted) == len(set(planted))
    assert set(planted) == {check.code for check in CHECKS if not check.by_age}

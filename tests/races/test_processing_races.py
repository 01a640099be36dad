"""Two runs that want the same last grams at once, with real threads, on both databases; and the same without guards."""

from __future__ import annotations

import pytest

from app.kernel.db import Database, session, transaction
from app.kernel.permissions import Viewer
from app.trade.lots.models import Lot
from app.trade.lots.states import LotOrigin
from app.trade.processing import service
from app.trade.processing.states import Step
from app.trade.stock.errors import MarkShort, NotThatMuch
from tests.cast import answer, available, findings
from tests.races import naive_processing
from tests.races.crowd import crowd_in, meeting, tally
from tests.trade.processing.cast import authorised, loose, loose_lot, made_by, marked_pack, right, run, run_within

pytestmark = [pytest.mark.durable, pytest.mark.timeout(120)]


@pytest.fixture
def lot(wang: Viewer) -> Lot:
    """A kilogram of loose fruit."""
    return loose_lot(wang, 1_000)


def test_the_last_grams_go_into_one_of_two_runs(db: Database, wang: Viewer, lot: Lot) -> None:
    def one() -> object:
        with transaction():
            return run_within(wang, Step.SORT, [(lot, 600)], [500], loss=100).number

    outcomes = crowd_in(db)([one] * 6)

    assert tally(outcomes) == {NotThatMuch.__name__: 5, "done": 1}
    assert loose(lot) == 400
    assert answer("SELECT count(*) FROM processing_runs") == 1
    assert findings() == {}


@pytest.mark.corrupts
def test_without_guards_both_runs_take_the_last_grams(db: Database, wang: Viewer, lot: Lot) -> None:
    wait = meeting(2)
    code = lot.code
    session().rollback()

    outcomes = crowd_in(db)([lambda: naive_processing.look_then_use(code, 600, between=wait)] * 2)

    assert tally(outcomes) == {"done": 2}
    assert answer("SELECT sum(used) FROM processing_inputs") == 1_200


def test_crossing_mixtures_of_the_same_lots_never_deadlock(db: Database, wang: Viewer, lot: Lot) -> None:
    other = loose_lot(wang, 1_000)

    def mixing(first: Lot, second: Lot) -> object:
        with transaction():
            return run_within(wang, Step.MIX, [(first, 100), (second, 100)], [200]).number

    outcomes = crowd_in(db)([lambda: mixing(lot, other), lambda: mixing(other, lot)] * 4)

    assert tally(outcomes) == {"done": 8}
    assert (loose(lot), loose(other)) == (200, 200)
    assert findings() == {}


def test_boxes_under_the_mark_are_never_more_than_the_local_fruit(
    db: Database, wang: Viewer, qian: Viewer, lot: Lot
) -> None:
    authorised(wang, by=qian)
    outside = loose_lot(wang, 9_000, came_from=LotOrigin.OUTSIDE)
    (mixed,) = made_by(run(wang, Step.MIX, [(lot, None), (outside, None)], [10_000]))
    pack = marked_pack(wang, net=250)
    code, slug = mixed.code, pack.slug

    def one(key: str) -> None:
        with transaction():
            service.fill(code, slug, pieces=1, key=key, by=wang)

    outcomes = crowd_in(db)([lambda key=key: one(key) for key in "abcdefgh"])  # type: ignore[misc]

    assert tally(outcomes) == {MarkShort.__name__: 4, "done": 4}
    assert (right(mixed), available(pack)) == (0, 4)
    assert findings() == {}

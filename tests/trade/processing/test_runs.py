"""A step of processing: weight is conserved to the gram, and what cannot be is refused at its place."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import select

from app.kernel.db import session, transaction
from app.kernel.errors import DomainError, NotFound
from app.kernel.permissions import Viewer
from app.kernel.states import IllegalMove
from app.kernel.weight import Weight
from app.ledger.figures import Scope, Span
from app.trade.catalog.errors import LicenceNeeded
from app.trade.catalog.models import UNGRADED
from app.trade.lots.errors import LotExpired
from app.trade.lots.models import Lot, LotSource
from app.trade.lots.states import LotOrigin
from app.trade.processing import service
from app.trade.processing.errors import (
    BadRunDay,
    KeepsTooLong,
    LossUnexplained,
    MixedBySteps,
    NotLoose,
    RunUsed,
    SameLotTwice,
    TooFewLoose,
    TooLittleMade,
    TooMuchMade,
    WrongInputs,
    WrongOutputs,
)
from app.trade.processing.figures import PROCESSING_LOSS
from app.trade.processing.models import RunInput
from app.trade.processing.service import Coming
from app.trade.processing.states import RunState, Step
from app.trade.stock.errors import NotThatMuch, OtherFruit
from app.trade.stock.figures import RECEIVED_WEIGHT, STOCK_ON_HAND
from tests.cast import at, available, findings, later, sql, today
from tests.trade.processing.cast import loose, loose_lot, made_by, marked_pack, run


def sources(lot: Lot) -> dict[int, int]:
    """Parent → grams of it in the lot."""
    session().rollback()
    rows = session().scalars(select(LotSource).where(LotSource.child_id == lot.id))
    return {row.parent_id: row.grams.grams for row in rows}


def test_sorting_splits_a_lot_into_grades_and_writes_the_loss_off(wang: Viewer) -> None:
    lot = loose_lot(wang, 100_000)

    made = run(wang, Step.SORT, [(lot, 90_001)], [40_000, 45_001], loss=5_000, because="坏果")

    first, second = made_by(made)
    assert (loose(lot), loose(first), loose(second)) == (9_999, 40_000, 45_001)
    assert sources(first) == {lot.id: 40_000}
    assert sources(second) == {lot.id: 45_001}
    assert first.origin is LotOrigin.MADE
    assert first.grower_id is None
    assert findings() == {}


def test_mixing_attributes_every_gram_to_the_lots_it_came_from(wang: Viewer) -> None:
    lots = [loose_lot(wang, grams) for grams in (1_001, 2_003, 3_007)]

    made = run(wang, Step.MIX, [(lot, None) for lot in lots], [6_000], loss=11, because="洒落")

    (child,) = made_by(made)
    session().rollback()
    lost = {row.lot_id: row.lost.grams for row in session().scalars(select(RunInput))}
    came = sources(child)
    assert sum(came.values()) == 6_000
    assert sum(lost.values()) == 11
    assert [came[lot.id] + lost[lot.id] for lot in lots] == [1_001, 2_003, 3_007]
    assert [loose(lot) for lot in lots] == [0, 0, 0]


def test_a_mixture_is_as_old_as_its_oldest_and_keeps_as_long_as_the_first_to_go_bad(wang: Viewer) -> None:
    old = loose_lot(wang, 1_000, years_old=1, keeps_days=90)
    new = loose_lot(wang, 1_000, keeps_days=300)

    (child,) = made_by(run(wang, Step.MIX, [(new, None), (old, None)], [2_000]))

    assert child.harvest_year == old.harvest_year
    assert child.best_before == old.best_before
    assert child.variety_key == "muzao"


def test_two_varieties_become_the_mixed_variety_and_no_other(wang: Viewer) -> None:
    lots = [loose_lot(wang, 1_000, variety=key) for key in ("muzao", "tanzao")]

    (child,) = made_by(run(wang, Step.MIX, [(lot, None) for lot in lots], [2_000]))

    assert child.variety_key == service.MIXED
    with pytest.raises(MixedBySteps):
        run(wang, Step.DRY, [(loose_lot(wang, 500, variety=key), None) for key in ("muzao", "tanzao")], [1_000])


def test_drying_lets_fruit_keep_as_long_as_its_product_and_no_longer(wang: Viewer) -> None:
    lot = loose_lot(wang, 3_000, keeps_days=10)
    year = today() + timedelta(days=360)

    with pytest.raises(KeepsTooLong) as refused:
        run(
            wang, Step.DRY, [(lot, None)], [Coming(UNGRADED, Weight(3_000), "ganzhi-hongzao", year + timedelta(days=1))]
        )
    (dried,) = made_by(run(wang, Step.DRY, [(lot, None)], [Coming(UNGRADED, Weight(3_000), "ganzhi-hongzao")]))

    assert refused.value.field == "best_before_0"
    assert dried.best_before == year


def test_sorting_never_lets_fruit_keep_longer(wang: Viewer) -> None:
    lot = loose_lot(wang, 3_000, keeps_days=10)

    with pytest.raises(KeepsTooLong):
        run(wang, Step.SORT, [(lot, None)], [Coming(UNGRADED, Weight(3_000), None, today() + timedelta(days=11))])
    (sorted_out,) = made_by(run(wang, Step.SORT, [(lot, None)], [Coming(UNGRADED, Weight(3_000), "ganzhi-hongzao")]))

    assert sorted_out.best_before == lot.best_before


def test_what_does_not_add_up_is_refused_with_the_difference(wang: Viewer) -> None:
    lot = loose_lot(wang, 10_000)

    with pytest.raises(TooLittleMade) as little:
        run(wang, Step.SORT, [(lot, 10_000)], [4_000, 5_000], loss=500)
    with pytest.raises(TooMuchMade) as much:
        run(wang, Step.SORT, [(lot, 10_000)], [4_000, 5_999], loss=2)

    assert (little.value.field, little.value.values["difference"]) == ("loss", "1")
    assert (much.value.field, much.value.values["difference"]) == ("loss", "0.002")
    assert loose(lot) == 10_000


def test_a_run_is_refused_at_the_place_that_is_wrong(wang: Viewer, gao: Viewer) -> None:
    lot, other, foreign = loose_lot(wang, 1_000), loose_lot(wang, 1_000), loose_lot(gao, 1_000)
    sold_out = loose_lot(wang, 500)
    run(wang, Step.WASH, [(sold_out, None)], [500])
    tomorrow = today() + timedelta(days=1)
    wrong: list[tuple[type[DomainError], str, object]] = [
        (NotThatMuch, "used_0", lambda: run(wang, Step.SORT, [(lot, 1_001)], [1_001])),
        (NotLoose, "lot_0", lambda: run(wang, Step.SORT, [(foreign, None)], [1_000])),
        (NotLoose, "lot_1", lambda: run(wang, Step.MIX, [(lot, None), (sold_out, None)], [1_000])),
        (SameLotTwice, "lot_1", lambda: run(wang, Step.MIX, [(lot, 1), (lot, 1)], [2])),
        (WrongInputs, "lot_0", lambda: run(wang, Step.MIX, [(lot, None)], [1_000])),
        (WrongInputs, "lot_0", lambda: run(wang, Step.SORT, [(lot, None), (other, None)], [2_000])),
        (WrongOutputs, "made_0", lambda: run(wang, Step.SORT, [(lot, None)], [], loss=1_000)),
        (WrongOutputs, "made_0", lambda: run(wang, Step.MIX, [(lot, None), (other, None)], [1_000, 1_000])),
        (LossUnexplained, "because", lambda: run(wang, Step.WASH, [(lot, None)], [900], loss=100, because="")),
        (BadRunDay, "done_on", lambda: run(wang, Step.WASH, [(lot, None)], [1_000], done_on=tomorrow)),
        (
            LicenceNeeded,
            "product_0",
            lambda: run(wang, Step.WASH, [(lot, None)], [Coming(UNGRADED, Weight(1_000), "mianxi-hongzao")]),
        ),
    ]

    for refusal, field, act in wrong:
        with pytest.raises(refusal) as refused:
            act()  # type: ignore[operator]
        assert refused.value.field == field, refusal

    assert (loose(lot), loose(other), loose(foreign)) == (1_000, 1_000, 1_000)


def test_fruit_past_its_day_goes_into_nothing_but_may_be_written_off(wang: Viewer) -> None:
    lot = loose_lot(wang, 1_000, keeps_days=1)

    with at(later(days=1)):
        with pytest.raises(LotExpired):
            run(wang, Step.SORT, [(lot, None)], [1_000])
        with transaction():
            service.lose(lot.code, None, because="过了保质期", key="k", by=wang)

    assert loose(lot) == 0
    assert findings() == {}


def test_a_run_that_was_a_mistake_is_taken_back_whole(wang: Viewer) -> None:
    lot = loose_lot(wang, 10_000)
    made = run(wang, Step.SORT, [(lot, None)], [9_000], loss=1_000)
    (child,) = made_by(made)

    with transaction():
        undone = service.undo(made.number, because="秤看错了", by=wang)
        assert undone.state is RunState.UNDONE

    assert (loose(lot), loose(child)) == (10_000, 0)
    assert sources(child) == {}
    assert findings() == {}
    with pytest.raises(IllegalMove), transaction():
        service.undo(made.number, because="再撤一次", by=wang)


def test_a_run_whose_fruit_was_used_is_not_taken_back(wang: Viewer, gao: Viewer) -> None:
    made = run(wang, Step.WASH, [(loose_lot(wang, 10_000), None)], [10_000])
    (child,) = made_by(made)
    run(wang, Step.SORT, [(child, 1)], [1])

    with pytest.raises(RunUsed), transaction():
        service.undo(made.number, because="秤看错了", by=wang)
    with pytest.raises(NotFound), transaction():
        service.undo(made.number, because="不是他的", by=gao)


def test_packing_from_a_loose_lot_leaves_the_rest_loose(wang: Viewer) -> None:
    lot = loose_lot(wang, 10_333)
    pack = marked_pack(wang, bears_mark=False)

    with transaction():
        service.fill(lot.code, pack.slug, pieces=4, key="a", by=wang)

    assert (available(pack), loose(lot)) == (4, 333)
    with pytest.raises(TooFewLoose) as refused, transaction():
        service.fill(lot.code, pack.slug, pieces=1, key="b", by=wang)
    assert refused.value.values["pieces"] == 0


def test_a_pack_takes_no_fruit_that_it_does_not_promise(wang: Viewer) -> None:
    lot = loose_lot(wang, 10_000, variety="tanzao")
    pack = marked_pack(wang, bears_mark=False)

    with pytest.raises(OtherFruit), transaction():
        service.fill(lot.code, pack.slug, pieces=1, key="a", by=wang)


def test_what_came_in_is_in_store_or_lost_in_processing(wang: Viewer) -> None:
    lot = loose_lot(wang, 100_000)
    dried = run(wang, Step.DRY, [(lot, None)], [80_000], loss=20_000)
    (child,) = made_by(dried)
    run(wang, Step.SORT, [(child, 50_000)], [49_000], loss=1_000, because="坏果")
    scope = Scope(Span(None, today()), frozenset({lot.township_code}))

    assert RECEIVED_WEIGHT.total(scope) == 100_000
    assert PROCESSING_LOSS.total(scope) == 21_000
    assert STOCK_ON_HAND.total(scope) == 79_000


@pytest.mark.corrupts
@pytest.mark.parametrize(
    ("code", "statement"),
    [
        ("B16", "UPDATE processing_inputs SET used = used + 1"),
        ("B16", "UPDATE processing_runs SET loss = loss + 1"),
        ("B16", "UPDATE processing_outputs SET made = made - 1"),
        ("B16-lots", "UPDATE lot_sources SET grams = grams - 1"),
        ("B16-lots", "DELETE FROM lot_sources"),
    ],
)
def test_a_gram_changed_by_hand_is_found(wang: Viewer, code: str, statement: str) -> None:
    run(wang, Step.SORT, [(loose_lot(wang, 10_000), 9_000)], [8_000], loss=1_000)

    sql(statement)

    assert code in findings()

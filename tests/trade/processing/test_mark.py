"""The balance of the mark of origin: what is packed under 柳林红枣 is never more than the local fruit that came in."""

from __future__ import annotations

from datetime import timedelta

import pytest

from app.kernel.db import transaction
from app.kernel.permissions import Viewer
from app.ledger.figures import Scope, Span
from app.people.growers.errors import OwnMatter
from app.trade.catalog import claims, mark
from app.trade.catalog import service as catalog
from app.trade.catalog.errors import BadMarkDays, MarkClaimed, MarkNotAuthorised, MarkNumberInUse
from app.trade.catalog.mark import Authorisation
from app.trade.lots.states import LotOrigin
from app.trade.processing import service
from app.trade.processing.figures import LOCAL_IN, LOCAL_LEFT, LOCAL_LOST, MARKED_WEIGHT
from app.trade.processing.states import Step
from app.trade.stock.errors import MarkShort
from tests.cast import at, described, findings, later, more_of, shop_of, sql, today
from tests.trade.processing.cast import authorised, loose, loose_lot, made_by, marked_pack, right, run


def balance() -> tuple[int, int, int, int]:
    """Grams of local fruit that came in, was packed under the mark, lapsed, and is left."""
    scope = Scope(Span(None, today()))
    return (LOCAL_IN.total(scope), MARKED_WEIGHT.total(scope), LOCAL_LOST.total(scope), LOCAL_LEFT.total(scope))


def test_fruit_of_a_household_here_may_bear_the_mark_and_fruit_from_outside_may_not(wang: Viewer) -> None:
    own = loose_lot(wang, 10_000)
    outside = loose_lot(wang, 10_000, came_from=LotOrigin.OUTSIDE)
    not_of_the_mark = loose_lot(wang, 10_000, variety="dongzao")

    assert (right(own), right(outside), right(not_of_the_mark)) == (10_000, 0, 0)


def test_packing_under_the_mark_uses_local_fruit_and_stops_where_it_ends(wang: Viewer, qian: Viewer) -> None:
    authorised(wang, by=qian)
    lots = [loose_lot(wang, 10_000), loose_lot(wang, 10_000, came_from=LotOrigin.OUTSIDE)]
    (mixed,) = made_by(run(wang, Step.MIX, [(lot, None) for lot in lots], [20_000]))
    pack = marked_pack(wang)

    with transaction():
        service.fill(mixed.code, pack.slug, pieces=3, key="a", by=wang)
    with pytest.raises(MarkShort) as refused, transaction():
        service.fill(mixed.code, pack.slug, pieces=2, key="b", by=wang)

    assert refused.value.values["pieces"] == 1
    assert (right(mixed), loose(mixed)) == (2_500, 12_500)
    assert balance() == (10_000, 7_500, 0, 2_500)


def test_a_lot_carries_its_share_along_and_the_share_of_the_loss_lapses(wang: Viewer) -> None:
    lots = [loose_lot(wang, 3_000), loose_lot(wang, 6_000, came_from=LotOrigin.OUTSIDE)]
    (mixed,) = made_by(run(wang, Step.MIX, [(lot, None) for lot in lots], [9_000]))
    assert right(mixed) == 3_000

    first, second = made_by(run(wang, Step.SORT, [(mixed, 6_000)], [3_000, 1_500], loss=1_500))

    assert (right(mixed), right(first), right(second)) == (1_000, 1_000, 500)
    assert balance() == (3_000, 0, 500, 2_500)


def test_what_leaves_without_the_mark_takes_along_what_no_fruit_is_left_for(wang: Viewer, qian: Viewer) -> None:
    authorised(wang, by=qian)
    lot, plain = loose_lot(wang, 10_000), marked_pack(wang, bears_mark=False)

    with transaction():
        service.fill(lot.code, plain.slug, pieces=3, key="a", by=wang)
    with transaction():
        service.lose(lot.code, None, because="坏了", key="b", by=wang)

    assert (right(lot), balance()) == (0, (10_000, 0, 10_000, 0))


def test_taking_a_run_back_gives_the_right_back_too(wang: Viewer) -> None:
    lot = loose_lot(wang, 10_000)
    made = run(wang, Step.DRY, [(lot, None)], [7_000], loss=3_000)

    with transaction():
        service.undo(made.number, because="秤看错了", by=wang)

    assert (right(lot), balance()) == (10_000, (10_000, 0, 0, 10_000))


def test_listing_under_the_mark_needs_an_authorisation_that_counts_today(wang: Viewer, qian: Viewer) -> None:
    with pytest.raises(MarkNotAuthorised) as refused:
        marked_pack(wang)
    assert refused.value.field == "bears_mark"

    authorised(wang, by=qian, days=10)
    pack = marked_pack(wang)
    more_of(pack, pieces=2)

    assert balance() == (5_000, 5_000, 0, 0)
    with at(later(days=11)), pytest.raises(MarkNotAuthorised):
        more_of(pack, pieces=1)


def test_an_ended_authorisation_counts_no_more_and_its_number_may_be_given_again(wang: Viewer, qian: Viewer) -> None:
    user = authorised(wang, by=qian)
    with pytest.raises(MarkNumberInUse):
        authorised(wang, by=qian)

    with transaction():
        mark.end(user.id, because="到期不再续", by=qian)

    with pytest.raises(MarkNotAuthorised):
        marked_pack(wang)
    authorised(wang, by=qian)
    assert marked_pack(wang).bears_mark


def test_an_authorisation_has_days_in_order_and_is_nobodys_own(wang: Viewer, qian: Viewer) -> None:
    day, shop = today(), shop_of(wang).id

    with pytest.raises(BadMarkDays), transaction():
        mark.record(shop, Authorisation("A-1", day, day - timedelta(days=1)), by=qian)
    with pytest.raises(OwnMatter), transaction():
        mark.record(shop, Authorisation("A-1", day, day), by=wang)


@pytest.mark.parametrize("field", ["title", "words"])
@pytest.mark.parametrize("text", ["国家地理标志产品", "AGI2010-02-00212", "地 理 标 志", "ａｇｉ２０１０"])
def test_nobody_writes_of_the_mark_without_bearing_it(wang: Viewer, field: str, text: str) -> None:
    said = described(title=text) if field == "title" else described(words=text)

    with pytest.raises(MarkClaimed) as refused, transaction():
        catalog.publish(shop_of(wang), said, graded_on=today(), by=wang.actor)

    assert refused.value.field == field


@pytest.mark.parametrize("text", ["柳林红枣", "没有标志", "agility", "地理位置好"])
def test_everyday_words_claim_no_mark(text: str) -> None:
    assert claims.mark_words(text) == []


@pytest.mark.corrupts
@pytest.mark.parametrize(
    ("code", "statement"),
    [
        ("B16-local", "UPDATE lots SET origin = 'outside'"),
        ("B16-local", "UPDATE lots SET grower_id = NULL"),
        ("B16-mark", "UPDATE packs SET bears_mark = (1 = 0)"),
        ("B16-mark", "UPDATE packs SET bears_mark = (1 = 1)"),
    ],
)
def test_a_mark_changed_by_hand_is_found(wang: Viewer, qian: Viewer, code: str, statement: str) -> None:
    authorised(wang, by=qian)
    more_of(marked_pack(wang), pieces=2)
    more_of(marked_pack(wang, bears_mark=False), pieces=2)

    sql(statement)

    assert code in findings()

"""Lots: their codes, what they came from, and which of them may be used."""

from __future__ import annotations

from datetime import timedelta

import pytest

from app.kernel import clock
from app.kernel.db import session, transaction
from app.kernel.permissions import Viewer
from app.kernel.weight import Weight
from app.ledger.books import queries as books
from app.ledger.books.errors import FloorBroken
from app.people.growers.models import Seller
from app.trade.catalog.models import UNGRADED, Pack
from app.trade.lots import codes, queries, service
from app.trade.lots.errors import BadHarvest, LotExpired, LotRecalled, UnknownLot
from app.trade.lots.models import Lot
from app.trade.lots.service import Harvest, Source
from app.trade.lots.states import LotOrigin
from app.trade.stock import service as stock
from app.trade.stock.errors import OtherFruit
from tests.cast import a_pack, at, available, described, later, shop_of


def a_loose_lot(seller: Seller, *, grams: int = 50_000, variety: str = "muzao", keeps_days: int = 180) -> Lot:
    """Fruit of the seller's own that lies loose."""
    with transaction():
        day = clock.today()
        harvest = Harvest("南垣村", variety, UNGRADED, day.year, day + timedelta(days=keeps_days))
        lot = service.take_in(seller, harvest, weight=Weight(grams), by="test")
        stock.receive(lot, by="test")
    return lot


def made_of(*parents: tuple[Lot, int]) -> Lot:
    """A lot that so many grams of each parent went into; the books do not learn of it."""
    first = parents[0][0]
    day = clock.today()
    harvest = Harvest("南垣村", first.variety_key, first.grade_key, day.year, day + timedelta(days=90))
    with transaction():
        return service.take_in(
            session().get_one(Seller, first.seller_id),
            harvest,
            weight=Weight(sum(grams for _, grams in parents)),
            by="test",
            origin=LotOrigin.MADE,
            sources=[Source(lot.id, Weight(grams), "mix") for lot, grams in parents],
        )


def pack(pack: Pack, lot: Lot, *, pieces: int, key: str = "packed") -> None:
    with transaction():
        (one,) = queries.locked_lots([lot.id])
        stock.pack(pack, one, pieces=pieces, by="test", key=key)


def recall(lot: Lot) -> None:
    with transaction():
        session().get_one(Lot, lot.id).recalled_at = clock.now()


def test_a_signed_code_is_known_again_however_it_is_typed(wang: Viewer) -> None:
    lot = a_loose_lot(shop_of(wang))
    label = codes.signed(lot.code)

    assert codes.code_of(label) == lot.code
    assert codes.code_of(label.lower().replace("-", " ")) == lot.code
    assert codes.code_of(label.translate(str.maketrans("ABC234", "ＡＢＣ２３４"))) == lot.code


@pytest.mark.parametrize("typed", ["", "ABC", "{code}", "{label}X", "枣枣枣", "{code}-AAAAAA", "\x00" * 26])
def test_what_is_no_code_of_ours_names_no_lot(wang: Viewer, typed: str) -> None:
    code = a_loose_lot(shop_of(wang)).code

    with pytest.raises(UnknownLot):
        codes.code_of(typed.format(code=code, label=codes.signed(code)))


def test_a_code_with_the_check_signs_of_another_is_a_fake(wang: Viewer) -> None:
    first, second = a_loose_lot(shop_of(wang)), a_loose_lot(shop_of(wang))
    check = codes.signed(second.code).partition("-")[2]

    with pytest.raises(UnknownLot):
        codes.code_of(f"{first.code}-{check}")


def test_a_household_grew_what_it_sells_as_its_own(wang: Viewer) -> None:
    lot = a_loose_lot(shop_of(wang))

    assert (lot.origin, lot.grower_id) == (LotOrigin.OWN, lot.seller_id)


def test_pieces_are_packed_from_a_loose_lot_to_the_gram(wang: Viewer) -> None:
    box = a_pack(wang, pieces=0)
    lot = a_loose_lot(shop_of(wang), grams=20_001)

    pack(box, lot, pieces=3)
    pack(box, lot, pieces=5, key="again")

    assert available(box) == 8
    assert books.balance(stock.loose_place(lot)).net == 1
    assert books.balance(stock.packed_grams_place(box, lot_id=lot.id)).net == 20_000


def test_no_more_is_packed_than_lies_loose(wang: Viewer) -> None:
    box = a_pack(wang, pieces=0)
    lot = a_loose_lot(shop_of(wang), grams=4_999)

    with pytest.raises(FloorBroken):
        pack(box, lot, pieces=2)

    assert available(box) == 0


def test_another_fruit_does_not_go_into_the_pack(wang: Viewer) -> None:
    box = a_pack(wang, pieces=0, said=described(variety="junzao", title="骏枣 五斤装"))
    lot = a_loose_lot(shop_of(wang))

    with pytest.raises(OtherFruit):
        pack(box, lot, pieces=1)


def test_another_sellers_fruit_does_not_go_into_the_pack(wang: Viewer, gao: Viewer) -> None:
    box = a_pack(wang, pieces=0)
    lot = a_loose_lot(shop_of(gao))

    with pytest.raises(OtherFruit):
        pack(box, lot, pieces=1)


@pytest.mark.corrupts
def test_a_recalled_lot_is_neither_packed_nor_sold(wang: Viewer) -> None:
    box = a_pack(wang, pieces=0)
    lot = a_loose_lot(shop_of(wang))
    pack(box, lot, pieces=2)

    recall(lot)

    with pytest.raises(LotRecalled):
        pack(box, lot, pieces=1, key="again")
    assert available(box) == 0


def test_a_lot_past_its_day_is_not_packed(wang: Viewer) -> None:
    box = a_pack(wang, pieces=0)
    lot = a_loose_lot(shop_of(wang), keeps_days=10)

    with at(later(days=10)), pytest.raises(LotExpired):
        pack(box, lot, pieces=1)


@pytest.mark.corrupts
def test_what_is_made_of_lots_may_be_older_than_what_is_picked(wang: Viewer) -> None:
    seller, day = shop_of(wang), clock.today()
    old = Harvest("南垣村", "muzao", UNGRADED, day.year - 4, day + timedelta(days=90))

    with transaction():
        service.take_in(seller, old, weight=Weight(1), by="test", origin=LotOrigin.MADE)
    with pytest.raises(BadHarvest), transaction():
        service.take_in(seller, old, weight=Weight(1), by="test")
    session().rollback()


@pytest.mark.corrupts
def test_the_line_of_lots_is_followed_both_ways(wang: Viewer) -> None:
    seller = shop_of(wang)
    first, second, apart = (a_loose_lot(seller) for _ in range(3))
    mixed = made_of((first, 10), (second, 20))
    sorted_out = made_of((mixed, 5))

    up = [(source.child_id, source.parent_id, source.grams.grams) for source in queries.ancestors([sorted_out.id])]

    assert sorted(up) == sorted([(mixed.id, first.id, 10), (mixed.id, second.id, 20), (sorted_out.id, mixed.id, 5)])
    assert queries.descendants([first.id]) == {first.id, mixed.id, sorted_out.id}
    assert queries.descendants([apart.id]) == {apart.id}
    assert queries.ancestors([apart.id]) == []

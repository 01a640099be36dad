"""The shelf: found by what people type, narrowed by what they want, in pages that show every pack once."""

from __future__ import annotations

import random
from dataclasses import replace

import pytest

from app.kernel.db import transaction
from app.kernel.money import Money
from app.kernel.paging import BadCursor
from app.kernel.permissions import Viewer
from app.trade.catalog import queries, service
from app.trade.catalog.models import Pack
from app.trade.catalog.queries import Sort, Wanted
from tests.cast import MENGMEN, SANJIAO, a_pack, described, shop_of


@pytest.fixture
def shelf(wang: Viewer, gao: Viewer) -> dict[str, Pack]:
    """Four packs of two growers."""
    return {
        "wood": a_pack(wang, said=described(title="柳林红枣 5斤箱", variety="muzao", price=6800)),
        "bud": a_pack(wang, said=described(title="芽枣 一斤装", variety="yazao", price=1500, net=500)),
        "jun": a_pack(gao, said=described(title="骏枣 特级 500克", variety="junzao", price=2900, net=500)),
        "fresh": a_pack(gao, said=described(title="大棚子弹头 2斤", product="dapeng-xianzao", price=4000, net=1000)),
    }


def found(shelf: dict[str, Pack], **wanted: object) -> set[str]:
    names = {pack.slug: name for name, pack in shelf.items()}
    page = queries.on_sale(replace(Wanted(), **wanted))  # type: ignore[arg-type]
    return {names[card.slug] for card in page.items}


def test_packs_are_found_by_what_people_type(shelf: dict[str, Pack]) -> None:
    for words, names in {
        "红枣": {"wood", "bud", "jun"},
        "柳林枣": {"wood"},
        "紅棗 5斤": {"wood"},
        "骏枣": {"jun"},
        "junzao": {"jun"},
        "子弹头": {"fresh"},
        "鲜枣": {"fresh"},
        "王家枣园": {"wood", "bud"},
        "三交": {"jun", "fresh"},
        "苹果": set(),
    }.items():
        assert names <= found(shelf, words=words), words
        if words in ("骏枣", "苹果", "子弹头", "王家枣园"):
            assert found(shelf, words=words) == names, words


@pytest.mark.parametrize("words", ["'", '"', "*", "NEAR(", "AND", "枣 OR 1=1", "%", "\\", ":*", "-", "🌰", "a" * 60])
def test_nothing_that_can_be_typed_breaks_the_search(wang: Viewer, words: str) -> None:
    a_pack(wang)

    queries.on_sale(Wanted(words=words))


def test_the_shelf_is_narrowed_by_each_wish_and_by_all_together(shelf: dict[str, Pack]) -> None:
    assert found(shelf, township=MENGMEN) == {"wood", "bud"}
    assert found(shelf, township="141125000") == set()
    assert found(shelf, variety="junzao") == {"jun"}
    assert found(shelf, grade="统货") == set(shelf)
    assert found(shelf, grade="特等") == set()
    assert found(shelf, seller="高家") == {"jun", "fresh"}
    assert found(shelf, seller="%") == set()
    assert found(shelf, seller_id=shelf["wood"].seller_id) == {"wood", "bud"}
    assert found(shelf, low=Money(2900)) == {"wood", "jun", "fresh"}
    assert found(shelf, high=Money(2900)) == {"bud", "jun"}
    assert found(shelf, low=Money(2900), high=Money(4000), township=SANJIAO, variety="junzao") == {"jun"}


@pytest.mark.parametrize(
    ("sort", "names"),
    [
        (Sort.BEST, ["fresh", "jun", "bud", "wood"]),
        (Sort.NEWEST, ["fresh", "jun", "bud", "wood"]),
        (Sort.CHEAPEST, ["bud", "jun", "fresh", "wood"]),
        (Sort.DEAREST, ["wood", "fresh", "jun", "bud"]),
        (Sort.PER_JIN, ["wood", "bud", "fresh", "jun"]),
    ],
)
def test_the_shelf_stands_in_the_order_that_was_asked_for(shelf: dict[str, Pack], sort: Sort, names: list[str]) -> None:
    page = queries.on_sale(Wanted(sort=sort))

    assert [card.slug for card in page.items] == [shelf[name].slug for name in names]


@pytest.mark.parametrize("sort", list(Sort))
def test_pages_show_every_pack_once_however_equal_they_are(wang: Viewer, sort: Sort) -> None:
    chance = random.Random(3)
    with transaction():
        seller = shop_of(wang)
        slugs = {
            service.publish(
                seller,
                described(net=500 * chance.randint(1, 3), price=1000 * chance.randint(1, 3)),
                graded_on=seller.created_at.date(),
                by="test",
            ).slug
            for _ in range(40)
        }

    seen: list[str] = []
    cursor: str | None = None
    pages = 0
    while pages == 0 or cursor:
        page = queries.on_sale(Wanted(sort=sort, cursor=cursor), size=7)
        seen += [card.slug for card in page.items]
        cursor, pages = page.next_cursor, pages + 1

    assert pages == 6
    assert len(seen) == len(set(seen)) == 40
    assert set(seen) == slugs


@pytest.mark.parametrize("cursor", ["x", "bnVsbA", "W10", "WzEsMiwzXQ", "WyJhIiwgMV0", "W3RydWUsIDFd", "%00", "é"])
def test_a_cursor_that_is_not_ours_is_refused(wang: Viewer, cursor: str) -> None:
    a_pack(wang)

    with pytest.raises(BadCursor):
        queries.on_sale(Wanted(sort=Sort.NEWEST, cursor=cursor))


def test_a_cursor_of_another_order_is_refused_or_harmless(wang: Viewer) -> None:
    for _ in range(3):
        a_pack(wang, pieces=0)
    cursor = queries.on_sale(Wanted(sort=Sort.CHEAPEST), size=1).next_cursor

    with pytest.raises(BadCursor):
        queries.on_sale(Wanted(sort=Sort.NEWEST, cursor=cursor))

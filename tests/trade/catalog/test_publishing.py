"""Packs: what may be put on the shelf, what may be said of it, and what a change of price needs."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from app.kernel import clock
from app.kernel.db import Database, session, transaction
from app.kernel.errors import NotFound
from app.kernel.money import Money
from app.kernel.permissions import Viewer
from app.kernel.states import IllegalMove
from app.people.growers import service as growers
from app.trade.catalog import queries, service
from app.trade.catalog.errors import ForbiddenWords, LicenceNeeded, PackChanged, SellerNotActive, UnknownChoice
from app.trade.catalog.models import Grade, Pack
from app.trade.catalog.service import Description
from app.trade.catalog.states import PackState
from app.trade.stock import cards
from tests.cast import MENGMEN, a_grower, a_pack, answer, described, fill, fresh, place, shop_of

LAST_DAY_OF_2009 = date(2026, 7, 31)


def publish(grower: Viewer, said: Description, *, graded_on: date | None = None) -> Pack:
    with transaction():
        return service.publish(shop_of(grower), said, graded_on=graded_on or clock.today(), by=grower.actor)


def grade_of(edition: str) -> str:
    key = session().query(Grade.key).filter_by(edition=edition, rank=1).order_by(Grade.category).first()
    assert key is not None
    return str(key[0])


def test_loading_the_facts_again_changes_nothing(county: Database) -> None:
    before = [answer(f"SELECT count(*) FROM {table}") for table in ("varieties", "grades", "products", "audit_rows")]

    with transaction():
        assert service.load_facts(by="test") == 0

    after = [answer(f"SELECT count(*) FROM {table}") for table in ("varieties", "grades", "products", "audit_rows")]
    assert after == before
    assert min(before) > 0


def test_a_fact_that_was_changed_is_loaded_anew(county: Database) -> None:
    with transaction() as current:
        current.get_one(Grade, grade_of("2009")).rank = 7
    with transaction():
        assert service.load_facts(by="test") == 1


def test_a_published_pack_is_on_the_shelf(wang: Viewer) -> None:
    pack = publish(wang, described(net=2500, price=6800))

    found = queries.detail(pack.slug)
    assert (found.pack.state, found.pack.per_jin, found.township.code) == (PackState.ON_SALE, 1360, MENGMEN)
    assert [card.slug for card in queries.on_sale(queries.Wanted()).items] == [pack.slug]


def test_a_seller_who_is_not_active_publishes_nothing(wang: Viewer, zhao: Viewer) -> None:
    with transaction():
        growers.suspend(shop_of(wang).id, by=zhao, because="正在检查中")

    with pytest.raises(SellerNotActive):
        publish(wang, described())


@pytest.mark.parametrize(
    ("edition", "day", "in_force"),
    [
        ("2009", LAST_DAY_OF_2009, True),
        ("2009", date(2026, 8, 1), False),
        ("1986", date(2026, 7, 1), False),
        ("", date(2030, 1, 1), True),
    ],
)
def test_fruit_is_graded_by_the_edition_in_force_on_its_day(
    wang: Viewer, edition: str, day: date, in_force: bool
) -> None:
    said = described(grade=grade_of(edition) if edition else "ungraded")
    assert (said.grade_key in {grade.key for grade in queries.grades_in_force(day)}) is in_force

    if in_force:
        publish(wang, said, graded_on=day)
        return
    with pytest.raises(UnknownChoice) as refused:
        publish(wang, said, graded_on=day)
    assert refused.value.field == "grade"


@pytest.mark.parametrize(
    ("said", "field"),
    [
        (described(variety="apple"), "variety"),
        (described(grade="best"), "grade"),
        (described(product="shoes"), "product"),
    ],
)
def test_what_is_not_in_the_lists_is_refused_at_its_field(wang: Viewer, said: Description, field: str) -> None:
    with pytest.raises(UnknownChoice) as refused:
        publish(wang, said)

    assert refused.value.field == field
    assert answer("SELECT count(*) FROM packs") == 0


def test_processed_food_needs_a_licence(wang: Viewer, zhao: Viewer) -> None:
    with pytest.raises(LicenceNeeded) as refused:
        publish(wang, described(product="zaopian"))
    assert refused.value.field == "product"

    licensed = a_grower("刘满仓", "刘家枣坊", MENGMEN, verified_by=zhao, licence="SC10614112500011")
    assert publish(licensed, described(product="zaopian")).product_key == "zaopian"


@pytest.mark.parametrize(
    ("said", "field"),
    [
        (described(title="能治疗贫血的红枣"), "title"),
        (described(words="甜得很。补血养颜，全国第一。"), "words"),
    ],
)
def test_a_claim_that_the_law_forbids_is_refused_at_its_field(wang: Viewer, said: Description, field: str) -> None:
    with pytest.raises(ForbiddenWords) as refused:
        publish(wang, said)

    assert refused.value.field == field
    assert refused.value.values["words"]


def test_a_price_is_changed_by_who_saw_the_present_one(wang: Viewer, gift_box: Pack) -> None:
    seen = gift_box.version
    with transaction():
        service.reprice(queries.pack_of(wang, gift_box.slug, lock=True), price=Money(7000), version=seen, by=wang.actor)

    with pytest.raises(PackChanged), transaction():
        service.reprice(queries.pack_of(wang, gift_box.slug, lock=True), price=Money(1), version=seen, by=wang.actor)

    pack = queries.detail(gift_box.slug).pack
    assert (pack.price.fen, pack.per_jin, pack.version) == (7000, 1400, seen + 1)


def test_a_pack_is_edited_for_its_own_seller_alone(li: Viewer, gao: Viewer, zhao: Viewer, gift_box: Pack) -> None:
    for stranger in (li, gao, zhao):
        with pytest.raises(NotFound):
            queries.pack_of(stranger, gift_box.slug)
        assert queries.packs_of(stranger) == []


def test_a_pack_leaves_the_shelf_and_comes_back(gift_box: Pack) -> None:
    def become(state: PackState) -> None:
        with transaction() as current:
            service.become(current.get_one(Pack, gift_box.id), state, by="test")

    become(PackState.OFF)
    assert queries.on_sale(queries.Wanted()).items == []
    become(PackState.ON_SALE)
    assert len(queries.on_sale(queries.Wanted()).items) == 1
    for state in (PackState.STOPPED, PackState.ON_SALE, PackState.DRAFT):
        with pytest.raises(IllegalMove):
            become(state)


def test_packs_of_a_suspended_seller_vanish_at_once_and_his_open_orders_stay(
    li: Viewer, wang: Viewer, zhao: Viewer, gift_box: Pack
) -> None:
    fill(li, {gift_box.slug: 1})
    (order,) = place(li)
    with transaction():
        growers.suspend(gift_box.seller_id, by=zhao, because="正在检查中")

    assert cards.shelf(queries.Wanted()).items == []
    assert cards.shelf(queries.Wanted(words="木枣")).items == []
    assert queries.packs_by_township() == {}
    assert fresh(order).state.value == "placed"

    with transaction():
        growers.resume(gift_box.seller_id, by=zhao, because="检查没有问题")
    assert queries.packs_by_township() == {MENGMEN: 1}


@pytest.mark.parametrize(("net", "price", "per_jin"), [(500, 999, 999), (3000, 1000, 167), (70, 1, 7), (333, 100, 150)])
def test_prices_of_a_jin_are_rounded_half_up(wang: Viewer, net: int, price: int, per_jin: int) -> None:
    assert publish(wang, replace(described(net=net, price=price))).per_jin == per_jin


def test_a_card_says_that_a_pack_is_sold_out(wang: Viewer) -> None:
    a_pack(wang, pieces=1)
    a_pack(wang, pieces=0)

    assert [card.is_sold_out for card in cards.shelf(queries.Wanted()).items] == [True, False]

"""Carriage: by weight and province, free from a sum on, changed from a day on."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.kernel import clock
from app.kernel.db import Database, transaction
from app.kernel.money import Money
from app.kernel.permissions import Viewer
from app.kernel.weight import Weight
from app.trade.catalog.models import Pack
from app.trade.freight import pricing, service
from app.trade.freight.service import BadDay, NotServed
from tests.cast import an_order_of, answer, at, fill, fresh, later, place, sql, terms


def cost(grams: int, *, goods: int = 100, free_from: int | None = None) -> int:
    free = Money(free_from) if free_from is not None else None
    return pricing.price(Weight(grams), goods=Money(goods), first_kg=Money(600), next_kg=Money(200), free_from=free).fen


@pytest.mark.parametrize(
    ("grams", "fen"), [(1, 600), (999, 600), (1000, 600), (1001, 800), (2000, 800), (2001, 1000), (25_000, 5400)]
)
def test_a_kilogram_begun_counts(grams: int, fen: int) -> None:
    assert cost(grams) == fen


def test_it_is_free_from_the_line_on() -> None:
    assert cost(5000, goods=9899, free_from=9900) == 1400
    assert cost(5000, goods=9900, free_from=9900) == 0
    assert cost(5000, goods=1, free_from=0) == 0


@given(st.integers(1, 10**7), st.integers(1, 10**6))
def test_more_weight_never_costs_less(grams: int, more: int) -> None:
    assert cost(grams) <= cost(grams + more)


def set_far(first: int, *, in_days: int = 0, free_from: int | None = None) -> None:
    with transaction():
        service.set_rate(
            "far",
            first_kg=Money(first),
            next_kg=Money(800),
            free_from=Money(free_from) if free_from else None,
            valid_from=today_plus(in_days),
            by="test",
        )


def today_plus(days: int) -> date:
    return clock.today() + timedelta(days=days)


def test_a_province_costs_what_its_zone_costs(county: Database) -> None:
    assert service.rate_of("14").first_kg == Money(600)
    assert service.rate_of("44").first_kg == Money(1200)


@pytest.mark.parametrize("code", ["71", "81", "82", "65", "99", ""])
def test_where_nobody_delivers_or_no_rate_is_set_is_refused(county: Database, code: str) -> None:
    with pytest.raises(NotServed) as refused:
        service.rate_of(code)

    assert refused.value.field == "province"


def test_a_new_rate_counts_from_its_day_and_leaves_orders_alone(li: Viewer, gift_box: Pack) -> None:
    set_far(1900, in_days=1)
    fill(li, {gift_box.slug: 1})
    (order,) = place(li, terms(li, province="44"))
    assert order.freight == Money(1200 + 2 * 800)

    with at(later(days=1)):
        fill(li, {gift_box.slug: 1})
        assert terms(li, province="44").total - gift_box.price == Money(1900 + 2 * 800)
    assert fresh(order).freight == Money(1200 + 2 * 800)


def test_a_rate_for_the_same_day_takes_the_place_of_the_one_before(county: Database) -> None:
    set_far(1900)
    set_far(1800, free_from=9900)

    assert (service.rate_of("44").first_kg, service.rate_of("44").free_from) == (Money(1800), Money(9900))
    assert answer("SELECT count(*) FROM freight_rates WHERE zone = 'far'") == 1


def test_a_rate_may_not_change_the_past(county: Database) -> None:
    with pytest.raises(BadDay) as refused:
        set_far(1900, in_days=-1)

    assert refused.value.field == "valid_from"


def test_an_order_above_the_line_is_sent_free(li: Viewer, gift_box: Pack) -> None:
    set_far(1200, free_from=13_600)

    fill(li, {gift_box.slug: 2})

    assert place(li, terms(li, province="44"))[0].freight == Money(0)
    assert an_order_of(1, gift_box, buyer=li).freight == Money(600 + 2 * 200)


def test_loading_the_provinces_again_changes_nothing(county: Database) -> None:
    before = answer("SELECT count(*) FROM audit_rows")

    with transaction():
        service.load_provinces(by="test")
    assert answer("SELECT count(*) FROM audit_rows") == before

    sql("UPDATE provinces SET zone = 'near' WHERE code = '65'")
    with transaction():
        service.load_provinces(by="test")
    assert answer("SELECT count(*) FROM provinces WHERE code = '65' AND zone = 'remote'") == 1

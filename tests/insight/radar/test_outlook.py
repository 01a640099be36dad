"""The radar's arithmetic: known answers, and what holds for all numbers."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.insight.radar.backtest import Fate, score
from app.insight.radar.festival import dragon_boat, next_dragon_boat
from app.insight.radar.outlook import WINDOW, Batch, days_to_sell_out, left_after, outlook, spoilt

DAY = date(2026, 1, 10)
GRAMS = st.integers(0, 10**10)
SOLD = st.integers(-(10**9), 10**10)
BATCHES = st.lists(
    st.builds(
        lambda grams, age, keeps: Batch(grams, DAY - timedelta(days=age), DAY + timedelta(days=keeps)),
        st.integers(1, 10**8),
        st.integers(0, 900),
        st.integers(-30, 900),
    ),
    max_size=6,
)


@pytest.mark.parametrize(
    ("year", "day"),
    [(2016, date(2016, 6, 9)), (2024, date(2024, 6, 10)), (2025, date(2025, 5, 31)), (2026, date(2026, 6, 19))],
)
def test_the_dragon_boat_festival_is_on_the_day_of_the_calendar(year: int, day: date) -> None:
    assert dragon_boat(year) == day


def test_after_the_festival_the_next_one_counts() -> None:
    assert next_dragon_boat(date(2025, 5, 31)) == date(2025, 5, 31)
    assert next_dragon_boat(date(2025, 6, 1)) == date(2026, 6, 19)


@pytest.mark.parametrize(
    ("grams", "sold", "days"),
    [
        (160_000, 50_000, 96),
        (30, 30, 30),
        (31, 30, 31),
        (1, 10**9, 1),
        (0, 0, 0),
        (0, 5, 0),
        (5, 0, None),
        (5, -3, None),
    ],
)
def test_days_to_sell_out_are_whole_begun_days(grams: int, sold: int, days: int | None) -> None:
    assert days_to_sell_out(grams, sold) == days


@pytest.mark.parametrize(("days", "left"), [(0, 900), (10, 600), (30, 0), (31, 0), (-5, 900)])
def test_what_is_left_shrinks_by_what_sells(days: int, left: int) -> None:
    assert left_after(900, 900, days) == left


def test_what_goes_bad_first_is_sold_first() -> None:
    soon = Batch(100, DAY, DAY + timedelta(days=10))
    late = Batch(100, DAY, DAY + timedelta(days=30))

    assert spoilt([late, soon], 300, DAY) == 0
    assert spoilt([late, soon], 150, DAY) == 50
    assert spoilt([late, soon], 0, DAY) == 200


def test_fruit_past_its_day_is_lost_however_fast_the_rest_sells() -> None:
    gone = Batch(70, DAY - timedelta(days=400), DAY)

    assert spoilt([gone, Batch(10, DAY, DAY + timedelta(days=99))], 10**9, DAY) == 70


def test_an_outlook_has_the_age_of_the_oldest_and_the_first_end() -> None:
    seen = outlook(
        [Batch(500, DAY - timedelta(days=40), DAY + timedelta(days=300)), Batch(500, DAY, DAY + timedelta(days=90))],
        300,
        DAY,
        date(2026, 6, 19),
    )

    assert (seen.grams, seen.days, seen.left, seen.oldest, seen.first_ends) == (1_000, 100, 0, 40, date(2026, 4, 10))
    assert seen.spoilt == seen.at_risk == 0


def test_who_has_most_at_risk_is_helped_first_then_the_slowest() -> None:
    festival = DAY + timedelta(days=30)
    keeps = DAY + timedelta(days=900)
    many, slow, none = (
        outlook([Batch(grams, DAY, keeps)], sold, DAY, festival)
        for grams, sold in ((9_000, 1_000), (2_000, 2_000), (1_000, 5_000))
    )

    assert sorted([none, slow, many], key=lambda one: one.rank) == [many, slow, none]


@given(GRAMS, SOLD)
def test_after_the_days_to_sell_out_nothing_is_left_and_a_day_before_something_is(grams: int, sold: int) -> None:
    days = days_to_sell_out(grams, sold)

    if days is None:
        assert left_after(grams, sold, 10**6) == grams
    else:
        assert left_after(grams, sold, days) == 0
        assert days == 0 or left_after(grams, sold, days - 1) > 0


@given(BATCHES, SOLD, st.integers(0, 400))
def test_no_more_is_at_risk_than_there_is(batches: list[Batch], sold: int, days: int) -> None:
    seen = outlook(batches, sold, DAY, DAY + timedelta(days=days))

    assert 0 <= seen.left <= seen.grams
    assert 0 <= seen.spoilt <= seen.grams
    assert seen.at_risk <= seen.grams == sum(one.grams for one in batches)


@given(BATCHES, st.integers(0, 10**9), st.integers(0, 10**9))
def test_whoever_sells_more_loses_no_more(batches: list[Batch], sold: int, more: int) -> None:
    assert spoilt(batches, sold + more, DAY) <= spoilt(batches, sold, DAY)


def test_a_score_counts_pairs_and_gives_half_for_a_tie() -> None:
    fates = [Fate(100, 90, 80), Fate(100, 50, 40), Fate(100, 50, 10), Fate(10, 0, 1)]

    found = score(fates)

    assert (found.pairs, found.right_halves) == (5, 9)
    assert found.is_better_than_chance


@given(st.lists(st.builds(Fate, st.integers(1, 99), st.integers(0, 99), st.integers(0, 99)), max_size=8))
def test_whoever_foresees_the_same_for_all_is_no_better_than_chance(fates: list[Fate]) -> None:
    blind = score([Fate(one.grams, one.grams, one.left) for one in fates])
    seer = score([Fate(one.grams, one.left, one.left) for one in fates])

    assert blind.right_halves == blind.pairs
    assert seer.right_halves == 2 * seer.pairs
    assert WINDOW == 30

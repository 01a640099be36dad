"""Money and weight: whole fen and grams, shared out to the last one."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.kernel.money import ZERO, Money, split
from app.kernel.weight import Weight, decimal_text

WHOLE = st.integers(-(10**13), 10**13).map(Money)


@given(whole=WHOLE, weights=st.lists(st.integers(0, 10**9), min_size=1, max_size=30))
def test_parts_add_up_to_the_whole(whole: Money, weights: list[int]) -> None:
    assert sum(split(whole, weights), start=ZERO) == whole


@given(whole=WHOLE, weights=st.lists(st.integers(0, 10**9), min_size=1, max_size=30).filter(any))
def test_no_part_is_a_fen_away_from_its_due_share(whole: Money, weights: list[int]) -> None:
    for part, weight in zip(split(whole, weights), weights, strict=True):
        assert abs(part.fen * sum(weights) - whole.fen * weight) < sum(weights)


@given(whole=WHOLE, weights=st.lists(st.integers(0, 10**9), min_size=1, max_size=30).filter(any))
def test_who_weighs_nothing_gets_nothing(whole: Money, weights: list[int]) -> None:
    assert all(not part for part, weight in zip(split(whole, weights), weights, strict=True) if weight == 0)


@pytest.mark.parametrize(
    ("fen", "weights", "parts"),
    [
        (100, [1, 1, 1], [34, 33, 33]),
        (2, [0, 0, 0], [1, 1, 0]),
        (-100, [1, 1, 1], [-33, -33, -34]),
        (5, [3, 7], [2, 3]),
        (1, [1, 2], [0, 1]),
        (0, [1, 2], [0, 0]),
        (7, [], []),
    ],
)
def test_the_odd_fen_go_to_the_largest_remainders_the_earlier_first(
    fen: int, weights: list[int], parts: list[int]
) -> None:
    assert [part.fen for part in split(Money(fen), weights)] == parts


@pytest.mark.parametrize(
    ("fen", "words"), [(0, "0.00"), (5, "0.05"), (-5, "-0.05"), (123456, "1234.56"), (-100, "-1.00")]
)
def test_money_is_written_in_yuan_with_two_decimals(fen: int, words: str) -> None:
    assert str(Money(fen)) == words


def test_money_adds_and_compares_as_whole_fen() -> None:
    assert Money(5) + Money(7) - Money(2) * 3 == -Money(-6)
    assert not ZERO
    assert Money(1) > ZERO


@pytest.mark.parametrize(
    ("amount", "per_unit", "words"),
    [
        (500, 500, "1"),
        (750, 500, "1.5"),
        (5, 500, "0.01"),
        (1, 3, "0.333"),
        (2, 3, "0.667"),
        (-750, 500, "-1.5"),
        (0, 7, "0"),
    ],
)
def test_a_quotient_is_written_exactly_or_rounded_half_up(amount: int, per_unit: int, words: str) -> None:
    assert decimal_text(amount, per_unit) == words


def test_a_jin_is_five_hundred_grams() -> None:
    assert Weight.parse_jin("1.5") == Weight(750) == Weight.parse_kg("0.75")

"""Numbers that people type: one meaning, or a refusal that says what to write."""

from __future__ import annotations

from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.kernel.area import Area
from app.kernel.errors import BadValue
from app.kernel.money import MOST_FEN, Money
from app.kernel.numbers import BadNumber, NumberTooLarge, TooManyDecimals, fixed_point, whole_number


@pytest.mark.parametrize(
    ("typed", "fen"),
    [
        ("12", 1200),
        ("12.5", 1250),
        ("12.50", 1250),
        ("12.500", 1250),
        ("0", 0),
        ("0.01", 1),
        ("007", 700),
        ("１２．８０", 1280),
        (" 12 ", 1200),
        ("\u300012\t", 1200),
    ],
)
def test_a_plain_number_is_read(typed: str, fen: int) -> None:
    assert Money.parse(typed) == Money(fen)


@pytest.mark.parametrize(
    "typed",
    [
        "",
        " ",
        ".",
        "12.",
        ".5",
        "-1",
        "+1",
        "1e3",
        "1E3",
        "1,000",
        "1_000",
        "0x10",
        "12.5.1",
        "12 5",
        "NaN",
        "Infinity",
        "inf",
        "一百",
        "١٢",
        "१२",
        "²",
        "½",
        "12元",
        "￥12",
        "12\n",
        "12\0",
        "1" * 16,
        "0." + "0" * 7,
        "12\u200b",
    ],
)
def test_what_has_two_meanings_or_none_is_refused(typed: str) -> None:
    with pytest.raises(BadNumber):
        Money.parse(typed)


def test_more_decimals_than_the_unit_has_are_refused_with_their_number() -> None:
    with pytest.raises(TooManyDecimals, match="最多 2 位"):
        Money.parse("12.805")


def test_a_number_beyond_its_meaning_is_refused() -> None:
    with pytest.raises(NumberTooLarge):
        Money.parse("999999999999999")


@given(st.integers(0, MOST_FEN))
def test_money_reads_what_it_writes(fen: int) -> None:
    assert Money.parse(str(Money(fen))) == Money(fen)


@given(st.text(max_size=30))
def test_any_text_is_read_or_refused_and_never_an_error(typed: str) -> None:
    with suppress(BadValue):
        assert 0 <= fixed_point(typed, decimals=2, most=1000) <= 1000


@pytest.mark.parametrize("typed", ["0", "101", "1.5"])
def test_a_whole_number_stays_within_its_limits(typed: str) -> None:
    with pytest.raises(BadValue):
        whole_number(typed, least=1, most=100)


def test_land_is_read_to_a_ten_thousandth_of_a_mu() -> None:
    assert Area.parse("3.5001") == Area(35_001)

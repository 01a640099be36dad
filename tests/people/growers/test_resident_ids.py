"""Resident IDs by GB 11643."""

from datetime import date

import pytest

from app.people.growers import resident_ids
from app.people.growers.errors import BadResidentId

TODAY = date(2026, 1, 6)


def an_id(first: str) -> str:
    return first + resident_ids.check_sign(first)


@pytest.mark.parametrize("first", ["14112519550203001", "14112520030101123", "14232619800229004", "11010519491231002"])
def test_an_id_with_its_check_sign_is_taken(first: str) -> None:
    assert resident_ids.parse(an_id(first), today=TODAY) == an_id(first)


def test_the_standard_s_own_example_is_taken() -> None:
    assert resident_ids.parse("11010519491231002X", today=TODAY) == "11010519491231002X"


@pytest.mark.parametrize(
    "typed", ["11010519491231002x", " 110105 19491231 002X ", "１１０１０５１９４９１２３１００２Ｘ"]
)
def test_small_x_blanks_and_wide_digits_may_be_typed(typed: str) -> None:
    assert resident_ids.parse(typed, today=TODAY) == "11010519491231002X"


def test_every_single_wrong_digit_is_noticed() -> None:
    right = an_id("14112519550203001")
    for place in range(17):
        wrong = right[:place] + str((int(right[place]) + 1) % 10) + right[place + 1 :]
        with pytest.raises(BadResidentId):
            resident_ids.parse(wrong, today=TODAY)


@pytest.mark.parametrize(
    "typed",
    [
        *("", "X", "141125550203001", "1411251955020300", an_id("14112519550203001") + "1", "0" * 18, "١" * 18),
        *(
            an_id("14112519551303001"),
            an_id("14112519550230001"),
            an_id("14112518991231001"),
            an_id("14112520260107001"),
        ),
        *("11010519491231002X\0", "11010519491231002Y", "9" * 10_000, "①" * 18),
    ],
)
def test_anything_else_is_refused(typed: str) -> None:
    with pytest.raises(BadResidentId):
        resident_ids.parse(typed, today=TODAY)


def test_age_counts_completed_years() -> None:
    assert resident_ids.age(an_id("14112520120106001"), today=TODAY) == 14
    assert resident_ids.age(an_id("14112520120107001"), today=TODAY) == 13


def test_others_see_the_head_and_the_tail() -> None:
    assert resident_ids.masked("141125195502031234") == "1411**********1234"

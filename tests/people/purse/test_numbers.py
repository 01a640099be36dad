"""Account numbers as people type them: what can be true is taken, what cannot is refused with a sentence."""

import pytest

from app.people.purse import numbers
from app.people.purse.errors import BadAccountNumber, MistypedCard

CARD = "622848000000000000"
CARD_19 = CARD + numbers.check_digit(CARD)


@pytest.mark.parametrize(
    ("digits", "check"), [("7992739871", "3"), ("401288888888188", "1"), ("37828224631000", "5"), ("0", "0")]
)
def test_the_check_digit_is_that_of_published_examples(digits: str, check: str) -> None:
    assert numbers.check_digit(digits) == check


@pytest.mark.parametrize("typed", [CARD_19, f" {CARD_19[:4]} {CARD_19[4:]}　", CARD_19.translate(
    str.maketrans("0123456789", "０１２３４５６７８９")), "-".join((CARD_19[:6], CARD_19[6:]))])  # fmt: skip
def test_a_card_may_be_typed_with_blanks_hyphens_and_wide_digits(typed: str) -> None:
    assert numbers.parse(typed) == CARD_19


@pytest.mark.parametrize("number", ["123456789012", "62" + "0" * 15, "1234567890123456", "9" * 18, "9" * 19])
def test_a_passbook_number_carries_no_check_digit(number: str) -> None:
    assert numbers.parse(number) == number


@pytest.mark.parametrize("place", range(2, 19))
def test_one_wrong_digit_of_a_card_is_found(place: int) -> None:
    wrong = CARD_19[:place] + str((int(CARD_19[place]) + 1) % 10) + CARD_19[place + 1 :]

    with pytest.raises(MistypedCard):
        numbers.parse(wrong)


def test_a_card_of_sixteen_digits_is_checked_too() -> None:
    good = "622202000000000" + numbers.check_digit("622202000000000")

    assert numbers.parse(good) == good
    with pytest.raises(MistypedCard):
        numbers.parse(good[:-1] + str((int(good[-1]) + 1) % 10))


@pytest.mark.parametrize(
    "typed",
    ["", " ", "12345678901", "1" * 20, "12345678901x", "٣" * 16, "²" * 16, "-1234567890.123", "1e15", "\0" * 16],
)
def test_what_is_no_number_is_refused(typed: str) -> None:
    with pytest.raises(BadAccountNumber):
        numbers.parse(typed)

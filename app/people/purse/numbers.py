"""Bank account numbers: whether one can be true, and how it is shown."""

from __future__ import annotations

import re

from app.people.purse.errors import BadAccountNumber, MistypedCard

_WIDE = str.maketrans("０１２３４５６７８９", "0123456789", " -\u00a0\u3000\uff0d\u2010\u2011")
MAY_BE = re.compile(r"[0-9]{12,19}", re.ASCII)
_CARD_LENGTHS = (16, 19)
_CARD_PREFIX = "62"


def parse(text: str) -> str:
    """The 12 to 19 digits of a card or passbook; full-width digits, blanks and hyphens may be typed.

    A number of 16 or 19 digits that starts with 62 is a card, and its last digit must be the one that the usual card
    check (Luhn, ISO/IEC 7812-1 annex B) calls for. Passbook numbers carry no such digit, so nothing else is checked:
    whether the account exists and whose it is, the township compares.
    Raises `BadAccountNumber` and `MistypedCard`.
    """
    number = text.strip().translate(_WIDE)
    if MAY_BE.fullmatch(number) is None:
        raise BadAccountNumber(field="number")
    if number.startswith(_CARD_PREFIX) and len(number) in _CARD_LENGTHS and number[-1] != check_digit(number[:-1]):
        raise MistypedCard(field="number")
    return number


def check_digit(digits: str) -> str:
    """The digit that the usual card check calls for behind these digits."""
    total = sum(_doubled(int(digit)) if place % 2 == 0 else int(digit) for place, digit in enumerate(reversed(digits)))
    return str(-total % 10)


def masked(tail: str) -> str:
    """What others see of a number whose last four digits are known: ****1234."""
    return f"****{tail}"


def _doubled(digit: int) -> int:
    return digit * 2 if digit < 5 else digit * 2 - 9

"""Resident ID numbers: whether one can be true, and how it is shown."""

from __future__ import annotations

import re
from datetime import date

from app.people.growers.errors import BadResidentId

_WIDE = str.maketrans("０１２３４５６７８９Ｘｘx", "0123456789XXX", " -\u3000")
_NUMBER = re.compile(r"[1-9][0-9]{16}[0-9X]", re.ASCII)
_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
_CHECKS = "10X98765432"
_OLDEST = 1900


def parse(text: str, *, today: date) -> str:
    """The 18 signs of an ID whose birth day exists and is past and whose check sign is right.

    The division code is not compared with a list: codes change, and an ID keeps that of its first issue.
    Raises `BadResidentId`. Source: GB 11643-1999.
    """
    number = text.strip().translate(_WIDE)
    if _NUMBER.fullmatch(number) is None:
        raise BadResidentId(field="resident_id")
    born = _born(number)
    if born is None or not date(_OLDEST, 1, 1) <= born <= today or number[17] != check_sign(number):
        raise BadResidentId(field="resident_id")
    return number


def check_sign(number: str) -> str:
    """The check sign that the first seventeen digits call for (ISO 7064, MOD 11-2)."""
    return _CHECKS[sum(weight * int(digit) for weight, digit in zip(_WEIGHTS, number[:17], strict=True)) % 11]


def age(number: str, *, today: date) -> int:
    """Completed years of the person with this parsed number."""
    born = _born(number)
    if born is None:
        raise BadResidentId(field="resident_id")
    return today.year - born.year - ((today.month, today.day) < (born.month, born.day))


def masked(number: str) -> str:
    """What others see of a number: 1411**********1234."""
    return f"{number[:4]}{'*' * 10}{number[-4:]}"


def _born(number: str) -> date | None:
    try:
        return date(int(number[6:10]), int(number[10:12]), int(number[12:14]))
    except ValueError:
        return None

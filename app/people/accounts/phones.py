"""Mobile numbers: one spelling, and how they are shown."""

from __future__ import annotations

import re

from app.people.accounts.errors import BadPhone

_WIDE = str.maketrans("０１２３４５６７８９", "0123456789", " -\u00a0\u3000\uff0d\u2010\u2011")
_MOBILE = re.compile(r"1[3-9][0-9]{9}", re.ASCII)


def parse(text: str) -> str:
    """The eleven digits of a mainland mobile number; full-width digits, blanks and hyphens may be typed.

    Raises `BadPhone`.
    """
    digits = text.strip().translate(_WIDE)
    if _MOBILE.fullmatch(digits) is None:
        raise BadPhone(field="phone")
    return digits


def masked(phone: str) -> str:
    """What others see of a number: 138****1234."""
    return f"{phone[:3]}****{phone[-4:]}"

"""The code on a lot's label: its 99 random bits, and six signs that only this county's key can make."""

from __future__ import annotations

import hmac
import unicodedata

from app.kernel import ids
from app.people.accounts.sealing import vault
from app.trade.lots.errors import UnknownLot

_LENGTH = 20
_CHECK_LENGTH = 6
_FIELD = "lots.code"


def signed(code: str) -> str:
    """The code as labels and links carry it: `…20 signs…-…6 signs…`."""
    return f"{code}-{_check(code)}"


def code_of(text: str) -> str:
    """The lot code in what somebody scanned or typed, in any width, case and grouping.

    Raises `UnknownLot` where the check signs are not ours, without asking the database.
    """
    plain = "".join(sign for sign in unicodedata.normalize("NFKC", text[:100]).upper() if sign.isalnum())
    code, check = plain[:_LENGTH], plain[_LENGTH:]
    if len(plain) != _LENGTH + _CHECK_LENGTH or not hmac.compare_digest(check.encode(), _check(code).encode()):
        raise UnknownLot()
    return code


def _check(code: str) -> str:
    number = int(vault().blind_index(code, field=_FIELD), 16)
    return ids.spelt(number, length=_CHECK_LENGTH)

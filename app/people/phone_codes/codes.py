"""The code that signs somebody in: six digits for five minutes, of the newest request alone."""

from __future__ import annotations

from datetime import timedelta

from app.kernel import clock
from app.people.messages.codes import is_same, six_digits
from app.people.phone_codes.models import PhoneCode

LIVE_FOR = timedelta(minutes=5)


def of(row: PhoneCode) -> str | None:
    """The code that is expected back now; None when it was used, overtaken by a newer one, or is too old."""
    if row.code_key is None or row.until <= clock.now():
        return None
    return six_digits(f"{row.phone_index}:{row.code_key}", field="phone_codes.code")


def fits(row: PhoneCode, typed: str) -> bool:
    """Whether what was typed is the code that is expected."""
    return is_same(typed, of(row))

"""Why something was done: kept with acts that somebody may have to answer for."""

from __future__ import annotations

from app.kernel.text import tidy
from app.people.accounts.errors import ReasonMissing

LEAST = 4
MOST = 200


def checked(because: str) -> str:
    """The reason in tidy spelling, 4 to 200 signs. Raises `ReasonMissing`."""
    reason = tidy(because)
    if not LEAST <= len(reason) <= MOST:
        raise ReasonMissing(field="because")
    return reason

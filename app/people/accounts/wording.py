"""Words that people type to be read by others: as typed, without what cannot be seen."""

from __future__ import annotations

import unicodedata

from app.people.accounts.errors import ReasonMissing

LEAST_REASON = 4
MOST_REASON = 200
_UNSEEN = frozenset({"Cc", "Cf", "Cs", "Co", "Cn"})


def plain(text: str) -> str:
    """Composed text on one line, without control, format, surrogate, private or unassigned characters.

    Unlike the spelling for comparing, Chinese punctuation stays as typed.
    """
    spaced = unicodedata.normalize("NFC", " ".join(text.split()))
    return " ".join("".join(sign for sign in spaced if unicodedata.category(sign) not in _UNSEEN).split())


def reason(because: str) -> str:
    """Why something was done, 4 to 200 signs. Raises `ReasonMissing`."""
    words = plain(because)
    if not LEAST_REASON <= len(words) <= MOST_REASON:
        raise ReasonMissing(field="because")
    return words

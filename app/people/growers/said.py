"""What a seller says of itself, checked: its name, its licence, its words."""

from __future__ import annotations

from app.people.accounts import wording
from app.people.growers.errors import BadSellerName, LicenceMissing, WordsTooLong
from app.people.growers.states import SellerKind

MOST_NAME = 40
MOST_WORDS = 300
LEAST_LICENCE = 4
MOST_LICENCE = 40


def name(text: str) -> str:
    """The name as typed, 2 to 40 signs with a letter in it. Raises `BadSellerName`."""
    found = wording.plain(text)
    if not 2 <= len(found) <= MOST_NAME or not any(sign.isalpha() for sign in found):
        raise BadSellerName(field="name")
    return found


def licence(text: str | None, *, kind: SellerKind) -> str | None:
    """The licence or registration number, None where there is none. Raises `LicenceMissing` for a processor's.

    Source: 食品安全法 art. 35-36.
    """
    found = wording.plain(text or "")
    if len(found) > MOST_LICENCE or (kind is SellerKind.PROCESSOR and len(found) < LEAST_LICENCE):
        raise LicenceMissing(field="licence_no")
    return found or None


def words(text: str) -> str:
    """What it says of its fruit. Raises `WordsTooLong` above 300 signs."""
    found = wording.plain(text)
    if len(found) > MOST_WORDS:
        raise WordsTooLong(field="words")
    return found

"""Reading codes: the one that a number has, and those that texts carry."""

from __future__ import annotations

from collections.abc import Collection

from sqlalchemy import select

from app.kernel.db import locked, session
from app.people.phone_codes import codes
from app.people.phone_codes.models import PhoneCode


def row_of(phone_index: str, *, lock: bool = False) -> PhoneCode | None:
    """The newest request for this number, unless its code was used."""
    statement = select(PhoneCode).where(PhoneCode.phone_index == phone_index, PhoneCode.code_key.is_not(None))
    return session().scalars(locked(statement) if lock else statement).one_or_none()


def codes_of(ids: Collection[int]) -> dict[int, str]:
    """The codes of those among these requests whose code is expected now."""
    rows = session().scalars(select(PhoneCode).where(PhoneCode.id.in_(ids)))
    made = {row.id: codes.of(row) for row in rows}
    return {number: code for number, code in made.items() if code is not None}

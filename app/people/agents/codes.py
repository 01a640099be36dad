"""The code by which a grower gives a mandate: made anew from the row's key and the vault's, and nowhere kept."""

from __future__ import annotations

import hmac
import unicodedata
from collections.abc import Collection
from datetime import timedelta

from sqlalchemy import select

from app.kernel import clock
from app.kernel.db import session
from app.people.accounts.sealing import vault
from app.people.agents.models import Mandate
from app.people.agents.states import MandateState

LIVE_FOR = timedelta(minutes=30)
"""Longer than for signing in: somebody reads it aloud to somebody else, and old phones get texts late."""


def of(mandate: Mandate) -> str | None:
    """The code that is expected back now; None when none is, or no longer."""
    if mandate.code_key is None or mandate.code_until is None or mandate.code_until <= clock.now():
        return None
    made = vault().blind_index(f"{mandate.id}:{mandate.code_key}", field="mandates.code")
    return f"{int(made, 16) % 1_000_000:06d}"


def fits(mandate: Mandate, typed: str) -> bool:
    """Whether what was typed, in digits of any width, is the code that is expected."""
    expected = of(mandate)
    given = "".join(unicodedata.normalize("NFKC", typed).split())
    return expected is not None and hmac.compare_digest(given.encode(errors="replace"), expected.encode())


def codes_of(mandate_ids: Collection[int]) -> dict[int, str]:
    """Mandate id → the code that is expected, for those among these that wait for one."""
    rows = session().scalars(select(Mandate).where(Mandate.id.in_(mandate_ids), Mandate.state == MandateState.ASKED))
    found = {row.id: of(row) for row in rows}
    return {one: code for one, code in found.items() if code is not None}

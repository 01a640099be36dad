"""The ledger's account for what was corrected, and the kind of event that moves it."""

from __future__ import annotations

from app.ledger.books.movements import Kind, Role

CORRECTED = Role("corrected")

CORRECTION_BOOKED = Kind("correction.booked", "更正")

KINDS = (CORRECTION_BOOKED,)

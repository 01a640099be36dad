"""Reading payouts, files and what banks answered."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import func, select

from app.kernel.db import session
from app.office.payouts.models import Payout


def of_subjects(subjects: Sequence[str]) -> dict[str, Payout]:
    """Subject → its newest payout; subjects that never had one are missing."""
    newest = select(func.max(Payout.id)).where(Payout.subject.in_(list(subjects))).group_by(Payout.subject)
    return {one.subject: one for one in session().scalars(select(Payout).where(Payout.id.in_(newest)))}

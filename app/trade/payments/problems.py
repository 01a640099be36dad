"""Money that does not fit: listed until a person has looked at it and said how it ended."""

from __future__ import annotations

from sqlalchemy import select

from app import audit
from app.kernel import clock
from app.kernel.db import locked, session
from app.kernel.errors import Conflict, NotFound
from app.kernel.money import Money
from app.kernel.permissions import Viewer
from app.ledger.books.accounts import insert_on
from app.people.accounts import wording
from app.trade.payments.models import PaymentProblem, ProblemKind


class AlreadyResolved(Conflict):
    """Somebody has closed it."""

    code = "already_resolved"
    sentence = "这一条已经有人处理过了。"


def note(kind: ProblemKind, reference: str, *, checkout: str, amount: Money | None, details: str) -> None:
    """The problem is on the list, once however often it is found."""
    # Two who find it at once must not end each other's pass, as they would by looking before they write.
    statement = (
        insert_on(PaymentProblem)
        .values(kind=kind, reference=reference, checkout=checkout, amount=amount, details=details, at=clock.now())
        .on_conflict_do_nothing(index_elements=["kind", "reference"])
        .returning(PaymentProblem.id)
    )
    if session().execute(statement).first() is not None:
        audit.note("payments.problem", f"payment:{reference}", by="stripe", kind=kind.value)


def open_ones() -> list[PaymentProblem]:
    """What nobody has looked at yet, oldest first."""
    statement = select(PaymentProblem).where(PaymentProblem.resolved_at.is_(None)).order_by(PaymentProblem.id)
    return list(session().scalars(statement.limit(200)))


def problem(number: int, *, lock: bool = False) -> PaymentProblem:
    """One of them. Raises `NotFound`."""
    statement = select(PaymentProblem).where(PaymentProblem.id == number)
    found = session().scalars(locked(statement) if lock else statement).first()
    if found is None:
        raise NotFound()
    return found


def resolve(number: int, *, because: str, by: Viewer) -> None:
    """Somebody has dealt with it and says how. Raises `NotFound`, `AlreadyResolved`, `ReasonMissing`."""
    found = problem(number, lock=True)
    if found.resolved_at is not None:
        raise AlreadyResolved()
    found.because = wording.reason(because)
    found.resolved_at, found.resolved_by = clock.now(), by.actor
    audit.note("payments.problem_resolved", f"payment:{found.reference}", by=by.actor, because=found.because)

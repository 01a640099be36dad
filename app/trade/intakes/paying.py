"""What the buyer says he has paid for a delivery, past this platform."""

from __future__ import annotations

from app import audit
from app.kernel import clock
from app.kernel.db import session
from app.kernel.money import Money
from app.kernel.permissions import Viewer
from app.ledger import books
from app.ledger.books.movements import Post
from app.trade.intakes import accounts, queries
from app.trade.intakes.errors import PaidTooMuch
from app.trade.intakes.models import IntakePayment
from app.trade.intakes.states import Way


def pay(number: str, *, amount: Money, way: Way, reference: str = "", by: Viewer) -> IntakePayment:
    """The buyer has paid so much of a delivery, past this platform. Raises `NotFound`, `PaidTooMuch`."""
    intake = queries.intake_of_buyer(by, number, lock=True)
    left = queries.left_of(intake)
    if not intake.is_taken or amount > left:
        raise PaidTooMuch(left=str(left), field="amount")
    actor = by.acting_for(intake.seller_id)
    row = IntakePayment(intake_id=intake.id, amount=amount, way=way, reference=reference, at=clock.now(), by=actor)
    session().add(row)
    session().flush()
    audit.note("intakes.paid", intake.subject, by=actor, amount=amount.fen, way=way.value)
    owed = accounts.owed_place(seller_id=intake.seller_id, township=intake.township_code, number=intake.number)
    gone = accounts.paid_place(seller_id=intake.seller_id, township=intake.township_code)
    books.record(
        accounts.FRUIT_PAID,
        [Post(owed, gone, amount.fen)],
        by=actor,
        subject=intake.subject,
        key=f"fruit.paid:{intake.number}:{row.id}",
    )
    return row

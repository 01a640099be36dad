"""What everybody writes first: a desk without its guards. It must send money in two files, and book it twice."""

from __future__ import annotations

from collections.abc import Callable

from sqlalchemy import select, update

from app.kernel import clock, ids
from app.kernel.db import session, transaction
from app.kernel.money import ZERO
from app.ledger import books
from app.ledger.books.movements import Place, Post
from app.office.payouts.accounts import PAYOUT_PAID, paid_out
from app.office.payouts.models import BankReturn, Payout, PayoutFile
from app.office.payouts.states import PayoutState
from app.people.purse.states import Bank

Between = Callable[[], object]


def look_then_make(*, between: Between) -> list[str]:
    """Look what waits, and then write it into a file; the numbers of the payouts in it."""
    waiting = session().scalars(select(Payout).where(Payout.state == PayoutState.HELD).order_by(Payout.id)).all()
    numbers = [one.number for one in waiting]
    places = [(one.id, line_no) for line_no, one in enumerate(waiting, start=1)]
    total = sum((one.amount for one in waiting), start=ZERO)
    session().rollback()
    between()
    with transaction() as current:
        file = PayoutFile(
            number=ids.public_number("W"),
            bank=Bank.RURAL,
            bank_name="",
            count=len(places),
            total=total,
            sha256="0" * 64,
            made_at=clock.now(),
            made_by="naive",
        )
        current.add(file)
        current.flush()
        for number, line_no in places:
            moved = {"state": PayoutState.EXPORTED, "file_id": file.id, "line_no": line_no}
            current.execute(update(Payout).where(Payout.id == number).values(**moved))
    return numbers


def look_then_pay(sha256: str, owed: Place, fen: int, *, between: Between) -> None:
    """Look whether the file was taken, and then book what it says, under a name of its own each time."""
    known = session().scalars(select(BankReturn.id).where(BankReturn.sha256 == sha256)).first()
    session().rollback()
    between()
    if known is None:
        with transaction():
            paid = Post(owed, paid_out(Bank.RURAL, owed.township), fen)
            books.record(PAYOUT_PAID, [paid], by="naive", subject=sha256, key=ids.code())

"""What everybody writes first: a settlement without its guards. It must be let go twice, or pay twice."""

from __future__ import annotations

from collections.abc import Callable

from app.kernel import ids
from app.kernel.db import session, transaction
from app.ledger import books
from app.ledger.books.movements import Post
from app.office.approvals.models import Approval
from app.office.approvals.states import ApprovalState
from app.office.payouts.accounts import paid_out
from app.people.purse.states import Bank
from app.trade.settlements import accounts
from app.trade.settlements.models import Settlement, Statement

Between = Callable[[], object]


def look_then_let_go(settlement_id: int, *, between: Between) -> None:
    """Look whether it still waits, and then pay what its one statement says."""
    settlement = session().get_one(Settlement, settlement_id)
    subject = settlement.subject
    waits = session().query(Approval).filter_by(subject=subject, state=ApprovalState.OPEN).count()
    statement = session().query(Statement).filter_by(settlement_id=settlement_id).one()
    own = accounts.payable_place(seller_id=statement.seller_id, township=statement.township_code)
    bank, amount = paid_out(Bank.RURAL, statement.township_code), statement.closing.fen
    session().rollback()
    between()
    if waits:
        with transaction():
            books.record(
                accounts.SETTLEMENT_CLOSED, [Post(own, bank, amount)], by="naive", subject="naive", key=ids.token()
            )


def look_then_begin(settlement: Callable[[], Settlement], *, between: Between) -> None:
    """Look whether one is under way, and then begin another, which nothing in the table forbids."""
    known = session().query(Settlement).filter_by(is_live=True).count()
    session().rollback()
    between()
    if not known:
        with transaction() as current:
            current.add(settlement())

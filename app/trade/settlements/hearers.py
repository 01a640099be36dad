"""What sellers are told of their statements and payouts; `wiring.py` binds these to the facts."""

from __future__ import annotations

from sqlalchemy import select

from app.kernel.db import session
from app.kernel.money import Money
from app.office.payouts import queries as payouts
from app.office.payouts.events import PayoutFailed, PayoutPaid, PayoutReturned, PayoutWithheld
from app.office.payouts.states import Purpose
from app.people.growers import queries as growers
from app.people.messages import service as messages
from app.people.purse import queries as purse
from app.trade.settlements import wording
from app.trade.settlements.events import StatementClosed
from app.trade.settlements.models import Settlement, Statement

NotPaid = PayoutFailed | PayoutReturned | PayoutWithheld


def tell_seller_of_statement(fact: StatementClosed) -> None:
    """Everybody who acts for the seller knows what his statement says, in his inbox and as a text."""
    row = session().execute(
        select(Statement, Settlement.through)
        .join(Settlement, Settlement.id == Statement.settlement_id)
        .where(Statement.number == fact.number)
    )
    statement, through = row.one()
    tail = purse.account(statement.bank_account_id).tail if statement.bank_account_id is not None else ""
    words = wording.closed(
        through=through,
        sales=statement.sales,
        refunds=statement.refunds,
        pays=statement.pays,
        owed=statement.payable or statement.closing,
        tail=tail,
    )
    _tell(statement.seller_id, words, statement.number)


def tell_seller_of_payment(fact: PayoutPaid) -> None:
    """The bank says that it has paid him."""
    if fact.purpose == Purpose.SETTLEMENT.value:
        _tell(fact.seller_id, wording.paid(amount=Money(fact.fen), tail=_tail(fact.subject)), _number(fact.subject))


def tell_seller_of_failure(fact: NotPaid) -> None:
    """The money did not reach him, and why."""
    if fact.purpose == Purpose.SETTLEMENT.value:
        words = wording.not_paid(amount=Money(fact.fen), tail=_tail(fact.subject))
        _tell(fact.seller_id, words, _number(fact.subject), because=fact.because)


def _number(subject: str) -> str:
    return subject.removeprefix("statement:")


def _tail(subject: str) -> str:
    return payouts.of_subjects([subject])[subject].tail


def _tell(seller_id: int, words: str, number: str, *, because: str = "") -> None:
    people = [one.id for one in growers.people_of(seller_id)]
    why = f"原因：{because}" if because else ""
    messages.tell(people, words + why, link=f"/grower/statements/{number}")
    messages.text(people, words)

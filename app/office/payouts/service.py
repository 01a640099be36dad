"""Setting money aside for somebody's bank account: one payout for one thing, paid when the bank says so.

Whoever pays locks the accounts first (`payable`), puts the holds into his own single event (`hold`) and then has the
payouts registered (`register`), all in one transaction.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from app.audit import service as audit
from app.kernel import clock, ids
from app.kernel.db import session
from app.kernel.money import ZERO, Money
from app.ledger.books.movements import Hold, Place
from app.office.payouts import accounts, queries
from app.office.payouts.errors import AlreadyPaying, BadOrder
from app.office.payouts.models import Payout
from app.office.payouts.states import LIVE, Purpose
from app.people.purse import queries as purse
from app.people.purse.errors import NotPayable
from app.people.purse.models import BankAccount

MOST_WORDS = 30


@dataclass(frozen=True, slots=True)
class PayoutOrder:
    """Who shall be paid how much for what.

    `subject` names the thing that is paid, such as `statement:S…`, and has one live payout at most; `owed` is the
    ledger account that owes the money; `words` are read on the bank slip, 30 signs at most.
    """

    subject: str
    purpose: Purpose
    seller_id: int
    amount: Money
    owed: Place
    words: str


def payable(seller_ids: Sequence[int]) -> dict[int, BankAccount]:
    """Seller → the account to which he may be paid now, locked in the order of ids; others are missing.

    To be asked before the ledger, so that an account cannot end between its check and the commit.
    """
    return {one.seller_id: one for one in purse.payable_accounts(seller_ids, lock=True)}


def hold(order: PayoutOrder, account: BankAccount) -> Hold:
    """The movement that sets the money aside: what is owed is held against what the account's bank pays out for us.

    It stays until the bank answers. Raises `NotPayable` for another seller's account, `BadOrder`.
    """
    _refuse_what_cannot_be(order, account)
    credit = accounts.paid_out(account.bank, order.owed.township)
    return Hold(debit=order.owed, credit=credit, amount=order.amount.fen, until=None)


def register(orders: Sequence[tuple[PayoutOrder, BankAccount, int]], *, by: str) -> list[Payout]:
    """The payouts are there and wait for a bank's file, in the order given; the int is the recorded hold's transfer.

    Raises `BadOrder`, `NotPayable` unless each account is the one in force now, `AlreadyPaying` when a subject has a
    live payout or is given twice.
    """
    in_force = {one.seller_id: one.id for one in purse.payable_accounts([order.seller_id for order, _, _ in orders])}
    earlier = queries.of_subjects([order.subject for order, _, _ in orders])
    if len({order.subject for order, _, _ in orders}) < len(orders):
        raise AlreadyPaying()
    made = []
    for order, account, transfer_id in orders:
        _refuse_what_cannot_be(order, account)
        if in_force.get(order.seller_id) != account.id:
            raise NotPayable()
        before = earlier.get(order.subject)
        if before is not None and before.state in LIVE:
            raise AlreadyPaying()
        made.append(_payout(order, account, transfer_id, replaces=before, by=by))
    session().add_all(made)
    session().flush()
    for payout in made:
        audit.note("payouts.register", f"payout:{payout.number}", by=by, amount=payout.amount.fen, of=payout.subject)
    return made


def _refuse_what_cannot_be(order: PayoutOrder, account: BankAccount) -> None:
    if order.amount <= ZERO or not 0 < len(order.words) <= MOST_WORDS:
        raise BadOrder(most=MOST_WORDS)
    if account.seller_id != order.seller_id:
        raise NotPayable()


def _payout(order: PayoutOrder, account: BankAccount, transfer_id: int, *, replaces: Payout | None, by: str) -> Payout:
    return Payout(
        number=ids.public_number("F"),
        subject=order.subject,
        purpose=order.purpose,
        seller_id=order.seller_id,
        account_id=account.id,
        holder=account.holder,
        bank=account.bank,
        bank_name=account.bank_name,
        tail=account.tail,
        amount=order.amount,
        words=order.words,
        hold_id=transfer_id,
        registered_at=clock.now(),
        registered_by=by,
        replaces_id=None if replaces is None else replaces.id,
    )

"""Closing an approved settlement: what each statement says goes into the books, and what it pays waits for the bank.

The fee is taken, what lies on a seller's other accounts comes to the one from which he is paid, and the amount is held
for the payout. Whoever has no verified account is not paid: his closing stands in his next statement.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from sqlalchemy import BigInteger, func, insert, select, type_coerce

from app import audit
from app.kernel import clock
from app.kernel.db import session
from app.kernel.events import emit
from app.kernel.money import ZERO, Money
from app.ledger import books
from app.ledger.books.movements import Act, Movement, Place, Post
from app.office.payouts import service as payouts
from app.office.payouts.service import PayoutOrder
from app.office.payouts.states import Purpose
from app.people.purse.models import BankAccount
from app.trade.settlements import accounts, entries, wording
from app.trade.settlements.entries import Own
from app.trade.settlements.events import StatementClosed
from app.trade.settlements.models import Settlement, Statement, StatementEntry
from app.trade.settlements.states import Line, SettlementState
from app.trade.stock.accounts import FREIGHT, PAYABLE, money_place, seller_party

AT_ONCE = 500


@dataclass(slots=True)
class _Booking:
    """What goes into the books for one statement, and where among it are the fee and the hold for the payout."""

    statement: Statement
    movements: list[Movement] = field(default_factory=list)
    fee: tuple[int, Money] | None = None
    payout: tuple[int, PayoutOrder, BankAccount] | None = None


def go_on(settlement: Settlement, *, by: str) -> None:
    """The next statements go into the books, each in an event of its own; after the last of them it is closed."""
    statements = (
        session()
        .scalars(
            select(Statement)
            .where(Statement.settlement_id == settlement.id, Statement.id > settlement.cursor)
            .order_by(Statement.id)
            .limit(AT_ONCE)
        )
        .all()
    )
    if not statements:
        settlement.become(SettlementState.CLOSED, at=clock.now())
        audit.note("settlements.closed", settlement.subject, by=by, pays=settlement.pays.fen)
        return
    in_force = payouts.payable([one.seller_id for one in statements])
    bookings = _bookings(statements, in_force)
    moment = clock.now()
    for statement in statements:
        statement.closed_at = moment
    settlement.cursor = statements[-1].id
    session().flush()
    _record([one for one in bookings if one.movements], by=by)
    for statement in statements:
        emit(StatementClosed(number=statement.number, seller_id=statement.seller_id))


def _record(bookings: Sequence[_Booking], *, by: str) -> None:
    acts = [
        Act(accounts.SETTLEMENT_CLOSED, tuple(one.movements), one.statement.subject, f"closed:{one.statement.number}")
        for one in bookings
    ]
    fees, held = [], []
    for one, recorded in zip(bookings, books.record_all(acts, by=by), strict=True):
        if one.fee is not None:
            place, amount = one.fee
            fees.append(
                {
                    "transfer_id": recorded.transfers[place],
                    "statement_id": one.statement.id,
                    "line": Line.FEES,
                    "amount": amount,
                }
            )
        if one.payout is not None:
            place, order, account = one.payout
            held.append((order, account, recorded.transfers[place]))
    if fees:
        session().execute(insert(StatementEntry), fees)
    payouts.register(held, by=by)


def _bookings(statements: Sequence[Statement], in_force: Mapping[int, BankAccount]) -> list[_Booking]:
    own = defaultdict(list)
    for account in entries.own_accounts([one.seller_id for one in statements]):
        own[account.seller_id].append(account)
    fees = _fees_claimed(statements)
    return [
        _booking(one, own[one.seller_id], fees.get(one.id, ZERO), in_force.get(one.seller_id)) for one in statements
    ]


def _booking(statement: Statement, own: Sequence[Own], fees: Money, account: BankAccount | None) -> _Booking:
    main = accounts.payable_place(seller_id=statement.seller_id, township=statement.township_code)
    booking = _Booking(statement, _swept(own, main))
    fee = statement.fees - fees
    if fee:
        booking.fee = (len(booking.movements), fee)
        booking.movements.append(_fee(main, statement.township_code, -fee))
    if account is not None and statement.payable > ZERO:
        statement.pays, statement.bank_account_id = statement.payable, account.id
        order = PayoutOrder(
            subject=statement.subject,
            purpose=Purpose.SETTLEMENT,
            seller_id=statement.seller_id,
            amount=statement.pays,
            owed=main,
            words=wording.ON_THE_BANKS_SLIP.format(number=statement.number),
        )
        booking.payout = (len(booking.movements), order, account)
        booking.movements.append(payouts.hold(order, account))
    return booking


def _swept(own: Sequence[Own], main: Place) -> list[Movement]:
    """All that lies on a seller's other accounts comes to the main one, or is made good from it."""
    movements: list[Movement] = []
    for account in own:
        place = _place(account)
        if place == main or not account.owed:
            continue
        debit, credit = (place, main) if account.owed > 0 else (main, place)
        movements.append(Post(debit, credit, abs(account.owed)))
    return movements


def _place(account: Own) -> Place:
    role = PAYABLE if account.role == PAYABLE.name else FREIGHT
    return money_place(role, township=account.township, party=seller_party(account.seller_id))


def _fee(main: Place, township: str, fee: Money) -> Movement:
    kept = money_place(accounts.FEE, township=township)
    return Post(main, kept, fee.fen) if fee > ZERO else Post(kept, main, -fee.fen)


def _fees_claimed(statements: Sequence[Statement]) -> dict[int, Money]:
    """Statement → fees that its entries hold already, from before: as they change what is the seller's."""
    rows = session().execute(
        select(StatementEntry.statement_id, func.sum(type_coerce(StatementEntry.amount, BigInteger)))
        .where(StatementEntry.statement_id.in_([one.id for one in statements]), StatementEntry.line == Line.FEES)
        .group_by(StatementEntry.statement_id)
    )
    return {statement: Money(int(fen)) for statement, fen in rows}

"""Proving that statements add up to entries of the books, follow on each other, and are paid as they say."""

from __future__ import annotations

from collections.abc import Iterator

from sqlalchemy import BigInteger, case, func, select, type_coerce

from app.kernel.checks import Check, Finding
from app.kernel.db import session
from app.kernel.money import ZERO, Money
from app.ledger.books.models import Account, Transfer
from app.office.payouts.models import Payout
from app.trade.settlements.entries import OWN
from app.trade.settlements.models import Settlement, Statement, StatementEntry
from app.trade.settlements.states import Line, SettlementState
from app.trade.stock.accounts import seller_party

_STANDS = (SettlementState.MADE, SettlementState.ASKED, SettlementState.APPROVED, SettlementState.CLOSED)


def _add_up() -> Iterator[Finding]:
    """M18: each line of a statement is the sum of its entries; a fee that is not booked yet is the only difference."""
    sums: dict[int, dict[Line, int]] = {}
    rows = session().execute(
        select(
            StatementEntry.statement_id,
            StatementEntry.line,
            func.sum(type_coerce(StatementEntry.amount, BigInteger)),
        ).group_by(StatementEntry.statement_id, StatementEntry.line)
    )
    for statement_id, line, fen in rows:
        sums.setdefault(statement_id, {})[line] = int(fen)
    standing = select(Statement).join(Settlement, Settlement.id == Statement.settlement_id)
    for one in session().scalars(standing.where(Settlement.state.in_(_STANDS))):
        found = sums.get(one.id, {})
        lines = [line for line in Line if line is not Line.FEES or one.closed_at is not None]
        if any(getattr(one, line.value).fen != found.get(line, 0) for line in lines):
            yield Finding(f"statement {one.number}", "its lines are not the sums of its entries")


def _in_the_books() -> Iterator[Finding]:
    """M18: an entry is worth in a statement what its transfer moved on that seller's accounts."""
    own = select(Account.id, Account.party, Account.role).where(Account.role.in_(OWN)).subquery()
    worth = func.sum(
        case((Transfer.credit_id == own.c.id, Transfer.amount), (Transfer.debit_id == own.c.id, -Transfer.amount))
    )
    rows = session().execute(
        select(StatementEntry.transfer_id, StatementEntry.amount, Statement.seller_id, own.c.party, worth)
        .join(Statement, Statement.id == StatementEntry.statement_id)
        .outerjoin(Transfer, Transfer.id == StatementEntry.transfer_id)
        .outerjoin(own, (own.c.id == Transfer.credit_id) | (own.c.id == Transfer.debit_id))
        .group_by(StatementEntry.transfer_id, StatementEntry.amount, Statement.seller_id, own.c.party)
    )
    for transfer, amount, seller, party, fen in rows:
        if party != seller_party(seller) or int(fen or 0) != amount.fen:
            yield Finding(f"transfer {transfer}", f"{amount.fen} fen in a statement, {fen} fen in the books of {party}")


def _carried() -> Iterator[Finding]:
    """M18: a statement begins with what the one before it ended with."""
    rows = session().execute(
        select(Statement.seller_id, Statement.number, Statement.brought, Statement.closing)
        .join(Settlement, Settlement.id == Statement.settlement_id)
        .where(Settlement.state.in_(_STANDS))
        .order_by(Statement.seller_id, Statement.id)
    )
    last: dict[int, Money] = {}
    for seller, number, brought, closing in rows:
        if brought != last.get(seller, ZERO):
            yield Finding(
                f"statement {number}", f"brings {brought}, the one before ended with {last.get(seller, ZERO)}"
            )
        last[seller] = closing


def _paid() -> Iterator[Finding]:
    """V9: what a closed statement pays is one payout of that amount, and no payout is for anything else."""
    payouts: dict[str, list[Payout]] = {}
    for payout in session().scalars(select(Payout).where(Payout.subject.startswith("statement:"))):
        payouts.setdefault(payout.subject, []).append(payout)
    for one in session().scalars(select(Statement)):
        ordered = payouts.pop(one.subject, [])
        wanted = [one.pays] if one.pays else []
        if [payout.amount for payout in ordered] != wanted or any(p.seller_id != one.seller_id for p in ordered):
            yield Finding(f"statement {one.number}", f"pays {one.pays}, has {len(ordered)} payouts")
        if one.pays > max(ZERO, one.closing):
            yield Finding(f"statement {one.number}", f"pays {one.pays} of {one.closing}")
    for subject in payouts:
        yield Finding(f"payout of {subject}", "for no statement")


CHECKS = (
    Check("M18", "结算单每一行等于它的分录之和", _add_up),
    Check("M18-books", "结算单里的每一笔都在账上，金额一样", _in_the_books),
    Check("M18-carried", "每张结算单的期初等于上一张的期末", _carried),
    Check("V9-statements", "结算单应打的钱和付款一一对应", _paid),
)

"""Proving that returns, what was bought, the goods in the books and the money that goes back agree."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from datetime import timedelta

from sqlalchemy import func, select

from app.kernel import clock
from app.kernel.checks import Check, Finding
from app.kernel.db import session
from app.ledger.books.models import Account
from app.trade.orders.models import OrderLine
from app.trade.payments.models import Refund
from app.trade.returns import pricing
from app.trade.returns.models import Return, ReturnLine
from app.trade.returns.states import OVER_WITHOUT_GOODS, ReturnState
from app.trade.stock import accounts


def _on_the_table() -> Iterator[Finding]:
    """V3: what lies returned in the books is what has arrived and nobody has looked at yet, return by return."""
    wanted: Counter[tuple[str, str]] = Counter()
    for found, one, line in session().execute(
        select(Return, ReturnLine, OrderLine)
        .join(ReturnLine, ReturnLine.return_id == Return.id)
        .join(OrderLine, OrderLine.id == ReturnLine.order_line_id)
        .where(Return.state == ReturnState.ARRIVED)
    ):
        wanted[found.number, accounts.RETURNED.name] += one.pieces
        weight = pricing.grams(line, first=one.first or 0, pieces=one.pieces)
        wanted[found.number, accounts.RETURNED_GRAMS.name] += weight
    for subject, role, amount in session().execute(
        select(Account.subject, Account.role, func.sum(Account.dr - Account.cr))
        .where(Account.role.in_((accounts.RETURNED.name, accounts.RETURNED_GRAMS.name)))
        .group_by(Account.subject, Account.role)
    ):
        wanted[subject.partition("@")[2], role] -= int(amount)
    for (number, role), amount in wanted.items():
        if amount:
            yield Finding(f"return {number}", f"{amount} more {role} than in the books")


def _asked_back() -> Iterator[Finding]:
    """V6: no more pieces come back than were bought, and a return is paid for by the refund that it names."""
    sums = (
        select(ReturnLine.order_line_id, func.sum(ReturnLine.pieces).label("pieces"))
        .join(Return, Return.id == ReturnLine.return_id)
        .where(Return.state.not_in(OVER_WITHOUT_GOODS))
        .group_by(ReturnLine.order_line_id)
        .subquery()
    )
    pieces = func.coalesce(sums.c.pieces, 0)
    rows = select(OrderLine, pieces).outerjoin(sums, sums.c.order_line_id == OrderLine.id)
    for line, asked in session().execute(rows.where((OrderLine.asked_back != pieces) | (pieces > OrderLine.pieces))):
        yield Finding(f"order line {line.id}", f"{line.asked_back} counted, {asked} of {line.pieces} asked back")
    for found, refund in session().execute(select(Return, Refund).join(Refund, Refund.id == Return.refund_id)):
        if found.refunded != refund.amount:
            yield Finding(f"return {found.number}", f"{found.refunded.fen} fen said, {refund.amount.fen} fen refunded")


def _too_long() -> Iterator[Finding]:
    """V6 by age: nobody waits for his money for more than seven days after his goods came back."""
    late = select(Return).where(
        Return.state == ReturnState.ARRIVED,
        Return.refund_id.is_(None),
        Return.arrived_at <= clock.now() - timedelta(days=pricing.REFUND_DAYS),
    )
    for found in session().scalars(late.limit(50)):
        yield Finding(f"return {found.number}", "its goods came back more than seven days ago")


CHECKS = (
    Check("V3-returned", "退回待验的货与账上一致", _on_the_table),
    Check("V6-returns", "退货不超过买的，退款与退货一致", _asked_back),
    Check("V6-age", "退货到了七天内都安排退款", _too_long, by_age=True),
)

"""Making the statements of a settlement: some sellers at a time, each time in a transaction of its own.

Whatever stands in the ledger up to the day and in no statement yet goes into this one, so that an entry that came late
is not forgotten but stands in the next.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence

from sqlalchemy import insert, select

from app import audit
from app.kernel import clock, ids
from app.kernel.db import session
from app.kernel.money import ZERO, Money
from app.people.growers.models import Seller
from app.trade.fees import pricing as fees
from app.trade.payments import service as payments
from app.trade.settlements import entries, queries
from app.trade.settlements.entries import Entry
from app.trade.settlements.models import Settlement, Statement, StatementEntry
from app.trade.settlements.states import Line, SettlementState
from app.trade.stock.accounts import PAYABLE

AT_ONCE = 500


def go_on(settlement: Settlement, *, by: str) -> None:
    """The statements of the next sellers, or, after the last of them, the sums of the whole settlement."""
    sellers = _next_sellers(settlement)
    if not sellers:
        _made(settlement, by=by)
        return
    numbers = [one.id for one in sellers]
    accounts = entries.own_accounts(numbers)
    found: dict[int, list[Entry]] = defaultdict(list)
    for entry in entries.unclaimed(accounts, through=settlement.through):
        found[entry.own.seller_id].append(entry)
    brought = queries.last_closings(numbers)
    in_flight: dict[int, int] = defaultdict(int)
    for account in accounts:
        in_flight[account.seller_id] += account.in_flight
    awaited = payments.with_couriers_for(numbers, through=settlement.through)
    made = [
        _statement(
            settlement,
            seller,
            found[seller.id],
            brought=before,
            in_flight=Money(in_flight[seller.id]),
            awaited=awaited.get(seller.id, ZERO),
        )
        for seller, before in ((one, brought.get(one.id, ZERO)) for one in sellers)
        if found[seller.id] or before
    ]
    session().add_all(made)
    session().flush()
    _claim([(statement.id, entry) for statement in made for entry in found[statement.seller_id]])
    settlement.cursor = numbers[-1]


def _next_sellers(settlement: Settlement) -> Sequence[Seller]:
    after = select(Seller).where(Seller.id > settlement.cursor).order_by(Seller.id).limit(AT_ONCE)
    return session().scalars(after).all()


def _statement(
    settlement: Settlement,
    seller: Seller,
    moved: Sequence[Entry],
    *,
    brought: Money,
    in_flight: Money,
    awaited: Money,
) -> Statement:
    sums = dict.fromkeys(Line, ZERO)
    for entry in moved:
        sums[entry.line] += entry.amount
    sums[Line.FEES] -= fees.fee(_goods(moved), rate=settlement.fee_rate)
    return Statement(
        number=ids.public_number("S"),
        settlement_id=settlement.id,
        seller_id=seller.id,
        township_code=seller.township_code,
        brought=brought,
        closing=sum(sums.values(), start=brought),
        in_flight=in_flight,
        awaited=awaited,
        paid=sums[Line.PAID],
        sales=sums[Line.SALES],
        freight=sums[Line.FREIGHT],
        refunds=sums[Line.REFUNDS],
        fees=sums[Line.FEES],
        corrections=sums[Line.CORRECTIONS],
    )


def _claim(entries_of: Sequence[tuple[int, Entry]]) -> None:
    """Each entry stands in its statement from now on, and can stand in no other."""
    rows = [
        {"transfer_id": one.transfer_id, "statement_id": statement_id, "line": one.line, "amount": one.amount}
        for statement_id, one in entries_of
    ]
    if rows:
        session().execute(insert(StatementEntry), rows)


def _goods(moved: Sequence[Entry]) -> Money:
    """What the goods brought after refunds; the freight is no price of goods."""
    own = (one for one in moved if one.own.role == PAYABLE.name and one.line in (Line.SALES, Line.REFUNDS))
    return sum((one.amount for one in own), start=ZERO)


def _made(settlement: Settlement, *, by: str) -> None:
    statements = select(Statement).where(Statement.settlement_id == settlement.id)
    rows = session().scalars(statements).all()
    settlement.count = len(rows)
    settlement.closing = sum((one.closing for one in rows), start=ZERO)
    settlement.pays = sum((one.payable for one in rows), start=ZERO)
    settlement.become(SettlementState.MADE, at=clock.now())
    audit.note(
        "settlements.made", settlement.subject, by=by, statements=settlement.count, closing=settlement.closing.fen
    )

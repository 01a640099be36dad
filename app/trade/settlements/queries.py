"""Reading settlements and statements, always through what the asker may see."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import BigInteger, ColumnElement, Select, case, exists, func, select, true, type_coerce
from sqlalchemy.orm import InstrumentedAttribute

from app.kernel import paging
from app.kernel.db import locked, session
from app.kernel.errors import NotFound
from app.kernel.money import Money
from app.kernel.paging import Page
from app.kernel.permissions import Viewer
from app.ledger.books.models import Event, Transfer
from app.people.growers.models import Seller
from app.people.purse.models import BankAccount
from app.people.purse.states import AccountState
from app.people.townships import queries as townships
from app.trade.orders.models import Order
from app.trade.settlements.models import Settlement, Statement, StatementEntry
from app.trade.settlements.permissions import SETTLEMENTS_READ, STATEMENTS_OWN
from app.trade.settlements.states import Line, SettlementState

MOST_LISTED = 60


@dataclass(frozen=True, slots=True)
class StatementRow:
    """A statement with whose it is."""

    statement: Statement
    seller: str
    settlement: Settlement


@dataclass(frozen=True, slots=True)
class EntryRow:
    """A transfer as a statement lists it: when, in which event, for which order, and what it is for the seller."""

    transfer_id: int
    event_id: int
    on: date
    kind: str
    order: str
    amount: Money


@dataclass(frozen=True, slots=True)
class OrderShare:
    """What one order brought within a statement, and what its buyer had paid."""

    order: str
    paid: Money
    sales: Money
    freight: Money
    refunds: Money

    @property
    def reached(self) -> Money:
        """What of it is the seller's, before the fee."""
        return self.sales + self.freight + self.refunds


def live(*, lock: bool = False) -> Settlement | None:
    """The settlement that is under way."""
    statement = select(Settlement).where(Settlement.is_live)
    return session().scalars(locked(statement) if lock else statement).one_or_none()


def settlement(number: str, *, lock: bool = False) -> Settlement:
    """A settlement by its number. Raises `NotFound`."""
    statement = select(Settlement).where(Settlement.number == number)
    found = session().scalars(locked(statement) if lock else statement).one_or_none()
    if found is None:
        raise NotFound()
    return found


def last_closed() -> Settlement | None:
    """The newest settlement that stands."""
    statement = select(Settlement).where(Settlement.state == SettlementState.CLOSED).order_by(Settlement.id.desc())
    return session().scalars(statement.limit(1)).first()


def all_settlements() -> Sequence[Settlement]:
    """The newest settlements, sixty at most."""
    return session().scalars(select(Settlement).order_by(Settlement.id.desc()).limit(MOST_LISTED)).all()


def last_closings(seller_ids: Sequence[int]) -> dict[int, Money]:
    """Seller → the closing of his last statement that stands; sellers without one are missing."""
    newest = (
        select(func.max(Statement.id))
        .join(Settlement, Settlement.id == Statement.settlement_id)
        .where(Statement.seller_id.in_(seller_ids), Settlement.state == SettlementState.CLOSED)
        .group_by(Statement.seller_id)
    )
    rows = session().execute(select(Statement.seller_id, Statement.closing).where(Statement.id.in_(newest)))
    return dict(rows.all())


def statements_of(settlement_id: int, who: Viewer, *, cursor: str | None) -> Page[StatementRow]:
    """The statements of a settlement within the reader's townships, those that are paid most first."""
    statement: Select[Statement, str, Settlement] = _with_seller().where(
        Statement.settlement_id == settlement_id, _in_scope(who)
    )
    keys = (
        paging.Key(type_coerce(Statement.closing, BigInteger), lambda row: row[0].closing.fen, descending=True),
        paging.Key(Statement.id.expression, lambda row: row[0].id),
    )
    rows = session().execute(paging.after(statement, keys, cursor)).all()
    page = paging.page(rows, keys)
    return Page([StatementRow(*row) for row in page.items], page.next_cursor)


@dataclass(frozen=True, slots=True)
class Sums:
    """The statements of a settlement together, as far as the reader sees them."""

    count: int
    brought: Money
    paid: Money
    sales: Money
    freight: Money
    refunds: Money
    fees: Money
    corrections: Money
    closing: Money
    to_pay: Money
    ordered: Money
    without_account: int

    @property
    def opening(self) -> Money:
        """What was left over from before."""
        return self.brought + self.paid


def sums_of(settlement_id: int, who: Viewer) -> Sums:
    """What the statements come to, what there is to pay, and how many cannot be paid for want of an account."""
    to_pay = _fen(Statement.closing) - _fen(Statement.in_flight) - _fen(Statement.awaited)
    has_account = exists().where(
        BankAccount.seller_id == Statement.seller_id, BankAccount.state == AccountState.VERIFIED
    )
    row = session().execute(
        select(
            func.count(),
            *map(_sum, map(_fen, _SUMMED)),
            _sum(case((to_pay > 0, to_pay), else_=0)),
            _sum(_fen(Statement.pays)),
            _sum(case(((to_pay > 0) & ~has_account, 1), else_=0)),
        ).where(Statement.settlement_id == settlement_id, _in_scope(who))
    )
    count, brought, paid, sales, freight, refunds, fees, corrections, closing, due, ordered, waiting = map(
        int, row.one()
    )
    return Sums(
        count,
        Money(brought),
        Money(paid),
        Money(sales),
        Money(freight),
        Money(refunds),
        Money(fees),
        Money(corrections),
        Money(closing),
        to_pay=Money(due),
        ordered=Money(ordered),
        without_account=waiting,
    )


_SUMMED = (
    Statement.brought,
    Statement.paid,
    Statement.sales,
    Statement.freight,
    Statement.refunds,
    Statement.fees,
    Statement.corrections,
    Statement.closing,
)


def _sum(amounts: ColumnElement[int]) -> ColumnElement[int]:
    return func.coalesce(func.sum(amounts), 0)


def _fen(amount: InstrumentedAttribute[Money]) -> ColumnElement[int]:
    return type_coerce(amount, BigInteger)


def statement_in_scope(number: str, who: Viewer) -> StatementRow:
    """A statement of a seller in the official's townships. Raises `NotFound`."""
    return _one(_with_seller().where(Statement.number == number, _in_scope(who)))


def own_statement(number: str, who: Viewer) -> StatementRow:
    """A statement that stands, of a seller for whom the reader acts. Raises `NotFound`."""
    return _one(_own(who).where(Statement.number == number))


def own_statements(who: Viewer, *, cursor: str | None) -> Page[StatementRow]:
    """The statements that stand of the sellers for whom the reader acts, newest first."""
    keys = (paging.Key(Statement.id.expression, lambda row: row[0].id, descending=True),)
    rows = session().execute(paging.after(_own(who), keys, cursor)).all()
    page = paging.page(rows, keys)
    return Page([StatementRow(*row) for row in page.items], page.next_cursor)


def entries_of(statement_id: int, line: Line | None = None, *, cursor: str | None) -> Page[EntryRow]:
    """The ledger's entries in a statement, or in one line of it, oldest first."""
    statement = (
        select(
            StatementEntry.transfer_id,
            Event.id,
            Transfer.effective_on,
            Event.kind,
            Event.subject,
            StatementEntry.amount,
        )
        .join(Transfer, Transfer.id == StatementEntry.transfer_id)
        .join(Event, Event.id == Transfer.event_id)
        .where(StatementEntry.statement_id == statement_id)
    )
    if line is not None:
        statement = statement.where(StatementEntry.line == line)
    keys = (paging.Key(StatementEntry.transfer_id.expression, lambda row: row[0]),)
    page = paging.page(session().execute(paging.after(statement, keys, cursor)).all(), keys)
    return Page(
        [
            EntryRow(transfer, event, on, kind, _order_of(subject), amount)
            for transfer, event, on, kind, subject, amount in page.items
        ],
        page.next_cursor,
    )


def _order_of(subject: str) -> str:
    return subject.removeprefix("order:") if subject.startswith("order:") else ""


def count_by_line(statement_id: int) -> dict[Line, int]:
    """How many entries each line of a statement has; lines without any are missing."""
    rows = session().execute(
        select(StatementEntry.line, func.count())
        .where(StatementEntry.statement_id == statement_id)
        .group_by(StatementEntry.line)
    )
    return dict(rows.all())


def shares_of(statement_id: int) -> list[OrderShare]:
    """What each order brought within a statement, in the order of their receipt."""
    rows = session().execute(
        select(Event.subject, StatementEntry.line, StatementEntry.amount)
        .join(Transfer, Transfer.id == StatementEntry.transfer_id)
        .join(Event, Event.id == Transfer.event_id)
        .where(StatementEntry.statement_id == statement_id, Event.subject.startswith("order:"))
        .order_by(StatementEntry.transfer_id)
    )
    sums: dict[str, dict[Line, Money]] = {}
    for subject, line, amount in rows:
        own = sums.setdefault(subject.removeprefix("order:"), {})
        own[line] = own.get(line, Money(0)) + amount
    orders = {one.number: one.total for one in session().scalars(select(Order).where(Order.number.in_(sums)))}
    return [
        OrderShare(
            number,
            paid=orders[number],
            sales=own.get(Line.SALES, Money(0)),
            freight=own.get(Line.FREIGHT, Money(0)),
            refunds=own.get(Line.REFUNDS, Money(0)),
        )
        for number, own in sums.items()
    ]


def sellers_among(settlement_id: int, seller_ids: frozenset[int]) -> set[int]:
    """Which of these sellers the settlement is about."""
    statement = select(Statement.seller_id).where(
        Statement.settlement_id == settlement_id, Statement.seller_id.in_(seller_ids)
    )
    return set(session().scalars(statement))


def _with_seller() -> Select[Statement, str, Settlement]:
    return (
        select(Statement, Seller.name, Settlement)
        .join(Seller, Seller.id == Statement.seller_id)
        .join(Settlement, Settlement.id == Statement.settlement_id)
    )


def _own(who: Viewer) -> Select[Statement, str, Settlement]:
    return _with_seller().where(Statement.seller_id.in_(who.sellers(STATEMENTS_OWN)), Statement.closed_at.is_not(None))


def _one(statement: Select[Statement, str, Settlement]) -> StatementRow:
    row = session().execute(statement).first()
    if row is None:
        raise NotFound()
    return StatementRow(*row)


def _in_scope(who: Viewer) -> ColumnElement[bool]:
    codes = who.townships(SETTLEMENTS_READ)
    return true() if codes is None else Statement.township_code.in_(townships.lineages(codes))

"""Reading payouts, files and what banks answered."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TypeVar

from sqlalchemy import BigInteger, Select, func, select, type_coerce

from app.kernel import clock, paging
from app.kernel.db import locked, session
from app.kernel.errors import NotFound
from app.kernel.money import Money
from app.kernel.paging import Page
from app.office.payouts.models import BankReturn, BankReturnLine, FileDownload, Payout, PayoutFile, bank_words
from app.office.payouts.states import PayoutState, Sort
from app.people.growers.actors import words_of
from app.people.purse.states import Bank

_FEN = type_coerce(Payout.amount, BigInteger)
MOST_LISTED = 24
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Waiting:
    """What waits for a file at one bank."""

    bank: Bank
    bank_name: str
    count: int
    total: Money

    @property
    def words(self) -> str:
        """The bank as people read it."""
        return bank_words(self.bank, self.bank_name)


@dataclass(frozen=True, slots=True)
class FileItem:
    """A file, how many of its payouts the bank has not answered, and since how many days."""

    file: PayoutFile
    open: int
    days: int
    downloaded_at: datetime | None


@dataclass(frozen=True, slots=True)
class OddLine:
    """A line that needs a person, with the answer in which it came."""

    line: BankReturnLine
    answer: BankReturn


@dataclass(frozen=True, slots=True)
class Answered:
    """What a bank said of one payout, and in which answer."""

    line: BankReturnLine
    answer: BankReturn


def of_subjects(subjects: Sequence[str]) -> dict[str, Payout]:
    """Subject → its newest payout; subjects that never had one are missing."""
    newest = select(func.max(Payout.id)).where(Payout.subject.in_(list(subjects))).group_by(Payout.subject)
    return {one.subject: one for one in session().scalars(select(Payout).where(Payout.id.in_(newest)))}


def waiting_by_bank() -> list[Waiting]:
    """What waits for a file, by bank, the largest sum first."""
    statement = (
        select(Payout.bank, Payout.bank_name, func.count(), func.sum(_FEN))
        .where(Payout.state == PayoutState.HELD)
        .group_by(Payout.bank, Payout.bank_name)
    )
    found = [Waiting(bank, name, count, Money(int(fen))) for bank, name, count, fen in session().execute(statement)]
    return sorted(found, key=lambda one: (-one.total.fen, one.bank, one.bank_name))


def count_by_state() -> dict[PayoutState, int]:
    """How many payouts are in each state, zeros included."""
    counted = dict.fromkeys(PayoutState, 0)
    for state, number in session().execute(select(Payout.state, func.count()).group_by(Payout.state)):
        counted[state] = number
    return counted


def page_of(state: PayoutState, *, cursor: str | None) -> Page[Payout]:
    """Payouts in a state, longest waiting first. Raises `BadCursor`."""
    return _page(select(Payout).where(Payout.state == state), cursor)


def payout(number: str) -> Payout:
    """The payout with this number. Raises `NotFound`."""
    return _one(select(Payout).where(Payout.number == _printable(number)))


def earlier_and_later(one: Payout) -> Sequence[Payout]:
    """All payouts of the same thing, the oldest first: those that failed keep their numbers."""
    return session().scalars(select(Payout).where(Payout.subject == one.subject).order_by(Payout.id)).all()


def answers_about(one: Payout) -> list[Answered]:
    """What banks said of a payout, the oldest first."""
    statement = (
        select(BankReturnLine, BankReturn)
        .join(BankReturn, BankReturn.id == BankReturnLine.return_id)
        .where(BankReturnLine.payout_id == one.id)
        .order_by(BankReturnLine.id)
        .limit(100)
    )
    return [Answered(line, answer) for line, answer in session().execute(statement)]


def file(number: str, *, lock: bool = False) -> PayoutFile:
    """The file with this number. Raises `NotFound`."""
    statement = select(PayoutFile).where(PayoutFile.number == _printable(number))
    return _one(locked(statement) if lock else statement)


def file_of(one: Payout) -> PayoutFile | None:
    """The file in which a payout stands."""
    return None if one.file_id is None else session().get(PayoutFile, one.file_id)


def payouts_of(one: PayoutFile) -> Sequence[Payout]:
    """All that stands in a file, in its order."""
    return session().scalars(select(Payout).where(Payout.file_id == one.id).order_by(Payout.line_no)).all()


def page_of_file(one: PayoutFile, *, cursor: str | None) -> Page[Payout]:
    """The same by pages. Raises `BadCursor`."""
    keys = (paging.Key(Payout.line_no.expression, lambda row: row.line_no),)
    statement = select(Payout).where(Payout.file_id == one.id)
    return paging.page(session().scalars(paging.after(statement, keys, cursor)).all(), keys)


def states_in(one: PayoutFile) -> dict[PayoutState, int]:
    """How many of a file's payouts are in each state, those with none left out."""
    statement = select(Payout.state, func.count()).where(Payout.file_id == one.id).group_by(Payout.state)
    return dict(session().execute(statement).all())


def downloads_of(one: PayoutFile) -> Sequence[FileDownload]:
    """Who took the file, the first one first."""
    statement = select(FileDownload).where(FileDownload.file_id == one.id).order_by(FileDownload.id)
    return session().scalars(statement).all()


def files(*, cursor: str | None = None) -> Page[FileItem]:
    """Files, the newest first. Raises `BadCursor`."""
    keys = (paging.Key(PayoutFile.id.expression, lambda row: row[0].id, descending=True),)
    still_open = (
        select(Payout.file_id, func.count().label("open"))
        .where(Payout.state == PayoutState.EXPORTED)
        .group_by(Payout.file_id)
        .subquery()
    )
    taken = (
        select(FileDownload.file_id, func.min(FileDownload.at).label("at")).group_by(FileDownload.file_id).subquery()
    )
    statement = (
        select(PayoutFile, func.coalesce(still_open.c.open, 0), taken.c.at)
        .outerjoin(still_open, still_open.c.file_id == PayoutFile.id)
        .outerjoin(taken, taken.c.file_id == PayoutFile.id)
    )
    page = paging.page(session().execute(paging.after(statement, keys, cursor)).all(), keys)
    items = [FileItem(one, count, days_since(one.made_at), at) for one, count, at in page.items]
    return Page(items=items, next_cursor=page.next_cursor)


def days_since(moment: datetime) -> int:
    """Shanghai days from a moment to today."""
    return (clock.today() - clock.day_of(moment)).days


def banks_with_files() -> list[tuple[Bank, str]]:
    """The banks that have had a file of ours and may answer."""
    statement = select(PayoutFile.bank, PayoutFile.bank_name).distinct()
    return sorted((bank, name) for bank, name in session().execute(statement))


def bank_return(number: str) -> BankReturn:
    """The answer with this number. Raises `NotFound`."""
    return _one(select(BankReturn).where(BankReturn.number == _printable(number)))


def return_with(sha256: str, bank: Bank, bank_name: str) -> BankReturn:
    """The answer that had these bytes. Raises `NotFound`."""
    return _one(
        select(BankReturn).where(
            BankReturn.sha256 == sha256, BankReturn.bank == bank, BankReturn.bank_name == bank_name
        )
    )


def returns() -> Sequence[BankReturn]:
    """The newest answers, the newest first, 24 at most."""
    return session().scalars(select(BankReturn).order_by(BankReturn.id.desc()).limit(MOST_LISTED)).all()


def page_of_return(one: BankReturn, *, sort: Sort | None, cursor: str | None) -> Page[BankReturnLine]:
    """The lines of an answer, all or those of one sort, in the file's order. Raises `BadCursor`."""
    keys = (paging.Key(BankReturnLine.line_no.expression, lambda row: row.line_no),)
    statement = select(BankReturnLine).where(BankReturnLine.return_id == one.id)
    if sort is not None:
        statement = statement.where(BankReturnLine.sort == sort)
    return paging.page(session().scalars(paging.after(statement, keys, cursor)).all(), keys)


def odd_lines() -> list[OddLine]:
    """Lines that still need a person, the oldest first, 24 at most."""
    statement = (
        select(BankReturnLine, BankReturn)
        .join(BankReturn, BankReturn.id == BankReturnLine.return_id)
        .where(BankReturnLine.sort.in_([one for one in Sort if one.is_odd]), BankReturnLine.resolved_at.is_(None))
        .order_by(BankReturnLine.id)
        .limit(MOST_LISTED)
    )
    return [OddLine(line, answer) for line, answer in session().execute(statement)]


def line(number: str, line_no: int) -> BankReturnLine:
    """A line of an answer. Raises `NotFound`."""
    return _one(
        select(BankReturnLine)
        .join(BankReturn, BankReturn.id == BankReturnLine.return_id)
        .where(BankReturn.number == _printable(number), BankReturnLine.line_no == line_no)
    )


def payout_of_line(one: BankReturnLine) -> Payout | None:
    """The payout of which a line speaks, if it is one of ours."""
    return None if one.payout_id is None else session().get(Payout, one.payout_id)


def names_of(actors: Iterable[str]) -> dict[str, str]:
    """Actor, as audit and ledger name him → the person's name; others keep their own."""
    return words_of(actors)


def _page(statement: Select[Payout], cursor: str | None) -> Page[Payout]:
    keys = (paging.Key(Payout.id.expression, lambda row: row.id),)
    return paging.page(session().scalars(paging.after(statement, keys, cursor)).all(), keys)


def _printable(number: str) -> str:
    """A number that may be looked for; PostgreSQL fails on a NUL. Raises `NotFound`."""
    if not number.isprintable():
        raise NotFound()
    return number


def _one(statement: Select[T]) -> T:
    found = session().scalars(statement).one_or_none()
    if found is None:
        raise NotFound()
    return found

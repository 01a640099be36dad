"""Taking a bank's answer: each line is one of six things, and only what fits our payout moves money.

All or nothing, in one transaction: an answer of 10,000 lines is one writing of the books. Nothing is paid by silence:
what no line names goes on waiting.
"""

from __future__ import annotations

import hashlib
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from sqlalchemy import insert, select
from sqlalchemy.exc import IntegrityError

from app.audit import service as audit
from app.kernel import clock, ids
from app.kernel.db import locked, session
from app.kernel.errors import NotFound
from app.kernel.events import Fact, emit
from app.kernel.money import ZERO, Money
from app.kernel.permissions import Viewer
from app.ledger import books
from app.ledger.books.movements import Act, Settle, Undo, Void
from app.office.payouts import accounts, answers, queries
from app.office.payouts.answers import Answer
from app.office.payouts.errors import AlreadyResolved, BadReturnFile, OtherTotals
from app.office.payouts.events import PayoutFailed, PayoutPaid, PayoutReturned
from app.office.payouts.files import refuse_own
from app.office.payouts.models import BankReturn, BankReturnLine, FileDownload, Payout
from app.office.payouts.states import BOOKED, Oddity, Outcome, PayoutState, Sort
from app.people.accounts import wording
from app.people.purse import queries as purse
from app.people.purse.states import Bank


@dataclass(frozen=True, slots=True)
class Slip:
    """What the bank's covering slip says its file holds, as far as it was given."""

    count: int | None = None
    total: Money | None = None


@dataclass(frozen=True, slots=True)
class Read:
    """What a bank's file says, and the SHA-256 of its bytes."""

    said: Sequence[Answer]
    sha256: str


@dataclass(frozen=True, slots=True)
class Taken:
    """A bank's answer, and whether it is new: the same bytes again are the earlier one."""

    answer: BankReturn
    is_new: bool


@dataclass(frozen=True, slots=True)
class _Sorted:
    answer: Answer
    sort: Sort
    payout: Payout | None
    oddity: Oddity | None = None


def read(data: bytes, slip: Slip) -> Read:
    """What the file says, as a whole; before the transaction, because reading many lines takes its time.

    Raises `BadReturnFile`, `BadReturn`, and `OtherTotals` when it holds other than its slip says.
    """
    said = answers.parse(data)
    total = sum((one.amount for one in said), start=ZERO)
    if slip.count not in (None, len(said)) or slip.total not in (None, total):
        raise OtherTotals(count=len(said), total=str(total))
    return Read(said, hashlib.sha256(data).hexdigest())


def take(file: Read, *, bank: Bank, bank_name: str, by: Viewer) -> Taken:
    """The bank's answer is taken: what it settles is settled, and every line is kept with what was made of it.

    Raises `OwnPayout` when the viewer acts for somebody whom it names, `BadReturnFile` when an account number stands
    where the bank's reference should.
    """
    said = file.said
    answer = BankReturn(
        number=ids.public_number("H"),
        bank=bank,
        bank_name=bank_name,
        sha256=file.sha256,
        uploaded_at=clock.now(),
        uploaded_by=by.actor,
        lines=len(said),
    )
    try:
        # The same file at the same moment waits here for the first one's commit.
        with session().begin_nested():
            session().add(answer)
    except IntegrityError:
        earlier = queries.return_with(answer.sha256, bank, bank_name)
        return Taken(earlier, is_new=False)
    payouts = _locked_payouts(said)
    refuse_own(list(payouts.values()), by)
    _refuse_clear_numbers(said)
    found = _sorted(said, payouts, (bank, bank_name))
    answer.count(Counter(one.sort for one in found))
    _book(answer, found, by=by)
    audit.note(
        "payouts.take_return", f"bank_return:{answer.number}", by=by.actor, sha256=answer.sha256, lines=answer.lines
    )
    return Taken(answer, is_new=True)


def resolve(line_id: int, *, note: str, by: Viewer) -> BankReturnLine:
    """A line that did not fit has been dealt with by a named person; no money moves.

    Raises `NotFound` for any other line, `AlreadyResolved`, `ReasonMissing`.
    """
    line = session().scalars(locked(select(BankReturnLine).where(BankReturnLine.id == line_id))).one_or_none()
    if line is None or not line.sort.is_odd:
        raise NotFound()
    if line.resolved_at is not None:
        raise AlreadyResolved()
    line.note = wording.reason(note)
    line.resolved_at, line.resolved_by = clock.now(), by.actor
    audit.note("payouts.resolve_line", f"bank_return_line:{line.id}", by=by.actor, because=line.note)
    return line


def _locked_payouts(said: Iterable[Answer]) -> dict[str, Payout]:
    wanted = select(Payout).where(Payout.number.in_({one.number for one in said})).order_by(Payout.id)
    return {one.number: one for one in session().scalars(locked(wanted))}


def _refuse_clear_numbers(said: Iterable[Answer]) -> None:
    if purse.are_there_numbers_in(one.reference for one in said):
        raise BadReturnFile(what="银行流水号那一列里有收款账号，请把列对齐再传。")


def _sorted(said: Iterable[Answer], payouts: dict[str, Payout], bank: tuple[Bank, str]) -> list[_Sorted]:
    numbers = [one.id for one in payouts.values()]
    booked: dict[int, dict[Outcome, str]] = defaultdict(dict)
    lines = select(BankReturnLine).where(BankReturnLine.payout_id.in_(numbers), BankReturnLine.sort.in_(BOOKED))
    for line in session().scalars(lines):
        booked[line.payout_id or 0][line.outcome] = line.reference
    files = {one.file_id for one in payouts.values()}
    out = set(session().scalars(select(FileDownload.file_id).where(FileDownload.file_id.in_(files))))
    found = []
    for answer in said:
        payout = payouts.get(answer.number)
        sort, oddity = _sort(answer, payout, bank, booked[payout.id] if payout else {}, out)
        if payout is not None and sort in BOOKED:
            booked[payout.id][answer.outcome] = answer.reference
        found.append(_Sorted(answer, sort, payout, oddity))
    return found


def _sort(
    answer: Answer, payout: Payout | None, bank: tuple[Bank, str], booked: dict[Outcome, str], out: set[int]
) -> tuple[Sort, Oddity | None]:
    """What a line is, given what was booked of its payout, by outcome, and which files have left the house."""
    if payout is None:
        return Sort.UNKNOWN, Oddity.NO_SUCH_NUMBER
    if payout.file_id not in out:
        return Sort.UNKNOWN, Oddity.NOT_EXPORTED
    oddity = _otherwise(answer, payout, bank)
    if oddity is not None:
        return Sort.MISMATCH, oddity
    if answer.outcome in booked:
        is_same = booked[answer.outcome] == answer.reference
        return (Sort.REPEATED, None) if is_same else (Sort.MISMATCH, Oddity.OTHER_REFERENCE)
    if not booked:
        return (Sort.SETTLED if answer.outcome is Outcome.DONE else Sort.FAILED), None
    if set(booked) == {Outcome.DONE} and answer.outcome is Outcome.SENT_BACK:
        return Sort.LATE_RETURN, None
    return Sort.MISMATCH, Oddity.OTHER_RESULT


def _otherwise(answer: Answer, payout: Payout, bank: tuple[Bank, str]) -> Oddity | None:
    if (payout.bank, payout.bank_name) != bank:
        return Oddity.OTHER_BANK
    if payout.amount != answer.amount:
        return Oddity.OTHER_AMOUNT
    if payout.tail != answer.tail:
        return Oddity.OTHER_ACCOUNT
    return None


def _book(answer: BankReturn, found: Sequence[_Sorted], *, by: Viewer) -> None:
    moving = [(one, one.payout) for one in found if one.sort in BOOKED and one.payout is not None]
    recorded = books.record_all([_act(one.sort, payout) for one, payout in moving], by=by.actor)
    event_of = {}
    for (one, payout), event in zip(moving, recorded, strict=True):
        event_of[one.answer.line_no] = event.event_id
        _become(payout, one, event.event_id)
    session().flush()
    # Past the mapper's rows, of which ten thousand would be kept for nothing.
    session().execute(insert(BankReturnLine), [_line(answer, one, event_of.get(one.answer.line_no)) for one in found])
    for one, payout in moving:
        emit(_fact(one, payout))


def _act(sort: Sort, payout: Payout) -> Act | Undo:
    subject = f"payout:{payout.number}"
    if sort is Sort.SETTLED:
        return Act(accounts.PAYOUT_PAID, (Settle(payout.hold_id),), subject, f"payout.paid:{payout.number}")
    if sort is Sort.FAILED:
        return Act(accounts.PAYOUT_FAILED, (Void(payout.hold_id),), subject, f"payout.failed:{payout.number}")
    return Undo(accounts.PAYOUT_RETURNED, payout.paid_event_id or 0, f"payout.returned:{payout.number}")


def _become(payout: Payout, one: _Sorted, event_id: int) -> None:
    match one.sort:
        case Sort.SETTLED:
            payout.become(PayoutState.PAID)
            payout.paid_event_id = event_id
        case Sort.FAILED:
            payout.become(PayoutState.FAILED)
        case _:
            payout.become(PayoutState.RETURNED)
    payout.ended_at, payout.because = clock.now(), one.answer.reason if one.sort is not Sort.SETTLED else ""


def _line(answer: BankReturn, one: _Sorted, event_id: int | None) -> dict[str, object]:
    said = one.answer
    return {
        "return_id": answer.id,
        "line_no": said.line_no,
        "number": said.number,
        "tail": said.tail,
        "amount": said.amount,
        "outcome": said.outcome,
        "reference": said.reference,
        "reason": said.reason,
        "sort": one.sort,
        "oddity": one.oddity,
        "payout_id": None if one.payout is None else one.payout.id,
        "event_id": event_id,
        "note": "",
    }


def _fact(one: _Sorted, payout: Payout) -> Fact:
    what = (payout.number, payout.subject, payout.purpose.value, payout.seller_id, payout.amount.fen)
    if one.sort is Sort.SETTLED:
        return PayoutPaid(*what)
    if one.sort is Sort.FAILED:
        return PayoutFailed(*what, one.answer.reason)
    return PayoutReturned(*what, one.answer.reason)

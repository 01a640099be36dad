"""Proving that payouts, files, the banks' answers and the ledger say the same."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator

from sqlalchemy import BigInteger, and_, func, or_, select, type_coerce
from sqlalchemy.orm import aliased

from app.kernel.checks import Check, Finding
from app.kernel.db import session
from app.ledger.books.models import Account, Event, OpenHold, Phase, Transfer
from app.office.payouts.accounts import PAID_OUT, paid_out
from app.office.payouts.models import BankReturn, BankReturnLine, FileDownload, Payout, PayoutFile
from app.office.payouts.states import BOOKED, OPEN, PayoutState, Sort

_FEN = type_coerce(Payout.amount, BigInteger)
_ANSWERED = (PayoutState.PAID, PayoutState.FAILED, PayoutState.RETURNED)


def _files() -> Iterator[Finding]:
    """V9: what a file says it holds is what stands in it, on lines from one up, all at its own bank."""
    held = (
        select(
            Payout.file_id,
            func.count().label("count"),
            func.sum(_FEN).label("fen"),
            func.max(Payout.line_no).label("last"),
            func.min(Payout.line_no).label("first"),
        )
        .group_by(Payout.file_id)
        .subquery()
    )
    rows = select(
        PayoutFile,
        func.coalesce(held.c.count, 0),
        func.coalesce(held.c.fen, 0),
        func.coalesce(held.c.first, 1),
        func.coalesce(held.c.last, 0),
    ).outerjoin(held, held.c.file_id == PayoutFile.id)
    for file, count, fen, first, last in session().execute(rows):
        wanted = (0, 0) if file.called_off_at is not None else (file.count, file.total.fen)
        if (count, int(fen)) != wanted:
            yield Finding(f"payout file {file.number}", f"{count} payouts of {int(fen)} fen, not {wanted}")
        elif (first, last) != (1, count):
            yield Finding(f"payout file {file.number}", f"its lines run from {first} to {last}")
    strays = (
        select(Payout)
        .join(PayoutFile, PayoutFile.id == Payout.file_id)
        .where(or_(Payout.bank != PayoutFile.bank, Payout.bank_name != PayoutFile.bank_name))
    )
    for payout in session().scalars(strays):
        yield Finding(f"payout {payout.number}", "stands in another bank's file")


def _holds() -> Iterator[Finding]:
    """V9: money is kept for a payout, of exactly its amount at its own bank, as long as nobody has answered."""
    keeper = aliased(Account)
    rows = (
        select(Payout, OpenHold.amount, keeper.role, keeper.party)
        .outerjoin(OpenHold, OpenHold.transfer_id == Payout.hold_id)
        .outerjoin(keeper, keeper.id == OpenHold.credit_id)
        .where(or_(Payout.state.in_(OPEN), OpenHold.transfer_id.is_not(None)))
    )
    for payout, amount, role, party in session().execute(rows):
        place = paid_out(payout.bank, "")
        is_open = payout.state in OPEN
        wanted = (payout.amount.fen, place.role.name, place.party) if is_open else (None, None, None)
        if (amount, role, party) != wanted:
            yield Finding(f"payout {payout.number}", f"is {payout.state.value}, and the ledger keeps {amount} fen")
    orphans = (
        select(OpenHold.transfer_id)
        .join(Account, Account.id == OpenHold.credit_id)
        .outerjoin(Payout, Payout.hold_id == OpenHold.transfer_id)
        .where(Account.role == PAID_OUT.name, Payout.id.is_(None))
    )
    for number in session().scalars(orphans):
        yield Finding(f"open hold {number}", "is kept for a payout that is not there")


def _ends() -> Iterator[Finding]:
    """V9: paid is a settled hold, not paid a void one, and what came back later is reversed."""
    end = aliased(Transfer)
    back = aliased(Event)
    rows = (
        select(Payout, end.phase, end.amount, end.event_id, back.id)
        .outerjoin(end, end.resolves_id == Payout.hold_id)
        .outerjoin(back, and_(back.reverses_id == end.event_id, end.phase == Phase.SETTLED))
    )
    for payout, phase, amount, event_id, reversal in session().execute(rows):
        is_paid = payout.state in (PayoutState.PAID, PayoutState.RETURNED)
        wanted = None if payout.state in OPEN else Phase.SETTLED if is_paid else Phase.VOID
        if phase is not wanted:
            yield Finding(f"payout {payout.number}", f"is {payout.state.value}, and its hold ended as {phase}")
        elif is_paid and (amount, event_id) != (payout.amount.fen, payout.paid_event_id):
            yield Finding(f"payout {payout.number}", f"paid by event {event_id}, {amount} fen")
        elif (reversal is not None) is not (payout.state is PayoutState.RETURNED):
            yield Finding(f"payout {payout.number}", f"is {payout.state.value}, and its reversal is {reversal}")


def _answers() -> Iterator[Finding]:
    """P4: nothing was paid, failed or came back without its line in a bank's answer, and every line is counted."""
    told: dict[int, set[Sort]] = defaultdict(set)
    booked = select(BankReturnLine.payout_id, BankReturnLine.sort).where(BankReturnLine.sort.in_(BOOKED))
    for payout_id, sort in session().execute(booked):
        told[payout_id or 0].add(sort)
    wanted = {
        PayoutState.PAID: {Sort.SETTLED},
        PayoutState.FAILED: {Sort.FAILED},
        PayoutState.RETURNED: {Sort.SETTLED, Sort.LATE_RETURN},
    }
    taken = set(session().scalars(select(FileDownload.file_id)))
    for payout in session().scalars(select(Payout)):
        if told.pop(payout.id, set()) != wanted.get(payout.state, set()):
            yield Finding(f"payout {payout.number}", f"is {payout.state.value} without the bank's line for it")
        elif payout.state in _ANSWERED and payout.file_id not in taken:
            yield Finding(f"payout {payout.number}", "was answered by a bank that never had its file")
    counted: dict[int, Counter[Sort]] = defaultdict(Counter)
    sums = select(BankReturnLine.return_id, BankReturnLine.sort, func.count())
    for return_id, sort, count in session().execute(sums.group_by(BankReturnLine.return_id, BankReturnLine.sort)):
        counted[return_id][sort] = count
    for one in session().scalars(select(BankReturn)):
        found = counted[one.id]
        if found.total() != one.lines or any(found[sort] != count for sort, count in one.counts.items()):
            yield Finding(f"bank return {one.number}", f"{found.total()} lines, not the {one.lines} that it counts")


CHECKS = (
    Check("V9-files", "付款文件的笔数和总额等于里面的款，一笔款只在一份文件里", _files),
    Check("V9-holds", "等付的每一笔，账上都正好留着那么多钱", _holds),
    Check("V9-ends", "付成的账上已付，没付成的账上放回，退回的账上冲销", _ends),
    Check("V9-answers", "每笔到账、没付成和退回都有银行回盘里的一行", _answers),
)

"""The files that tell a bank whom to pay: made once of all that waits, taken once, and the same bytes ever after."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import select

from app.audit import service as audit
from app.kernel import clock, ids
from app.kernel.db import locked, session
from app.kernel.events import emit
from app.kernel.money import ZERO
from app.kernel.permissions import Viewer
from app.ledger import books
from app.ledger.books.movements import Act, Void
from app.office.payouts import accounts, queries, sheet
from app.office.payouts.errors import (
    AlreadyOut,
    FileChanged,
    FileGone,
    FileVoid,
    NothingWaits,
    OwnPayout,
    ReasonForSecond,
)
from app.office.payouts.events import PayoutWithheld
from app.office.payouts.models import FileDownload, Payout, PayoutFile, bank_words
from app.office.payouts.states import PayoutState
from app.people.accounts import wording
from app.people.accounts.errors import ReasonMissing
from app.people.growers import queries as growers
from app.people.purse import queries as purse
from app.people.purse import service as numbers
from app.people.purse.errors import NotPayable
from app.people.purse.models import BankAccount
from app.people.purse.states import Bank

MOST_LINES = 10_000
"""As many as an answer may have; what is beyond waits for the next file."""

ACCOUNT_GONE = "收款账号停用了或换过了，要等新账号核实好再付。"


def make(bank: Bank, bank_name: str, *, by: Viewer) -> PayoutFile | None:
    """All that waits for the bank stands in one new file, in the order in which it was set aside.

    Whose account is in force no more is withheld: his hold is given up, and he is owed as before. None when that is
    so for all. Raises `NothingWaits`, `OwnPayout` when the viewer acts for one of the sellers.
    """
    waiting = _locked_waiting(bank, bank_name)
    if not waiting:
        raise NothingWaits()
    refuse_own(waiting, by)
    in_force = {one.id for one in purse.payable_accounts([one.seller_id for one in waiting], lock=True)}
    sound = [one for one in waiting if one.account_id in in_force]
    file = _file_of(sound, bank, bank_name, by=by) if sound else None
    _withhold([one for one in waiting if one.account_id not in in_force], by=by)
    return file


def download(number: str, *, because: str, by: Viewer) -> bytes:
    """The file's bytes, which are those that were sealed; that he took them is on record.

    `because` is needed from the second time on. Send the bytes only after the commit.
    Raises `NotFound`, `FileVoid`, `OwnPayout`, `ReasonForSecond`, `FileGone` when an account of it has ended since,
    `FileChanged` when the bytes would be others than those sealed.
    """
    file = _standing_file(number)
    payouts = queries.payouts_of(file)
    refuse_own(payouts, by)
    reason = _reason_for_second(because) if queries.downloads_of(file) else ""
    data = _bytes_of(file, payouts, by=by.actor)
    if sheet.seal(data) != file.sha256:
        raise FileChanged()
    session().add(FileDownload(file_id=file.id, at=clock.now(), by=by.actor, because=reason))
    session().flush()
    audit.note("payouts.download", _thing(file), by=by.actor, because=reason, sha256=file.sha256)
    return data


def call_off(number: str, *, because: str, by: Viewer) -> PayoutFile:
    """A file that nobody has taken is void, and its payouts wait for the next one.

    Raises `NotFound`, `FileVoid`, `AlreadyOut` once it was downloaded, `OwnPayout`, `ReasonMissing`.
    """
    file = _standing_file(number)
    if queries.downloads_of(file):
        raise AlreadyOut()
    payouts = session().scalars(locked(select(Payout).where(Payout.file_id == file.id).order_by(Payout.id))).all()
    refuse_own(payouts, by)
    file.called_off_because = wording.reason(because)
    file.called_off_at, file.called_off_by = clock.now(), by.actor
    for payout in payouts:
        payout.leave_file()
    audit.note("payouts.call_off", _thing(file), by=by.actor, because=file.called_off_because, count=file.count)
    return file


def refuse_own(payouts: Sequence[Payout], by: Viewer) -> None:
    """Raises `OwnPayout` when the viewer acts for one of those who are paid."""
    own = {seller.id for seller in growers.of_viewer(by)}
    if any(payout.seller_id in own for payout in payouts):
        raise OwnPayout()


def _locked_waiting(bank: Bank, bank_name: str) -> Sequence[Payout]:
    statement = (
        select(Payout)
        .where(Payout.state == PayoutState.HELD, Payout.bank == bank, Payout.bank_name == bank_name)
        .order_by(Payout.id)
        .limit(MOST_LINES)
    )
    return session().scalars(locked(statement)).all()


def _file_of(payouts: Sequence[Payout], bank: Bank, bank_name: str, *, by: Viewer) -> PayoutFile:
    file = PayoutFile(
        number=ids.public_number("W"),
        bank=bank,
        bank_name=bank_name,
        count=len(payouts),
        total=sum((one.amount for one in payouts), start=ZERO),
        sha256="0" * 64,
        made_at=clock.now(),
        made_by=by.actor,
    )
    session().add(file)
    session().flush()
    for line_no, payout in enumerate(payouts, start=1):
        payout.enter(file.id, line_no)
    file.sha256 = sheet.seal(_bytes_of(file, payouts, by=by.actor))
    session().flush()
    audit.note("payouts.make_file", _thing(file), by=by.actor, count=file.count, fen=file.total.fen, sha256=file.sha256)
    return file


def _bytes_of(file: PayoutFile, payouts: Sequence[Payout], *, by: str) -> bytes:
    paid_to = (
        session().scalars(select(BankAccount).where(BankAccount.id.in_([one.account_id for one in payouts]))).all()
    )
    try:
        opened = numbers.open_numbers(paid_to, by=by, because=f"payout file {file.number}")
    except NotPayable as error:
        raise FileGone() from error
    bank = bank_words(file.bank, file.bank_name)
    return sheet.write(file.number, bank, [_line_of(one, bank, opened[one.account_id]) for one in payouts])


def _line_of(payout: Payout, bank: str, number: str) -> sheet.Line:
    return sheet.Line(
        line_no=payout.line_no or 0,
        number=payout.number,
        holder=payout.holder,
        bank=bank,
        account=number,
        amount=payout.amount,
        words=payout.words,
    )


def _withhold(payouts: Sequence[Payout], *, by: Viewer) -> None:
    for payout in payouts:
        payout.withhold(because=ACCOUNT_GONE, at=clock.now())
    session().flush()
    acts = [
        Act(accounts.PAYOUT_WITHHELD, (Void(one.hold_id),), f"payout:{one.number}", f"payout.withheld:{one.number}")
        for one in payouts
    ]
    books.record_all(acts, by=by.actor)
    for one in payouts:
        audit.note("payouts.withhold", f"payout:{one.number}", by=by.actor, because=ACCOUNT_GONE)
        emit(PayoutWithheld(one.number, one.subject, one.purpose.value, one.seller_id, one.amount.fen, ACCOUNT_GONE))


def _standing_file(number: str) -> PayoutFile:
    file = queries.file(number, lock=True)
    if file.called_off_at is not None:
        raise FileVoid()
    return file


def _reason_for_second(because: str) -> str:
    try:
        return wording.reason(because)
    except ReasonMissing as error:
        raise ReasonForSecond(field="because") from error


def _thing(file: PayoutFile) -> str:
    return f"payout_file:{file.number}"

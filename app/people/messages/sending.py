"""Texts on their way: each is leased, given to the gateway outside any transaction, and its answer written down.

A process that dies in between leaves a lease that runs out; the text then goes again under the same name, and the
provider drops what it has. So a text that waits is sent at least once, and seen once.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from weakref import WeakKeyDictionary

from sqlalchemy import select

from app.gateways.sms import LogSms, Sms, TextRefused, TextUnsure
from app.kernel import clock
from app.kernel.db import Database, database, locked, locked_unless_taken, session, transaction
from app.kernel.logs import get_logger
from app.people.accounts import queries as accounts
from app.people.messages.models import OutgoingText
from app.people.messages.states import DUE, TextState

LEASE = timedelta(seconds=60)
MOST_TRIES = 8
TOO_OLD = timedelta(days=1)
"""A text that could not go for so long says nothing new any more; nor does one from a backup that was restored."""
_gateways: WeakKeyDictionary[Database, Sms] = WeakKeyDictionary()
_LOG = LogSms()
log = get_logger("texts")


@dataclass(frozen=True, slots=True)
class Leased:
    """A text that is ours to send for as long as the lease lasts."""

    id: int
    reference: str
    words: str
    to: str


def use(gateway: Sms | None, *, on: Database) -> None:
    """From here on, texts from this database go through this gateway; without one, to the log."""
    if gateway is None:
        _gateways.pop(on, None)
    else:
        _gateways[on] = gateway


def is_connected() -> bool:
    """Whether texts reach phones, and not only the log."""
    return database() in _gateways


def send_due(*, limit: int = 50) -> int:
    """Texts that are due go, the longest waiting first; how many went. For the worker, outside any transaction.

    The first silence of the gateway ends the pass, so that everybody else does not wait for it again and again.
    """
    gateway = _gateways.get(database(), _LOG)
    sent = 0
    for _ in range(limit):
        one = _lease()
        if one is None:
            break
        try:
            gateway.send(to=one.to, words=one.words, reference=one.reference)
        except TextRefused as refusal:
            _failed(one, because=str(refusal), for_good=True)
        except TextUnsure as silence:
            _failed(one, because=str(silence), for_good=False)
            break
        else:
            _sent(one)
            sent += 1
    return sent


def _lease() -> Leased | None:
    with transaction():
        moment = clock.now()
        while (row := _due(moment)) is not None:
            person = accounts.person(row.person_id)
            reason = _hopeless(row, moment, is_disabled=person.disabled_at is not None)
            if not reason:
                row.tries += 1
                row.leased_until = moment + LEASE
                return Leased(row.id, row.reference, row.words, accounts.phone_of(person))
            _give_up(row, because=reason)
            session().flush()
    return None


def _due(moment: datetime) -> OutgoingText | None:
    due = (
        select(OutgoingText)
        .where(OutgoingText.state.in_(DUE), OutgoingText.run_after <= moment)
        .where(OutgoingText.leased_until.is_(None) | (OutgoingText.leased_until < moment))
        .order_by(OutgoingText.run_after, OutgoingText.id)
        .limit(1)
    )
    return session().scalars(locked_unless_taken(due)).first()


def _hopeless(row: OutgoingText, moment: datetime, *, is_disabled: bool) -> str:
    if is_disabled:
        return "the account is closed"
    if row.run_after < moment - TOO_OLD:
        return "too old"
    return (row.last_error or "the worker died at every attempt") if row.tries >= MOST_TRIES else ""


def _sent(one: Leased) -> None:
    with transaction():
        row = _ours(one)
        if row is not None:
            row.sent_at = clock.now()
            row.become(TextState.SENT)


def _failed(one: Leased, *, because: str, for_good: bool) -> None:
    with transaction():
        row = _ours(one)
        if row is None:
            return
        if for_good or row.tries >= MOST_TRIES:
            _give_up(row, because=because)
            return
        row.last_error = because
        row.run_after = clock.now() + timedelta(seconds=5 * 3**row.tries)
        row.become(TextState.FAILED)


def _give_up(row: OutgoingText, *, because: str) -> None:
    row.last_error = because
    row.become(TextState.GIVEN_UP)
    log.error("text given up", row=row.id, error=because)


def _ours(one: Leased) -> OutgoingText | None:
    """The row, unless another worker whose lease came after ours has brought it to its end."""
    row = session().scalars(locked(select(OutgoingText).where(OutgoingText.id == one.id))).one()
    return row if row.state in DUE else None

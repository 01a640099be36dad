"""Texts and mails on their way: each is leased, given to its gateway outside any transaction, its answer written down.

A process that dies in between leaves a lease that runs out; what it held then goes again under the same name, and the
provider, or the reader's mailbox, knows it again. So what waits is sent at least once, and seen once.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from weakref import WeakKeyDictionary

from sqlalchemy import select

from app.gateways.mail import Letter, LogMail, Mail, MailRefused, MailUnsure
from app.gateways.sms import LogSms, Sms, TextRefused, TextUnsure
from app.kernel import clock
from app.kernel.db import Database, database, locked, locked_unless_taken, session, transaction
from app.kernel.logs import get_logger
from app.people.accounts import queries as accounts
from app.people.accounts.models import Person
from app.people.messages import carried, codes, queries
from app.people.messages.letters import Site
from app.people.messages.models import Message, OutgoingText
from app.people.messages.states import DUE, TextState, Way

LEASE = timedelta(seconds=60)
MOST_TRIES = 8
TOO_OLD = timedelta(days=1)
"""What could not go for so long says nothing new any more; nor does what comes from a backup that was restored."""


def _never() -> bool:
    return False


@dataclass(frozen=True, slots=True)
class Gateways:
    """How what waits leaves the house; by the log alone where there is no gateway, and while `unless` says so."""

    sms: Sms | None = None
    mail: Mail | None = None
    site: Site = field(default_factory=lambda: Site("http://localhost:8000"))
    unless: Callable[[], bool] = _never

    def leads_out(self, way: Way) -> bool:
        """Whether there is a gateway for that way."""
        return (self.sms if way is Way.TEXT else self.mail) is not None


_gateways: WeakKeyDictionary[Database, Gateways] = WeakKeyDictionary()
_NONE = Gateways()
_LOG_SMS, _LOG_MAIL = LogSms(), LogMail()
log = get_logger("texts")


class Hopeless(Exception):
    """Whatever is tried, this goes to nobody any more."""


@dataclass(frozen=True, slots=True)
class Leased:
    """What is ours to send for as long as the lease lasts, and the call that sends it."""

    id: int
    send: Callable[[], None]


def use(gateways: Gateways | None, *, on: Database) -> None:
    """From here on, what waits in this database goes through these gateways; without them, to the log."""
    if gateways is None:
        _gateways.pop(on, None)
    else:
        _gateways[on] = gateways


def is_connected(way: Way) -> bool:
    """Whether what goes that way reaches people, and not only the log."""
    ours = _in_use()
    return ours.leads_out(way) and not ours.unless()


def reaches_mailboxes() -> bool:
    """Whether a code that is mailed can be read by somebody: in a mailbox, or, where all are examples, at the desk."""
    return is_rehearsal() or is_connected(Way.MAIL)


def shows_codes_of_texts() -> bool:
    """Whether the desk may open a code that a text carries: only while no text reaches a phone."""
    return not is_connected(Way.TEXT)


def is_rehearsal() -> bool:
    """Whether everybody here is an example, so that nothing may leave the house, whatever gateways there are."""
    return _in_use().unless()


def _in_use() -> Gateways:
    return _gateways.get(database(), _NONE)


def send_due(way: Way = Way.TEXT, *, limit: int = 50) -> int:
    """What is due on that way goes, the longest waiting first; how many went. For the worker, outside any transaction.

    The first silence of the gateway ends the pass, so that everybody else does not wait for it again and again.
    """
    sent = 0
    for _ in range(limit):
        one = _lease(way)
        if one is None:
            break
        try:
            one.send()
        except (TextRefused, MailRefused) as refusal:
            _failed(one, because=str(refusal), for_good=True)
        except (TextUnsure, MailUnsure) as silence:
            _failed(one, because=str(silence), for_good=False)
            break
        else:
            _sent(one)
            sent += 1
    return sent


def _lease(way: Way = Way.TEXT) -> Leased | None:
    with transaction():
        moment = clock.now()
        ours = _in_use()
        is_held = ours.unless()
        while (row := _due(way, moment)) is not None:
            try:
                send = _call(row, moment, Gateways(site=ours.site) if is_held else ours)
            except Hopeless as reason:
                _give_up(row, because=str(reason))
                session().flush()
                continue
            row.tries += 1
            row.leased_until = moment + LEASE
            return Leased(row.id, send)
    return None


def _call(row: OutgoingText, moment: datetime, through: Gateways) -> Callable[[], None]:
    """What sends the row. Raises `Hopeless`."""
    person = accounts.person(row.person_id)
    if person.disabled_at is not None:
        raise Hopeless("the account is closed")
    if row.run_after < moment - TOO_OLD:
        raise Hopeless("too old")
    if row.tries >= MOST_TRIES:
        raise Hopeless(row.last_error or "the worker died at every attempt")
    if row.way is Way.MAIL:
        mail, letter = through.mail or _LOG_MAIL, _letter(row, person, through.site)
        return lambda: mail.send(letter)
    words = row.words if row.carries is None else carried.words_of(row)
    if words is None:
        raise Hopeless("the code is used or too old")
    sms, to, reference = through.sms or _LOG_SMS, accounts.phone_of(person), row.reference
    return lambda: sms.send(to=to, words=words, reference=reference)


def _letter(row: OutgoingText, person: Person, site: Site) -> Letter:
    """The mail to the address that the person has now. Raises `Hopeless` for one that nobody waits for any more."""
    mailbox = queries.mailbox_of(person.id)
    if mailbox is None:
        raise Hopeless("the address was removed")
    if row.message_id is not None:
        if mailbox.confirmed_at is None:
            raise Hopeless("the address is not confirmed")
        message = session().get_one(Message, row.message_id)
        body = site.message_body(message.words, link=message.link)
    else:
        code = codes.of(mailbox)
        if code is None:
            raise Hopeless("the code is used or too old")
        body = site.code_body(code)
    return Letter(
        to=queries.address_in(mailbox), subject=row.words, body=body, reference=row.reference, at=row.created_at
    )


def _due(way: Way, moment: datetime) -> OutgoingText | None:
    due = (
        select(OutgoingText)
        .where(OutgoingText.way == way, OutgoingText.state.in_(DUE), OutgoingText.run_after <= moment)
        .where(OutgoingText.leased_until.is_(None) | (OutgoingText.leased_until < moment))
        .order_by(OutgoingText.run_after, OutgoingText.id)
        .limit(1)
    )
    return session().scalars(locked_unless_taken(due)).first()


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
    log.error("given up", way=row.way.value, row=row.id, error=because)


def _ours(one: Leased) -> OutgoingText | None:
    """The row, unless another worker whose lease came after ours has brought it to its end."""
    row = session().scalars(locked(select(OutgoingText).where(OutgoingText.id == one.id))).one()
    return row if row.state in DUE else None

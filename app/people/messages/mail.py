"""A person's mail address: given with consent, confirmed by a code that was mailed there, removed without a trace."""

from __future__ import annotations

from datetime import timedelta

from app.audit import service as audit
from app.kernel import clock, ids
from app.kernel.db import session
from app.kernel.errors import NotFound
from app.kernel.permissions import Viewer
from app.people.accounts import attempts
from app.people.accounts import queries as accounts
from app.people.accounts import service as consents
from app.people.accounts.attempts import Kind, Try
from app.people.accounts.errors import TooManyAttempts
from app.people.accounts.sealing import vault
from app.people.accounts.states import Purpose
from app.people.messages import addresses, codes, letters, queries, queue, sending
from app.people.messages.errors import BadMailCode, NoMailHere, TooManyMailCodes, TooManyMailGuesses
from app.people.messages.models import MailAddress

CODES = Kind("mail_codes", ((3, timedelta(hours=1)), (6, timedelta(days=1))))
"""Codes that one person asks for, and codes that go to one address, whoever asks."""
GUESSES = Kind("mail_guess", ((5, codes.LIVE_FOR), (20, timedelta(days=1))))
"""As a code lives no longer than the first stretch, nobody guesses at one more than five times."""


def begin_asking(address: str, *, by: Viewer) -> str:
    """Count that a code is asked for, by the viewer and for the address; the address in its one spelling.

    In a transaction of its own, so that a refusal does not undo the count. Raises `BadAddress`, `NoMailHere`,
    `TooManyMailCodes`.
    """
    parsed = addresses.parse(address)
    if not sending.reaches_mailboxes():
        raise NoMailHere()
    try:
        attempts.count(CODES, f"person:{by.person_id}")
        attempts.count(CODES, vault().blind_index(parsed.lower(), field=queries.ADDRESS_FIELD))
    except TooManyAttempts as error:
        raise TooManyMailCodes() from error
    return parsed


def give(address: str, *, by: Viewer, consent_version: str) -> MailAddress:
    """The viewer's address is this one, under his consent; until he confirms it, nothing goes there but a code.

    An earlier address of his is gone. `address` is as `begin_asking` gave it.
    """
    person = accounts.person(by.person_id, lock=True)
    moment = clock.now()
    mailbox = queries.mailbox_of(person.id, lock=True)
    consents.withdraw_consent(Purpose.MAIL, by=by)
    given = consents.consent(person.id, Purpose.MAIL, consent_version)
    sealed = vault().seal(address, field=queries.ADDRESS_FIELD, row=str(person.id))
    key, until = ids.token(), moment + codes.LIVE_FOR
    if mailbox is None:
        mailbox = MailAddress(
            person_id=person.id,
            consent_id=given.id,
            address_sealed=sealed,
            given_at=moment,
            code_key=key,
            code_until=until,
        )
        session().add(mailbox)
    else:
        mailbox.consent_id, mailbox.address_sealed, mailbox.given_at = given.id, sealed, moment
        mailbox.expect(key, until=until)
    session().flush()
    queue.put_code(person.id, letters.CODE)
    audit.note("mail.given", person.actor, by=by.actor)
    return mailbox


def begin_guess(*, by: Viewer) -> Try:
    """Count a guess at the viewer's code, in a transaction of its own. Raises `TooManyMailGuesses`."""
    try:
        return attempts.count(GUESSES, f"person:{by.person_id}")
    except TooManyAttempts as error:
        raise TooManyMailGuesses() from error


def confirm(counted: Try, code: str, *, by: Viewer) -> None:
    """The viewer's address is confirmed: his messages go there from now on, and the code is used up.

    Raises `BadMailCode`, also when there is nothing to confirm.
    """
    mailbox = queries.mailbox_of(by.person_id, lock=True)
    if mailbox is None or not codes.fits(mailbox, code):
        raise BadMailCode(field="code")
    mailbox.confirm(at=clock.now())
    attempts.forgive(counted)
    audit.note("mail.confirmed", f"person:{by.person_id}", by=by.actor)


def remove(*, by: Viewer) -> None:
    """The viewer's address is erased and his consent taken back. Raises `NotFound` when he gave none.

    Source: 个人信息保护法 art. 15 and 47.
    """
    accounts.person(by.person_id, lock=True)
    mailbox = queries.mailbox_of(by.person_id, lock=True)
    if mailbox is None:
        raise NotFound()
    session().delete(mailbox)
    consents.withdraw_consent(Purpose.MAIL, by=by)
    audit.note("mail.removed", f"person:{by.person_id}", by=by.actor)

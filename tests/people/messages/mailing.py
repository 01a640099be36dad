"""Short ways to a confirmed mail address, and to what goes there."""

import re

from sqlalchemy import select

from app.kernel.db import session, transaction
from app.kernel.permissions import Viewer
from app.people.messages import codes, mail, queries, sending
from app.people.messages.models import MailAddress, OutgoingText
from app.people.messages.states import Way
from tests.fakes.smtp_server import SmtpServer

ADDRESS = "li@example.com"


def ask(who: Viewer, address: str = ADDRESS) -> None:
    """Give the address, as the page does."""
    with transaction():
        parsed = mail.begin_asking(address, by=who)
    with transaction():
        mail.give(parsed, by=who, consent_version="test")


def guess(who: Viewer, code: str) -> None:
    """Type a code, as the page does. Raises as `mail.confirm`."""
    with transaction():
        counted = mail.begin_guess(by=who)
    with transaction():
        mail.confirm(counted, code, by=who)


def code_for(who: Viewer) -> str:
    """The code that is expected of him now."""
    mailbox = queries.mailbox_of(who.person_id)
    code = codes.of(mailbox) if mailbox else None
    assert code is not None
    return code


def wrong_for(who: Viewer) -> str:
    return f"{(int(code_for(who)) + 1) % 1_000_000:06d}"


def confirmed(who: Viewer, address: str = ADDRESS) -> None:
    """He has the address, and it is confirmed."""
    ask(who, address)
    guess(who, code_for(who))


def carry() -> int:
    """One pass of the worker over the mails."""
    session().rollback()
    return sending.send_due(Way.MAIL)


def mails() -> list[OutgoingText]:
    session().rollback()
    return list(session().scalars(select(OutgoingText).where(OutgoingText.way == Way.MAIL).order_by(OutgoingText.id)))


def mailboxes() -> list[MailAddress]:
    session().rollback()
    return list(session().scalars(select(MailAddress)))


def code_in(server: SmtpServer) -> str:
    """The code in the mail that came last."""
    found = re.search(r"确认码：(\d{6})", server.taken[-1].body)
    assert found is not None
    return found.group(1)

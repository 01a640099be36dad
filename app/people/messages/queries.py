"""Reading an inbox, and mail addresses."""

from __future__ import annotations

from collections.abc import Iterable

from sqlalchemy import func, select

from app.kernel import paging
from app.kernel.db import locked, session
from app.kernel.paging import Page
from app.kernel.permissions import Viewer
from app.people.accounts.sealing import vault
from app.people.messages.models import MailAddress, Message

ADDRESS_FIELD = "mail_addresses.address"


def page_of(viewer: Viewer, *, cursor: str | None) -> Page[Message]:
    """The viewer's own messages, the newest first. Raises `BadCursor`."""
    keys = (paging.Key(Message.id.expression, lambda row: row.id, descending=True),)
    statement = select(Message).where(Message.person_id == viewer.person_id)
    return paging.page(session().scalars(paging.after(statement, keys, cursor)).all(), keys)


def unread(viewer: Viewer) -> int:
    """How many of the viewer's messages he has not read."""
    statement = select(func.count()).where(Message.person_id == viewer.person_id, Message.read_at.is_(None))
    return session().scalars(statement).one()


def mailbox_of(person_id: int, *, lock: bool = False) -> MailAddress | None:
    """The address that the person gave, confirmed or not."""
    statement = select(MailAddress).where(MailAddress.person_id == person_id)
    return session().scalars(locked(statement) if lock else statement).one_or_none()


def address_in(mailbox: MailAddress) -> str:
    """The address in clear, for its owner and for sending to it. Raises `Undecipherable`."""
    return vault().unseal(mailbox.address_sealed, field=ADDRESS_FIELD, row=str(mailbox.person_id))


def mailed_among(people: Iterable[int]) -> frozenset[int]:
    """Who of these people has confirmed a mail address."""
    statement = select(MailAddress.person_id).where(
        MailAddress.person_id.in_(people), MailAddress.confirmed_at.is_not(None)
    )
    return frozenset(session().scalars(statement))

"""Reading an inbox."""

from __future__ import annotations

from sqlalchemy import func, select

from app.kernel import paging
from app.kernel.db import session
from app.kernel.paging import Page
from app.kernel.permissions import Viewer
from app.people.messages.models import Message


def page_of(viewer: Viewer, *, cursor: str | None) -> Page[Message]:
    """The viewer's own messages, the newest first. Raises `BadCursor`."""
    keys = (paging.Key(Message.id.expression, lambda row: row.id, descending=True),)
    statement = select(Message).where(Message.person_id == viewer.person_id)
    return paging.page(session().scalars(paging.after(statement, keys, cursor)).all(), keys)


def unread(viewer: Viewer) -> int:
    """How many of the viewer's messages he has not read."""
    statement = select(func.count()).where(Message.person_id == viewer.person_id, Message.read_at.is_(None))
    return session().scalars(statement).one()

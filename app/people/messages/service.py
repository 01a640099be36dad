"""Telling people something, and remembering that they have read it."""

from __future__ import annotations

from collections.abc import Iterable

from sqlalchemy import insert, update

from app.kernel import clock
from app.kernel.db import session
from app.kernel.permissions import Viewer
from app.people.messages.models import Message


def tell(people: Iterable[int], words: str, *, link: str) -> None:
    """Put a sentence into each person's inbox, in the transaction of what it tells. `link` is a path on this site."""
    rows = [{"person_id": one, "words": words, "link": link, "at": clock.now()} for one in sorted(set(people))]
    if rows:
        session().execute(insert(Message), rows)


def mark_read(*, by: Viewer, upto: int) -> None:
    """The viewer has read his messages up to and including this one."""
    session().execute(
        update(Message)
        .where(Message.person_id == by.person_id, Message.id <= upto, Message.read_at.is_(None))
        .values(read_at=clock.now())
    )

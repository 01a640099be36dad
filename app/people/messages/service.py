"""Telling people something, in their inbox, by mail and by text, and remembering what they have read."""

from __future__ import annotations

from collections.abc import Iterable

from sqlalchemy import insert, update

from app.kernel import clock
from app.kernel.db import session
from app.kernel.permissions import Viewer
from app.people.messages import letters, queries, queue
from app.people.messages.models import Message
from app.people.messages.states import Way

MOST_SIGNS = 70
"""What one part of a text in Chinese holds, counted as networks count: a sign outside the basic plane is two."""


def tell(people: Iterable[int], words: str, *, link: str) -> None:
    """Put a sentence into each person's inbox, in the transaction of what it tells. `link` is a path on this site.

    Who has confirmed a mail address gets it by mail too, which waits from then on.
    """
    rows = [{"person_id": one, "words": words, "link": link, "at": clock.now()} for one in sorted(set(people))]
    if not rows:
        return
    told = session().execute(insert(Message).returning(Message.person_id, Message.id), rows).all()
    mailed = queries.mailed_among([row.person_id for row in told])
    queue.put(Way.MAIL, letters.MESSAGE, {row.person_id: row.id for row in told if row.person_id in mailed})


def mark_read(*, by: Viewer, upto: int) -> None:
    """The viewer has read his messages up to and including this one."""
    session().execute(
        update(Message)
        .where(Message.person_id == by.person_id, Message.id <= upto, Message.read_at.is_(None))
        .values(read_at=clock.now())
    )


def text(people: Iterable[int], words: str) -> None:
    """A text to each person's phone waits to be sent, written in the transaction of what it tells.

    What goes beyond `queue.MOST_A_DAY` of a person is held back. The words lie in the database as they are: nothing
    secret belongs in them, no code and no number of a person.
    Raises `ValueError` for words that are empty or longer than `MOST_SIGNS`.
    """
    said = _on_one_line(words)
    length = signs(said)
    if not 1 <= length <= MOST_SIGNS:
        raise ValueError(f"a text of {length} signs; at most {MOST_SIGNS} fit")
    queue.put(Way.TEXT, said, dict.fromkeys(people))


def signs(words: str) -> int:
    """How long a text is, as networks count."""
    return len(words.encode("utf-16-le")) // 2


def _on_one_line(words: str) -> str:
    return "".join(sign for sign in " ".join(words.split()) if sign.isprintable())

"""Telling people something, in their inbox and by text, and remembering what they have read."""

from __future__ import annotations

from collections.abc import Iterable

from sqlalchemy import func, insert, select, update

from app.kernel import clock, ids
from app.kernel.db import session
from app.kernel.permissions import Viewer
from app.people.messages.models import Message, OutgoingText
from app.people.messages.states import TextState

MOST_SIGNS = 70
"""What one part of a text in Chinese holds, counted as networks count: a sign outside the basic plane is two."""
MOST_A_DAY = 10
"""Texts that one person gets on one Shanghai day, so that a loop of ours cannot flood a phone."""


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


def text(people: Iterable[int], words: str) -> None:
    """A text to each person's phone waits to be sent, written in the transaction of what it tells.

    What goes beyond `MOST_A_DAY` of a person is kept as held back and goes only when somebody lets it. The words lie
    in the database as they are: nothing secret belongs in them, no code and no number of a person.
    Raises `ValueError` for words that are empty or longer than `MOST_SIGNS`.
    """
    said = _on_one_line(words)
    length = signs(said)
    if not 1 <= length <= MOST_SIGNS:
        raise ValueError(f"a text of {length} signs; at most {MOST_SIGNS} fit")
    wanted = sorted(set(people))
    had = _had_today(wanted)
    moment = clock.now()
    rows = [
        {
            # Never seeded: two counties with one provider must not share a name.
            "reference": ids.token(),
            "person_id": one,
            "words": said,
            "created_at": moment,
            "run_after": moment,
            "tries": 0,
            "state": TextState.WAITING if had.get(one, 0) < MOST_A_DAY else TextState.HELD_BACK,
        }
        for one in wanted
    ]
    if rows:
        session().execute(insert(OutgoingText), rows)


def signs(words: str) -> int:
    """How long a text is, as networks count."""
    return len(words.encode("utf-16-le")) // 2


def _on_one_line(words: str) -> str:
    return "".join(sign for sign in " ".join(words.split()) if sign.isprintable())


def _had_today(people: list[int]) -> dict[int, int]:
    statement = (
        select(OutgoingText.person_id, func.count().label("had"))
        .where(OutgoingText.person_id.in_(people), OutgoingText.created_at >= clock.start_of(clock.today()))
        .where(OutgoingText.state != TextState.HELD_BACK)
        .group_by(OutgoingText.person_id)
    )
    return {row.person_id: row.had for row in session().execute(statement)}

"""What waits to go out, in the transaction of what it tells; nobody gets more than so many of a kind on one day."""

from __future__ import annotations

from collections.abc import Mapping

from sqlalchemy import func, insert, select

from app.kernel import clock, ids
from app.kernel.db import session
from app.people.messages.models import OutgoingText
from app.people.messages.states import Carries, TextState, Way

MOST_A_DAY = 10
"""Texts, and mails, that one person gets on one Shanghai day, so that a loop of ours cannot flood him."""


def put(way: Way, words: str, messages: Mapping[int, int | None]) -> None:
    """These words wait for each person, in the order of their ids; a mail with the message that it is about.

    What goes beyond `MOST_A_DAY` of a person is kept as held back and goes only when somebody lets it.
    """
    had = _had_today(way, list(messages))
    states = {one: TextState.WAITING if had.get(one, 0) < MOST_A_DAY else TextState.HELD_BACK for one in messages}
    rows = [_row(way, one, words, message_id=messages[one], state=states[one]) for one in sorted(messages)]
    if rows:
        session().execute(insert(OutgoingText), rows)


def put_code(person_id: int, subject: str) -> None:
    """A mail with a code waits for the person, however many mails he had: codes are counted where they are asked."""
    row = _row(Way.MAIL, person_id, subject, message_id=None, state=TextState.WAITING)
    session().execute(insert(OutgoingText), [row])


def put_carrying(carries: Carries, row_id: int, person_id: int, name: str) -> None:
    """A text that carries the code made from that row waits for the person, under a name that tells nothing of it.

    However many texts he had: codes are counted where they are asked.
    """
    row = _row(Way.TEXT, person_id, name, message_id=None, state=TextState.WAITING)
    session().execute(insert(OutgoingText), [{**row, "carries": carries, "carried_id": row_id}])


def _row(way: Way, person_id: int, words: str, *, message_id: int | None, state: TextState) -> dict[str, object]:
    moment = clock.now()
    return {
        # Never seeded: two counties with one provider must not share a name.
        "reference": ids.token(),
        "person_id": person_id,
        "words": words,
        "way": way,
        "message_id": message_id,
        "created_at": moment,
        "run_after": moment,
        "tries": 0,
        "state": state,
    }


def _had_today(way: Way, people: list[int]) -> dict[int, int]:
    statement = (
        select(OutgoingText.person_id, func.count().label("had"))
        .where(OutgoingText.person_id.in_(people), OutgoingText.created_at >= clock.start_of(clock.today()))
        .where(OutgoingText.way == way, OutgoingText.state != TextState.HELD_BACK, OutgoingText.carries.is_(None))
        .group_by(OutgoingText.person_id)
    )
    return {row.person_id: row.had for row in session().execute(statement)}

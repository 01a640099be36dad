"""What is on its way out, as the administrator sees it: texts and mails by state, and jobs that were given up.

Numbers and addresses are masked, and every run of digits that might be a code is hidden, in words and in errors alike.
Where everybody is an example, codes are shown; where no text reaches a phone yet, one may be opened, on record.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select

from app.audit import service as audit
from app.gateways.mail import masked
from app.gateways.sms import without_codes
from app.kernel import clock, events, paging
from app.kernel.db import locked, session
from app.kernel.errors import NotFound
from app.kernel.paging import Page
from app.kernel.permissions import Viewer
from app.people.accounts import queries as accounts
from app.people.accounts.models import Person
from app.people.messages import carried, codes, queries, sending
from app.people.messages.models import MailAddress, Message, OutgoingText
from app.people.messages.states import AGAIN, TextState, Way


@dataclass(frozen=True, slots=True)
class ShownText:
    """A text or a mail without what only its reader may know. `code` is there only where everybody is an example."""

    id: int
    way: Way
    name: str
    to: str
    words: str
    state: TextState
    created_at: datetime
    sent_at: datetime | None
    tries: int
    error: str
    may_go_again: bool
    code: str | None
    may_open_code: bool


@dataclass(frozen=True, slots=True)
class DeadJob:
    """Something that must still be done because of a fact and was given up."""

    id: int
    job: str
    created_at: datetime
    dead_at: datetime | None
    attempts: int
    error: str


def count_texts() -> dict[TextState, int]:
    """How many texts and mails are in each state, zeros included."""
    counted = dict.fromkeys(TextState, 0)
    for state, number in session().execute(select(OutgoingText.state, func.count()).group_by(OutgoingText.state)):
        counted[state] = number
    return counted


def texts_page(state: TextState, *, cursor: str | None) -> Page[ShownText]:
    """The texts and mails in that state, the newest first. Raises `BadCursor`."""
    statement = (
        select(OutgoingText, Person, Message, MailAddress)
        .join(Person, Person.id == OutgoingText.person_id)
        .outerjoin(Message, Message.id == OutgoingText.message_id)
        .outerjoin(MailAddress, MailAddress.person_id == OutgoingText.person_id)
        .where(OutgoingText.state == state)
    )
    keys = (paging.Key(OutgoingText.id.expression, lambda row: row[0].id, descending=True),)
    page = paging.page(session().execute(paging.after(statement, keys, cursor)).all(), keys)
    in_texts = carried.codes_of(row[0] for row in page.items) if sending.shows_codes_of_texts() else {}
    is_rehearsal = sending.is_rehearsal()
    shown = [_shown(*row, in_text=in_texts.get(row[0].id), is_all_example=is_rehearsal) for row in page.items]
    return Page(items=shown, next_cursor=page.next_cursor)


def _shown(
    one: OutgoingText,
    person: Person,
    message: Message | None,
    mailbox: MailAddress | None,
    *,
    in_text: str | None,
    is_all_example: bool,
) -> ShownText:
    in_mail = codes.of(mailbox) if one.way is Way.MAIL and message is None and mailbox is not None else None
    return ShownText(
        id=one.id,
        way=one.way,
        name=person.name,
        to=_masked(one, person, mailbox),
        words=without_codes(message.words if message is not None else one.words),
        state=one.state,
        created_at=one.created_at,
        sent_at=one.sent_at,
        tries=one.tries,
        error=without_codes(one.last_error or ""),
        may_go_again=one.state in AGAIN,
        code=(in_mail or in_text) if is_all_example else None,
        may_open_code=in_text is not None and not is_all_example,
    )


def _masked(one: OutgoingText, person: Person, mailbox: MailAddress | None) -> str:
    if one.way is Way.TEXT:
        return accounts.masked_phone(person)
    return masked(queries.address_in(mailbox)) if mailbox is not None else "—"


def open_code(text_id: int, *, by: Viewer) -> str:
    """The code that a text carries, for who cannot get it on his phone; that it was opened is on record.

    Raises `NotFound` when the text carries none, nobody waits for it any more, or texts do reach phones.
    """
    found = session().get(OutgoingText, text_id)
    code = carried.codes_of([found]).get(found.id) if found is not None and sending.shows_codes_of_texts() else None
    if found is None or code is None:
        raise NotFound()
    audit.note("messages.code_opened", f"text:{found.id}", by=by.actor, person=found.person_id)
    return code


def dead_jobs() -> Sequence[DeadJob]:
    """The jobs that were given up, the oldest first, fifty at most."""
    return [
        DeadJob(row.id, row.job, row.created_at, row.dead_at, row.attempts, _first_line(row.last_error or ""))
        for row in events.dead_rows(limit=50)
    ]


def _first_line(error: str) -> str:
    """What went wrong without the values that a database names after it."""
    return without_codes(error.partition("\n")[0])


def send_again(text_id: int, *, by: Viewer) -> None:
    """A text or a mail that was given up or held back waits again, with all its tries, under the name that it had.

    Raises `NotFound`, and `IllegalMove` for one that is on its way or has gone.
    """
    found = session().scalars(locked(select(OutgoingText).where(OutgoingText.id == text_id))).one_or_none()
    if found is None:
        raise NotFound()
    found.become(TextState.WAITING)
    found.run_after, found.tries = clock.now(), 0
    audit.note("messages.send_again", f"text:{found.id}", by=by.actor, person=found.person_id)


def do_again(row_id: int, *, by: Viewer) -> None:
    """A job that was given up is due again. Raises `NotFound`, `IllegalMove` unless it was given up."""
    row = events.revive(row_id)
    audit.note("outbox.do_again", f"outbox:{row.id}", by=by.actor, job=row.job)

"""Opening a masked value: for a reason, on record before anything is shown, and not without limit."""

from __future__ import annotations

from sqlalchemy import func, select

from app.audit import service as audit
from app.kernel import clock
from app.kernel.db import session
from app.kernel.errors import Forbidden, NotFound
from app.kernel.permissions import Permission, Viewer
from app.people.accounts import queries, wording
from app.people.accounts.errors import NotSteppedUp, TooManyDisclosures
from app.people.accounts.models import Disclosure
from app.people.accounts.permissions import PEOPLE_UNMASK

MOST_A_DAY = 30


def unmask_phone(person_id: int, *, by: Viewer, because: str) -> str:
    """Anybody's number in clear, for one who may open numbers county-wide; others go by the seller.

    Show it only after the transaction has been committed, so that there is no look without its row.
    Raises `NotFound` outside the viewer's scope, and as `record` does.
    """
    if by.may(PEOPLE_UNMASK) and by.townships(PEOPLE_UNMASK) is not None:
        raise NotFound()
    return open_phone(person_id, by=by, under=PEOPLE_UNMASK, because=because)


def open_phone(person_id: int, *, by: Viewer, under: Permission, because: str) -> str:
    """The number in clear for a caller who has looked at the scope. Raises as `record` does."""
    record(person_id, field="phone", by=by, under=under, because=because)
    return queries.phone_of(queries.person(person_id))


def record(person_id: int, *, field: str, by: Viewer, under: Permission, because: str) -> None:
    """Put on record that the viewer opens a field of a person.

    Raises `Forbidden`, `NotSteppedUp`, `ReasonMissing`, `NotFound`, and `TooManyDisclosures` beyond 30 a day.
    Source: 个人信息保护法 art. 51.
    """
    if not by.may(under):
        raise Forbidden()
    if not by.is_stepped_up:
        raise NotSteppedUp()
    reason = wording.reason(because)
    queries.person(by.person_id, lock=True)
    person = queries.person(person_id)
    since = clock.start_of(clock.today())
    statement = select(func.count()).where(Disclosure.viewer_id == by.person_id, Disclosure.at >= since)
    if session().scalars(statement).one() >= MOST_A_DAY:
        raise TooManyDisclosures()
    session().add(Disclosure(viewer_id=by.person_id, person_id=person.id, field=field, because=reason, at=clock.now()))
    session().flush()
    audit.note("people.unmask", f"person:{person.id}", by=by.actor, because=reason, field=field)

"""Many people at once, as a township's list brings them: in a handful of statements, each on record."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Any

from sqlalchemy import insert, select, update
from sqlalchemy.exc import IntegrityError

from app.audit import many as audit
from app.kernel import clock, ids
from app.kernel.db import AlreadyThere, session
from app.people.accounts import passwords, queries
from app.people.accounts.models import Consent, Person
from app.people.accounts.sealing import vault
from app.people.accounts.states import Purpose


def ids_by_phone(phones: Collection[str]) -> dict[str, int]:
    """Number → the person who has it; numbers that nobody has are missing. Takes parsed numbers."""
    by_index = {queries.index_of(phone): phone for phone in phones}
    statement = select(Person.phone_index, Person.id).where(Person.phone_index.in_(by_index))
    return {by_index[index]: person_id for index, person_id in session().execute(statement)}


def enlist(people: Sequence[tuple[str, str]], *, by: str, because: str) -> list[int]:
    """New persons, each (parsed number, plain name), who cannot sign in by password until somebody gives them one.

    Their ids, in the order given. Raises `AlreadyThere` when one of the numbers is taken.
    """
    if not people:
        return []
    moment, unknown_to_all = clock.now(), passwords.hashed(ids.token())
    given: list[dict[str, Any]] = [
        {
            "phone_index": queries.index_of(phone),
            "phone_sealed": b"",
            "name": name,
            "password_hash": unknown_to_all,
            "password_changed_at": moment,
            "password_expires_at": moment,
            "created_at": moment,
            "recovery_hashes": "",
        }
        for phone, name in people
    ]
    try:
        made = list(session().scalars(insert(Person).returning(Person.id, sort_by_parameter_order=True), given))
    except IntegrityError as error:
        raise AlreadyThere(field="phone") from error
    sealed = [
        {"id": person_id, "phone_sealed": vault().seal(phone, field=queries.PHONE_FIELD, row=str(person_id))}
        for person_id, (phone, _name) in zip(made, people, strict=True)
    ]
    session().execute(update(Person), sealed)
    audit.note_all("people.enlist", [f"person:{person_id}" for person_id in made], by=by, because=because)
    return made


def consent_on_paper(given: Sequence[tuple[int, str]], purpose: Purpose) -> list[int]:
    """Consents that people gave on paper, each (person, what names the paper); their ids, in the order given.

    Source: 个人信息保护法 art. 14 and 29: who keeps the data has to be able to show the consent.
    """
    moment = clock.now()
    rows = [
        {"person_id": person_id, "purpose": purpose, "text_version": f"paper:{paper}", "given_at": moment}
        for person_id, paper in given
    ]
    if not rows:
        return []
    return list(session().scalars(insert(Consent).returning(Consent.id, sort_by_parameter_order=True), rows))

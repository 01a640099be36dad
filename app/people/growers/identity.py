"""Resident IDs and numbers of sellers' people: kept sealed under their own consent, opened for a reason."""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from app.audit import service as audit
from app.kernel import clock
from app.kernel.db import locked, session
from app.kernel.errors import NotFound
from app.kernel.permissions import Viewer
from app.people.accounts import disclosure
from app.people.accounts import queries as accounts_queries
from app.people.accounts import service as accounts
from app.people.accounts.errors import ConsentMissing
from app.people.accounts.models import Consent
from app.people.accounts.sealing import vault
from app.people.accounts.states import Purpose
from app.people.growers import queries, resident_ids
from app.people.growers.errors import ResidentIdTaken, TooYoung
from app.people.growers.models import ResidentId
from app.people.growers.permissions import GROWERS_UNMASK

ADULT_ENOUGH = 14


def keep_resident_id(text: str, *, consent_version: str, by: Viewer) -> None:
    """The viewer's own ID is kept, sealed, under a consent given for this alone; an earlier one is replaced.

    Raises `ConsentMissing`, `BadResidentId`, `TooYoung`, and `ResidentIdTaken` when somebody else's account has it.
    Source: 个人信息保护法 art. 28-31.
    """
    if not consent_version:
        raise ConsentMissing(field="consent")
    number = resident_ids.parse(text, today=clock.today())
    if resident_ids.age(number, today=clock.today()) < ADULT_ENOUGH:
        raise TooYoung(field="resident_id")
    person = accounts_queries.person(by.person_id, lock=True)
    consent = accounts.consent(person.id, Purpose.RESIDENT_ID, consent_version)
    _store(person.id, number, consent)
    audit.note("growers.keep_resident_id", f"person:{person.id}", by=by.actor, consent=consent.id)


def masked_resident_id(person_id: int) -> str | None:
    """1411**********1234, or None when none is kept under a consent in force."""
    number = _number(person_id)
    return None if number is None else resident_ids.masked(number)


def unmask_resident_id(seller_id: int, *, by: Viewer, because: str) -> str:
    """The ID of the seller's contact in clear, after a row on record; show it only after the commit.

    Raises `NotFound` outside the viewer's townships, when none is kept or its consent was withdrawn, and as
    `disclosure.record` does.
    """
    seller = queries.seller_in_scope(seller_id, by, GROWERS_UNMASK)
    number = _number(seller.contact_person_id)
    if number is None:
        raise NotFound()
    disclosure.record(seller.contact_person_id, field="resident_id", by=by, under=GROWERS_UNMASK, because=because)
    return number


def unmask_contact(seller_id: int, *, by: Viewer, because: str) -> str:
    """The number of the seller's contact in clear, under the same rules."""
    seller = queries.seller_in_scope(seller_id, by, GROWERS_UNMASK)
    return disclosure.open_phone(seller.contact_person_id, by=by, under=GROWERS_UNMASK, because=because)


def _store(person_id: int, number: str, consent: Consent) -> None:
    index = vault().blind_index(number, field=queries.RESIDENT_ID_FIELD)
    sealed = vault().seal(number, field=queries.RESIDENT_ID_FIELD, row=str(person_id))
    kept = session().scalars(locked(select(ResidentId).where(ResidentId.person_id == person_id))).one_or_none()
    moment = clock.now()
    try:
        with session().begin_nested():
            if kept is None:
                session().add(
                    ResidentId(
                        person_id=person_id, id_index=index, id_sealed=sealed, consent_id=consent.id, stored_at=moment
                    )
                )
            else:
                kept.id_index, kept.id_sealed, kept.consent_id, kept.stored_at = index, sealed, consent.id, moment
    except IntegrityError as error:
        raise ResidentIdTaken(field="resident_id") from error


def _number(person_id: int) -> str | None:
    statement = (
        select(ResidentId)
        .join(Consent, Consent.id == ResidentId.consent_id)
        .where(ResidentId.person_id == person_id, Consent.withdrawn_at.is_(None))
    )
    kept = session().scalars(statement).one_or_none()
    if kept is None:
        return None
    return vault().unseal(kept.id_sealed, field=queries.RESIDENT_ID_FIELD, row=str(person_id))

"""Many households at once, as a township's list brings them: each waits for its township like one that applied."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from sqlalchemy import insert, select, update

from app.audit import many as audit
from app.kernel import clock
from app.kernel.db import session
from app.people.accounts import many as accounts
from app.people.accounts.sealing import vault
from app.people.accounts.states import Purpose
from app.people.growers import queries
from app.people.growers.models import Household, Membership, ResidentId, Seller, StatusChange
from app.people.growers.service import public_slug
from app.people.growers.states import SellerKind, SellerStatus


@dataclass(frozen=True, slots=True)
class Listed:
    """A household as a list has it; its contact is a person who is there."""

    person_id: int
    name: str
    township_code: str
    village_id: int | None
    head_name: str
    members: int


@dataclass(frozen=True, slots=True)
class OnPaper:
    """A resident ID, parsed, with what names the paper on which its person consented."""

    person_id: int
    number: str
    paper: str


def register(listed: Sequence[Listed], *, by: str, because: str) -> list[int]:
    """Households that have applied and wait to be verified; their seller ids, in the order given.

    What `growers.service.apply` would refuse has been refused before.
    """
    if not listed:
        return []
    moment = clock.now()
    made = list(
        session().scalars(
            insert(Seller).returning(Seller.id, sort_by_parameter_order=True),
            [
                {
                    "slug": public_slug(one.name),
                    "name": one.name,
                    "kind": SellerKind.HOUSEHOLD,
                    "township_code": one.township_code,
                    "contact_person_id": one.person_id,
                    "created_at": moment,
                    "village_id": one.village_id,
                    "status": SellerStatus.APPLIED,
                    "words": "",
                }
                for one in listed
            ],
        )
    )
    pairs = list(zip(made, listed, strict=True))
    session().execute(
        insert(Membership), [{"seller_id": new, "person_id": one.person_id, "since": moment} for new, one in pairs]
    )
    session().execute(
        insert(Household),
        [{"seller_id": new, "head_name": one.head_name, "members": one.members} for new, one in pairs],
    )
    step = {"at": moment, "by": by, "old": None, "new": SellerStatus.APPLIED, "because": because}
    session().execute(insert(StatusChange), [{"seller_id": new, **step} for new in made])
    audit.note_all("growers.applied", [f"seller:{new}" for new in made], by=by, because=because)
    return made


def amend(amended: Sequence[tuple[int, Listed]], *, by: str, because: str) -> None:
    """Applications that wait say this from now on, each (seller, as it shall be); only the unverified come here."""
    if not amended:
        return
    session().execute(
        update(Seller), [{"id": known, "name": one.name, "village_id": one.village_id} for known, one in amended]
    )
    session().execute(
        update(Household),
        [{"seller_id": known, "head_name": one.head_name, "members": one.members} for known, one in amended],
    )
    audit.note_all("growers.amended", [f"seller:{known}" for known, _one in amended], by=by, because=because)


def keep_resident_ids(given: Sequence[OnPaper], *, by: str, because: str) -> None:
    """The IDs are kept, sealed, each under the consent that its person signed on paper; none had one before.

    Source: 个人信息保护法 art. 28-31.
    """
    consents = accounts.consent_on_paper([(one.person_id, one.paper) for one in given], Purpose.RESIDENT_ID)
    moment = clock.now()
    if given:
        session().execute(
            insert(ResidentId),
            [
                {
                    "person_id": one.person_id,
                    "id_index": resident_id_index(one.number),
                    "id_sealed": vault().seal(one.number, field=queries.RESIDENT_ID_FIELD, row=str(one.person_id)),
                    "consent_id": consent_id,
                    "stored_at": moment,
                }
                for one, consent_id in zip(given, consents, strict=True)
            ],
        )
    things = [f"person:{one.person_id}" for one in given]
    audit.note_all("growers.keep_resident_id", things, by=by, because=because)


def resident_id_index(number: str) -> str:
    """The keyed hash by which a parsed ID is found."""
    return vault().blind_index(number, field=queries.RESIDENT_ID_FIELD)


def persons_with(indices: Collection[str], person_ids: Collection[int]) -> dict[str, int]:
    """Keyed hash → its person, of these hashes and of these persons."""
    wanted = ResidentId.id_index.in_(indices) | ResidentId.person_id.in_(person_ids)
    return dict(session().execute(select(ResidentId.id_index, ResidentId.person_id).where(wanted)).all())

"""The life of a seller: apply, verify or refuse, suspend, resume, close; each step with its reason, on record."""

from __future__ import annotations

import re
from dataclasses import dataclass

from pypinyin import lazy_pinyin
from sqlalchemy import select

from app.audit import service as audit
from app.kernel import clock, ids
from app.kernel.db import session
from app.kernel.errors import NotFound
from app.kernel.events import Fact, emit
from app.kernel.permissions import Viewer
from app.kernel.states import IllegalMove
from app.people.accounts import queries as accounts_queries
from app.people.accounts import service as accounts
from app.people.accounts import wording
from app.people.accounts.states import Role
from app.people.growers import queries, said
from app.people.growers.errors import AlreadyApplied, BadTownship, HouseholdMissing, OwnMatter
from app.people.growers.events import SellerClosed, SellerRefused, SellerResumed, SellerSuspended, SellerVerified
from app.people.growers.models import Household, Membership, Seller, StatusChange
from app.people.growers.permissions import GROWERS_VERIFY
from app.people.growers.states import ChangeState, SellerKind, SellerStatus
from app.people.townships import queries as townships

MOST_MEMBERS = 30


@dataclass(frozen=True, slots=True)
class Application:
    """What somebody says of himself who wants to sell."""

    kind: SellerKind
    name: str
    township_code: str
    village_id: int | None = None
    licence_no: str | None = None
    head_name: str = ""
    members: int | None = None
    words: str = ""


def apply(application: Application, *, person_id: int, by: str) -> Seller:
    """A seller that waits for its township, with the person as its contact. `by` differs when an agent types.

    Raises `BadSellerName`, `BadTownship`, `LicenceMissing`, `HouseholdMissing`, `WordsTooLong`, `NotFound`, and
    `AlreadyApplied` while the person's earlier application waits or his household is registered.
    """
    asked = _checked(application)
    person = accounts_queries.person(person_id, lock=True)
    _refuse_second(person.id, asked.kind)
    moment = clock.now()
    seller = Seller(
        slug=public_slug(asked.name),
        name=asked.name,
        kind=asked.kind,
        township_code=asked.township_code,
        village_id=asked.village_id,
        contact_person_id=person.id,
        licence_no=asked.licence_no,
        created_at=moment,
        words=asked.words,
    )
    session().add(seller)
    session().flush()
    session().add(Membership(seller_id=seller.id, person_id=person.id, since=moment))
    if asked.kind is SellerKind.HOUSEHOLD and asked.members is not None:
        session().add(Household(seller_id=seller.id, head_name=asked.head_name, members=asked.members))
    _note(seller, None, by=by, because="申请")
    return seller


def verify(seller_id: int, *, by: Viewer, because: str) -> Seller:
    """The township has looked and the seller may sell; its people get the seller's role.

    Raises `NotFound` outside the viewer's townships, `OwnMatter`, `IllegalMove` unless it waits, `ReasonMissing`, and
    `LicenceMissing` for a processor without one. Source: 电子商务法 art. 27, 食品安全法 art. 35-36.
    """
    seller = locked_for_decision(seller_id, by)
    _refuse_unless(seller, SellerStatus.APPLIED)
    said.licence(seller.licence_no, kind=seller.kind)
    seller.verified_at, seller.verified_by = clock.now(), by.actor
    _step(seller, SellerStatus.ACTIVE, by=by, because=because)
    for person in queries.people_of(seller.id):
        _give_role(seller, person.id, by=by.actor)
    _tell(SellerVerified(seller_id=seller.id, township=seller.township_code))
    return seller


def refuse(seller_id: int, *, by: Viewer, because: str) -> Seller:
    """The application is refused for that reason. Raises as `verify` does."""
    seller = locked_for_decision(seller_id, by)
    _step(seller, SellerStatus.REFUSED, by=by, because=because)
    _tell(SellerRefused(seller_id=seller.id))
    return seller


def suspend(seller_id: int, *, by: Viewer, because: str) -> Seller:
    """The seller may not sell for now; its people keep their role for the open orders. Raises as `verify` does."""
    seller = locked_for_decision(seller_id, by)
    _step(seller, SellerStatus.SUSPENDED, by=by, because=because)
    _tell(SellerSuspended(seller_id=seller.id))
    return seller


def resume(seller_id: int, *, by: Viewer, because: str) -> Seller:
    """A suspended seller may sell again. Raises as `verify` does."""
    seller = locked_for_decision(seller_id, by)
    _refuse_unless(seller, SellerStatus.SUSPENDED)
    _step(seller, SellerStatus.ACTIVE, by=by, because=because)
    _tell(SellerResumed(seller_id=seller.id))
    return seller


def close(seller_id: int, *, by: Viewer, because: str) -> Seller:
    """The seller sells no more; its people keep their role for the open orders. Raises as `verify` does.

    What its people wanted changed about it is off the desk.
    """
    seller = locked_for_decision(seller_id, by)
    change = queries.waiting_change(seller.id, lock=True)
    if change is not None:
        change.become(ChangeState.WITHDRAWN)
    _step(seller, SellerStatus.CLOSED, by=by, because=because)
    _tell(SellerClosed(seller_id=seller.id))
    return seller


def add_member(seller_id: int, person_id: int, *, by: Viewer, because: str) -> None:
    """Another person acts for the seller. Raises as `verify` does, and `AlreadyApplied` for one who does already."""
    seller = locked_for_decision(seller_id, by)
    person = accounts_queries.person(person_id, lock=True)
    if queries.is_member(person.id, seller.id):
        raise AlreadyApplied()
    if person.id == by.person_id:
        raise OwnMatter()
    session().add(Membership(seller_id=seller.id, person_id=person.id, since=clock.now()))
    session().flush()
    reason = wording.reason(because)
    audit.note("growers.add_member", f"seller:{seller.id}", by=by.actor, because=reason, person=person.id)
    if seller.verified_at is not None:
        _give_role(seller, person.id, by=by.actor)


def _checked(application: Application) -> Application:
    name = said.name(application.name)
    if application.township_code not in {place.code for place in townships.present()}:
        raise BadTownship(field="township_code")
    if application.village_id is not None:
        _check_village(application.village_id, application.township_code)
    licence = said.licence(application.licence_no, kind=application.kind)
    head = wording.plain(application.head_name)
    if application.kind is SellerKind.HOUSEHOLD and (
        not 1 <= len(head) <= said.MOST_NAME or not 1 <= (application.members or 0) <= MOST_MEMBERS
    ):
        raise HouseholdMissing(field="head_name")
    words = said.words(application.words)
    return Application(
        kind=application.kind,
        name=name,
        township_code=application.township_code,
        village_id=application.village_id,
        licence_no=licence,
        head_name=head,
        members=application.members,
        words=words,
    )


def _check_village(village_id: int, township_code: str) -> None:
    try:
        townships.village(village_id, in_township=township_code)
    except NotFound as error:
        raise BadTownship(field="village_id") from error


def _refuse_second(person_id: int, kind: SellerKind) -> None:
    mine = session().scalars(select(Seller).where(Seller.contact_person_id == person_id)).all()
    if any(seller.status is SellerStatus.APPLIED for seller in mine):
        raise AlreadyApplied()
    over = (SellerStatus.CLOSED, SellerStatus.REFUSED)
    if kind is SellerKind.HOUSEHOLD and any(one.kind is kind and one.status not in over for one in mine):
        raise AlreadyApplied()


def public_slug(name: str) -> str:
    """How a seller of that name is called in addresses: its sound, and six random signs."""
    sounds = "-".join(lazy_pinyin(name)).lower()
    readable = re.sub(r"[^a-z0-9]+", "-", sounds)[:40].strip("-") or "seller"
    return f"{readable}-{ids.code(6).lower()}"


def locked_for_decision(seller_id: int, by: Viewer) -> Seller:
    """The seller of the viewer's townships, locked, for one who does not act for it. Raises `NotFound`, `OwnMatter`."""
    seller = queries.seller_in_scope(seller_id, by, GROWERS_VERIFY, lock=True)
    if queries.is_member(by.person_id, seller.id):
        raise OwnMatter()
    return seller


def _refuse_unless(seller: Seller, status: SellerStatus) -> None:
    if seller.status is not status:
        raise IllegalMove()


def _step(seller: Seller, new: SellerStatus, *, by: Viewer, because: str) -> None:
    old = seller.status
    seller.become(new)
    _note(seller, old, by=by.actor, because=wording.reason(because))


def _note(seller: Seller, old: SellerStatus | None, *, by: str, because: str) -> None:
    moment = clock.now()
    session().add(StatusChange(seller_id=seller.id, at=moment, by=by, old=old, new=seller.status, because=because))
    audit.note(f"growers.{seller.status.value}", f"seller:{seller.id}", by=by, because=because)


def _tell(fact: Fact) -> None:
    session().flush()
    emit(fact)


def _give_role(seller: Seller, person_id: int, *, by: str) -> None:
    scope = f"seller:{seller.id}"
    if not any((one.role, one.scope) == (Role.SELLER, scope) for one in accounts_queries.grants_of(person_id)):
        accounts.appoint(person_id, Role.SELLER, scope, by=by, because="卖家已核实")

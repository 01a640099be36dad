"""What a verified seller's people want changed about it: it waits, and its township agrees or not."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from sqlalchemy import select

from app.audit import service as audit
from app.kernel import clock
from app.kernel.db import locked, session
from app.kernel.errors import NotFound
from app.kernel.events import Fact, emit
from app.kernel.permissions import Viewer
from app.kernel.states import IllegalMove
from app.people.accounts import wording
from app.people.growers import queries, said, service
from app.people.growers.errors import LicenceKept, NothingChanged, NotVerifiedYet, OwnMatter
from app.people.growers.events import SellerChangeApproved, SellerChangeRefused
from app.people.growers.models import Seller, SellerChange
from app.people.growers.states import CHANGEABLE, ChangeState


@dataclass(frozen=True, slots=True)
class Wanted:
    """How a seller shall be called and described."""

    name: str
    licence_no: str | None
    words: str


def propose(seller_id: int, wanted: Wanted, *, by: Viewer) -> SellerChange:
    """The change waits for the township and the seller stays as it is; another that waited is withdrawn.

    The one that waits is given back when it says the same, so that a second tap changes nothing.
    Raises `NotFound` unless the viewer acts for the seller, `NotVerifiedYet`, `NothingChanged`, `LicenceKept`, and as
    `said` does.
    """
    seller = queries.own_seller(seller_id, by, lock=True)
    if seller.status not in CHANGEABLE:
        raise NotVerifiedYet()
    asked = _checked(wanted, seller)
    waiting = queries.waiting_change(seller.id, lock=True)
    if waiting is not None:
        if asked == Wanted(waiting.name, waiting.licence_no, waiting.words):
            return waiting
        _withdraw(waiting, by=by)
    change = SellerChange(
        seller_id=seller.id,
        name=asked.name,
        licence_no=asked.licence_no,
        words=asked.words,
        old_name=seller.name,
        old_licence_no=seller.licence_no,
        old_words=seller.words,
        proposed_by=by.actor,
        proposed_at=clock.now(),
    )
    session().add(change)
    session().flush()
    audit.note("growers.propose_change", f"seller:{seller.id}", by=by.actor, change=change.id)
    return change


def withdraw(seller_id: int, *, by: Viewer) -> None:
    """The seller's people want it no more. Raises `NotFound` when nothing of theirs waits."""
    seller = queries.own_seller(seller_id, by, lock=True)
    waiting = queries.waiting_change(seller.id, lock=True)
    if waiting is None:
        raise NotFound()
    _withdraw(waiting, by=by)


def approve(change_id: int, *, by: Viewer, because: str) -> SellerChange:
    """The seller is from now on what its people wanted; its public address stays.

    Raises `NotFound` outside the viewer's townships, `OwnMatter` for one who proposed it or acts for the seller,
    `IllegalMove` unless it waits and the seller still sells, `ReasonMissing`.
    """

    def come_true(change: SellerChange, seller: Seller) -> Fact:
        if seller.status not in CHANGEABLE:
            raise IllegalMove()
        seller.name, seller.licence_no, seller.words = change.name, change.licence_no, change.words
        return SellerChangeApproved(seller_id=seller.id, change_id=change.id)

    return _decide(change_id, ChangeState.APPROVED, come_true, by=by, because=because)


def refuse(change_id: int, *, by: Viewer, because: str) -> SellerChange:
    """The seller stays as it is, for that reason. Raises as `approve` does."""

    def stay(change: SellerChange, seller: Seller) -> Fact:
        return SellerChangeRefused(seller_id=seller.id, change_id=change.id)

    return _decide(change_id, ChangeState.REFUSED, stay, by=by, because=because)


def _decide(
    change_id: int,
    state: ChangeState,
    carry_out: Callable[[SellerChange, Seller], Fact],
    *,
    by: Viewer,
    because: str,
) -> SellerChange:
    seller_id = session().scalars(select(SellerChange.seller_id).where(SellerChange.id == change_id)).one_or_none()
    if seller_id is None:
        raise NotFound()
    seller = service.locked_for_decision(seller_id, by)
    change = session().scalars(locked(select(SellerChange).where(SellerChange.id == change_id))).one()
    if change.proposed_by == by.actor:
        raise OwnMatter()
    reason = wording.reason(because)
    change.become(state)
    change.decided_at, change.decided_by, change.because = clock.now(), by.actor, reason
    fact = carry_out(change, seller)
    audit.note(f"growers.change_{state.value}", f"seller:{seller.id}", by=by.actor, because=reason, change=change.id)
    session().flush()
    emit(fact)
    return change


def _checked(wanted: Wanted, seller: Seller) -> Wanted:
    asked = Wanted(said.name(wanted.name), said.licence(wanted.licence_no, kind=seller.kind), said.words(wanted.words))
    if seller.licence_no and not asked.licence_no:
        raise LicenceKept(field="licence_no")
    if asked == Wanted(seller.name, seller.licence_no, seller.words):
        raise NothingChanged(field="name")
    return asked


def _withdraw(change: SellerChange, *, by: Viewer) -> None:
    change.become(ChangeState.WITHDRAWN)
    # Ended in the database before another takes its place there.
    session().flush()
    audit.note("growers.withdraw_change", f"seller:{change.seller_id}", by=by.actor, change=change.id)

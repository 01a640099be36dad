"""Reading the register of sellers, always through what the asker may see."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import date

from sqlalchemy import ColumnElement, Select, func, select, true

from app.kernel import clock, paging
from app.kernel.db import locked, session
from app.kernel.errors import NotFound
from app.kernel.paging import Page
from app.kernel.permissions import Permission, Viewer
from app.people.accounts.models import Person
from app.people.growers.models import Household, Membership, ResidentId, Seller, SellerChange, StatusChange
from app.people.growers.states import ChangeState, SellerStatus
from app.people.townships import queries as townships

RESIDENT_ID_FIELD = "growers.resident_id"


def seller(seller_id: int, *, lock: bool = False) -> Seller:
    """The seller, whatever its status. Raises `NotFound`."""
    return _one(select(Seller).where(Seller.id == seller_id), lock=lock)


def by_slug(slug: str) -> Seller:
    """The seller with this public name, whatever its status. Raises `NotFound`."""
    return _one(select(Seller).where(Seller.slug == slug), lock=False)


def of_viewer(viewer: Viewer) -> list[Seller]:
    """The sellers for whom the viewer acts, active or not, oldest first."""
    statement = (
        select(Seller)
        .join(Membership, Membership.seller_id == Seller.id)
        .where(Membership.person_id == viewer.person_id, Membership.ended_at.is_(None))
        .order_by(Seller.id)
    )
    return list(session().scalars(statement))


def last_reasons(sellers: Sequence[Seller]) -> dict[int, str]:
    """Seller id → why its last step was taken."""
    last = (
        select(func.max(StatusChange.id))
        .where(StatusChange.seller_id.in_([one.id for one in sellers]))
        .group_by(StatusChange.seller_id)
    )
    rows = session().scalars(select(StatusChange).where(StatusChange.id.in_(last)))
    return {row.seller_id: row.because for row in rows}


def in_scope(viewer: Viewer, permission: Permission, *, status: SellerStatus | None = None) -> list[Seller]:
    """The sellers of the townships in which the viewer holds the permission, longest waiting first."""
    return list(session().scalars(_in_scope(viewer, permission, status).order_by(Seller.id)))


def page_in_scope(
    viewer: Viewer, permission: Permission, *, status: SellerStatus | None, cursor: str | None
) -> Page[Seller]:
    """A page of the same, longest waiting first. Raises `BadCursor`."""
    keys = (paging.Key(Seller.id.expression, lambda row: row.id),)
    rows = session().scalars(paging.after(_in_scope(viewer, permission, status), keys, cursor)).all()
    return paging.page(rows, keys)


def count_in_scope(viewer: Viewer, permission: Permission) -> dict[SellerStatus, int]:
    """How many sellers in the viewer's scope are in each status, zeros included."""
    statement = select(Seller.status, func.count()).where(_is_in_scope(viewer, permission)).group_by(Seller.status)
    counted = dict.fromkeys(SellerStatus, 0)
    for status, number in session().execute(statement):
        counted[status] = number
    return counted


def seller_in_scope(seller_id: int, viewer: Viewer, permission: Permission, *, lock: bool = False) -> Seller:
    """The seller, if it lies where the viewer holds the permission. Raises `NotFound` otherwise."""
    return _one(select(Seller).where(Seller.id == seller_id, _is_in_scope(viewer, permission)), lock=lock)


def is_member(person_id: int, seller_id: int) -> bool:
    """Whether the person acts for the seller."""
    statement = select(Membership.id).where(
        Membership.person_id == person_id, Membership.seller_id == seller_id, Membership.ended_at.is_(None)
    )
    return session().scalars(statement).first() is not None


def led_by(person_id: int) -> list[Seller]:
    """The sellers whose contact the person is, oldest first."""
    return list(session().scalars(select(Seller).where(Seller.contact_person_id == person_id).order_by(Seller.id)))


def people_of(seller_id: int) -> Sequence[Person]:
    """Those who act for the seller."""
    statement = (
        select(Person)
        .join(Membership, Membership.person_id == Person.id)
        .where(Membership.seller_id == seller_id, Membership.ended_at.is_(None))
        .order_by(Person.id)
    )
    return session().scalars(statement).all()


def household_of(seller_id: int) -> Household | None:
    """The household behind the seller, if it is one."""
    return session().get(Household, seller_id)


def history_of(seller_id: int) -> Sequence[StatusChange]:
    """The steps of the seller's life, the first one first."""
    statement = select(StatusChange).where(StatusChange.seller_id == seller_id).order_by(StatusChange.id)
    return session().scalars(statement).all()


def own_seller(seller_id: int, viewer: Viewer, *, lock: bool = False) -> Seller:
    """The seller, if the viewer acts for it. Raises `NotFound`."""
    mine = select(Membership.seller_id).where(Membership.person_id == viewer.person_id, Membership.ended_at.is_(None))
    return _one(select(Seller).where(Seller.id == seller_id, Seller.id.in_(mine)), lock=lock)


def waiting_change(seller_id: int, *, lock: bool = False) -> SellerChange | None:
    """What the seller's people want changed about it, if it waits for the township."""
    statement = select(SellerChange).where(
        SellerChange.seller_id == seller_id, SellerChange.state == ChangeState.WAITING
    )
    return session().scalars(locked(statement) if lock else statement).one_or_none()


def change(change_id: int) -> SellerChange:
    """One change, whatever its state."""
    return session().get_one(SellerChange, change_id)


def changes_of(seller_id: int) -> Sequence[SellerChange]:
    """What its people ever wanted changed, the newest first, twenty at most."""
    statement = select(SellerChange).where(SellerChange.seller_id == seller_id).order_by(SellerChange.id.desc())
    return session().scalars(statement.limit(20)).all()


def waiting_changes_in_scope(viewer: Viewer, permission: Permission) -> Select[SellerChange, Seller]:
    """The changes that wait where the viewer holds the permission, each with its seller."""
    return (
        select(SellerChange, Seller)
        .join(Seller, Seller.id == SellerChange.seller_id)
        .where(SellerChange.state == ChangeState.WAITING, _is_in_scope(viewer, permission))
    )


def resident_id_of(person_id: int) -> ResidentId | None:
    """The sealed ID of the person, if one is kept."""
    return session().get(ResidentId, person_id)


def count_by_township(day: date) -> dict[str, int]:
    """The register at the end of a Shanghai day: sellers verified by then and not closed by then.

    One number for each present township, zeros included; sellers under a retired code count under its successor.
    """
    now_under = townships.present_codes()
    counted: Counter[str] = Counter(dict.fromkeys(now_under.values(), 0))
    for code, number in session().execute(
        select(Seller.township_code, func.count()).where(_stood_on(day)).group_by(Seller.township_code)
    ):
        counted[now_under[code]] += number
    return dict(sorted(counted.items()))


def registered_on(day: date) -> Select[Seller]:
    """The sellers that `count_by_township` counts, for opening the figure; oldest verification first."""
    return select(Seller).where(_stood_on(day)).order_by(Seller.verified_at, Seller.id)


def _stood_on(day: date) -> ColumnElement[bool]:
    end = clock.end_of(day)
    closed = select(StatusChange.id).where(
        StatusChange.seller_id == Seller.id, StatusChange.new == SellerStatus.CLOSED, StatusChange.at < end
    )
    return (Seller.verified_at < end) & ~closed.exists()


def _in_scope(viewer: Viewer, permission: Permission, status: SellerStatus | None) -> Select[Seller]:
    statement = select(Seller).where(_is_in_scope(viewer, permission))
    return statement if status is None else statement.where(Seller.status == status)


def _is_in_scope(viewer: Viewer, permission: Permission) -> ColumnElement[bool]:
    codes = viewer.townships(permission)
    return true() if codes is None else Seller.township_code.in_(townships.lineages(codes))


def _one(statement: Select[Seller], *, lock: bool) -> Seller:
    found = session().scalars(locked(statement) if lock else statement).one_or_none()
    if found is None:
        raise NotFound()
    return found

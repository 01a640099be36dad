"""The mark of origin 柳林红枣: who may use it, and since when.

Source: 柳林红枣 地理标志产品, AGI2010-02-00212; users of the mark apply to the county and get an authorisation number.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final

from sqlalchemy import select

from app import audit
from app.kernel import clock
from app.kernel.db import locked, session
from app.kernel.errors import NotFound
from app.kernel.permissions import Viewer
from app.people.accounts import wording
from app.people.growers import queries as growers
from app.people.growers.errors import OwnMatter
from app.people.growers.models import Seller
from app.trade.catalog.errors import (
    BadMarkDays,
    MarkNotAuthorised,
    MarkNumberInUse,
    MarkSellerNotActive,
    UnknownMarkSeller,
)
from app.trade.catalog.models import MarkUser

NAME: Final = "柳林红枣"
NUMBER: Final = "AGI2010-02-00212"
VARIETIES: Final = frozenset({"mumuzao", "muzao", "yazao", "jinchang-yihao", "liulin-tuanzao"})
"""The kinds that the entry of the mark names. Source: 柳林红枣 GI entry."""


@dataclass(frozen=True, slots=True)
class Authorisation:
    """What the county has decided about a seller: the number, and the first and last day on which it counts."""

    number: str
    valid_from: date
    valid_to: date


@dataclass(frozen=True, slots=True)
class Listed:
    """An authorisation as the desk lists it."""

    user: MarkUser
    seller_name: str
    seller_slug: str
    is_in_force: bool


def seller_called(text: str) -> Seller:
    """The seller with this name, or with this last part of his shop's address. Raises `UnknownMarkSeller`."""
    found = session().scalars(select(Seller).where((Seller.name == text) | (Seller.slug == text)).limit(2)).all()
    if len(found) != 1:
        raise UnknownMarkSeller(field="seller")
    return found[0]


def record(seller_id: int, said: Authorisation, *, by: Viewer) -> MarkUser:
    """The seller may use the mark on those days.

    Raises `NotFound`, `OwnMatter` for whoever acts for the seller, `MarkSellerNotActive`, `BadMarkDays`,
    `MarkNumberInUse`.
    """
    seller = growers.seller(seller_id)
    if growers.is_member(by.person_id, seller.id):
        raise OwnMatter()
    if not seller.is_active:
        raise MarkSellerNotActive(field="seller")
    if said.valid_to < said.valid_from or said.valid_to < clock.today():
        raise BadMarkDays(field="valid_to")
    in_use = select(MarkUser.id).where(MarkUser.number == said.number, MarkUser.ended_at.is_(None))
    if session().scalars(in_use).first() is not None:
        raise MarkNumberInUse(field="number")
    user = MarkUser(
        seller_id=seller.id,
        number=said.number,
        valid_from=said.valid_from,
        valid_to=said.valid_to,
        recorded_at=clock.now(),
        recorded_by=by.actor,
    )
    session().add(user)
    session().flush()
    audit.note("mark.authorised", f"seller:{seller.id}", by=by.actor, number=user.number, until=str(user.valid_to))
    return user


def end(user_id: int, *, because: str, by: Viewer) -> None:
    """The seller may not use the mark any more, as far as this authorisation goes.

    Raises `NotFound` also when it has ended, `OwnMatter`, `ReasonMissing`.
    """
    statement = locked(select(MarkUser).where(MarkUser.id == user_id, MarkUser.ended_at.is_(None)))
    user = session().scalars(statement).one_or_none()
    if user is None:
        raise NotFound()
    if growers.is_member(by.person_id, user.seller_id):
        raise OwnMatter()
    user.because = wording.reason(because)
    user.ended_at, user.ended_by = clock.now(), by.actor
    audit.note("mark.ended", f"seller:{user.seller_id}", by=by.actor, number=user.number, because=user.because)


def authorisation_of(seller_id: int) -> MarkUser | None:
    """The authorisation under which the seller may use the mark today, if there is one."""
    today = clock.today()
    statement = (
        select(MarkUser)
        .where(MarkUser.seller_id == seller_id, MarkUser.ended_at.is_(None))
        .where(MarkUser.valid_from <= today, MarkUser.valid_to >= today)
        .order_by(MarkUser.id.desc())
        .limit(1)
    )
    return session().scalars(statement).first()


def refuse_unless_authorised(seller_id: int) -> None:
    """Raises `MarkNotAuthorised` when the seller may not use the mark today."""
    if authorisation_of(seller_id) is None:
        raise MarkNotAuthorised(field="bears_mark")


def listed() -> Sequence[Listed]:
    """The authorisations that were ever recorded, the newest first, two hundred at most; one query."""
    today = clock.today()
    statement = (
        select(MarkUser, Seller.name, Seller.slug)
        .join(Seller, Seller.id == MarkUser.seller_id)
        .order_by(MarkUser.id.desc())
        .limit(200)
    )
    return [
        Listed(user, name, slug, user.ended_at is None and user.valid_from <= today <= user.valid_to)
        for user, name, slug in session().execute(statement)
    ]

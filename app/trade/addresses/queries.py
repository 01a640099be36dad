"""Reading the address book, always through its owner."""

from __future__ import annotations

from dataclasses import dataclass, field

from sqlalchemy import select

from app.kernel.db import locked, session
from app.kernel.errors import NotFound
from app.kernel.permissions import Viewer
from app.people.accounts.phones import masked
from app.people.accounts.sealing import vault
from app.trade.addresses.models import Address


@dataclass(frozen=True, slots=True)
class Place:
    """An address in clear, for its owner."""

    consignee: str = field(repr=False)
    phone: str = field(repr=False)
    province_code: str
    street: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Kept:
    """An address of the book in clear, with the name under which it is kept."""

    code: str
    place: Place
    is_default: bool

    @property
    def phone_masked(self) -> str:
        """138****5678."""
        return masked(self.place.phone)


def of_viewer(who: Viewer) -> list[Kept]:
    """His addresses, the default first, then the one changed last."""
    mine = select(Address).where(Address.person_id == who.person_id)
    rows = session().scalars(mine.order_by(Address.is_default.desc(), Address.changed_at.desc(), Address.id.desc()))
    return [Kept(row.code, opened(row), row.is_default) for row in rows]


def address_of(who: Viewer, code: str, *, lock: bool = False) -> Address:
    """One of his addresses. Raises `NotFound`."""
    statement = select(Address).where(Address.code == code, Address.person_id == who.person_id)
    found = session().scalars(locked(statement) if lock else statement).one_or_none()
    if found is None:
        raise NotFound()
    return found


def opened(row: Address) -> Place:
    """The address in clear. Raises `Undecipherable`."""
    safe = vault()
    return Place(
        safe.unseal(row.consignee_sealed, field="addresses.consignee", row=row.code),
        safe.unseal(row.phone_sealed, field="addresses.phone", row=row.code),
        row.province_code,
        safe.unseal(row.street_sealed, field="addresses.street", row=row.code),
    )

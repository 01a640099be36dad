"""Acts on the address book: each by its owner, one at a time."""

from __future__ import annotations

from sqlalchemy import select

from app import audit
from app.kernel import clock, ids
from app.kernel.db import locked, session
from app.kernel.permissions import Viewer
from app.people.accounts import queries as people
from app.people.accounts.sealing import vault
from app.trade.addresses import queries
from app.trade.addresses.errors import BookFull
from app.trade.addresses.models import Address
from app.trade.addresses.queries import Place

MOST = 20


def keep(place: Place, *, is_default: bool = False, by: Viewer) -> Address:
    """The address is in his book, once; the first one is the default, and so is this one if he says so.

    One that is there already word for word is given back. Raises `BookFull`.
    """
    mine = _book(by)
    same = [row for row in mine if queries.opened(row) == place]
    if not same and len(mine) >= MOST:
        raise BookFull(most=MOST)
    row = same[0] if same else _new(place, by=by)
    if is_default or not mine:
        _make_default(row, mine)
    return row


def change(code: str, place: Place, *, is_default: bool, by: Viewer) -> Address:
    """His address says this from now on; orders that were sent to it stay as they were. Raises `NotFound`."""
    mine = _book(by)
    row = queries.address_of(by, code)
    _seal(row, place)
    if is_default:
        _make_default(row, mine)
    session().flush()
    audit.note("addresses.changed", f"address:{code}", by=by.actor)
    return row


def make_default(code: str, *, by: Viewer) -> Address:
    """Checkout begins with this address from now on. Raises `NotFound`."""
    mine = _book(by)
    row = queries.address_of(by, code)
    _make_default(row, mine)
    audit.note("addresses.default", f"address:{code}", by=by.actor)
    return row


def delete(code: str, *, by: Viewer) -> None:
    """The address is gone, sealed values and all; if it was the default, the one changed last takes its place.

    Raises `NotFound`. Source: 个人信息保护法 art. 47.
    """
    mine = _book(by)
    row = queries.address_of(by, code)
    session().delete(row)
    session().flush()
    rest = [one for one in mine if one is not row]
    if row.is_default and rest:
        _make_default(max(rest, key=lambda one: (one.changed_at, one.id)), rest)
    audit.note("addresses.deleted", f"address:{code}", by=by.actor)


def _book(by: Viewer) -> list[Address]:
    """All his addresses, while nobody else of his windows changes them."""
    people.person(by.person_id, lock=True)
    mine = select(Address).where(Address.person_id == by.person_id).order_by(Address.id)
    return list(session().scalars(locked(mine)))


def _new(place: Place, *, by: Viewer) -> Address:
    row = Address(
        code=ids.code(12).lower(),
        person_id=by.person_id,
        consignee_sealed=b"",
        phone_sealed=b"",
        street_sealed=b"",
        province_code=place.province_code,
        changed_at=clock.now(),
    )
    _seal(row, place)
    session().add(row)
    session().flush()
    audit.note("addresses.kept", f"address:{row.code}", by=by.actor)
    return row


def _seal(row: Address, place: Place) -> None:
    safe = vault()
    row.consignee_sealed = safe.seal(place.consignee, field="addresses.consignee", row=row.code)
    row.phone_sealed = safe.seal(place.phone, field="addresses.phone", row=row.code)
    row.street_sealed = safe.seal(place.street, field="addresses.street", row=row.code)
    row.province_code, row.changed_at = place.province_code, clock.now()


def _make_default(row: Address, mine: list[Address]) -> None:
    for other in mine:
        other.is_default = False
    # No two defaults at any moment, which the database holds.
    session().flush()
    row.is_default = True
    session().flush()

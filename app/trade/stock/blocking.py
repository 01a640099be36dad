"""Taking recalled lots out of sale in the books, and putting them back.

What is free leaves the stock; what is held for an order stays until the order is called off or shipped, and then goes
the same way. Everybody here holds the lots' rows locked before the books are moved.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, replace

from sqlalchemy import select

from app.kernel.db import session
from app.ledger import books
from app.ledger.books import queries as balances
from app.ledger.books.models import OpenHold
from app.ledger.books.movements import Kind, Movement, Place, Post, Role, Void
from app.trade.catalog.models import Pack
from app.trade.lots import queries as lots
from app.trade.lots.models import Lot
from app.trade.stock import accounts
from app.trade.stock import service as stock
from app.trade.stock.models import PackedLot


@dataclass(frozen=True, slots=True)
class Packed:
    """Where the pieces of a pack from one lot lie, and their grams."""

    pack: Pack
    stock: Place
    grams: Place


def block(stopped: Sequence[Lot], *, by: str, subject: str, key: str) -> None:
    """Whatever is free of these locked lots, loose or packed, is out of sale from now on; the books come last.

    A buyer who holds some at the same moment either has finished before, or finds nothing.
    """
    packed = list(_packed(stopped))
    loose = [stock.loose_place(lot) for lot in stopped]
    places = [*loose, *(place for one in packed for place in (one.stock, one.grams))]
    found = books.still([*places, *map(blocked, places)])
    movements: list[Movement] = list(found.voids)
    for one in packed:
        movements += _out_of_sale(one, found.free(one.stock))
    movements += [Post(blocked(place), place, found.free(place)) for place in loose if found.free(place)]
    if movements:
        books.record(accounts.LOT_RECALLED, movements, by=by, subject=subject, key=key)


def unblock(freed: Sequence[Lot], *, by: str, subject: str, key: str) -> None:
    """What lies blocked of these locked lots is for sale again."""
    _empty(freed, accounts.RECALL_LIFTED, by=by, subject=subject, key=key)


def dispose(spoilt: Sequence[Lot], *, by: str, subject: str, key: str) -> None:
    """What lies blocked of these locked lots is gone for good."""
    _empty(spoilt, accounts.RECALL_DISPOSED, by=by, subject=subject, key=key)


def _empty(of: Sequence[Lot], kind: Kind, *, by: str, subject: str, key: str) -> None:
    packed = list(_packed(of))
    loose = [stock.loose_place(lot) for lot in of]
    is_loss = kind is accounts.RECALL_DISPOSED
    places = [*loose, *(place for one in packed for place in (one.stock, one.grams))]
    targets = [_lost(place) if is_loss else place for place in places]
    found = books.still([*map(blocked, places), *targets])
    movements = [
        Post(target, blocked(place), found.free(blocked(place)))
        for place, target in zip(places, targets, strict=True)
        if found.free(blocked(place))
    ]
    if movements:
        books.record(kind, movements, by=by, subject=subject, key=key)


def given_up(holds: Collection[int]) -> list[Movement]:
    """Voids of open holds; what they kept of a recalled lot leaves the stock in the same event. Locks the lots."""
    rows = (
        session()
        .execute(
            select(OpenHold.transfer_id, OpenHold.amount, PackedLot.lot_id, Pack)
            .join(PackedLot, PackedLot.account_id == OpenHold.credit_id)
            .join(Pack, Pack.id == PackedLot.pack_id)
            .where(OpenHold.transfer_id.in_(holds))
            .order_by(OpenHold.transfer_id)
        )
        .all()
    )
    recalled = {lot.id: lot for lot in lots.locked_lots({lot for _, _, lot, _ in rows}) if lot.is_recalled}
    movements: list[Movement] = [Void(hold) for hold in sorted(holds)]
    for _hold, amount, lot_id, pack in rows:
        if lot_id in recalled:
            movements += _out_of_sale(_packed_one(pack, lot_id), amount)
    return movements


def free_expired(*, by: str, limit: int = 500) -> int:
    """Give up holds whose time is over, oldest first; how many."""
    gone = balances.expired_holds(limit=limit)
    if gone:
        books.record(
            accounts.HOLDS_EXPIRED,
            given_up([hold.transfer_id for hold in gone]),
            by=by,
            subject="",
            key=f"holds.expired:{gone[0].transfer_id}:{gone[-1].transfer_id}:{len(gone)}",
        )
    return len(gone)


def blocked(place: Place) -> Place:
    """Where what lay in a place of the store lies once it is blocked."""
    return replace(place, role=accounts.BLOCKED if place.role == accounts.STOCK else accounts.BLOCKED_GRAMS)


def in_store(lot: Lot) -> list[Packed]:
    """The packs that were filled from a lot, with where their pieces lie."""
    return list(_packed([lot]))


def _lost(place: Place) -> Place:
    role: Role = accounts.LOSS if place.role == accounts.STOCK else accounts.LOSS_GRAMS
    return Place(place.goods, role, place.party, place.township)


def _packed(of: Sequence[Lot]) -> Iterator[Packed]:
    rows = session().execute(
        select(Pack, PackedLot.lot_id)
        .join(PackedLot, PackedLot.pack_id == Pack.id)
        .where(PackedLot.lot_id.in_([lot.id for lot in of]))
        .order_by(PackedLot.id)
    )
    for pack, lot_id in rows:
        yield _packed_one(pack, lot_id)


def _packed_one(pack: Pack, lot_id: int) -> Packed:
    place = accounts.stock_place(pack_id=pack.id, seller_id=pack.seller_id, township=pack.township_code, lot_id=lot_id)
    return Packed(pack, place, stock.packed_grams_place(pack, lot_id=lot_id))


def _out_of_sale(one: Packed, pieces: int) -> list[Movement]:
    if pieces <= 0:
        return []
    grams = (one.pack.net * pieces).grams
    return [Post(blocked(one.stock), one.stock, pieces), Post(blocked(one.grams), one.grams, grams)]

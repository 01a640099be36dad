"""Acts on stock: fruit comes in and is packed, pieces are held, taken out, and freed when their time is over."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select

from app import audit
from app.kernel import clock
from app.kernel.db import session
from app.kernel.errors import DomainError
from app.ledger import books
from app.ledger.books import queries as balances
from app.ledger.books.movements import Act, Hold, Movement, Place, Post, Void
from app.people.growers.models import Seller
from app.trade.catalog.models import Pack
from app.trade.lots import queries as lot_queries
from app.trade.lots import service as lots
from app.trade.lots.models import Lot
from app.trade.stock import accounts, origin, queries
from app.trade.stock.errors import NotThatMany, OtherFruit, SoldOut
from app.trade.stock.models import PackedLot

_FREED_AT_ONCE = 200


def pack_lot(pack: Pack, seller: Seller, harvest: lots.Harvest, *, pieces: int, by: str) -> Lot:
    """Take in a lot of exactly these pieces and pack it: one event for the weight, one for the packing.

    Afterwards `pieces` more can be sold, and pieces × net weight lies packed. Raises what `lots.take_in` raises, and
    `MarkNotAuthorised` and `MarkShort` for a pack that bears the mark of origin.
    """
    lot = lots.take_in(seller, harvest, weight=pack.net * pieces, by=by)
    receive(lot, by=by)
    _pack(pack, lot, pieces=pieces, loose=lot.weight_in.grams, by=by, key=f"lot.packed:{lot.code}")
    return lot


def receive(lot: Lot, *, by: str) -> None:
    """The lot that was taken in lies loose in its seller's store, with all its weight."""
    act = _receipt(lot)
    books.record(act.kind, act.movements, by=by, subject=act.subject, key=act.key)


def receive_all(taken_in: Sequence[Lot], *, by: str) -> None:
    """The same for many lots, written at once; nothing else may go into the books in this transaction after it."""
    books.record_all([_receipt(lot) for lot in taken_in], by=by)


def _receipt(lot: Lot) -> Act:
    supplied = Place(
        accounts.fruit(lot.variety_key, lot.grade_key),
        accounts.SUPPLIED,
        accounts.seller_party(lot.seller_id),
        lot.township_code,
    )
    return Act(
        accounts.LOT_RECEIVED,
        (Post(loose_place(lot), supplied, lot.weight_in.grams), *origin.issued(lot)),
        subject=f"lot:{lot.code}",
        key=f"lot.received:{lot.code}",
    )


def pack(pack: Pack, lot: Lot, *, pieces: int, by: str, key: str) -> None:
    """Pieces of a pack are filled from a loose lot of the same seller, variety and grade; `key` makes it happen once.

    The caller holds the lot locked (`lots.queries.locked_lots`). Raises `LotRecalled`, `LotExpired`, `OtherFruit`,
    `MarkNotAuthorised` and `MarkShort` for a pack that bears the mark, and `FloorBroken` when less lies loose.
    """
    lot_queries.refuse_unless_usable(lot)
    if (lot.seller_id, lot.variety_key, lot.grade_key) != (pack.seller_id, pack.variety_key, pack.grade_key):
        raise OtherFruit(field="pack")
    _pack(pack, lot, pieces=pieces, loose=balances.balance(loose_place(lot)).free, by=by, key=key)


def _pack(pack: Pack, lot: Lot, *, pieces: int, loose: int, by: str, key: str) -> None:
    stock = accounts.stock_place(pack_id=pack.id, seller_id=pack.seller_id, township=pack.township_code, lot_id=lot.id)
    source = Place(stock.goods, accounts.PACKED, stock.party, stock.township)
    books.record(
        accounts.LOT_PACKED,
        [
            Post(packed_grams_place(pack, lot_id=lot.id), loose_place(lot), (pack.net * pieces).grams),
            Post(stock, source, pieces),
            *origin.used(pack, lot, pieces=pieces, loose=loose),
        ],
        by=by,
        subject=f"lot:{lot.code}",
        key=key,
    )
    account_id, _commodity = books.ensure_accounts([stock])[stock]
    current = session()
    is_there = select(PackedLot.id).where(PackedLot.account_id == account_id)
    if current.scalars(is_there).first() is None:
        current.add(PackedLot(pack_id=pack.id, lot_id=lot.id, account_id=account_id))
        current.flush()


def loose_place(lot: Lot) -> Place:
    """Where the grams of a lot lie that are in no pack."""
    return Place(
        accounts.fruit(lot.variety_key, lot.grade_key),
        accounts.LOOSE,
        accounts.seller_party(lot.seller_id),
        lot.township_code,
        subject=f"lot:{lot.id}",
    )


def packed_grams_place(pack: Pack, *, lot_id: int) -> Place:
    """Where the grams of a pack's pieces from a lot lie."""
    return Place(
        accounts.fruit(pack.variety_key, pack.grade_key),
        accounts.PACKED_GRAMS,
        accounts.seller_party(pack.seller_id),
        pack.township_code,
        subject=f"lot:{lot_id}/pack:{pack.id}",
    )


def take_out(pack: Pack, *, pieces: int, by: str, because: str, key: str) -> None:
    """Pieces leave the store unsold: eaten, spoilt, given away. Those past their day leave first, then the last to
    go bad.

    What was recalled is not his to take. Raises `NotThatMany` when fewer lie free.
    """
    free = [row for row in queries.in_store_by_lot([pack.id]) if row.free > 0 and not row.is_recalled]
    if sum(row.free for row in free) < pieces:
        raise NotThatMany(left=sum(row.free for row in free), field="pieces")
    today = clock.today()
    movements: list[Movement] = []
    lacks: dict[int, int] = {}
    left = pieces
    for row in sorted(free, key=lambda row: (row.best_before > today, today - row.best_before, -row.lot_id)):
        part = min(left, row.free)
        if part:
            movements += _loss(pack, lot_id=row.lot_id, pieces=part)
            lacks[row.account_id] = row.lack(part)
        left -= part
    books.record(accounts.STOCK_WITHDRAWN, [*_given_up(lacks), *movements], by=by, subject=f"pack:{pack.slug}", key=key)
    audit.note("stock.withdrawn", f"pack:{pack.slug}", by=by, because=because, pieces=pieces)


def _given_up(lacks: Mapping[int, int]) -> list[Void]:
    """Voids of holds whose time is over, oldest first, that free as many pieces as each account lacks, and more."""
    return [
        Void(hold.transfer_id)
        for account_id, lack in lacks.items()
        if lack
        for hold in balances.expired_holds(limit=max(lack, _FREED_AT_ONCE), of_accounts=[account_id])
    ]


def _loss(pack: Pack, *, lot_id: int, pieces: int) -> list[Movement]:
    stock = accounts.stock_place(pack_id=pack.id, seller_id=pack.seller_id, township=pack.township_code, lot_id=lot_id)
    grams = packed_grams_place(pack, lot_id=lot_id)
    return [
        Post(Place(stock.goods, accounts.LOSS, stock.party, stock.township), stock, pieces),
        Post(Place(grams.goods, accounts.LOSS_GRAMS, grams.party, grams.township), grams, (pack.net * pieces).grams),
    ]


@dataclass(frozen=True, slots=True)
class Wish:
    """Pieces of a pack that somebody wants."""

    pack: Pack
    pieces: int


@dataclass(frozen=True, slots=True)
class Kept:
    """What keeps an order's goods: stale holds to give up, and a new hold for each lot that gives some."""

    voids: list[Void]
    holds: list[Hold]


def keep(wishes: Sequence[Wish], *, until: datetime | None) -> Kept:
    """The movements that hold the wished pieces, first-expired lots first; the caller records them in one event.

    A sold-out pack is refused by a plain read, before any lock. Holds whose time is over are given up in the same
    event where their pieces are needed. Two wishes for one pack count together. Raises `SoldOut`.
    """
    free = queries.free_by_lot(sorted({wish.pack.id for wish in wishes}))
    left = {row.account_id: row.free for row in free}
    holds: dict[tuple[int, int], Hold] = {}
    for wish in wishes:
        missing = wish.pieces
        for row in (row for row in free if row.pack_id == wish.pack.id and left[row.account_id] > 0):
            part = min(missing, left[row.account_id])
            if part == 0:
                break
            left[row.account_id] -= part
            missing -= part
            earlier = holds.get((wish.pack.id, row.lot_id))
            holds[wish.pack.id, row.lot_id] = hold(
                wish.pack, lot_id=row.lot_id, pieces=part + (earlier.amount if earlier else 0), until=until
            )
        if missing:
            raise SoldOut(title=wish.pack.title, left=wish.pieces - missing)
    lacks = {row.account_id: row.lack(row.free - left[row.account_id]) for row in free}
    return Kept(_given_up(lacks), list(holds.values()))


def hold(pack: Pack, *, lot_id: int, pieces: int, until: datetime | None) -> Hold:
    """The hold of some pieces of a pack from one lot; the caller records it."""
    stock = accounts.stock_place(pack_id=pack.id, seller_id=pack.seller_id, township=pack.township_code, lot_id=lot_id)
    return Hold(Place(stock.goods, accounts.SOLD, stock.party, stock.township), stock, pieces, until)


class StockGone(DomainError):
    """A hold's lot cannot be told: a mistake in our books."""

    code = "stock_gone"
    status = 500
    sentence = "库存账目对不上，请联系县管理员。"


def lot_of(place_subject: str) -> int:
    """The lot that a stock account's subject names, `lot:12@store#shop`. Raises `StockGone`."""
    try:
        return int(place_subject.removeprefix("lot:").partition("@")[0])
    except ValueError as error:
        raise StockGone() from error

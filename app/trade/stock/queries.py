"""Reading stock: how many pieces of a pack are free to sell, and from which lots."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import bindparam, func, select

from app.kernel import clock
from app.kernel.db import session
from app.ledger.books.models import Account
from app.ledger.books.queries import expired_amount
from app.trade.lots import codes
from app.trade.lots.models import Lot
from app.trade.stock.models import PackedLot


@dataclass(frozen=True, slots=True)
class FreePieces:
    """Pieces of a pack from one lot that nobody has held, counting holds whose time is over as free."""

    pack_id: int
    lot_id: int
    account_id: int
    best_before: date
    is_recalled: bool
    free: int
    expired: int

    def lack(self, pieces: int) -> int:
        """How many of so many pieces are still under holds whose time is over."""
        return max(0, pieces - (self.free - self.expired))


def free_by_lot(pack_ids: Sequence[int]) -> list[FreePieces]:
    """Free pieces by lot, the lot that goes bad first first. Lots past their day or recalled are left out."""
    today = clock.today()
    return [row for row in in_store_by_lot(pack_ids) if row.best_before > today and not row.is_recalled]


def in_store_by_lot(pack_ids: Sequence[int]) -> list[FreePieces]:
    """The same with the lots past their day, which nobody can order but somebody must take out."""
    rows = session().execute(_IN_STORE, {"packs": list(pack_ids)})
    return [
        FreePieces(pack, lot, account, best_before, recalled_at is not None, int(left) + int(gone), int(gone))
        for pack, lot, account, best_before, recalled_at, left, gone in rows
    ]


_IN_STORE = (
    select(
        PackedLot.pack_id,
        PackedLot.lot_id,
        Account.id,
        Lot.best_before,
        Lot.recalled_at,
        Account.dr - Account.cr - Account.cr_held,
        expired_amount(Account.id),
    )
    .join(Account, Account.id == PackedLot.account_id)
    .join(Lot, Lot.id == PackedLot.lot_id)
    .where(PackedLot.pack_id.in_(bindparam("packs", expanding=True)))
    .order_by(PackedLot.pack_id, Lot.best_before, Lot.id)
)


def available(pack_ids: Sequence[int]) -> dict[int, int]:
    """Pack id → pieces that can be ordered now, 0 where there is nothing; one query."""
    found = dict.fromkeys(pack_ids, 0)
    for row in free_by_lot(pack_ids):
        found[row.pack_id] += row.free
    return found


@dataclass(frozen=True, slots=True)
class LotFacts:
    """What a buyer is told of a lot that he may get; `code` as labels carry it."""

    code: str
    village_name: str
    harvest_year: int
    best_before: date


def lots_on_sale(pack_id: int) -> list[LotFacts]:
    """The lots from which the pack is sent now, the first to go first."""
    statement = (
        select(Lot)
        .join(PackedLot, PackedLot.lot_id == Lot.id)
        .join(Account, Account.id == PackedLot.account_id)
        .where(
            PackedLot.pack_id == pack_id,
            Account.dr > Account.cr,
            Lot.best_before > clock.today(),
            Lot.recalled_at.is_(None),
        )
        .order_by(Lot.best_before, Lot.id)
        .limit(5)
    )
    return [
        LotFacts(codes.signed(lot.code), lot.village_name, lot.harvest_year, lot.best_before)
        for lot in session().scalars(statement)
    ]


def on_hand(pack_ids: Sequence[int]) -> dict[int, tuple[int, int]]:
    """Pack id → (pieces in store, pieces held for orders), expired lots included, for their seller."""
    statement = (
        select(PackedLot.pack_id, func.sum(Account.dr - Account.cr), func.sum(Account.cr_held))
        .join(Account, Account.id == PackedLot.account_id)
        .where(PackedLot.pack_id.in_(pack_ids))
        .group_by(PackedLot.pack_id)
    )
    rows = {pack: (int(there), int(held)) for pack, there, held in session().execute(statement)}
    return {pack: rows.get(pack, (0, 0)) for pack in pack_ids}

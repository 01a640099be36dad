"""Reading lots: by code, through their seller, and along the line of what went into what."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from sqlalchemy import select

from app.kernel import clock
from app.kernel.db import locked, session
from app.kernel.errors import NotFound
from app.kernel.permissions import Permission, Viewer
from app.trade.lots.errors import LotExpired, LotRecalled, UnknownLot
from app.trade.lots.models import Lot, LotSource


def newest_village(seller_id: int) -> str:
    """The village that the seller named for his newest lot; empty when he has none."""
    newest = select(Lot.village_name).where(Lot.seller_id == seller_id).order_by(Lot.id.desc()).limit(1)
    return session().scalars(newest).first() or ""


def by_code(code: str) -> Lot:
    """The lot, whoever asks. Raises `UnknownLot`."""
    found = session().scalars(select(Lot).where(Lot.code == code)).one_or_none()
    if found is None:
        raise UnknownLot()
    return found


def lot_of(who: Viewer, code: str, *, may: Permission) -> Lot:
    """A lot of a seller for whom he holds the permission. Raises `NotFound`."""
    statement = select(Lot).where(Lot.code == code, Lot.seller_id.in_(who.sellers(may)))
    found = session().scalars(statement).one_or_none()
    if found is None:
        raise NotFound()
    return found


def lots(lot_ids: Collection[int]) -> dict[int, Lot]:
    """Lot id → lot."""
    return {lot.id: lot for lot in session().scalars(select(Lot).where(Lot.id.in_(lot_ids)))}


def locked_lots(lot_ids: Collection[int]) -> list[Lot]:
    """The lots, locked one after another by id: packing, processing and recalling wait for each other here."""
    return list(session().scalars(locked(select(Lot).where(Lot.id.in_(sorted(set(lot_ids)))).order_by(Lot.id))))


def refuse_unless_usable(lot: Lot) -> None:
    """Raises `LotRecalled`, or `LotExpired` from its best-before day on."""
    if lot.is_recalled:
        raise LotRecalled(lot=lot.code)
    if lot.best_before <= clock.today():
        raise LotExpired(lot=lot.code, day=lot.best_before.isoformat())


def ancestors(lot_ids: Collection[int]) -> Sequence[LotSource]:
    """Everything that went into these lots, step by step back to the orchards; one query."""
    up = select(LotSource.id, LotSource.parent_id).where(LotSource.child_id.in_(lot_ids)).cte("up", recursive=True)
    up = up.union(select(LotSource.id, LotSource.parent_id).join(up, LotSource.child_id == up.c.parent_id))
    return session().scalars(select(LotSource).where(LotSource.id.in_(select(up.c.id))).order_by(LotSource.id)).all()


def descendants(lot_ids: Collection[int]) -> set[int]:
    """These lots and every lot that something of them went into; one query."""
    down = select(Lot.id).where(Lot.id.in_(lot_ids)).cte("down", recursive=True)
    down = down.union(select(LotSource.child_id).join(down, LotSource.parent_id == down.c.id))
    return set(session().scalars(select(down.c.id)))

"""Acts on recalls: stopping a lot with all that was made of it, letting it go again, and saying that it is gone."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import select

from app import audit
from app.kernel import clock, ids
from app.kernel.db import locked, session
from app.kernel.errors import NotFound
from app.kernel.events import emit
from app.kernel.permissions import Viewer
from app.people.growers import queries as growers
from app.trade.lots import queries as lots
from app.trade.lots.models import Lot
from app.trade.recalls.errors import AlreadyRecalled, MadeItHimself, OwnLot, ReasonMissing
from app.trade.recalls.events import RecallEnded, RecallMade
from app.trade.recalls.models import Recall, RecallLot
from app.trade.recalls.states import Level, RecallState
from app.trade.stock import blocking


def make(
    lot: Lot, *, level: Level, because: str, by: Viewer, by_seller: bool = False, is_sample: bool = False
) -> Recall:
    """The lot, and every lot that something of it went into, is out of sale from this transaction on.

    What is free leaves the stock; orders that hold some of it are called off, and their buyers told, afterwards. A lot
    that another recall has stopped stays with that one. Raises `AlreadyRecalled`, `ReasonMissing`.
    """
    if not because:
        raise ReasonMissing(field="because")
    stopped = _locked_line([lot.id])
    (first,) = (one for one in stopped if one.id == lot.id)
    if first.is_recalled:
        raise AlreadyRecalled()
    recall = Recall(
        number=ids.public_number("Z"),
        lot_id=first.id,
        seller_id=first.seller_id,
        township_code=first.township_code,
        level=level,
        because=because,
        made_by_id=by.person_id,
        made_at=clock.now(),
        by_seller=by_seller,
        is_sample=is_sample,
    )
    session().add(recall)
    session().flush()
    mine = [one for one in stopped if not one.is_recalled]
    for one in mine:
        one.recalled_at, one.recall_id = recall.made_at, recall.id
    session().add_all(RecallLot(recall_id=recall.id, lot_id=one.id) for one in mine)
    audit.note("recalls.made", recall.subject, by=by.actor, lot=first.code, lots=len(mine), because=because)
    emit(RecallMade(recall_id=recall.id))
    session().flush()
    # The books come last: from here to the commit whoever wants these lots waits.
    blocking.block(mine, by=by.actor, subject=recall.subject, key=f"lot.recalled:{recall.number}")
    return recall


def _locked_line(lot_ids: Sequence[int]) -> list[Lot]:
    """The lots with all that was made of them, locked; whoever is making more of them has finished, or waits."""
    known: set[int] = set()
    found: list[Lot] = []
    while (line := lots.descendants(lot_ids)) - known:
        found += lots.locked_lots(line - known)
        known |= line
    return found


def lift(number: str, *, because: str, by: Viewer) -> Recall:
    """The recall was not needed: its lots are for sale again, but for those that another recall stops.

    Raises `NotFound`, `IllegalMove`, `ReasonMissing`, `MadeItHimself`, `OwnLot`.
    """
    recall, mine = _ended(number, RecallState.LIFTED, because=because, by=by)
    kept = _kept_by_others(mine)
    for one in mine:
        one.recall_id = kept.get(one.id)
        if one.recall_id is None:
            one.recalled_at = None
        else:
            session().add(RecallLot(recall_id=one.recall_id, lot_id=one.id))
    session().flush()
    freed = [one for one in mine if not one.is_recalled]
    blocking.unblock(freed, by=by.actor, subject=recall.subject, key=f"lot.recall_lifted:{recall.number}")
    return recall


def finish(number: str, *, because: str, by: Viewer) -> Recall:
    """What lay blocked of it was made harmless or destroyed; its lots stay recalled for ever.

    Raises as `lift` does, but that who made it may also finish it.
    """
    recall, mine = _ended(number, RecallState.DONE, because=because, by=by)
    session().flush()
    blocking.dispose(mine, by=by.actor, subject=recall.subject, key=f"lot.disposed:{recall.number}")
    return recall


def _ended(number: str, state: RecallState, *, because: str, by: Viewer) -> tuple[Recall, list[Lot]]:
    recall = session().scalars(locked(select(Recall).where(Recall.number == number))).one_or_none()
    if recall is None:
        raise NotFound()
    if not because:
        raise ReasonMissing(field="because")
    if state is RecallState.LIFTED and recall.made_by_id == by.person_id:
        raise MadeItHimself()
    if growers.is_member(by.person_id, recall.seller_id):
        raise OwnLot()
    recall.end(state, because=because, by=by.person_id, at=clock.now())
    audit.note(f"recalls.{state.value}", recall.subject, by=by.actor, because=because)
    emit(RecallEnded(recall_id=recall.id))
    stopped = select(Lot.id).where(Lot.recall_id == recall.id)
    return recall, lots.locked_lots(session().scalars(stopped).all())


def _kept_by_others(mine: Sequence[Lot]) -> dict[int, int]:
    """Lot id → the recall of an earlier lot that went into it, for those of these lots that have one."""
    own = {one.id for one in mine}
    earlier = {source.parent_id for source in lots.ancestors(own)} - own
    kept: dict[int, int] = {}
    for one in sorted(lots.lots(earlier).values(), key=lambda lot: lot.id):
        if one.recall_id is not None:
            for lot_id in lots.descendants([one.id]) & own:
                kept.setdefault(lot_id, one.recall_id)
    return kept

"""Where what was bought lies in the store."""

from __future__ import annotations

from app import audit
from app.kernel.db import session
from app.kernel.errors import NotFound
from app.kernel.permissions import Viewer
from app.trade.intakes import queries, service
from app.trade.intakes.models import Intake
from app.trade.intakes.states import IntakeState
from app.trade.lots import queries as lot_queries
from app.trade.lots.models import Lot


def store(number: str, *, place: str, by: Viewer) -> Intake:
    """The lots of the delivery lie at that place in the store. Raises `NotFound`, `IllegalMove`."""
    intake = queries.intake_of_buyer(by, number, lock=True)
    intake.become(IntakeState.IN_STORE)
    intake.store_place = place
    actor = by.acting_for(intake.seller_id)
    service.step(intake, by=actor)
    for lot in lot_queries.locked_lots([line.lot_id for line in queries.lines_of(intake) if line.lot_id is not None]):
        _put(lot, place, by=actor)
    return intake


def put(number: str, code: str, *, place: str, by: Viewer) -> Lot:
    """One lot of a stored delivery lies somewhere else from now on. Raises `NotFound`."""
    intake = queries.intake_of_buyer(by, number, lock=True)
    if intake.state is not IntakeState.IN_STORE:
        raise NotFound()
    for lot in lot_queries.locked_lots([line.lot_id for line in queries.lines_of(intake) if line.lot_id is not None]):
        if lot.code == code:
            _put(lot, place, by=by.acting_for(intake.seller_id))
            return lot
    raise NotFound()


def _put(lot: Lot, place: str, *, by: str) -> None:
    audit.note("lots.stored", f"lot:{lot.code}", by=by, place=place, before=lot.store_place)
    lot.store_place = place
    session().flush()

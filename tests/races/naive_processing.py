"""What everybody writes first: a run without its guards. It must use the same grams twice, or races prove nothing."""

from __future__ import annotations

from collections.abc import Callable

from sqlalchemy import select

from app.kernel import clock, ids
from app.kernel.db import session, transaction
from app.kernel.weight import Weight
from app.ledger.books import queries as books
from app.trade.lots.models import Lot
from app.trade.processing.models import Run, RunInput
from app.trade.processing.states import Step
from app.trade.stock import service as stock
from app.trade.stock.errors import NotThatMuch


def look_then_use(code: str, grams: int, *, between: Callable[[], object]) -> None:
    """Look whether so much lies loose, and then write down that it was used; `between` is what others do meanwhile."""
    lot = session().scalars(select(Lot).where(Lot.code == code)).one()
    free = books.balance(stock.loose_place(lot)).free
    taken = session().query(RunInput).filter_by(lot_id=lot.id).count()
    lot_id, seller_id, township = lot.id, lot.seller_id, lot.township_code
    session().rollback()
    if taken or free < grams:
        raise NotThatMuch(lot=code, jin=str(free))
    between()
    with transaction() as current:
        run = Run(
            number=ids.public_number("G"),
            seller_id=seller_id,
            township_code=township,
            step=Step.SORT,
            done_on=clock.today(),
            loss=Weight(0),
            because="",
            created_at=clock.now(),
            created_by="naive",
        )
        current.add(run)
        current.flush()
        current.add(RunInput(run_id=run.id, lot_id=lot_id, used=Weight(grams), lost=Weight(0)))

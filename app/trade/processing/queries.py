"""Reading loose fruit and runs, through the person who asks."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from sqlalchemy import BigInteger, Text, cast, func, select, type_coerce
from sqlalchemy.orm import selectinload

from app.kernel import clock
from app.kernel.db import AnySelect, locked, session
from app.kernel.errors import NotFound
from app.kernel.paging import Key, Page, after, page
from app.kernel.permissions import Viewer
from app.kernel.weight import Weight
from app.ledger.books.models import Account, Commodity
from app.people.growers.models import Seller
from app.people.townships import queries as townships
from app.people.townships.models import Township
from app.trade.catalog.models import Grade, Pack, Variety
from app.trade.catalog.states import PackState
from app.trade.lots.models import Lot
from app.trade.processing.models import Run, RunInput, RunOutput
from app.trade.processing.permissions import PROCESSING_MAKE, PROCESSING_READ
from app.trade.stock.accounts import LOOSE

MOST_LISTED = 200
_BY_ID = (Key(Run.id, lambda row: row.Run.id, descending=True),)


def ids_of(seller_id: int, codes: Collection[str]) -> dict[str, int]:
    """Lot code → lot id, of those that are the seller's."""
    rows = session().execute(select(Lot.code, Lot.id).where(Lot.seller_id == seller_id, Lot.code.in_(codes)))
    return dict(rows.all())


@dataclass(frozen=True, slots=True)
class LooseLot:
    """A lot of which something lies in no pack."""

    lot: Lot
    variety_name: str
    grade_name: str
    seller_name: str
    loose: Weight
    days_in_store: int
    is_over: bool

    @property
    def is_usable(self) -> bool:
        """Whether it may be packed or processed."""
        return not self.is_over and not self.lot.is_recalled


def loose_lots(who: Viewer) -> list[LooseLot]:
    """The loose lots of the sellers for whom he works, the first to go bad first, two hundred at most; one query."""
    return _listed(_loose().where(Lot.seller_id.in_(who.sellers(PROCESSING_MAKE))))


def loose_lots_of(seller_id: int) -> list[LooseLot]:
    """The same of one seller."""
    return _listed(_loose().where(Lot.seller_id == seller_id))


def loose_lot(who: Viewer, code: str) -> LooseLot:
    """A lot of his, also one of which nothing lies loose any more. Raises `NotFound`."""
    mine = Lot.seller_id.in_(who.sellers(PROCESSING_MAKE))
    found = _listed(_named(is_outer=True).where(Lot.code == code, mine))
    if not found:
        raise NotFound()
    return found[0]


def _loose() -> AnySelect:
    return _named().where(Account.dr > Account.cr).order_by(Lot.best_before, Lot.id).limit(MOST_LISTED)


def _named(*, is_outer: bool = False) -> AnySelect:
    """Lots with their account of loose grams, which is found by its whole identity."""
    goods = Commodity.code == "fruit:" + Lot.variety_key + "/" + Lot.grade_key
    account = (
        (Account.commodity_id == Commodity.id)
        & (Account.role == LOOSE.name)
        & (Account.party == "seller:" + cast(Lot.seller_id, Text))
        & (Account.township == Lot.township_code)
        & (Account.programme == "")
        & (Account.subject == "lot:" + cast(Lot.id, Text))
    )
    return (
        select(Lot, Variety.name, Grade.name, Seller.name, func.coalesce(Account.dr - Account.cr, 0))
        .join(Variety, Variety.key == Lot.variety_key)
        .join(Grade, Grade.key == Lot.grade_key)
        .join(Seller, Seller.id == Lot.seller_id)
        .join(Commodity, goods, isouter=is_outer)
        .join(Account, account, isouter=is_outer)
    )


def _listed(statement: AnySelect) -> list[LooseLot]:
    today = clock.today()
    return [
        LooseLot(
            lot,
            variety,
            grade,
            seller,
            Weight(int(loose)),
            (today - lot.received_on).days,
            lot.best_before <= today,
        )
        for lot, variety, grade, seller, loose in session().execute(statement)
    ]


def packs_for(lot: Lot) -> Sequence[Pack]:
    """The packs of the lot's seller that promise just its fruit, the newest first, fifty at most."""
    statement = (
        select(Pack)
        .where(
            Pack.seller_id == lot.seller_id,
            Pack.variety_key == lot.variety_key,
            Pack.grade_key == lot.grade_key,
            Pack.state.in_((PackState.ON_SALE, PackState.OFF)),
        )
        .order_by(Pack.id.desc())
        .limit(50)
    )
    return session().scalars(statement).all()


def run_of(who: Viewer, number: str, *, lock: bool = False) -> Run:
    """A run of a seller for whom he works, with what went in and came out. Raises `NotFound`."""
    mine = select(Run).where(Run.number == number, Run.seller_id.in_(who.sellers(PROCESSING_MAKE)))
    return _one(locked(mine) if lock else mine)


def run_in_scope(who: Viewer, number: str) -> Run:
    """A run in his townships, with what went in and came out. Raises `NotFound`."""
    return _one(_within(select(Run).where(Run.number == number), who))


def _one(statement: AnySelect) -> Run:
    with_parts = statement.options(selectinload(Run.inputs), selectinload(Run.outputs))
    found: Run | None = session().scalars(with_parts).first()
    if found is None:
        raise NotFound()
    return found


@dataclass(frozen=True, slots=True)
class Row:
    """A run in a list."""

    run: Run
    seller_name: str
    township_name: str
    used: Weight


def page_of_seller(who: Viewer, *, cursor: str | None) -> Page[Row]:
    """Runs of the sellers for whom he works, the newest first. Raises `BadCursor`."""
    return _page(select(Run).where(Run.seller_id.in_(who.sellers(PROCESSING_MAKE))), cursor)


def page_in_scope(who: Viewer, *, cursor: str | None) -> Page[Row]:
    """Runs in his townships, the newest first. Raises `BadCursor`."""
    return _page(_within(select(Run), who), cursor)


def _within(statement: AnySelect, who: Viewer) -> AnySelect:
    codes = who.townships(PROCESSING_READ)
    return statement if codes is None else statement.where(Run.township_code.in_(townships.lineages(codes)))


def _page(statement: AnySelect, cursor: str | None) -> Page[Row]:
    grams = func.sum(type_coerce(RunInput.used, BigInteger))
    used = select(grams).where(RunInput.run_id == Run.id).scalar_subquery()
    named = (
        statement.join(Seller, Seller.id == Run.seller_id)
        .join(Township, Township.code == Run.township_code)
        .add_columns(Seller.name.label("seller"), Township.name.label("township"), used.label("used"))
    )
    found = page(session().execute(after(named, _BY_ID, cursor)).all(), _BY_ID)
    rows = [Row(row.Run, row.seller, row.township, Weight(int(row.used or 0))) for row in found.items]
    return Page(items=rows, next_cursor=found.next_cursor)


@dataclass(frozen=True, slots=True)
class Part:
    """A lot that went into a run or came out of it."""

    lot: Lot
    variety_name: str
    grade_name: str
    weight: Weight
    lost: Weight
    product_key: str | None = None


def parts_of(run: Run) -> tuple[list[Part], list[Part]]:
    """(what went in, what came out) with names; one query."""
    numbers = [one.lot_id for one in run.inputs] + [one.lot_id for one in run.outputs]
    statement = (
        select(Lot, Variety.name, Grade.name)
        .join(Variety, Variety.key == Lot.variety_key)
        .join(Grade, Grade.key == Lot.grade_key)
        .where(Lot.id.in_(numbers))
    )
    named = {lot.id: (lot, variety, grade) for lot, variety, grade in session().execute(statement)}
    inputs = [Part(*named[one.lot_id], one.used, one.lost) for one in run.inputs]
    outputs = [Part(*named[one.lot_id], one.made, Weight(0), one.product_key) for one in run.outputs]
    return inputs, outputs


def runs_with(lot: Lot) -> Sequence[Run]:
    """The runs that used or made the lot, the newest first."""
    uses = select(RunInput.run_id).where(RunInput.lot_id == lot.id)
    makes = select(RunOutput.run_id).where(RunOutput.lot_id == lot.id)
    statement = select(Run).where(Run.id.in_(uses.union(makes))).order_by(Run.id.desc()).limit(50)
    return session().scalars(statement).all()

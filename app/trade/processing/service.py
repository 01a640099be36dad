"""Acts on loose fruit: a step of processing, taking one back, packing from a loose lot, writing off what is lost."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from sqlalchemy import delete

from app import audit
from app.kernel import clock, ids
from app.kernel.db import session
from app.kernel.errors import DomainError
from app.kernel.permissions import Viewer
from app.kernel.weight import GRAMS_PER_JIN, Weight, decimal_text
from app.ledger import books
from app.ledger.books import queries as balances
from app.ledger.books.movements import Post
from app.people.accounts import wording
from app.people.growers import queries as growers
from app.people.growers.models import Seller
from app.trade.catalog import queries as catalog
from app.trade.catalog import service as packs
from app.trade.catalog.errors import LicenceNeeded, SellerNotActive, UnknownChoice
from app.trade.catalog.models import Grade, Pack, Product
from app.trade.catalog.service import Description
from app.trade.lots import queries as lot_queries
from app.trade.lots import service as lots
from app.trade.lots.models import Lot, LotSource
from app.trade.lots.service import Harvest, Source
from app.trade.lots.states import LotOrigin
from app.trade.processing import accounts, queries, shares
from app.trade.processing.errors import (
    BadRunDay,
    KeepsTooLong,
    LossUnexplained,
    MixedBySteps,
    NotLoose,
    RunUsed,
    SameLotTwice,
    TooFewLoose,
    TooLittleMade,
    TooMuchMade,
    WrongInputs,
    WrongOutputs,
)
from app.trade.processing.models import Run, RunInput, RunOutput
from app.trade.processing.permissions import PROCESSING_MAKE
from app.trade.processing.states import Step
from app.trade.stock import origin
from app.trade.stock import service as stock
from app.trade.stock.accounts import LOSS_GRAMS, MADE_GRAMS, USED_GRAMS
from app.trade.stock.errors import NotThatMuch

MIXED = "hunhe-zao"
"""The variety of what two varieties are mixed into."""
LATE_BY = timedelta(days=31)
"""A run is written down at most so long after it was done."""
_MOST_VILLAGES = 3


@dataclass(frozen=True, slots=True)
class Going:
    """So much of a lot goes in; None: all that lies loose."""

    lot_code: str
    weight: Weight | None


@dataclass(frozen=True, slots=True)
class Coming:
    """A lot that comes out; without a best-before day of its own it keeps as long as the step lets it."""

    grade_key: str
    weight: Weight
    product_key: str | None = None
    best_before: date | None = None
    store_place: str = ""


@dataclass(frozen=True, slots=True)
class Wanted:
    """A step of processing as its maker tells it. Refusals name the row: `lot_0`, `used_0`, `made_1`, `grade_1`."""

    step: Step
    done_on: date
    inputs: Sequence[Going]
    outputs: Sequence[Coming]
    loss: Weight
    because: str = ""


@dataclass(frozen=True, slots=True)
class _Parent:
    """A lot that goes in: how much, how much of it lies loose, and how much of it may still bear the mark."""

    lot: Lot
    used: int
    loose: int
    right: int


def take_in_own(seller: Seller, harvest: Harvest, *, weight: Weight, place: str, by: str) -> Lot:
    """Fruit that the seller grew itself lies loose in its store.

    Raises `SellerNotActive`, `UnknownChoice`, and what `lots.take_in` raises.
    """
    if not seller.is_active:
        raise SellerNotActive()
    grade = session().get(Grade, harvest.grade_key)
    if grade is None or not grade.is_in_force(clock.today()):
        raise UnknownChoice(field="grade")
    lot = lots.take_in(seller, harvest, weight=weight, by=by, store_place=place)
    stock.receive(lot, by=by)
    return lot


def local_left(lot: Lot) -> Weight:
    """How much of the lot may still be packed under the mark of origin."""
    return Weight(balances.balance(origin.local_place(lot)).net)


def make(seller: Seller, wanted: Wanted, *, by: str) -> Run:
    """The inputs are used, the outputs lie loose as lots of their own, and the loss is written off, in one event.

    What went in weighs exactly what came out and was lost; each output's grams are attributed to the inputs. A lot of
    several varieties is of the variety 混合枣; it is as old as its oldest input, and keeps no longer than the first of
    them to go bad, unless it was washed or dried. Raises `SellerNotActive`, the refusals of `errors.py`, `NotThatMuch`,
    `LotRecalled`, `LotExpired`, `UnknownChoice` and `LicenceNeeded`, each with the field of its row.
    """
    if not seller.is_active:
        raise SellerNotActive()
    _refuse_shape(wanted)
    parents = _parents(seller, wanted)
    _refuse_unbalanced(parents, wanted)
    _refuse_day(parents, wanted)
    variety = _variety(parents, wanted.step)
    rows, lost = shares.attributed([one.used for one in parents], [one.weight.grams for one in wanted.outputs])
    children = [_child(seller, variety, parents, row, wanted, place=place, by=by) for place, row in enumerate(rows)]
    run = _kept(seller, parents, children, lost, wanted, by=by)
    movements = [*_fruit(parents, children, lost), *_rights(parents, children, rows)]
    key = f"run.done:{run.number}"
    recorded = books.record(accounts.RUN_DONE, movements, by=by, subject=f"run:{run.number}", key=key)
    run.event_id = recorded.event_id
    audit.note("processing.made", f"run:{run.number}", by=by, step=run.step.value, loss=run.loss.grams)
    return run


def _refuse_shape(wanted: Wanted) -> None:
    step = wanted.step
    if not step.least_inputs <= len(wanted.inputs) <= step.most_inputs:
        raise WrongInputs(field="lot_0", step=step.words, least=step.least_inputs, most=step.most_inputs)
    if not 1 <= len(wanted.outputs) <= step.most_outputs:
        raise WrongOutputs(field="made_0", step=step.words, most=step.most_outputs)
    codes = [one.lot_code for one in wanted.inputs]
    for place, code in enumerate(codes):
        if code in codes[:place]:
            raise SameLotTwice(field=f"lot_{place}")
    if wanted.loss and not wanted.because:
        raise LossUnexplained(field="because")


def _parents(seller: Seller, wanted: Wanted) -> list[_Parent]:
    """What goes in, locked, in the order in which it was told."""
    known = queries.ids_of(seller.id, [one.lot_code for one in wanted.inputs])
    locked = {lot.code: lot for lot in lot_queries.locked_lots(known.values())}
    for place, one in enumerate(wanted.inputs):
        if one.lot_code not in locked:
            raise NotLoose(field=f"lot_{place}")
        _refuse_at(f"lot_{place}", locked[one.lot_code])
    mine = [locked[one.lot_code] for one in wanted.inputs]
    there = balances.balances([place for lot in mine for place in (stock.loose_place(lot), origin.local_place(lot))])
    parents = []
    for number, (lot, going) in enumerate(zip(mine, wanted.inputs, strict=True)):
        loose = there[stock.loose_place(lot)].free
        used = loose if going.weight is None else going.weight.grams
        if loose == 0:
            raise NotLoose(field=f"lot_{number}")
        if not 0 < used <= loose:
            raise NotThatMuch(field=f"used_{number}", lot=lot.code, jin=_jin(loose))
        parents.append(_Parent(lot, used, loose, there[origin.local_place(lot)].net))
    return parents


def _refuse_at(field: str, lot: Lot) -> None:
    try:
        lot_queries.refuse_unless_usable(lot)
    except DomainError as error:
        error.field = field
        raise


def _refuse_unbalanced(parents: Sequence[_Parent], wanted: Wanted) -> None:
    used = sum(one.used for one in parents)
    made = sum(one.weight.grams for one in wanted.outputs) + wanted.loss.grams
    for place, one in enumerate(wanted.outputs):
        if one.weight.grams <= 0:
            raise WrongOutputs(field=f"made_{place}", step=wanted.step.words, most=wanted.step.most_outputs)
    if wanted.loss.grams < 0 or made != used:
        refusal = TooLittleMade if made < used else TooMuchMade
        raise refusal(field="loss", used=_jin(used), made=_jin(made), difference=_jin(abs(used - made)))


def _refuse_day(parents: Sequence[_Parent], wanted: Wanted) -> None:
    today = clock.today()
    least = max([today - LATE_BY, *(one.lot.received_on for one in parents)])
    if not least <= wanted.done_on <= today:
        raise BadRunDay(field="done_on", least=least.isoformat(), most=today.isoformat())


def _variety(parents: Sequence[_Parent], step: Step) -> str:
    varieties = {one.lot.variety_key for one in parents}
    if len(varieties) == 1:
        return varieties.pop()
    if step is not Step.MIX:
        raise MixedBySteps(field="lot_1", step=step.words)
    return MIXED


def _child(
    seller: Seller,
    variety: str,
    parents: Sequence[_Parent],
    row: Sequence[int],
    wanted: Wanted,
    *,
    place: int,
    by: str,
) -> Lot:
    said = wanted.outputs[place]
    grade = session().get(Grade, said.grade_key)
    if grade is None or not grade.is_in_force(wanted.done_on):
        raise UnknownChoice(field=f"grade_{place}")
    harvest = Harvest(
        village_name=_villages(parents),
        variety_key=variety,
        grade_key=grade.key,
        year=min(one.lot.harvest_year for one in parents),
        best_before=_best_before(seller, parents, said, wanted, place=place),
    )
    sources = [
        Source(one.lot.id, Weight(grams), wanted.step.value) for one, grams in zip(parents, row, strict=True) if grams
    ]
    return lots.take_in(
        seller,
        harvest,
        weight=said.weight,
        by=by,
        origin=LotOrigin.MADE,
        store_place=said.store_place,
        sources=sources,
    )


def _villages(parents: Sequence[_Parent]) -> str:
    names = list(dict.fromkeys(one.lot.village_name for one in parents if one.lot.village_name))
    return "、".join(names[:_MOST_VILLAGES])


def _best_before(seller: Seller, parents: Sequence[_Parent], said: Coming, wanted: Wanted, *, place: int) -> date:
    """Until when an output keeps: as long as the first input to go bad; washed or dried, as long as its product."""
    latest = min(one.lot.best_before for one in parents)
    if said.product_key is not None:
        product = session().get(Product, said.product_key)
        if product is None:
            raise UnknownChoice(field=f"product_{place}")
        if product.needs_licence and not seller.licence_no:
            raise LicenceNeeded(field=f"product_{place}")
        if wanted.step.renews and product.shelf_life_days is not None:
            latest = wanted.done_on + timedelta(days=product.shelf_life_days)
    if said.best_before is not None and not clock.today() < said.best_before <= latest:
        raise KeepsTooLong(field=f"best_before_{place}", latest=latest.isoformat())
    return said.best_before or latest


def _kept(
    seller: Seller,
    parents: Sequence[_Parent],
    children: Sequence[Lot],
    lost: Sequence[int],
    wanted: Wanted,
    *,
    by: str,
) -> Run:
    run = Run(
        number=ids.public_number("G"),
        seller_id=seller.id,
        township_code=seller.township_code,
        step=wanted.step,
        done_on=wanted.done_on,
        loss=wanted.loss,
        because=wanted.because if wanted.loss else "",
        created_at=clock.now(),
        created_by=by,
    )
    current = session()
    current.add(run)
    current.flush()
    current.add_all(
        RunInput(run_id=run.id, lot_id=one.lot.id, used=Weight(one.used), lost=Weight(grams))
        for one, grams in zip(parents, lost, strict=True)
    )
    current.add_all(
        RunOutput(run_id=run.id, lot_id=lot.id, made=lot.weight_in, product_key=said.product_key)
        for lot, said in zip(children, wanted.outputs, strict=True)
    )
    current.flush()
    return run


def _fruit(parents: Sequence[_Parent], children: Sequence[Lot], lost: Sequence[int]) -> list[Post]:
    """Grams leave the inputs, what was lost of them is told apart, and the outputs lie loose."""
    used = [Post(accounts.place(USED_GRAMS, one.lot), stock.loose_place(one.lot), one.used) for one in parents]
    losses = [
        Post(accounts.place(accounts.RUN_LOSS, one.lot), accounts.place(USED_GRAMS, one.lot), grams)
        for one, grams in zip(parents, lost, strict=True)
        if grams
    ]
    made = [Post(stock.loose_place(lot), accounts.place(MADE_GRAMS, lot), lot.weight_in.grams) for lot in children]
    return [*used, *losses, *made]


def _rights(parents: Sequence[_Parent], children: Sequence[Lot], rows: Sequence[Sequence[int]]) -> list[Post]:
    """What may bear the mark goes along with the grams, rounded down; the share of the loss lapses."""
    movements = []
    for place, one in enumerate(parents):
        carried = left = shares.carried(one.right, used=one.used, loose=one.loose)
        for child, row in zip(children, rows, strict=True):
            grams = shares.passed(carried, part=row[place], used=one.used)
            left -= grams
            if grams:
                movements.append(Post(origin.local_place(child), origin.local_place(one.lot), grams))
        movements += origin.lapsed(one.lot, left)
    return movements


def undo(number: str, *, because: str, by: Viewer) -> Run:
    """A run that was a mistake is mirrored in the books: its inputs lie loose again, its outputs are gone.

    Raises `NotFound`, `IllegalMove` the second time, `ReasonMissing`, and `RunUsed` once anything of its outputs was
    packed, processed, lost or recalled.
    """
    run = queries.run_of(by, number, lock=True)
    run.undo(at=clock.now(), by=by.actor, because=wording.reason(because))
    children = lot_queries.locked_lots([one.lot_id for one in run.outputs])
    there = balances.balances([stock.loose_place(lot) for lot in children])
    for lot in children:
        balance = there[stock.loose_place(lot)]
        if lot.is_recalled or balance.cr or balance.cr_held or balance.dr != lot.weight_in.grams:
            raise RunUsed()
    current = session()
    # They went into nothing any more; the run itself keeps what was once written down.
    current.execute(delete(LotSource).where(LotSource.child_id.in_([lot.id for lot in children])))
    current.flush()
    audit.note("processing.undone", f"run:{run.number}", by=by.actor, because=run.undone_because)
    assert run.event_id is not None
    books.reverse(accounts.RUN_UNDONE, run.event_id, by=by.actor, key=f"run.undone:{run.number}")
    return run


def fill(lot_code: str, slug: str, *, pieces: int, key: str, by: Viewer) -> None:
    """Pieces of one of his packs are filled from a loose lot; what is left over stays loose.

    Raises `NotFound`, `TooFewLoose` with how many pieces the fruit is enough for, and what `stock.pack` raises.
    """
    lot = _locked(lot_code, by=by)
    pack = catalog.pack_of(by, slug)
    loose = balances.balance(stock.loose_place(lot)).free
    if (pack.net * pieces).grams > loose:
        raise TooFewLoose(field="pieces", jin=_jin(loose), pieces=loose // pack.net.grams)
    stock.pack(pack, lot, pieces=pieces, by=by.actor, key=f"lot.packed:{lot.code}:{key}")
    audit.note("lots.packed", f"lot:{lot.code}", by=by.actor, pack=pack.slug, pieces=pieces)


def fill_new(lot_code: str, said: Description, *, pieces: int, key: str, by: Viewer) -> Pack:
    """A new pack is on sale, with so many pieces from a loose lot of the same fruit.

    Raises what `catalog.service.publish` and `fill` raise.
    """
    lot = _locked(lot_code, by=by)
    pack = packs.publish(growers.seller(lot.seller_id), said, graded_on=lot.received_on, by=by.actor)
    fill(lot_code, pack.slug, pieces=pieces, key=key, by=by)
    return pack


def lose(lot_code: str, weight: Weight | None, *, because: str, key: str, by: Viewer) -> None:
    """So much of a loose lot is gone, or all of it for None, for a reason that is kept; its share of the mark lapses.

    Fruit past its day may be written off too. Raises `NotFound`, and `NotThatMuch` when less lies loose.
    """
    lot = _locked(lot_code, by=by)
    loose = balances.balance(stock.loose_place(lot)).free
    grams = loose if weight is None else weight.grams
    if not 0 < grams <= loose:
        raise NotThatMuch(field="weight", lot=lot.code, jin=_jin(loose))
    audit.note("lots.lost", f"lot:{lot.code}", by=by.actor, because=because, grams=grams)
    books.record(
        accounts.LOT_LOST,
        [
            Post(accounts.place(LOSS_GRAMS, lot), stock.loose_place(lot), grams),
            *origin.lost(lot, grams=grams, loose=loose),
        ],
        by=by.actor,
        subject=f"lot:{lot.code}",
        key=f"lot.lost:{lot.code}:{key}",
    )


def _locked(lot_code: str, *, by: Viewer) -> Lot:
    found = lot_queries.lot_of(by, lot_code, may=PROCESSING_MAKE)
    (lot,) = lot_queries.locked_lots([found.id])
    return lot


def _jin(grams: int) -> str:
    return decimal_text(grams, GRAMS_PER_JIN)

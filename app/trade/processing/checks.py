"""Proving that processing conserves weight, and that no more is sold under the mark than local fruit came in."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator

from sqlalchemy import BigInteger, Text, cast, func, select, type_coerce
from sqlalchemy.orm import InstrumentedAttribute, aliased

from app.kernel.checks import Check, Finding
from app.kernel.db import AnySelect, session
from app.kernel.weight import Weight
from app.ledger.books.models import Account, Transfer
from app.trade.catalog.models import Pack
from app.trade.lots.models import Lot, LotSource
from app.trade.processing.accounts import RUN_LOSS
from app.trade.processing.models import Run, RunInput, RunOutput
from app.trade.processing.states import RunState
from app.trade.stock import origin
from app.trade.stock.accounts import LOOSE, MADE_GRAMS, PACKED, STOCK, SUPPLIED, USED_GRAMS
from app.trade.stock.models import PackedLot

_OWN, _OTHER = aliased(Account), aliased(Account)


def _runs() -> Iterator[Finding]:
    """B16: what went into a run is what came out and was lost, on its rows and in the books."""
    used, lost = _sums(RunInput.run_id, RunInput.used), _sums(RunInput.run_id, RunInput.lost)
    made = _sums(RunOutput.run_id, RunOutput.made)
    booked = _booked()
    for run in session().scalars(select(Run)):
        rows = (used.get(run.id, 0), made.get(run.id, 0), lost.get(run.id, 0))
        if rows[0] != rows[1] + run.loss.grams or rows[2] != run.loss.grams:
            yield Finding(f"run {run.number}", f"used {rows[0]} g, made {rows[1]} g, lost {rows[2]}/{run.loss.grams} g")
        elif booked[run.event_id or 0] != rows:
            yield Finding(f"run {run.number}", f"used, made, lost {rows} g, booked {booked[run.event_id or 0]} g")


def _sums(key: InstrumentedAttribute[int], grams: InstrumentedAttribute[Weight]) -> dict[int, int]:
    return _totals(select(key, func.sum(type_coerce(grams, BigInteger))).group_by(key))


def _totals(statement: AnySelect) -> dict[int, int]:
    return {number: int(total) for number, total in session().execute(statement)}


def _booked() -> dict[int, tuple[int, int, int]]:
    """Event of a run → grams used, made and lost by the books."""
    found: dict[int, list[int]] = defaultdict(lambda: [0, 0, 0])
    events = select(Run.event_id)
    for place, (role, side) in enumerate(
        ((USED_GRAMS, Transfer.debit_id), (MADE_GRAMS, Transfer.credit_id), (RUN_LOSS, Transfer.debit_id))
    ):
        statement = (
            select(Transfer.event_id, func.sum(Transfer.amount))
            .join(Account, Account.id == side)
            .where(Account.role == role.name, Transfer.event_id.in_(events))
            .group_by(Transfer.event_id)
        )
        for event_id, grams in session().execute(statement):
            found[event_id][place] = int(grams)
    return defaultdict(lambda: (0, 0, 0), {key: (one[0], one[1], one[2]) for key, one in found.items()})


def _lineage() -> Iterator[Finding]:
    """B16-lots: what of a lot went into lots and was lost there is what the books say that runs took from it."""
    into = _sums(LotSource.parent_id, LotSource.grams)
    standing = select(RunInput.lot_id, func.sum(type_coerce(RunInput.lost, BigInteger)))
    standing = standing.join(Run, Run.id == RunInput.run_id).where(Run.state == RunState.DONE)
    lost = _totals(standing.group_by(RunInput.lot_id))
    taken = _taken()
    for lot_id in sorted(into.keys() | lost.keys() | taken.keys()):
        said = into.get(lot_id, 0) + lost.get(lot_id, 0)
        if said != taken.get(lot_id, 0):
            yield Finding(
                f"lot {lot_id}", f"{said} g in other lots and lost, {taken.get(lot_id, 0)} g taken in the books"
            )
    yield from _children()


def _taken() -> dict[int, int]:
    """Lot id → grams that runs took from what lay loose, less what was given back."""
    out = (
        select(_OWN.subject, func.sum(Transfer.amount))
        .join(_OWN, _OWN.id == Transfer.credit_id)
        .join(_OTHER, _OTHER.id == Transfer.debit_id)
    )
    back = (
        select(_OWN.subject, -func.sum(Transfer.amount))
        .join(_OWN, _OWN.id == Transfer.debit_id)
        .join(_OTHER, _OTHER.id == Transfer.credit_id)
    )
    taken: dict[int, int] = defaultdict(int)
    for statement in (out, back):
        ours = statement.where(_OWN.role == LOOSE.name, _OTHER.role == USED_GRAMS.name).group_by(_OWN.subject)
        for subject, grams in session().execute(ours):
            taken[int(subject.removeprefix("lot:"))] += int(grams)
    return {lot_id: grams for lot_id, grams in taken.items() if grams}


def _children() -> Iterator[Finding]:
    """What of other lots is in a lot that a run made is all of it."""
    sources = select(LotSource.child_id, func.sum(type_coerce(LotSource.grams, BigInteger)).label("grams"))
    from_parents = sources.group_by(LotSource.child_id).subquery()
    statement = (
        select(Lot, from_parents.c.grams)
        .join(RunOutput, RunOutput.lot_id == Lot.id)
        .join(Run, (Run.id == RunOutput.run_id) & (Run.state == RunState.DONE))
        .outerjoin(from_parents, from_parents.c.child_id == Lot.id)
    )
    for lot, grams in session().execute(statement):
        if lot.weight_in.grams != (grams or 0):
            yield Finding(f"lot {lot.id}", f"weighs {lot.weight_in.grams} g, made of {grams} g")


def _local() -> Iterator[Finding]:
    """B16-local: what may bear the mark was issued for local fruit alone, and never more than came in of it."""
    issued = _from(origin.LOCAL.name, origin.LOCAL_ISSUED.name)
    came = _from(LOOSE.name, SUPPLIED.name)
    for lot in session().scalars(select(Lot).where(Lot.id.in_(issued))):
        most = came.get(lot.id, 0) if origin.is_local(lot) else 0
        if issued[lot.id] > most:
            yield Finding(f"lot {lot.id}", f"{issued[lot.id]} g may bear the mark, {most} g are local")


def _from(role: str, other: str) -> dict[int, int]:
    """Lot id → grams that came into its account of a role from accounts of another."""
    statement = (
        select(_OWN.subject, func.sum(Transfer.amount))
        .join(_OWN, _OWN.id == Transfer.debit_id)
        .join(_OTHER, _OTHER.id == Transfer.credit_id)
        .where(_OWN.role == role, _OTHER.role == other, _OWN.subject.startswith("lot:"))
        .group_by(_OWN.subject)
    )
    found = session().execute(statement)
    return {int(subject[4:]): int(grams) for subject, grams in found if subject[4:].isdigit()}


def _marked() -> Iterator[Finding]:
    """B16-mark: every piece packed under the mark used its whole weight of the lot's local fruit, no other any."""
    packed = (
        select(_OWN.id, func.sum(Transfer.amount).label("pieces"))
        .join(_OWN, _OWN.id == Transfer.debit_id)
        .join(_OTHER, _OTHER.id == Transfer.credit_id)
        .where(_OWN.role == STOCK.name, _OTHER.role == PACKED.name)
        .group_by(_OWN.id)
        .subquery()
    )
    subject = "lot:" + cast(PackedLot.lot_id, Text) + "/pack:" + cast(PackedLot.pack_id, Text)
    marked = aliased(Account)
    statement = (
        select(PackedLot, Pack.net, Pack.bears_mark, packed.c.pieces, marked.dr - marked.cr)
        .join(Pack, Pack.id == PackedLot.pack_id)
        .join(packed, packed.c.id == PackedLot.account_id)
        .outerjoin(marked, (marked.role == origin.MARKED.name) & (marked.subject == subject))
        .where(Pack.bears_mark | (marked.dr > 0))
    )
    for row, net, bears_mark, pieces, grams in session().execute(statement):
        wanted = net.grams * int(pieces) if bears_mark else 0
        if wanted != (grams or 0):
            yield Finding(f"pack {row.pack_id} lot {row.lot_id}", f"{wanted} g under the mark, {grams} g used up")


CHECKS = (
    Check("B16", "每张加工单的投料等于出料加损耗", _runs),
    Check("B16-lots", "批次来历的斤数与账上一致", _lineage),
    Check("B16-local", "能用标的都是本地枣，不多于入库", _local),
    Check("B16-mark", "用标装箱的斤数都扣了本地枣", _marked),
)

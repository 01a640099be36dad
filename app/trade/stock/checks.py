"""Proving that pieces and grams agree, and that nothing is held for too long."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

from sqlalchemy import ColumnElement, Text, cast, func, select
from sqlalchemy.orm import InstrumentedAttribute, aliased

from app.kernel import clock
from app.kernel.checks import Check, Finding
from app.kernel.db import session
from app.ledger.books.models import Account, OpenHold, Transfer
from app.trade.catalog.models import Pack
from app.trade.lots.models import Lot
from app.trade.stock import accounts
from app.trade.stock.models import PackedLot

FREED_WITHIN = timedelta(seconds=60)


def _pieces_and_grams() -> Iterator[Finding]:
    """V3: pieces in store times net weight lie packed in grams, lot by lot."""
    grams = aliased(Account)
    rows = session().execute(
        select(PackedLot, Pack.net, Account.dr - Account.cr, grams.dr - grams.cr)
        .join(Pack, Pack.id == PackedLot.pack_id)
        .join(Account, Account.id == PackedLot.account_id)
        .outerjoin(grams, (grams.role == accounts.PACKED_GRAMS.name) & (grams.subject == _grams_subject()))
    )
    for packed, net, pieces, weight in rows:
        if net.grams * pieces != (weight or 0):
            yield Finding(f"pack {packed.pack_id} lot {packed.lot_id}", f"{pieces} pieces, {weight} g")


def _grams_subject() -> ColumnElement[str]:
    return "lot:" + _text(PackedLot.lot_id) + "/pack:" + _text(PackedLot.pack_id)


def _text(number: InstrumentedAttribute[int]) -> ColumnElement[str]:
    return cast(number, Text)


def _weighed_in() -> Iterator[Finding]:
    """V3: what a lot weighed when it came is what the ledger received for it, from its supplier or from a run."""
    loose, came_from = aliased(Account), aliased(Account)
    came = (
        select(loose.subject, func.sum(Transfer.amount).label("grams"))
        .join(Transfer, Transfer.debit_id == loose.id)
        .join(came_from, came_from.id == Transfer.credit_id)
        .where(loose.role == accounts.LOOSE.name)
        .where(came_from.role.in_((accounts.SUPPLIED.name, accounts.MADE_GRAMS.name)))
        .group_by(loose.subject)
        .subquery()
    )
    rows = session().execute(select(Lot, came.c.grams).outerjoin(came, came.c.subject == "lot:" + _text(Lot.id)))
    for lot, received in rows:
        if lot.weight_in.grams != (received or 0):
            yield Finding(f"lot {lot.code}", f"weighed {lot.weight_in.grams} g, booked {received} g")


def _stale_holds() -> Iterator[Finding]:
    """V18 by age: no hold is older than its time and a minute."""
    late = select(OpenHold).where(OpenHold.expires_at < clock.now() - FREED_WITHIN)
    for hold in session().scalars(late.limit(50)):
        yield Finding(f"hold {hold.transfer_id} {hold.subject}", "its time is over")


CHECKS = (
    Check("V3", "库存件数乘净重等于已装箱斤数", _pieces_and_grams),
    Check("V3-in", "每批入库斤数与账上一致", _weighed_in),
    Check("V18-age", "没有过期的预留", _stale_holds, by_age=True),
)

"""Proving that what was recalled is out of sale, with all that was made of it."""

from __future__ import annotations

from collections.abc import Iterator

from sqlalchemy import Text, cast, or_, select
from sqlalchemy.orm import aliased

from app.kernel.checks import Check, Finding
from app.kernel.db import session
from app.ledger.books.models import Account
from app.trade.catalog.models import Pack
from app.trade.lots.models import Lot, LotSource
from app.trade.recalls.models import Recall, RecallLot
from app.trade.recalls.states import RecallState
from app.trade.stock import accounts
from app.trade.stock.models import PackedLot


def _out_of_sale() -> Iterator[Finding]:
    """M45: nothing of a recalled lot lies free, neither packed nor loose; what is held waits for its order's end."""
    is_free = Account.dr - Account.cr - Account.cr_held > 0
    packed = (
        select(Lot.code, Account.dr - Account.cr - Account.cr_held)
        .join(PackedLot, PackedLot.lot_id == Lot.id)
        .join(Account, Account.id == PackedLot.account_id)
        .where(Lot.recalled_at.is_not(None), is_free)
    )
    for code, pieces in session().execute(packed):
        yield Finding(f"lot {code}", f"{pieces} pieces are free")
    loose = (
        select(Lot.code, Account.dr - Account.cr - Account.cr_held)
        .join(Account, Account.subject == "lot:" + cast(Lot.id, Text))
        .where(Account.role == accounts.LOOSE.name, Lot.recalled_at.is_not(None), is_free)
    )
    for code, grams in session().execute(loose):
        yield Finding(f"lot {code}", f"{grams} g lie loose")


def _whole_line() -> Iterator[Finding]:
    """M45: whatever something of a recalled lot went into is recalled too."""
    child = aliased(Lot)
    rows = session().execute(
        select(child.code, Lot.code)
        .join(LotSource, LotSource.parent_id == Lot.id)
        .join(child, child.id == LotSource.child_id)
        .where(Lot.recalled_at.is_not(None), child.recalled_at.is_(None))
    )
    for code, of in rows:
        yield Finding(f"lot {code}", f"made of the recalled lot {of}")


def _by_a_recall() -> Iterator[Finding]:
    """A lot is stopped exactly by a recall that stands and names it."""
    rows = session().execute(
        select(Lot.code)
        .outerjoin(Recall, Recall.id == Lot.recall_id)
        .outerjoin(RecallLot, (RecallLot.recall_id == Lot.recall_id) & (RecallLot.lot_id == Lot.id))
        .where(or_(Lot.recalled_at.is_not(None), Lot.recall_id.is_not(None)))
        .where(
            or_(
                Lot.recalled_at.is_(None),
                Recall.id.is_(None),
                Recall.state == RecallState.LIFTED,
                RecallLot.lot_id.is_(None),
            )
        )
    )
    for (code,) in rows:
        yield Finding(f"lot {code}", "recalled by no recall that stands")


def _blocked_weigh() -> Iterator[Finding]:
    """V3: blocked pieces times net weight lie blocked in grams, pack by pack and lot by lot."""
    pieces, grams = aliased(Account), aliased(Account)
    rows = session().execute(
        select(PackedLot, Pack.net, pieces.dr - pieces.cr, grams.dr - grams.cr)
        .join(Pack, Pack.id == PackedLot.pack_id)
        .join(Account, Account.id == PackedLot.account_id)
        .join(
            pieces,
            (pieces.commodity_id == Account.commodity_id)
            & (pieces.role == accounts.BLOCKED.name)
            & (pieces.subject == Account.subject),
        )
        .outerjoin(
            grams,
            (grams.role == accounts.BLOCKED_GRAMS.name)
            & (grams.subject == "lot:" + cast(PackedLot.lot_id, Text) + "/pack:" + cast(PackedLot.pack_id, Text)),
        )
    )
    for packed, net, count, weight in rows:
        if net.grams * count != (weight or 0):
            yield Finding(f"pack {packed.pack_id} lot {packed.lot_id}", f"{count} pieces, {weight} g are blocked")


CHECKS = (
    Check("M45-free", "召回的批次没有还能卖的货", _out_of_sale),
    Check("M45-line", "用召回批次做成的批次也都召回了", _whole_line),
    Check("M45-by", "每个停售的批次都有一份有效的召回", _by_a_recall),
    Check("V3-blocked", "封存件数乘净重等于封存斤数", _blocked_weigh),
)

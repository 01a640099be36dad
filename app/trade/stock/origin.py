"""How much may be sold under the mark 柳林红枣: local fruit that comes in issues it, packing under the mark uses it up.

One commodity, counted in grams, follows the fruit from lot to lot. It is issued for fruit of the mark's varieties that
a household of this county grew, and for nothing else; it can never be overdrawn. So what was packed under the mark is
never more than the local fruit that came in. Source: 柳林红枣 地理标志 AGI2010-02-00212; 农产品地理标志管理办法.
"""

from __future__ import annotations

from app.ledger.books import queries as balances
from app.ledger.books.models import CommodityKind, Floor, Unit
from app.ledger.books.movements import Goods, Place, Post, Role
from app.trade.catalog import mark
from app.trade.catalog.models import Pack
from app.trade.lots.models import Lot
from app.trade.lots.states import LotOrigin
from app.trade.stock import accounts
from app.trade.stock.errors import MarkShort

GI = Goods("gi:liulin-hongzao", CommodityKind.LIMIT, Unit.GRAM)
LOCAL = Role("local_grams", Floor.DEBIT)
"""Grams of a lot that may still be packed under the mark."""
LOCAL_ISSUED = Role("local_issued")
MARKED = Role("marked_grams")
LOCAL_LAPSED = Role("local_lapsed")
"""What was lost, or left the store without the mark."""


def is_local(lot: Lot) -> bool:
    """Whether it is fruit of the mark's varieties, grown by a household of this county."""
    from_household = lot.origin in (LotOrigin.OWN, LotOrigin.BOUGHT) and lot.grower_id is not None
    return from_household and lot.variety_key in mark.VARIETIES


def local_place(lot: Lot) -> Place:
    """How much of a lot may still be packed under the mark."""
    return _place(LOCAL, lot, subject=f"lot:{lot.id}")


def lapsed_place(lot: Lot) -> Place:
    """What lapsed of the lots of a seller."""
    return _place(LOCAL_LAPSED, lot)


def _place(role: Role, lot: Lot, *, subject: str = "") -> Place:
    return Place(GI, role, accounts.seller_party(lot.seller_id), lot.township_code, subject=subject)


def issued(lot: Lot) -> list[Post]:
    """What a lot that comes in adds to what may be packed under the mark; part of the event that takes it in."""
    if not is_local(lot):
        return []
    return [Post(local_place(lot), _place(LOCAL_ISSUED, lot), lot.weight_in.grams)]


def used(pack: Pack, lot: Lot, *, pieces: int, loose: int) -> list[Post]:
    """What packing so many pieces from a lot of which `loose` grams lie there takes; part of the event that packs.

    A pack with the mark uses its whole weight. Without it only what no loose fruit is left for lapses.
    Raises `MarkNotAuthorised` when the seller may not use the mark today, `MarkShort` with how many pieces still may.
    """
    weight = (pack.net * pieces).grams
    there = balances.balance(local_place(lot)).net
    if pack.bears_mark:
        mark.refuse_unless_authorised(pack.seller_id)
        if weight > there:
            raise MarkShort(field="pieces", pieces=there // pack.net.grams)
        return [Post(_place(MARKED, lot, subject=f"lot:{lot.id}/pack:{pack.id}"), local_place(lot), weight)]
    too_much = there - max(0, loose - weight)
    return lapsed(lot, too_much)


def lapsed(lot: Lot, grams: int) -> list[Post]:
    """So many grams of the lot's right lapse; nothing where it is none."""
    return [Post(lapsed_place(lot), local_place(lot), grams)] if grams > 0 else []


def lost(lot: Lot, *, grams: int, loose: int) -> list[Post]:
    """What lapses when `grams` of the lot's `loose` grams are lost: their share, rounded up."""
    there = balances.balance(local_place(lot)).net
    return lapsed(lot, -(-there * grams // loose)) if loose else []

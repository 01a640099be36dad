"""The ledger's accounts for processing, and the kinds of events that move them."""

from __future__ import annotations

from app.ledger.books.movements import Kind, Place, Role
from app.trade.lots.models import Lot
from app.trade.stock import accounts

RUN_LOSS = Role("run_loss")
"""Grams that processing cost: moisture, dirt, spoilt fruit."""

RUN_DONE = Kind("run.done", "加工")
RUN_UNDONE = Kind("run.undone", "撤销加工")
LOT_LOST = Kind("lot.lost", "散枣损耗")
KINDS = (RUN_DONE, RUN_UNDONE, LOT_LOST)


def place(role: Role, lot: Lot) -> Place:
    """Where grams of the lot's variety and grade are counted at its seller, under that role."""
    goods = accounts.fruit(lot.variety_key, lot.grade_key)
    return Place(goods, role, accounts.seller_party(lot.seller_id), lot.township_code)

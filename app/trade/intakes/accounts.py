"""The ledger's accounts of fruit that is bought from growers, and the kinds of events that move them."""

from __future__ import annotations

from app.ledger.books.models import Floor
from app.ledger.books.movements import CNY, Kind, Place, Role
from app.trade.stock.accounts import seller_party

FRUIT_COST = Role("fruit_cost")
OWED_FOR_FRUIT = Role("owed_for_fruit", Floor.CREDIT)
PAID_OUTSIDE = Role("paid_outside")

FRUIT_BOUGHT = Kind("fruit.bought", "收购")
FRUIT_PAID = Kind("fruit.paid", "付收购款")

KINDS = (FRUIT_BOUGHT, FRUIT_PAID)


def cost_place(*, seller_id: int, township: str) -> Place:
    """What a buyer's fruit has cost him in a township."""
    return Place(CNY, FRUIT_COST, seller_party(seller_id), township)


def owed_place(*, seller_id: int, township: str, number: str) -> Place:
    """What a buyer still owes for one delivery."""
    return Place(CNY, OWED_FOR_FRUIT, seller_party(seller_id), township, subject=f"intake:{number}")


def paid_place(*, seller_id: int, township: str) -> Place:
    """What a buyer has paid past this platform, in cash or by his own bank."""
    return Place(CNY, PAID_OUTSIDE, seller_party(seller_id), township)

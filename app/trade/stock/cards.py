"""A card of the shelf with what is free to sell, as pages show it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from app.kernel.money import Money
from app.kernel.paging import Page
from app.kernel.weight import Weight
from app.trade.catalog import queries as catalog
from app.trade.catalog.models import PackPhoto
from app.trade.stock import queries


@dataclass(frozen=True, slots=True)
class ShelfCard:
    """One pack on the shelf."""

    slug: str
    title: str
    seller_name: str
    township_name: str
    variety_name: str
    grade_name: str
    net: Weight
    price: Money
    per_jin: Money
    photo: PackPhoto | None
    is_sample: bool
    is_sold_out: bool


def shelf(wanted: catalog.Wanted, *, size: int = 24) -> Page[ShelfCard]:
    """A page of the shelf in two queries: the packs, and what is free of them."""
    found = catalog.on_sale(wanted, size=size)
    return Page(with_stock(found.items), found.next_cursor)


def with_stock(cards: Sequence[catalog.PackCard]) -> list[ShelfCard]:
    """The cards, each saying whether it is sold out."""
    free = queries.available([card.id for card in cards]) if cards else {}
    return [
        ShelfCard(
            slug=card.slug,
            title=card.title,
            seller_name=card.seller_name,
            township_name=card.township_name,
            variety_name=card.variety_name,
            grade_name=card.grade_name,
            net=card.net,
            price=card.price,
            per_jin=card.per_jin,
            photo=card.photo,
            is_sample=card.is_sample,
            is_sold_out=free[card.id] <= 0,
        )
        for card in cards
    ]

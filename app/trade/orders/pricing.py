"""The arithmetic of an order's price, without a database."""

from __future__ import annotations

from app.kernel.money import Money
from app.kernel.weight import Weight


def earned(*, goods: Money, freight: Money, given_back: Money) -> tuple[Money, Money]:
    """What is left of the goods' price and of the freight when so much goes back: the goods' price goes first."""
    from_goods = min(given_back, goods)
    return goods - from_goods, freight - (given_back - from_goods)


def price_of_missing(amount: Money, *, promised: Weight, missing: Weight) -> Money:
    """What a line of this amount costs less when so much of the promised weight is missing, half a fen up.

    Never more than the line: `missing` lies between nothing and `promised`.
    """
    return Money((2 * amount.fen * missing.grams + promised.grams) // (2 * promised.grams))


def share(whole: int, *, of: int, first: int, count: int) -> int:
    """What belongs to `count` of `of` equal parts, the one at `first` being the first of them, in whole units.

    The shares of parts that do not overlap add up to no more than `whole`, those of all parts to exactly that.
    """
    return whole * (first + count) // of - whole * first // of

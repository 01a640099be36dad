"""The arithmetic of an order's price, without a database."""

from __future__ import annotations

from app.kernel.money import Money


def earned(*, goods: Money, freight: Money, given_back: Money) -> tuple[Money, Money]:
    """What is left of the goods' price and of the freight when so much goes back: the goods' price goes first."""
    from_goods = min(given_back, goods)
    return goods - from_goods, freight - (given_back - from_goods)

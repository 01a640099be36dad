"""What the county keeps of a sale: plain arithmetic."""

from __future__ import annotations

from app.kernel.money import ZERO, Money

PER = 10_000


def fee(goods: Money, *, rate: int) -> Money:
    """`rate` ten-thousandths of what the goods brought after refunds, half a fen up.

    Goods that were given back in a later period bring their fee back, so the result is below nothing where `goods` is.
    """
    if not rate or not goods:
        return ZERO
    size = (abs(goods.fen) * rate * 2 + PER) // (PER * 2)
    return Money(size if goods.fen > 0 else -size)

"""What carriage costs: the first kilogram, and each further one begun."""

from __future__ import annotations

from app.kernel.money import ZERO, Money
from app.kernel.weight import GRAMS_PER_KG, Weight


def price(weight: Weight, *, goods: Money, first_kg: Money, next_kg: Money, free_from: Money | None) -> Money:
    """Freight for a parcel of this weight; nothing from a goods amount of `free_from` on. A kilogram begun counts."""
    if free_from is not None and goods >= free_from:
        return ZERO
    kilograms = max(1, -(-weight.grams // GRAMS_PER_KG))
    return first_kg + next_kg * (kilograms - 1)

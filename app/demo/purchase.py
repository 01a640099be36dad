"""A purchase of the demo winter on its way."""

from __future__ import annotations

from dataclasses import dataclass

from app.demo.cast import Buyer
from app.demo.market import Shop
from app.demo.plan import Fate
from app.kernel.permissions import Viewer


@dataclass(frozen=True, slots=True)
class Purchase:
    """One order with the people whom it concerns, and what becomes of it."""

    number: str
    buyer: Buyer
    shop: Shop
    fate: Fate

    @property
    def seller(self) -> Viewer:
        """Who acts for the seller."""
        return self.shop.viewer

    @property
    def township(self) -> str:
        """The code of the seller's township."""
        return self.shop.seller.township_code

"""What slices above orders show on an order's page, to its buyer, to its seller, to officials, and on a grower's."""

from __future__ import annotations

from app.trade.orders.models import Order
from app.web.panels import Panels

FOR_BUYER: Panels[Order] = Panels()
FOR_SELLER: Panels[Order] = Panels()
FOR_OFFICIAL: Panels[Order] = Panels()
ON_GROWERS_HOME: Panels[frozenset[int]] = Panels()
"""On a grower's first page, about the sellers that are his own."""

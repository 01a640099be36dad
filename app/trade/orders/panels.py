"""What slices above orders show on an order's page: to its buyer, to its seller, to officials."""

from __future__ import annotations

from app.trade.orders.models import Order
from app.web.panels import Panels

FOR_BUYER: Panels[Order] = Panels()
FOR_SELLER: Panels[Order] = Panels()
FOR_OFFICIAL: Panels[Order] = Panels()

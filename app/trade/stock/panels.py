"""What slices above the stock show on a pack's page."""

from __future__ import annotations

from app.trade.catalog.models import Pack
from app.web.panels import PublicPanels

ON_PACK: PublicPanels[Pack] = PublicPanels()

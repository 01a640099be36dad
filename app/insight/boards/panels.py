"""What parts of insight beside the boards show on the county's board."""

from __future__ import annotations

from datetime import date

from app.web.panels import PublicPanels

ON_COUNTY: PublicPanels[date] = PublicPanels()
"""Of the last day that the board shows."""

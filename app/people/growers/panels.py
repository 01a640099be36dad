"""What slices above the register show on a seller's page at the desk."""

from __future__ import annotations

from app.people.growers.models import Seller
from app.web.panels import Panels

ON_SELLER: Panels[Seller] = Panels()

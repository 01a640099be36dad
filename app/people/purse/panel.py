"""The accounts of a seller on his page at the township's desk."""

from __future__ import annotations

from app.kernel.permissions import Viewer
from app.people.growers.models import Seller
from app.people.purse import queries
from app.people.purse.permissions import PURSE_READ
from app.web.panels import Panel


def of_seller(viewer: Viewer, seller: Seller) -> Panel | None:
    """His accounts of use, masked, each with the way to its own page."""
    if not queries.reaches(viewer, PURSE_READ, seller):
        return None
    return Panel("people/purse/_on_seller.html", queries.live_of(seller.id))

"""The buyer whom a visitor plays has two addresses to choose from."""

from __future__ import annotations

from app.demo.cast import Buyer
from app.trade.addresses import service
from app.trade.addresses.queries import Place


def fill(buyer: Buyer) -> None:
    """His home, which checkout begins with, and where he works."""
    name, phone, province = buyer.viewer.name, buyer.phone, buyer.province
    service.keep(Place(name, phone, province, "示例市示例区枣花路8号（家）"), is_default=True, by=buyer.viewer)
    service.keep(Place(name, phone, province, "示例市示例区红枣街2号传达室（单位）"), by=buyer.viewer)

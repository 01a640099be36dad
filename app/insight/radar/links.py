"""Names and addresses that all pages of the radar need."""

from __future__ import annotations

from datetime import date
from typing import Any

from flask import url_for

from app.people.townships import queries as townships
from app.trade.stock.figures import STOCK_ON_HAND


def place_names() -> dict[str, str]:
    """Code → name of the present townships."""
    return {one.code: one.name for one in townships.present()}


def stock_url(code: str, day: date) -> str:
    """Where what lies in store on the day is opened, entry by entry; '' for the county."""
    place: dict[str, Any] = {"township": code} if code else {}
    return url_for("county.figure", key=STOCK_ON_HAND.key, to=day.isoformat(), **place)

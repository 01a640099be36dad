"""Which basket is the reader's: a key in his cookie, made when he puts the first thing in."""

from __future__ import annotations

from flask import session as cookie

from app.kernel import ids


def cart_key() -> str:
    """The key of the reader's basket; empty when he has none yet."""
    key = cookie.get("cart")
    return key if isinstance(key, str) else ""


def keep(key: str) -> None:
    """From here on the cookie names this basket."""
    cookie["cart"] = key
    cookie.permanent = True


def new_key() -> str:
    """A key for a new basket."""
    return ids.token()

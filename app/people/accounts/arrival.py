"""Behind the door, whichever way somebody came in: what his cookie keeps, and where he goes first."""

from __future__ import annotations

from flask import current_app, url_for
from flask import session as cookie

from app.people.accounts import queries

KEPT_AT_SIGN_IN = ("cart",)


def token_here() -> str | None:
    """The token of the sign-in that is open on this device, or was the last one that the cookie knows of."""
    return text_in("_user_id")


def known_token() -> str | None:
    """The token of an earlier sign-in on this device, open or ended."""
    return token_here() or text_in("device")


def refill_cookie(token: str) -> None:
    """The cookie holds the new sign-in and the basket, and nothing of before."""
    kept = {name: cookie[name] for name in KEPT_AT_SIGN_IN if name in cookie}
    cookie.clear()
    cookie.update(kept)
    cookie["_user_id"] = token
    cookie.permanent = True


def onward(person_id: int, target: str) -> str:
    """Where somebody who has just come in goes: `target`, unless a password or a second factor is due first."""
    person = queries.person(person_id)
    if person.has_temporary_password:
        return url_for("me.password")
    if current_app.config["SETTINGS"].is_https and queries.is_staff(person_id):
        return url_for("me.step_up", next=target) if person.is_enrolled else url_for("me.totp")
    return target


def text_in(name: str) -> str | None:
    """What the cookie keeps under that name, if it can be a token."""
    value = cookie.get(name)
    return value if isinstance(value, str) and len(value) <= 100 else None

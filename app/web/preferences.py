"""How a reader likes pages: larger type, jin or kilograms, Chinese or English."""

from __future__ import annotations

from flask import Blueprint, redirect, request
from flask.typing import ResponseReturnValue

from app.web.context import CHOICES
from app.web.guards import public
from app.web.security import local_path

bp = Blueprint("preferences", __name__)
_YEAR = 365 * 24 * 3600


@bp.post("/preferences")
@public
def submit() -> ResponseReturnValue:
    """Keep the choices in cookies for a year and go back to the page."""
    response = redirect(local_path(request.form.get("next")), 303)
    for name, allowed in CHOICES.items():
        if request.form.get(name) in allowed:
            response.set_cookie(name, request.form[name], max_age=_YEAR, samesite="Lax", httponly=True)
    return response

"""What every page knows: who looks, how he likes to read, and where things are."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from flask import Flask, g, request, url_for
from flask_babel import Babel
from flask_babel import gettext as _

from app.web import words
from app.web.catalogues import Catalogues
from app.web.guards import visitor

CHOICES = {"size": ("normal", "large"), "unit": ("jin", "kg"), "language": ("zh", "en")}
LOCALES = {"zh": "zh_Hans_CN", "en": "en"}


@dataclass(frozen=True, slots=True)
class MenuItem:
    """One entry of the main menu."""

    label: str
    url: str
    is_current: bool


def init(
    app: Flask,
    *,
    static: Path,
    cart_pieces: Callable[[], int],
    is_demo: Callable[[], bool],
    desk_menu: Callable[[], list[MenuItem]],
) -> None:
    """Give the pages their context; `desk_menu` is asked by working pages alone."""
    babel = Babel(app, default_locale="zh_Hans_CN", default_timezone="Asia/Shanghai", locale_selector=_locale)
    babel.domain_instance = Catalogues()  # type: ignore[no-untyped-call]
    app.jinja_env.globals["_"] = words.on_page
    # Before all others, so that what they refuse is refused in the language that the reader chose.
    app.before_request_funcs.setdefault(None, []).insert(0, _read_choices)
    versions = _versions(static)

    def static_url(name: str) -> str:
        return f"/static/{name}?v={versions.get(name, '0')}"

    @app.context_processor
    def context() -> dict[str, Any]:
        who = visitor()
        return {
            "viewer": who,
            "cart_pieces": cart_pieces(),
            "menu": menu(),
            "size": g.get("size", "normal"),
            "unit": g.get("unit", "jin"),
            "language": g.get("language", "zh"),
            "is_demo": is_demo(),
            "desk_menu": desk_menu,
            "current_path": request.full_path.rstrip("?"),
        }

    app.jinja_env.globals["static_url"] = static_url


def _read_choices() -> None:
    for name, allowed in CHOICES.items():
        given = request.cookies.get(name, "")
        setattr(g, name, given if given in allowed else allowed[0])


def _locale() -> str:
    return LOCALES[g.get("language", "zh")]


def _versions(static: Path) -> dict[str, str]:
    return {
        str(path.relative_to(static)): hashlib.sha256(path.read_bytes()).hexdigest()[:10]
        for path in static.rglob("*")
        if path.is_file()
    }


def menu() -> list[MenuItem]:
    """The main menu for whoever looks."""
    entries = [(_("买红枣"), "shelf.index"), (_("一本账"), "county.board")]
    who = visitor()
    if who is not None and who.own_seller_ids:
        entries.append((_("我要卖枣"), "grower.home"))
    if who is not None and who.agent_for:
        entries.append((_("代办"), "agent.home"))
    if who is not None and who.is_staff:
        entries.append((_("工作台"), "desk.home"))
    entries.append((_("我的订单"), "orders.index"))
    return [item(label, endpoint) for label, endpoint in entries]


def item(label: str, endpoint: str) -> MenuItem:
    """An entry that knows whether its page, or one below it, is the one being drawn."""
    url = url_for(endpoint)
    return MenuItem(label, url, request.path == url or request.path.startswith(url.rstrip("/") + "/"))

"""The links to the pages before and after."""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import urlencode

from flask import request


@dataclass(frozen=True, slots=True)
class PageLinks:
    """Where the neighbouring pages are; None where there is none. Keyset pages go on; back is the browser's."""

    previous_url: str | None
    next_url: str | None


def links(next_cursor: str | None) -> PageLinks:
    """The links for the page that is being drawn: the same address with another `after`."""
    kept = {name: value for name, value in request.args.items() if name != "after" and value}
    first = _address(kept) if request.args.get("after") else None
    following = _address({**kept, "after": next_cursor}) if next_cursor else None
    return PageLinks(first, following)


def _address(arguments: dict[str, str]) -> str:
    return request.path + ("?" + urlencode(arguments) if arguments else "")

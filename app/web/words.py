"""Words that are translated when the page is drawn."""

from __future__ import annotations

from typing import cast

from flask_babel import lazy_gettext


def later(text: str) -> str:
    """`text` in the language of whoever reads the page, looked up when it is drawn; for labels of fields."""
    return cast(str, lazy_gettext(text))

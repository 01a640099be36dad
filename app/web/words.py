"""Words that are translated when the page is drawn."""

from __future__ import annotations

from typing import cast

from babel.support import NullTranslations, Translations
from flask import g
from flask_babel import get_translations, lazy_gettext
from markupsafe import Markup


def later(text: str) -> str:
    """`text` in the language of whoever reads the page, looked up when it is drawn; for labels of fields."""
    return cast(str, lazy_gettext(text))


def said(text: str) -> str:
    """`text` in the reader's language, at once; the same as gettext, for words that a page says many times.

    The reader's catalogue is looked up once per request, not once per word.
    """
    catalogue: Translations | NullTranslations | None = g.get("catalogue")
    if catalogue is None:
        catalogue = g.catalogue = get_translations()
    return catalogue.ugettext(text)


def on_page(text: str, **values: object) -> Markup:
    """`text` in the reader's language as a template says it: the text is markup, what is filled in is escaped."""
    markup = Markup(said(text))
    return markup % values if "%" in markup else markup

"""Words in the reader's language: looked up when the page is drawn."""

from __future__ import annotations

from typing import cast

from babel.support import NullTranslations, Translations
from flask import g
from flask_babel import get_translations, lazy_gettext
from markupsafe import Markup

from app.kernel.errors import DomainError


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


def sentence_of(error: DomainError) -> str:
    """The refusal in the reader's language, with its values; a value that is itself one of our words is looked up."""
    return said(error.sentence).format(**{name: said(str(value)) for name, value in error.values.items()})


def parted(words: str) -> str:
    """Words that are set apart by dots, such as 自产农户·乡镇已核实, each looked up."""
    return " · ".join(said(part) for part in words.split("·"))

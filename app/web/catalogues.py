"""The English words, read from the catalogue when the first reader asks for them; Chinese readers need none."""

from __future__ import annotations

import functools
import io
from pathlib import Path

from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from babel.support import NullTranslations, Translations
from flask_babel import Domain, get_locale

PO = Path(__file__).parent / "translations" / "en" / "LC_MESSAGES" / "messages.po"
_CHINESE = NullTranslations()


class Catalogues(Domain):
    """Source strings are Chinese, so that language has no catalogue; every other reader gets the English one."""

    def get_translations(self) -> NullTranslations:
        """The words for whoever reads; outside of a request the Chinese."""
        locale = get_locale()
        return _CHINESE if locale is None or locale.language == "zh" else english()


@functools.cache
def english() -> Translations:
    """The English catalogue, read once per process: about 50 ms. It needs no compiled file beside it."""
    with PO.open("rb") as file:
        catalogue = read_po(file, locale="en")
    compiled = io.BytesIO()
    write_mo(compiled, catalogue)
    compiled.seek(0)
    return Translations(compiled)

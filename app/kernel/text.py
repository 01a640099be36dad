"""One spelling for text that people type: width, case, script and invisible characters."""

from __future__ import annotations

import re
import unicodedata
from string import ascii_letters
from typing import Final

from opencc import OpenCC

_SIMPLIFIED: Final = OpenCC("t2s")
_UNSEEN: Final = frozenset({"Cc", "Cf", "Cs", "Co", "Cn"})
_ACCENTS: Final = re.compile("[\u0300-\u036f]+")


def tidy(text: str) -> str:
    """Compatibility-composed text without control, format, surrogate, private or unassigned characters.

    Every stretch of white space is one space and the ends are trimmed, so an invisible or full-width spelling
    cannot hide a word. Case and script stay as typed.
    """
    composed = unicodedata.normalize("NFKC", " ".join(text.split()))
    seen = "".join(char for char in composed if unicodedata.category(char) not in _UNSEEN)
    return " ".join(seen.split())


def simplified(text: str) -> str:
    """The text with traditional characters written simplified (紅棗 → 红枣); takes tidy text only."""
    return str(_SIMPLIFIED.convert(text))


def folded(text: str) -> str:
    """The spelling for comparing: tidy, lower case, simplified, Latin letters without accents."""
    plain = "".join(_base(char) for char in simplified(tidy(text)).lower())
    return tidy(_ACCENTS.sub("", plain))


def _base(char: str) -> str:
    first = unicodedata.normalize("NFD", char)[0]
    return first if first in ascii_letters else char

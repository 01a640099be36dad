"""What somebody may have meant whose words found nothing: known names that are written in them or sound nearly so."""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache
from typing import Final

from app.kernel.tables import read_table
from app.kernel.text import folded
from app.trade.catalog import sounds
from app.trade.catalog.words import QUERY_CHARS

MOST: Final = 3
_LETTERS: Final = 24
_SHORT: Final = 6
# Heard alike by most people along the river, so they are written alike before comparing.
_ALIKE: Final = (("zh", "z"), ("ch", "c"), ("sh", "s"), ("ng", "n"))


def known_names() -> tuple[str, ...]:
    """Names of varieties, products and known things, each once, varieties first."""
    rows = [(row["name"], row["alias"]) for row in read_table("app.trade.catalog", "varieties")]
    names = [name for name, alias in rows for name in (name, *alias.split("、"))]
    names += [row["name"] for row in read_table("app.trade.catalog", "products")]
    names += [name for row in read_table("app.trade.catalog", "synonyms") for name in row["words"].split("、")]
    return tuple(dict.fromkeys(name for name in names if len(name) > 1))


def nearest(asked: str, names: Iterable[str], *, most: int = MOST) -> list[str]:
    """At most so many names, the nearest first: those that stand in what was asked, the longest first, then those that
    sound like it but for one letter, of long ones two.

    Reads 60 characters. What was asked itself is never among them.
    """
    plain = folded(asked[:QUERY_CHARS])
    said = _letters(plain)
    found: list[tuple[int, int, str]] = []
    for name in names:
        own = folded(name)
        if own and own in plain and own != plain:
            found.append((0, -len(own), name))
        elif own != plain and (far := _distance(said, _letters(own))) <= _allowed(said):
            found.append((1 + far, -len(own), name))
    return list(dict.fromkeys(name for _far, _length, name in sorted(found)))[:most]


def _allowed(said: str) -> int:
    return 0 if len(said) < 4 else 1 if len(said) <= _SHORT else 2


@lru_cache(maxsize=512)
def _letters(plain: str) -> str:
    """The first pinyin of each character, and Latin letters as they are; nothing else."""
    letters = "".join((sounds.readings(sign) or (sign,))[0] for sign in plain if sign.isalpha())
    for heard, written in _ALIKE:
        letters = letters.replace(heard, written)
    return letters[:_LETTERS]


def _distance(one: str, other: str) -> int:
    """How many letters must be changed, added or left out to make the one of the other."""
    if abs(len(one) - len(other)) > 2:
        return _LETTERS
    row = list(range(len(other) + 1))
    for at, letter in enumerate(one, 1):
        before, row[0] = row[0], at
        for place, sign in enumerate(other, 1):
            before, row[place] = row[place], min(row[place] + 1, row[place - 1] + 1, before + (letter != sign))
    return row[-1]

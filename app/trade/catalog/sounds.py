"""How Chinese is said and typed: toneless pinyin of characters, and Latin letters read back as syllables.

Only pypinyin's table of single characters is read, when first needed: importing the library whole costs
0.2 s and 56 MB in every process, most of it for phrases. Characters with a second everyday reading are
listed here instead.
"""

from __future__ import annotations

import json
import unicodedata
from functools import cache
from importlib.util import find_spec
from itertools import product
from pathlib import Path
from typing import Final

SECOND_READINGS: Final = {
    "凹": "wa", "脯": "fu", "长": "chang", "乐": "yue", "重": "chong", "藏": "cang", "薄": "bo", "壳": "qiao",
    "盛": "cheng", "会": "kuai", "调": "tiao", "行": "hang", "还": "hai", "都": "dou", "参": "shen",
    "朝": "chao", "露": "lou", "熟": "shou", "柏": "bo", "贾": "gu", "解": "xie", "单": "shan",
    "曾": "ceng", "宿": "xiu", "降": "xiang",
}  # fmt: skip
_FIRST: Final = 0x4E00
_LAST: Final = 0x9FFF
_READINGS_PER_PHRASE: Final = 4
_SYLLABLES_PER_WORD: Final = 12
_LONGEST_SYLLABLE: Final = 6


def readings(char: str) -> tuple[str, ...]:
    """The everyday toneless readings of one simplified character, commonest first; empty for anything else.

    ü is given both as people type it and as it looks: 绿 is lv and lu.
    """
    first = _first_readings().get(char)
    if first is None:
        return ()
    both = (first, SECOND_READINGS[char]) if char in SECOND_READINGS else (first,)
    return tuple(spelling for reading in both for spelling in _spellings(reading))


def said(phrase: str) -> tuple[str, ...]:
    """Up to four ways to say a phrase, written together; none when a character has no reading."""
    ways = [readings(char) for char in phrase]
    return tuple("".join(way) for way, _ in zip(product(*ways), range(_READINGS_PER_PHRASE), strict=False))


def initials(phrase: str) -> tuple[str, ...]:
    """Up to four rows of first letters for a phrase: 柳林红枣 is llhz."""
    ways = [tuple(dict.fromkeys(reading[0] for reading in readings(char))) for char in phrase]
    return tuple("".join(way) for way, _ in zip(product(*ways), range(_READINGS_PER_PHRASE), strict=False))


@cache
def syllables() -> frozenset[str]:
    """Every toneless syllable that some character has."""
    known = {spelling for first in _first_readings().values() for spelling in _spellings(first)}
    return frozenset(known | set(SECOND_READINGS.values()))


def syllabled(word: str) -> list[tuple[str, ...]]:
    """The shortest ways, two at most, to read letters as syllables (pingan: ping an, pin gan)."""
    best: list[list[tuple[str, ...]]] = [[()]]
    for end in range(1, len(word) + 1):
        ways = [
            (*way, word[start:end])
            for start in range(max(0, end - _LONGEST_SYLLABLE), end)
            if word[start:end] in syllables()
            for way in best[start]
        ]
        best.append(sorted(ways, key=len)[:2])
    shortest = len(best[-1][0]) if best[-1] else 0
    return [way for way in best[-1] if len(way) == shortest and 0 < shortest <= _SYLLABLES_PER_WORD]


@cache
def _first_readings() -> dict[str, str]:
    spec = find_spec("pypinyin")
    if spec is None or not spec.submodule_search_locations:
        raise ModuleNotFoundError("pypinyin is not installed")
    table = json.loads((Path(spec.submodule_search_locations[0]) / "pinyin_dict.json").read_bytes())
    plain: dict[str, str] = {}
    found: dict[str, str] = {}
    for code in range(_FIRST, _LAST + 1):
        toned = table.get(str(code), "").partition(",")[0]
        if toned:
            found[chr(code)] = plain.setdefault(toned, _toneless(toned))
    return {char: syllable for char, syllable in found.items() if len(syllable) > 1 or syllable in "aeo"}


def _toneless(syllable: str) -> str:
    letters = unicodedata.normalize("NFD", syllable)
    kept = "".join(letter for letter in letters if letter == "\u0308" or not unicodedata.combining(letter))
    return kept.replace("u\u0308", "v").replace("\u0308", "")


def _spellings(reading: str) -> tuple[str, ...]:
    return (reading, reading.replace("v", "u")) if "v" in reading else (reading,)

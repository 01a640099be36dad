"""Words of the shelf: what a document is found by, and what a visitor's query asks for.

Both databases store and ask for the same plain tokens, so neither of their parsers has to know Chinese:

    u67a3          a character (枣)                u7ea2u67a3   two neighbours (红枣)
    w5 wvip        a number, a Latin word          w5u65a4      a number with its unit (5斤)
    pzao phongzao  the sound of one or two characters, without tones
    ihz            the initials of two to five characters
    gjiuzao        a known thing, whichever of its names was written (酒枣, 醉枣)

Every token is ASCII, begins with a letter and holds lower-case letters and digits only.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from functools import cache, lru_cache
from itertools import pairwise, product
from typing import Final, TypeAlias

from app.kernel.tables import read_table
from app.kernel.text import folded
from app.trade.catalog import sounds

Clauses: TypeAlias = tuple[tuple[str, ...], ...]

QUERY_CHARS: Final = 60
QUERY_TERMS: Final = 8
DOCUMENT_TOKENS: Final = 1000
_PACKAGE: Final = "app.trade.catalog"
_PART_CHARS: Final = 400
_SPOKEN_CHARS: Final = 60
_LATIN_CHARS: Final = 24
_INITIALS: Final = range(2, 6)

_RUN: Final = re.compile(r"[a-z]+|[0-9]+|[^\W_a-z0-9]+")
_TERM: Final = re.compile(r"[^\W_]+")
_TOKEN: Final = re.compile(r"[a-z][a-z0-9]{0,63}", re.ASCII)
_UNITS: Final = "斤公克千吨袋盒箱瓶罐坛两枚粒毫升号"
_NOISE: Final = re.compile(
    "我想要|我想买|我要买|想要|想买|要买|我要|请问|有没有|哪里有|哪里|哪儿|哪家|在哪|怎么卖|怎么买|多少钱"
    "|什么|价格|价钱|便宜|正宗|包邮|特产|推荐|批发|买|卖|的|吗|呢|吧|啊"
)
_KILOS: Final = re.compile(r"(?<=[0-9])\s*(?:kg|千克)")
_GRAMS: Final = re.compile(r"(?<=[0-9])\s*g(?![a-z])")
_GAP: Final = re.compile(rf"(?<=[0-9])\s+(?=[{_UNITS}])")
_DATES_TAIL: Final = re.compile("(?<=枣)(?:子(?!弹)|儿)")
_COUNTED: Final = re.compile("([一二两三四五六七八九]?)(十?)([一二三四五六七八九]?)(?=公?斤)")
_DIGITS: Final = {"": 0, "两": 2} | {digit: value for value, digit in enumerate("一二三四五六七八九", 1)}


def index_text(*parts: str) -> str:
    """The tokens under which a document is found, separated by spaces, each once, at most `DOCUMENT_TOKENS`.

    Give the important parts first (title, variety, township, seller): when the limit is reached the rest
    is cut. Of each part the first 400 characters are read, and the first 60 of them also by sound.
    """
    tokens = dict.fromkeys(token for part in parts for token in _held(part[:_PART_CHARS]))
    return " ".join(list(tokens)[:DOCUMENT_TOKENS])


def query_tokens(text: str) -> Clauses:
    """What a document must hold for a visitor's query: every clause, by at least one of its tokens.

    Reads 60 characters and eight terms, drops talk around the thing sought (想买…的), and returns nothing
    when nothing is left. A character is also met by the sound of itself and a neighbour (骏早 meets 骏枣),
    a word by the other names of the same thing, Latin letters by pinyin or initials. The first token of a
    clause is the written form; the written pairs beside it find nothing more, they rank neighbours first.
    """
    spelt = _NOISE.sub(" ", _spelt(text[:QUERY_CHARS])[:QUERY_CHARS])
    terms = _TERM.findall(spelt)[:QUERY_TERMS]
    return tuple(dict.fromkeys(clause for term in terms for clause in _asked(term)))


def exact_tokens(tokens: Clauses) -> Clauses:
    """The same query taken at its word, to put what it names before what only sounds like it.

    Of each clause the pairs, the Latin words and the known things stay; a clause that has neither pair nor thing stays
    whole. So whatever these clauses find, `tokens` find too.
    """
    return tuple(_exact(clause) for clause in tokens)


def _exact(clause: tuple[str, ...]) -> tuple[str, ...]:
    named = [token for token in clause if token.startswith("g") or (token.startswith("u") and token.count("u") > 1)]
    return tuple(token for token in clause if token in named or token.startswith("w")) if named else clause


def to_fts5(tokens: Clauses, *, but_not: Clauses = ()) -> str:
    """The clauses as an FTS5 query for `MATCH`, less what `but_not` finds; without clauses one that finds nothing.

    Raises `ValueError` for anything that is not a token, so no text of a visitor reaches the query language.
    """
    found, less = (_in_fts5(tokens), _in_fts5(but_not)) if tokens else ('""', "")
    return f"({found}) NOT ({less})" if less else found


def _in_fts5(tokens: Clauses) -> str:
    clauses = [" OR ".join(f'"{token}"' for token in _checked(clause)) for clause in tokens]
    return " AND ".join(f"({clause})" for clause in clauses)


def to_tsquery(tokens: Clauses, *, but_not: Clauses = ()) -> str:
    """The clauses as text for `to_tsquery('simple', …)`, less what `but_not` finds; without clauses one that finds
    nothing.

    Raises `ValueError` for anything that is not a token, so no text of a visitor reaches the query language.
    """
    found, less = (_in_tsquery(tokens), _in_tsquery(but_not)) if tokens else ("", "")
    return f"({found}) & !({less})" if less else found


def _in_tsquery(tokens: Clauses) -> str:
    return " & ".join(f"({' | '.join(_checked(clause))})" for clause in tokens)


def _checked(clause: tuple[str, ...]) -> tuple[str, ...]:
    if not clause or not all(_TOKEN.fullmatch(token) for token in clause):
        raise ValueError("a clause holds at least one token and nothing else")
    return clause


def _spelt(text: str) -> str:
    """One spelling for documents and queries: folded, 2 kg as 2公斤, 五斤 as 5斤, 枣子 as 枣."""
    plain = _GRAMS.sub("克", _KILOS.sub("公斤", folded(text)))
    return _DATES_TAIL.sub("", _COUNTED.sub(_count, _GAP.sub("", plain)))


def _count(found: re.Match[str]) -> str:
    tens, ten, ones = found.groups()
    if ten:
        return str((_DIGITS[tens] or 1) * 10 + _DIGITS[ones])
    return str(_DIGITS[tens]) if tens and not ones else found[0]


# Varieties, townships and sellers repeat from document to document.
@lru_cache(maxsize=512)
def _held(part: str) -> tuple[str, ...]:
    text = _spelt(part)[:_PART_CHARS]
    return _unique([*_written(text), *_sounded(text[:_SPOKEN_CHARS])])


def _written(text: str) -> Iterator[str]:
    for run in _RUN.finditer(text):
        yield from _spelling(text, run)
    for name in filter(text.__contains__, _names()):
        if any(_stands(name, text, found.start()) for found in re.finditer(name, text)):
            yield from _names()[name]


def _spelling(text: str, run: re.Match[str]) -> Iterator[str]:
    if not run[0].isascii():
        yield from map(_char, run[0])
        yield from map(_char, map("".join, pairwise(run[0])))
        return
    yield f"w{run[0][:_LATIN_CHARS]}"
    if unit := _unit_after(text, run):
        yield unit


def _unit_after(text: str, run: re.Match[str]) -> str | None:
    """The token of a number with the unit written after it, if it is one."""
    after = text[run.end() : run.end() + 1]
    counted = run[0].isascii() and run[0].isdecimal() and after and after in _UNITS
    return f"w{run[0][:_LATIN_CHARS]}{_char(after)}" if counted else None


def _char(chars: str) -> str:
    return "".join(f"u{ord(char):x}" for char in chars)


def _sounded(text: str) -> Iterator[str]:
    """Sounds and initials, across spaces and marks but not across letters and digits."""
    for phrase in re.split("[a-z0-9]+", text):
        chars = "".join(char for char in phrase if sounds.readings(char))
        for start, char in enumerate(chars):
            yield from (f"p{way}" for way in (*sounds.said(char), *sounds.said(chars[start : start + 2])))
            for size in _INITIALS:
                if start + size <= len(chars):
                    yield from (f"i{way}" for way in sounds.initials(chars[start : start + size]))


def _asked(term: str) -> Iterator[tuple[str, ...]]:
    names = _names_in(term)
    for run in _RUN.finditer(term):
        here = names.get(run.start(), ())
        if unit := _unit_after(term, run):
            yield (unit, *here)
        elif run[0].isascii():
            yield from _asked_in_latin(run[0][:_LATIN_CHARS], here)
        else:
            yield from _asked_in_chinese(run[0], [names.get(at, ()) for at in range(*run.span())])


def _asked_in_chinese(run: str, names: list[tuple[str, ...]]) -> Iterator[tuple[str, ...]]:
    by_sound = [key for way in sounds.said(run) for key in _names_by_sound().get(way, ())]
    for at, char in enumerate(run):
        pairs = [run[start : start + 2] for start in (at - 1, at) if 0 <= start < len(run) - 1]
        # 母 in 木母枣 is not heard in "mu zao": the 木 before it is, and 木枣 is another fruit.
        twin = 0 < at < len(run) - 1 and sounds.readings(char) == sounds.readings(run[at - 1])
        yield _unique([_char(char), *map(_char, pairs), *_heard(pairs[:1] if twin else pairs), *names[at], *by_sound])


def _heard(pairs: list[str]) -> list[str]:
    """How pairs sound that may be misspelt; a pair from a known name is spelt right and means itself."""
    return [f"p{way}" for pair in pairs if pair not in _known_pairs() for way in sounds.said(pair)]


def _asked_in_latin(word: str, names: tuple[str, ...]) -> Iterable[tuple[str, ...]]:
    known = (f"w{word}", *names, *_names_by_sound().get(word, ()))
    if word.isdecimal():
        return [known]
    ways: list[list[tuple[str, ...]]] = [_sounds_asked(way) for way in sounds.syllabled(word)]
    if not ways or len(word) in _INITIALS:
        ways.append(_initials_asked(word))
    return [_unique([*known, *(token for clause in met for token in clause)]) for met in product(*ways)]


def _sounds_asked(way: tuple[str, ...]) -> list[tuple[str, ...]]:
    """Clauses for syllables: two are neighbours; of more, all but the last have a neighbour of theirs."""
    pairs = [f"p{before}{after}" for before, after in pairwise(way)]
    if len(pairs) < 2:
        return [(f"p{''.join(way)}",)]
    return [tuple(pairs[max(0, at - 1) : at + 1]) for at in range(len(way) - 1)] + [(f"p{way[-1]}",)]


def _initials_asked(word: str) -> list[tuple[str, ...]]:
    size = min(len(word), _INITIALS.stop - 1)
    return [(f"i{word[start : start + size]}",) for start in range(len(word) - size + 1)]


def _unique(tokens: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(tokens))


@cache
def _names() -> dict[str, tuple[str, ...]]:
    """Every listed name of a thing → the tokens of the things it names."""
    names: dict[str, tuple[str, ...]] = {}
    for row in read_table(_PACKAGE, "synonyms"):
        for word in row["words"].split("、"):
            names[_spelt(word)] = (*names.get(_spelt(word), ()), f"g{row['key']}")
    return names


@cache
def _known_pairs() -> frozenset[str]:
    """Neighbours in the names of varieties, products and their synonyms."""
    tables = {"varieties": ("name", "alias"), "products": ("name",), "synonyms": ("words",)}
    names = [
        row[column] for table, columns in tables.items() for row in read_table(_PACKAGE, table) for column in columns
    ]
    return frozenset("".join(pair) for name in names for run in _RUN.findall(_spelt(name)) for pair in pairwise(run))


@cache
def _names_by_sound() -> dict[str, tuple[str, ...]]:
    """The same by pinyin written together; single characters are left out, too many sound alike."""
    return {way: keys for word, keys in _names().items() if len(word) > 1 for way in sounds.said(word)}


def _names_in(term: str) -> dict[int, tuple[str, ...]]:
    """For each place in the term the tokens of the longest listed name that covers it."""
    covered: dict[int, tuple[str, ...]] = {}
    at = 0
    while at < len(term):
        name = max((name for name in _names() if _stands(name, term, at)), key=len, default="")
        if name:
            covered |= dict.fromkeys(range(at, at + len(name)), _names()[name])
        at += len(name) or 1
    return covered


def _stands(name: str, term: str, at: int) -> bool:
    """Whether the name begins at this place; a Latin name only as a whole word."""
    if not term.startswith(name, at):
        return False
    around = term[at - 1 : at] + term[at + len(name) : at + len(name) + 1]
    return not (name.isascii() and re.search("[a-z]", around))

"""Texts that carry a code: it stands nowhere, but is made when the text goes. Wiring says who makes it."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass

from app.people.messages.models import OutgoingText
from app.people.messages.states import Carries


@dataclass(frozen=True, slots=True)
class Maker:
    """What a text says around its code, as `{code}`, and the codes of those among some rows that are still expected."""

    sentence: str
    codes_of: Callable[[Collection[int]], Mapping[int, str]]


_makers: dict[Carries, Maker] = {}


def register(kind: Carries, maker: Maker) -> None:
    """From here on, codes of that kind are made so. The assembly says it once; saying it again changes nothing."""
    _makers[kind] = maker


def words_of(row: OutgoingText) -> str | None:
    """What the text says at this moment, with its code; None when nobody waits for that code any more."""
    code = codes_of([row]).get(row.id)
    return None if code is None or row.carries is None else _makers[row.carries].sentence.format(code=code)


def codes_of(rows: Iterable[OutgoingText]) -> dict[int, str]:
    """The codes that these texts carry and that are still expected, each by the id of its text; one question a kind."""
    carrying = [(row.id, row.carries, row.carried_id) for row in rows]
    found: dict[int, str] = {}
    for kind in {one for _, one, _ in carrying if one is not None}:
        texts = {text_id: made_of for text_id, one, made_of in carrying if one is kind and made_of is not None}
        made = _makers[kind].codes_of(set(texts.values()))
        found.update((text_id, made[made_of]) for text_id, made_of in texts.items() if made_of in made)
    return found

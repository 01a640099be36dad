"""Which figures there are, by their public keys, and what the kinds of events are called."""

from __future__ import annotations

from collections.abc import Iterable

from app.kernel.errors import NotFound
from app.ledger.books.movements import Kind
from app.ledger.figures.figure import Figure

_figures: dict[str, Figure] = {}
_words: dict[str, str] = {}


class FigureTaken(RuntimeError):
    """Two figures under one key, or two words for one kind: a mistake in our code."""


def register(*figures: Figure) -> None:
    """From here on the figures are found by their keys; the same one again changes nothing. Raises `FigureTaken`."""
    for figure in figures:
        if _figures.setdefault(figure.key, figure) is not figure:
            raise FigureTaken(figure.key)


def name_kinds(kinds: Iterable[Kind]) -> None:
    """From here on entries of these kinds are shown with their words. Raises `FigureTaken`."""
    for kind in kinds:
        if _words.setdefault(kind.name, kind.words) != kind.words:
            raise FigureTaken(kind.name)


def get(key: str) -> Figure:
    """The figure with this key. Raises `NotFound`."""
    if key not in _figures:
        raise NotFound()
    return _figures[key]


def all_figures() -> list[Figure]:
    """Every registered figure, in the order of registration."""
    return list(_figures.values())


def words_of(kind: str) -> str:
    """The words of a kind of event, or its name where nobody gave it words."""
    return _words.get(kind, kind)

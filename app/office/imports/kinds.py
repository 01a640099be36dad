"""What can be imported: its columns, how its rows are judged, and how the good ones come true.

`wiring.py` registers the kinds. A kind stands in the slice whose rows it makes, and goes through that slice's rules.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

from app.gateways.sheets import Cell
from app.kernel.errors import DomainError
from app.kernel.permissions import Permission, Viewer
from app.office.imports.errors import UnknownKind
from app.office.imports.states import Outcome


@dataclass(frozen=True, slots=True)
class Column:
    """One column: its title, other titles by which it is known, and how a cell becomes a value.

    `parse` raises a `DomainError` for a cell that it refuses; an empty cell never comes to it. `choices` are offered as
    a list in the template. A `secret` column is masked wherever it is shown.
    """

    key: str
    title: str
    parse: Callable[[Cell], Any]
    aliases: tuple[str, ...] = ()
    required: bool = False
    hint: str = ""
    example: str = ""
    choices: Callable[[], Sequence[str]] | None = None
    secret: bool = False


@dataclass(slots=True)
class Fault:
    """What is wrong with a cell, or with the whole row where `column` is empty."""

    column: str
    sentence: str
    values: dict[str, Any]


@dataclass(slots=True)
class Line:
    """One row while it is judged: what it says, what is wrong with it, what it would do, and what it was found to be.

    `key` names its thing within the file; `found` is the kind's own.
    """

    number: int
    cells: dict[str, Cell]
    values: dict[str, Any] = field(default_factory=dict)
    faults: list[Fault] = field(default_factory=list)
    key: str = ""
    outcome: Outcome = Outcome.SAME
    found: Any = None

    def refuse(self, column: str, error: DomainError) -> None:
        """The cell of that column is wrong, for the reason that the refusal gives."""
        self.faults.append(Fault(column, error.sentence, dict(error.values)))

    def says(self, column: str) -> bool:
        """Whether the cell holds anything."""
        return column in self.values


class ImportKind(Protocol):
    """A kind of thing that comes in by table."""

    key: str
    words: str
    hint: str
    permission: Permission
    columns: tuple[Column, ...]
    most_rows: int
    summed: tuple[str, ...]
    """The columns of which an export gives the sum in its last row."""

    def scopes(self, viewer: Viewer) -> list[tuple[str, str]]:
        """For whom the viewer may import and export it: (scope, what people read)."""

    def check(self, lines: Sequence[Line], scope: str) -> None:
        """Each line is refused, or has its key and its outcome; nothing is written."""

    def apply(self, lines: Sequence[Line], scope: str, *, by: str, because: str) -> None:
        """The lines that make or change something have done it. They were checked in this transaction."""

    def export(self, scope: str) -> Iterator[Sequence[str]]:
        """Everything that the scope has, one row of cell texts for each, as an import would read it."""


_kinds: dict[str, ImportKind] = {}


def register(*kinds: ImportKind) -> None:
    """From here on these can be imported. Saying it twice changes nothing."""
    _kinds.update((kind.key, kind) for kind in kinds)


def kind_of(key: str) -> ImportKind:
    """Raises `UnknownKind`."""
    found = _kinds.get(key)
    if found is None:
        raise UnknownKind(field="kind")
    return found


def offered_to(viewer: Viewer) -> list[tuple[ImportKind, str, str]]:
    """What the viewer may import for whom: (kind, owner, the owner's words)."""
    return [
        (kind, scope, words)
        for kind in _kinds.values()
        if viewer.may(kind.permission)
        for scope, words in kind.scopes(viewer)
    ]

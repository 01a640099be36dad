"""One queue of everything that waits for a decision of the person who looks, from whatever slice it comes.

A source says how to find what of its kind somebody may act on; `wiring.py` names the sources. However many there are
and however much waits, the queue costs one statement for its rows and one for its counters.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import (
    ColumnElement,
    SQLColumnExpression,
    Subquery,
    Text,
    cast,
    false,
    func,
    literal,
    select,
    true,
    union_all,
)

from app.kernel.db import AnySelect, session
from app.kernel.permissions import Permission, Viewer
from app.people.townships import queries as townships
from app.people.townships.models import Township

MOST_LISTED = 100


@dataclass(slots=True)
class Reach:
    """What the person who looks may act on; the townships of a permission are looked up once."""

    viewer: Viewer
    _lineages: dict[frozenset[str], frozenset[str]] = field(default_factory=dict)

    def within(self, permission: Permission, township: SQLColumnExpression[str]) -> ColumnElement[bool]:
        """That a row's township is one in which he holds the permission."""
        if not self.viewer.may(permission):
            return false()
        codes = self.viewer.townships(permission)
        if codes is None:
            return true()
        if codes not in self._lineages:
            self._lineages[codes] = townships.lineages(codes)
        return township.in_(self._lineages[codes])


@dataclass(frozen=True, slots=True)
class Source:
    """One kind of thing that waits.

    `concerns` says, without the database, whether such things are the business of the person who looks; `find` gives
    a statement of the columns made by `row`, narrowed to what he may act on; `address` makes a row's `ref` the path of
    the page on which he does.
    """

    key: str
    words: str
    concerns: Callable[[Viewer], bool]
    find: Callable[[Reach], AnySelect]
    address: Callable[[str], str]


@dataclass(frozen=True, slots=True)
class Waiting:
    """One thing that waits: of which kind, what it is, in which township (empty for none), since when, and where."""

    kind: str
    what: str
    place: str
    since: datetime
    url: str


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind with its counter."""

    key: str
    words: str
    count: int


@dataclass(frozen=True, slots=True)
class Queue:
    """What waits for somebody: his kinds with their counters, and the rows, the longest waiting first."""

    kinds: Sequence[Kind]
    rows: Sequence[Waiting]

    @property
    def total(self) -> int:
        """How many things wait in all."""
        return sum(one.count for one in self.kinds)


_sources: dict[str, Source] = {}


def add(source: Source) -> None:
    """From here on the queue has what this source finds. Saying it twice changes nothing."""
    _sources[source.key] = source


def row(
    *,
    what: SQLColumnExpression[str],
    place: SQLColumnExpression[str],
    since: SQLColumnExpression[datetime],
    ref: SQLColumnExpression[Any],
) -> AnySelect:
    """What a source's statement selects: a name or number, a township's code or "", a moment, and what leads there."""
    return select(
        cast(what, Text).label("what"),
        cast(place, Text).label("place"),
        since.label("since"),
        cast(ref, Text).label("ref"),
    )


def concerns(viewer: Viewer) -> bool:
    """Whether there is any kind of thing that the person may act on."""
    return any(source.concerns(viewer) for source in _sources.values())


def count(viewer: Viewer) -> int:
    """How many things wait for the person."""
    found = _found(viewer)
    return 0 if not found else session().scalars(select(func.count()).select_from(_together(found))).one()


def of(viewer: Viewer, *, kind: str = "") -> Queue:
    """What waits for the person, of one kind or of all, the longest waiting first, a hundred rows at most."""
    found = _found(viewer)
    if not found:
        return Queue([], [])
    together = _together(found)
    counted = {
        one.kind: one.number
        for one in session().execute(select(together.c.kind, func.count().label("number")).group_by(together.c.kind))
    }
    kinds = [Kind(source.key, source.words, counted.get(source.key, 0)) for source, _find in found]
    chosen = [one for one in found if one[0].key == kind] or found
    return Queue(kinds, _rows(chosen))


def _found(viewer: Viewer) -> list[tuple[Source, AnySelect]]:
    reach = Reach(viewer)
    return [(source, source.find(reach)) for source in _sources.values() if source.concerns(viewer)]


def _together(found: Sequence[tuple[Source, AnySelect]]) -> Subquery:
    parts = [statement.add_columns(literal(source.key, Text).label("kind")) for source, statement in found]
    return union_all(*parts).subquery("waiting")


def _rows(found: Sequence[tuple[Source, AnySelect]]) -> list[Waiting]:
    together = _together(found)
    statement = (
        select(together, func.coalesce(Township.name, "").label("township"))
        .outerjoin(Township, Township.code == together.c.place)
        .order_by(together.c.since, together.c.kind, together.c.ref)
        .limit(MOST_LISTED)
    )
    return [
        Waiting(
            kind=_sources[one.kind].words,
            what=one.what,
            place=one.township,
            since=one.since,
            url=_sources[one.kind].address(one.ref),
        )
        for one in session().execute(statement)
    ]

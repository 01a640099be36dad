"""Reading imports, through whom they are for."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from sqlalchemy import or_, select, tuple_

from app.kernel import paging
from app.kernel.db import locked, session
from app.kernel.errors import NotFound
from app.kernel.paging import Page
from app.kernel.permissions import Viewer
from app.office.imports import kinds
from app.office.imports.kinds import ImportKind
from app.office.imports.models import Import, ImportName, ImportRow
from app.office.imports.states import LIVE, ImportState

CHUNK = 1_000


def by_id(import_id: int, *, lock: bool = False) -> Import:
    """The import. Raises `NotFound`."""
    statement = select(Import).where(Import.id == import_id)
    found = session().scalars(locked(statement) if lock else statement).one_or_none()
    if found is None:
        raise NotFound()
    return found


def of_viewer(number: str, viewer: Viewer, *, lock: bool = False) -> Import:
    """An import for somebody for whom the viewer imports its kind. Raises `NotFound`."""
    statement = select(Import).where(Import.number == number)
    found = session().scalars(locked(statement) if lock else statement).one_or_none() if number.isprintable() else None
    if found is None or not may_see(viewer, found):
        raise NotFound()
    return found


def may_see(viewer: Viewer, one: Import) -> bool:
    """Whether the viewer imports this kind for that owner."""
    kind = kinds.kind_of(one.kind)
    return viewer.may(kind.permission) and one.scope in {scope for scope, _words in kind.scopes(viewer)}


def page_for(viewer: Viewer, offered: Sequence[tuple[ImportKind, str]], *, cursor: str | None) -> Page[Import]:
    """Imports of the kinds and owners offered, the newest first. Raises `BadCursor`."""
    keys = (paging.Key(Import.id.expression, lambda row: row.id, descending=True),)
    mine = tuple_(Import.kind, Import.scope).in_([(kind.key, scope) for kind, scope in offered])
    rows = session().scalars(paging.after(select(Import).where(mine), keys, cursor, size=12)).all()
    return paging.page(rows, keys, size=12)


def live(kind: str, scope: str, sha256: str) -> Import | None:
    """The import of the same bytes for the same owner that was not given up."""
    statement = select(Import).where(
        Import.kind == kind, Import.scope == scope, Import.sha256 == sha256, Import.state.in_(LIVE)
    )
    return session().scalars(statement).one_or_none()


def next_due() -> Import | None:
    """What the worker has to do first: to write what was confirmed, then to try what came."""
    waiting = or_(Import.state == ImportState.CONFIRMED, Import.state == ImportState.READING)
    # "confirmed" stands before "reading": who has confirmed waits for nobody's new file.
    return session().scalars(select(Import).where(waiting).order_by(Import.state, Import.id).limit(1)).first()


def bad_rows(one: Import, *, cursor: str | None) -> Page[ImportRow]:
    """The rows that are wrong, in the file's order. Raises `BadCursor`."""
    keys = (paging.Key(ImportRow.row_no.expression, lambda row: row.row_no),)
    statement = select(ImportRow).where(ImportRow.import_id == one.id, ImportRow.faults != "")
    rows = session().scalars(paging.after(statement, keys, cursor, size=50)).all()
    return paging.page(rows, keys, size=50)


def chunks(import_id: int, *, only_bad: bool = False) -> Iterator[list[tuple[int, bytes, str]]]:
    """(number, sealed cells, faults) of every row in order, a thousand at a time."""
    last = 0
    while True:
        statement = (
            select(ImportRow.row_no, ImportRow.cells, ImportRow.faults)
            .where(ImportRow.import_id == import_id, ImportRow.row_no > last)
            .order_by(ImportRow.row_no)
            .limit(CHUNK)
        )
        if only_bad:
            statement = statement.where(ImportRow.faults != "")
        rows = session().execute(statement).all()
        if not rows:
            return
        yield [(row_no, cells, faults) for row_no, cells, faults in rows]
        last = rows[-1][0]


def things_named(scope: str, sort: str, names: Sequence[str]) -> dict[str, int]:
    """Name → the thing that somebody outside calls so; unknown names are missing."""
    statement = select(ImportName.name, ImportName.thing_id).where(
        ImportName.scope == scope, ImportName.sort == sort, ImportName.name.in_(names)
    )
    return dict(session().execute(statement).all())


def names_of(scope: str, sort: str) -> dict[int, str]:
    """Thing → how its owner calls it."""
    statement = select(ImportName.thing_id, ImportName.name).where(ImportName.scope == scope, ImportName.sort == sort)
    return dict(session().execute(statement).all())


def remember_names(scope: str, sort: str, named: Sequence[tuple[str, int]]) -> None:
    """From here on these things are known by these names."""
    session().add_all(ImportName(scope=scope, sort=sort, name=name, thing_id=thing_id) for name, thing_id in named)
    session().flush()

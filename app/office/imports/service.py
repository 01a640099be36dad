"""What a person does with a file: bring it, confirm what it would do, or take it back."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import delete, select
from sqlalchemy.exc import IntegrityError

from app.audit import service as audit
from app.kernel import clock, ids
from app.kernel.db import session
from app.kernel.permissions import Viewer
from app.office.imports import kinds, queries, rows
from app.office.imports.errors import NotReady, UnknownKind
from app.office.imports.kinds import ImportKind
from app.office.imports.models import Import, ImportFile, ImportRow
from app.office.imports.states import ENDED, ImportState
from app.people.accounts import wording

KEPT_FOR = timedelta(days=7)
MOST_NAME = 80
_FORGOTTEN_AT_ONCE = 20


@dataclass(frozen=True, slots=True)
class Brought:
    """An import, and whether the file is new or was brought before."""

    one: Import
    is_new: bool


def digest(data: bytes) -> str:
    """SHA-256 of a file in hex."""
    return hashlib.sha256(data).hexdigest()


def bring(data: bytes, *, kind_key: str, scope: str, file_name: str, by: Viewer) -> Brought:
    """The file waits to be tried; the product stays as it is.

    The same bytes for the same owner give the import that there is. `sheets.look` has passed the file before, outside
    the transaction. Raises `UnknownKind` for what the viewer may not import, or not for that owner.
    """
    kind = allowed(kind_key, scope, by)
    sha256 = digest(data)
    there = queries.live(kind.key, scope, sha256)
    if there is not None:
        return Brought(there, is_new=False)
    one = Import(
        number=ids.public_number("I"),
        kind=kind.key,
        scope=scope,
        sha256=sha256,
        file_name=wording.plain(file_name)[-MOST_NAME:] or "—",
        uploaded_by=acting(by, scope),
        uploaded_at=clock.now(),
    )
    try:
        with session().begin_nested():
            session().add(one)
    except IntegrityError:
        # Somebody brought the same file at the same moment.
        there = queries.live(kind.key, scope, sha256)
        if there is None:
            raise
        return Brought(there, is_new=False)
    session().add(ImportFile(import_id=one.id, sealed=rows.seal_file(data, import_id=one.id)))
    audit.note("imports.brought", f"import:{one.number}", by=one.uploaded_by, kind=kind.key, scope=scope, sha256=sha256)
    return Brought(one, is_new=True)


def allowed(kind_key: str, scope: str, by: Viewer) -> ImportKind:
    """The kind, if the viewer may import it for that owner. Raises `UnknownKind`."""
    kind = kinds.kind_of(kind_key)
    if not by.may(kind.permission) or scope not in {one for one, _words in kind.scopes(by)}:
        raise UnknownKind(field="target")
    return kind


def acting(by: Viewer, scope: str) -> str:
    """How records name whoever imports for that owner."""
    return by.acting_for(int(scope.removeprefix("seller:"))) if scope.startswith("seller:") else by.actor


def confirm(number: str, *, by: Viewer) -> Import:
    """The worker will write it, all or nothing. Raises `NotFound`, and `NotReady` unless every row is good."""
    one = queries.of_viewer(number, by, lock=True)
    if one.state is not ImportState.READY or one.bad or one.failure:
        raise NotReady()
    one.become(ImportState.CONFIRMED)
    one.confirmed_by, one.confirmed_at = acting(by, one.scope), clock.now()
    audit.note("imports.confirmed", f"import:{one.number}", by=one.confirmed_by, rows=one.rows)
    return one


def withdraw(number: str, *, by: Viewer) -> Import:
    """Nothing of it will be written, and its rows are forgotten. Raises `NotFound`, `IllegalMove` once confirmed."""
    one = queries.of_viewer(number, by, lock=True)
    one.become(ImportState.WITHDRAWN)
    audit.note("imports.withdrawn", f"import:{one.number}", by=acting(by, one.scope))
    return one


def forget_old() -> int:
    """The rows and files of imports that have ended, or that nobody went on with for a week, are gone; how many."""
    stale = clock.now() - KEPT_FOR
    over = select(Import).where(
        Import.emptied_at.is_(None),
        Import.state.in_(ENDED)
        | (Import.state.in_((ImportState.READY, ImportState.FAULTY)) & (Import.uploaded_at < stale)),
    )
    found = session().scalars(over.order_by(Import.id).limit(_FORGOTTEN_AT_ONCE)).all()
    for one in found:
        if one.state not in ENDED:
            one.become(ImportState.WITHDRAWN)
        session().execute(delete(ImportRow).where(ImportRow.import_id == one.id))
        session().execute(delete(ImportFile).where(ImportFile.import_id == one.id))
        one.emptied_at = clock.now()
    return len(found)

"""What the worker does with files: try them in chunks that survive a kill, and write the confirmed ones as a whole."""

from __future__ import annotations

import json
import time
import unicodedata
from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import islice

from sqlalchemy import delete, insert, select, update

from app.audit import service as audit
from app.gateways import sheets
from app.gateways.sheets import Row, SheetsBusy
from app.kernel import clock
from app.kernel.db import let_go, session, transaction
from app.kernel.errors import DomainError
from app.office.imports import kinds, queries, rows
from app.office.imports.errors import HeaderMissing, HeaderTwice, NothingInside, RowTwice, TooManyLines
from app.office.imports.kinds import ImportKind, Line
from app.office.imports.models import Import, ImportFile, ImportRow
from app.office.imports.states import ImportState, Outcome

PATIENCE_SECONDS = 8.0
_HEADER_WITHIN = 20
_BECAUSE = "导入 {number}"


class _OvertakenError(Exception):
    """Another worker has gone further with the same file."""


class _NowWrongError(Exception):
    """Rows that were good when they were tried are not any more."""

    def __init__(self, lines: Sequence[Line]) -> None:
        super().__init__()
        self.lines = lines


def go_on() -> bool:
    """A stretch of the work on what waits longest is done; False when nothing waits.

    Opens its own transactions. Killed anywhere, it goes on from the last chunk that was committed.
    """
    due = queries.next_due()
    if due is None:
        return False
    import_id, state = due.id, due.state
    if state is ImportState.CONFIRMED:
        write(import_id)
    else:
        try_on(import_id)
    return True


def try_on(import_id: int) -> None:
    """The rows of the file that were not tried yet are tried, for some seconds; at its end it is ready or faulty."""
    one = queries.by_id(import_id)
    kind, scope, done_to = kinds.kind_of(one.kind), one.scope, one.read_to
    sealed = session().scalars(select(ImportFile.sealed).where(ImportFile.import_id == import_id)).one()
    data = rows.unseal_file(sealed, import_id=import_id)
    let_go()
    until = time.monotonic() + PATIENCE_SECONDS
    try:
        with sheets.rows(data, after=done_to) as read:
            places, unused = _header(read, kind)
            lines = (rows.line_of(row, places) for row in read if not rows.is_left_out(row) and row.number > done_to)
            while chunk := list(islice(lines, queries.CHUNK)):
                done_to = _try(import_id, chunk, kind, scope, after=done_to)
                if time.monotonic() > until:
                    return
        _end(import_id, unused)
    except (SheetsBusy, _OvertakenError):
        return
    except DomainError as error:
        if error.retry_after is None:
            _fail(import_id, error)


def _header(read: Iterator[Row], kind: ImportKind) -> tuple[dict[str, int], str]:
    """Column → its place, and the titles that are used for nothing. Raises `HeaderMissing`, `HeaderTwice`.

    The header is the first row that has all columns that are needed; a title or two may stand over it.
    """
    for row in islice(read, _HEADER_WITHIN):
        titles = [cell.text for cell in row.cells]
        places: dict[str, int] = {}
        unused = []
        for at, title in enumerate(titles):
            key = _column_of(title, kind)
            if key in places:
                raise HeaderTwice(column=title[:30])
            if key:
                places[key] = at
            elif title:
                unused.append(title[:20])
        if all(column.key in places for column in kind.columns if column.required):
            return places, "、".join(unused[:10])
    raise HeaderMissing(columns="、".join(column.title for column in kind.columns if column.required))


def _column_of(title: str, kind: ImportKind) -> str:
    wanted = _spelt(title)
    for column in kind.columns:
        if wanted and wanted in {_spelt(name) for name in (column.title, *column.aliases)}:
            return column.key
    return ""


def _spelt(title: str) -> str:
    """A title without width, blanks, stars and what stands in brackets."""
    return "".join(unicodedata.normalize("NFKC", title).partition("(")[0].replace("*", "").split()).lower()


def _try(import_id: int, chunk: Sequence[Line], kind: ImportKind, scope: str, *, after: int) -> int:
    """The chunk is on record with what it would do, in one transaction with how far the file was tried.

    So each row is there once, however often the work is killed; who finds that another has gone further stops.
    """
    with transaction():
        one = queries.by_id(import_id, lock=True)
        if one.state is not ImportState.READING or one.read_to != after:
            raise _OvertakenError()
        if one.rows + len(chunk) > kind.most_rows:
            raise TooManyLines(most=kind.most_rows)
        rows.judge(chunk, kind, scope)
        _refuse_repeated(import_id, chunk)
        session().execute(insert(ImportRow), [_record(import_id, line) for line in chunk])
        one.read_to = chunk[-1].number
        one.rows += len(chunk)
        one.bad += sum(bool(line.faults) for line in chunk)
        _count(one, Counter(line.outcome for line in chunk if not line.faults))
    return chunk[-1].number


def _record(import_id: int, line: Line) -> dict[str, object]:
    return {
        "import_id": import_id,
        "row_no": line.number,
        "cells": rows.seal(line, import_id=import_id),
        "key": rows.key_of(line),
        "outcome": None if line.faults else line.outcome,
        "faults": rows.told(line),
    }


def _count(one: Import, counted: Counter[Outcome]) -> None:
    one.made += counted[Outcome.MADE]
    one.changed += counted[Outcome.CHANGED]
    one.same += counted[Outcome.SAME]


def _refuse_repeated(import_id: int, chunk: Sequence[Line]) -> None:
    keys = {rows.key_of(line): line for line in reversed(chunk) if line.key}
    seen = dict(
        session()
        .execute(
            select(ImportRow.key, ImportRow.row_no).where(ImportRow.import_id == import_id, ImportRow.key.in_(keys))
        )
        .all()
    )
    for line in chunk:
        if line.key and not line.faults:
            first = seen.setdefault(rows.key_of(line), line.number)
            if first != line.number:
                line.refuse("", RowTwice(row=first))


def _end(import_id: int, unused: str) -> None:
    with transaction():
        one = queries.by_id(import_id, lock=True)
        if one.state is not ImportState.READING:
            return
        if not one.rows:
            raise NothingInside()
        one.unused = unused
        one.become(ImportState.FAULTY if one.bad else ImportState.READY)
        session().execute(delete(ImportFile).where(ImportFile.import_id == import_id))


def _fail(import_id: int, error: DomainError) -> None:
    """The file as a whole is no good, for that reason."""
    with transaction():
        one = queries.by_id(import_id, lock=True)
        if one.state not in (ImportState.READING, ImportState.CONFIRMED):
            return
        one.failure = json.dumps({"sentence": error.sentence, "values": error.values}, ensure_ascii=False, default=str)
        one.become(ImportState.FAULTY)
        session().execute(delete(ImportFile).where(ImportFile.import_id == import_id))


def write(import_id: int) -> None:
    """All rows of a confirmed import have come true, in one transaction; or none, and it says which are wrong now."""
    try:
        with transaction():
            _write(import_id)
    except _NowWrongError as wrong:
        with transaction():
            _mark(import_id, wrong.lines)
    except DomainError as error:
        if error.retry_after is not None:
            return
        _fail(import_id, error)


def _write(import_id: int) -> None:
    one = queries.by_id(import_id, lock=True)
    if one.state is not ImportState.CONFIRMED:
        return
    kind, scope, number, by = kinds.kind_of(one.kind), one.scope, one.number, one.confirmed_by or ""
    counted: Counter[Outcome] = Counter()
    for chunk in queries.chunks(import_id):
        lines = [rows.unseal(row_no, cells, import_id=import_id) for row_no, cells, _faults in chunk]
        rows.judge(lines, kind, scope)
        if wrong := [line for line in lines if line.faults]:
            raise _NowWrongError(wrong)
        kind.apply(
            [line for line in lines if line.outcome is not Outcome.SAME],
            scope,
            by=by,
            because=_BECAUSE.format(number=number),
        )
        counted.update(line.outcome for line in lines)
        # A hundred thousand rows would else all be kept until the commit.
        session().flush()
        session().expunge_all()
    one = queries.by_id(import_id, lock=True)
    one.made = one.changed = one.same = 0
    _count(one, counted)
    one.done_at = clock.now()
    one.become(ImportState.DONE)
    audit.note(
        "imports.written",
        f"import:{number}",
        by=by,
        kind=kind.key,
        scope=scope,
        made=one.made,
        changed=one.changed,
        same=one.same,
    )


def _mark(import_id: int, lines: Sequence[Line]) -> None:
    one = queries.by_id(import_id, lock=True)
    if one.state is not ImportState.CONFIRMED:
        return
    for line in lines:
        told = rows.told(line)
        session().execute(
            update(ImportRow)
            .where(ImportRow.import_id == import_id, ImportRow.row_no == line.number)
            .values(faults=told, outcome=None)
        )
    one.bad = len(lines)
    one.become(ImportState.FAULTY)

"""Bringing files in tests, and letting the worker go on with them."""

from __future__ import annotations

from collections.abc import Sequence

from app.kernel.db import session, transaction
from app.kernel.permissions import Viewer
from app.office.imports import queries, service, working
from app.office.imports.models import Import
from app.office.imports.states import ImportState
from tests.cast import MENGMEN
from tests.files.tables import xlsx

GROWERS_HEAD = ["户主姓名", "电话", "家庭人口", "村", "卖家名称", "身份证号", "同意书编号", "登记号"]
IN_MENGMEN = f"township:{MENGMEN}"


def a_household(n: int, **said: object) -> list[object]:
    """One good row of households; `said` by column title."""
    row = dict(zip(GROWERS_HEAD, [f"户主{n}", f"137{n:08d}", 4, "", f"第{n}枣园", "", "", ""], strict=True))
    return list({**row, **said}.values())


def growers_file(rows: Sequence[Sequence[object]]) -> bytes:
    """A workbook of households."""
    return xlsx([GROWERS_HEAD, *rows])


def bring(data: bytes, by: Viewer, *, kind: str = "growers", scope: str = IN_MENGMEN, name: str = "表.xlsx") -> Import:
    """The file waits."""
    with transaction():
        return service.bring(data, kind_key=kind, scope=scope, file_name=name, by=by).one


def tried(data: bytes, by: Viewer, *, kind: str = "growers", scope: str = IN_MENGMEN) -> Import:
    """The file, tried to its end."""
    return worked(bring(data, by, kind=kind, scope=scope))


def worked(one: Import) -> Import:
    """The import once the worker has nothing more to do."""
    import_id = one.id
    while working.go_on():
        session().rollback()
    session().rollback()
    session().expire_all()
    found = queries.by_id(import_id)
    # So that what it says stays readable whatever the session does later.
    session().expunge(found)
    return found


def done(data: bytes, by: Viewer, *, kind: str = "growers", scope: str = IN_MENGMEN) -> Import:
    """The file, tried, confirmed and written."""
    one = tried(data, by, kind=kind, scope=scope)
    assert one.state is ImportState.READY, told(one)
    return confirmed(one, by)


def confirmed(one: Import, by: Viewer) -> Import:
    """The import, confirmed and written."""
    with transaction():
        asked = service.confirm(one.number, by=by)
    return worked(asked)


def told(one: Import) -> list[tuple[int, str, str]]:
    """(row, column, sentence) of everything that is wrong."""
    session().rollback()
    rows = queries.bad_rows(one, cursor=None).items
    said = [
        (row.row_no, fault["column"], fault["sentence"].format(**fault["values"])) for row in rows for fault in row.told
    ]
    return [(0, "", one.failure), *said] if one.failure else said

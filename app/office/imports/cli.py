"""`flask import`: a table from the command line, by the same rules."""

from __future__ import annotations

from pathlib import Path

import click
from flask import current_app
from flask.cli import with_appcontext

from app.gateways import sheets
from app.kernel.db import session, transaction
from app.kernel.errors import DomainError
from app.kernel.permissions import Grant, Viewer
from app.office.imports import kinds, queries, service, working
from app.office.imports.models import Import
from app.office.imports.states import ImportState
from app.people.accounts import queries as accounts

_MOST_TOLD = 50


@click.command("import")
@click.argument("kind")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--by", "phone", required=True, help="谁来导入（手机号），要有这一类的权限 · whose rights it uses")
@click.option("--for", "scope", default="", help="归谁，例如 township:141125107；只有一个时不用写 · for whom")
@click.option("--confirm", is_flag=True, help="试读通过就写入 · write it when no row is wrong")
@with_appcontext
def import_cli(kind: str, file: Path, phone: str, scope: str, confirm: bool) -> None:
    """Try a table; with --confirm write it, all or nothing. Exit 0 only if no row is wrong."""
    try:
        one = _import(kind, file, phone, scope, confirm=confirm)
    except DomainError as error:
        raise click.ClickException(str(error)) from error
    click.echo(f"{one.number} {one.state.words}：新建 {one.made}、改动 {one.changed}、不变 {one.same}、有错 {one.bad}")
    if one.state is ImportState.FAULTY:
        _tell_faults(one)
        raise SystemExit(1)


def _import(kind_key: str, file: Path, phone: str, scope: str, *, confirm: bool) -> Import:
    who = _viewer(phone)
    kind = kinds.kind_of(kind_key)
    offered = [one for one, _words in kind.scopes(who)]
    data = file.read_bytes()
    sheets.look(data)
    with transaction():
        import_id = service.bring(
            data,
            kind_key=kind_key,
            scope=scope or (offered[0] if len(offered) == 1 else ""),
            file_name=file.name,
            by=who,
        ).one.id
    while queries.by_id(import_id).state is ImportState.READING:
        working.try_on(import_id)
        session().rollback()
    if confirm and (number := queries.by_id(import_id).number) and queries.by_id(import_id).state is ImportState.READY:
        with transaction():
            service.confirm(number, by=who)
        working.write(import_id)
        session().rollback()
    return queries.by_id(import_id)


def _viewer(phone: str) -> Viewer:
    person = accounts.by_phone(phone)
    if person is None or person.disabled_at is not None:
        raise click.ClickException("没有这个人。")
    grants = [Grant(one.role.value, one.scope) for one in accounts.grants_of(person.id)]
    return Viewer.of(
        person_id=person.id, name=person.name, grants=grants, policy=current_app.extensions["liulin.policy"]
    )


def _tell_faults(one: Import) -> None:
    if one.failure:
        click.echo(one.failure)
    for row in queries.bad_rows(one, cursor=None).items[:_MOST_TOLD]:
        for fault in row.told:
            click.echo(f"第 {row.row_no} 行“{fault['column']}”列：{fault['sentence'].format(**fault['values'])}")

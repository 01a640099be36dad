"""The commands: `flask db upgrade`, `check`, `work`, `demo`, `ledger`, `audit`, `people`, `run-county`."""

from __future__ import annotations

import json
import signal
import threading
from types import FrameType

import click
from alembic import command
from alembic.config import Config
from flask import Flask, current_app
from flask.cli import AppGroup

from app import serving, worker
from app.audit.cli import audit_cli
from app.demo.cli import demo_cli
from app.kernel import db, db_roles
from app.kernel.checks import Finding
from app.kernel.errors import DomainError
from app.ledger.books.cli import ledger_cli
from app.office.imports.cli import import_cli
from app.people.accounts.cli import people as people_cli
from app.trade.payments.cli import reconcile_cli
from app.wiring import CHECKS
from config import Settings

db_cli = AppGroup("db", help="The database's schema.")


def register(app: Flask) -> None:
    """The commands are there as `flask …`."""
    for one in (
        db_cli,
        ledger_cli,
        audit_cli,
        people_cli,
        demo_cli,
        check,
        reconcile_cli,
        import_cli,
        work,
        run_county,
    ):
        app.cli.add_command(one)


def settings() -> Settings:
    """The settings of the running app."""
    found: Settings = current_app.config["SETTINGS"]
    return found


@db_cli.command("upgrade")
def upgrade() -> None:
    """Bring the schema to the newest migration."""
    migrate(settings().database_url)


def migrate(url: str) -> None:
    """Afterwards the database has the newest schema; one that has it already is not touched."""
    config = Config(str(serving.ROOT / "alembic.ini"))
    config.attributes["database_url"] = url
    command.upgrade(config, "head")


@db_cli.command("let-serve")
@click.argument("role")
def let_serve(role: str) -> None:
    """Let a PostgreSQL role run the product without the right to change what is for ever; again after each upgrade."""
    database: db.Database = current_app.extensions["liulin.database"]
    if database.is_sqlite:
        raise click.ClickException("SQLite 没有角色，只有 PostgreSQL 用得上这条命令。")
    try:
        with database.engine.begin() as connection:
            tables = db_roles.let_serve(connection, role)
    except DomainError as error:
        raise click.ClickException(str(error)) from error
    click.echo(f"{role} 可以运行平台了；这些表只能添、不能改：{'、'.join(tables)}")


@click.command("check")
@click.option("--json", "as_json", is_flag=True, help="One JSON object instead of lines.")
@click.option("--age", is_flag=True, help="Also what must not wait for long; sensible while a worker runs.")
def check(as_json: bool, age: bool) -> None:
    """Prove every invariant; exit 0 only if all hold."""
    findings = run_checks(age=age)
    if as_json:
        click.echo(
            json.dumps(
                {
                    "ok": not any(findings.values()),
                    "checks": {
                        code: [{"row": one.row, "words": one.words} for one in found]
                        for code, found in findings.items()
                    },
                },
                ensure_ascii=False,
            )
        )
    else:
        _print(findings)
    if any(findings.values()):
        raise SystemExit(1)


def _print(findings: dict[str, list[Finding]]) -> None:
    promises = {one.code: one.promise for one in CHECKS}
    for code, found in findings.items():
        click.echo(f"{'✗' if found else '✓'} {code:<12}{promises[code]}")
        for one in found:
            click.echo(f"    {one.row}: {one.words}")


def run_checks(*, age: bool = False) -> dict[str, list[Finding]]:
    """Each check's code with what breaks it; all see the database as it was at one moment."""
    with db.steady():
        return {one.code: list(one.find()) for one in CHECKS if age or not one.by_age}


@click.command("work")
@click.option("--once", is_flag=True, help="Do everything that is due a single time, then stop.")
def work(once: bool) -> None:
    """Carry out the timetable and the outbox until stopped."""
    stop = threading.Event()

    def told(number: int, frame: FrameType | None) -> None:
        stop.set()

    signal.signal(signal.SIGTERM, told)
    signal.signal(signal.SIGINT, told)
    worker.work(current_app.extensions["liulin.database"], stop=stop, once=once)


@click.command("run-county")
@click.pass_context
def run_county(context: click.Context) -> None:
    """Migrate, load the demo county where the database is the embedded one, then serve until stopped."""
    migrate(settings().database_url)
    if settings().is_embedded:
        context.invoke(demo_cli)
    serving.serve(settings())

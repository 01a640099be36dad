"""Commands on the books: what two equal books share, and whether they follow from their events alone."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

import click

from app.kernel import clock
from app.kernel.db import Database, steady
from app.ledger.books import replay, seals


class Moment(click.ParamType[datetime]):
    """A moment in ISO 8601; without a zone it is Shanghai's, and a day alone means its end."""

    name = "时间"

    def convert(self, value: str, param: click.Parameter | None, ctx: click.Context | None) -> datetime:
        """The moment, aware. Fails with a sentence on anything else."""
        try:
            if len(value) == len("2016-01-31"):
                return clock.end_of(date.fromisoformat(value)) - timedelta(microseconds=1)
            moment = datetime.fromisoformat(value)
        except ValueError:
            self.fail(f"{value} 不是时间，请写成 2016-01-31 或 2016-01-31T08:00", param, ctx)
        return moment if moment.tzinfo else moment.replace(tzinfo=clock.SHANGHAI)


@click.group("ledger")
def ledger_cli() -> None:
    """账本：校验和、重记。"""


@ledger_cli.command("checksum")
@click.option("--at", type=Moment(), default=None, help="只算到这一时刻（含）已记的账")
def checksum(at: datetime | None) -> None:
    """打印账本校验和与行数；内容相同的账本结果相同。"""
    with steady():
        found = seals.checksum(until=at)
    click.echo(f"{found.digest} {found.lines}")


@ledger_cli.command("replay")
@click.pass_context
def replay_books(ctx: click.Context) -> None:
    """把全部业务重记进一本空账，逐户核对余额；有一处不同即以 1 退出并指出。"""
    with TemporaryDirectory(prefix="replay-") as folder, steady():
        target = Database(f"sqlite:///{Path(folder) / 'replay.db'}")
        try:
            replay.make_tables(target)
            events = replay.replay_into(target)
            difference = replay.first_difference(target)
        except replay.CannotReplay as error:
            events, difference = 0, str(error)
        finally:
            target.dispose()
    if difference is not None:
        click.echo(f"重记结果不同：{difference}", err=True)
        ctx.exit(1)
    click.echo(f"重记 {events} 笔，余额与校验和全部相同")

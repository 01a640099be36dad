"""Commands about money."""

from __future__ import annotations

from datetime import UTC, datetime

import click
from flask.cli import AppGroup

from app.kernel.errors import DomainError
from app.trade.payments import notices

reconcile_cli = AppGroup("reconcile", help="对账：补记没有通知到的款。")


@reconcile_cli.command("stripe")
@click.option("--since", type=click.DateTime(), help="From this moment on, UTC; three days back if not given.")
def reconcile_stripe(since: datetime | None) -> None:
    """Book what Stripe did and no notice told; run it as often as you like."""
    try:
        missing = notices.reconcile(since=since.replace(tzinfo=UTC) if since is not None else None)
    except DomainError as error:
        raise click.ClickException(str(error)) from error
    click.echo(f"补上了 {missing} 条没有收到的通知。(notices that had been missing)")

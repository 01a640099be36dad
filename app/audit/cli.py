"""Commands on the audit."""

from __future__ import annotations

import click

from app.audit import service
from app.kernel.db import steady

_SHOWN = 20


@click.group("audit")
def audit_cli() -> None:
    """审计：核对记录链。"""


@audit_cli.command("verify")
@click.pass_context
def verify(ctx: click.Context) -> None:
    """从第一环起重算审计链；断了即以 1 退出并指出第一条，尚未入链的记录另行列出。"""
    with steady():
        verdict = service.verify()
    if verdict.broken_row is not None:
        click.echo(f"审计链在第 {verdict.linked + 1} 环断开：记录 {verdict.broken_row} 被改动、删除或调换", err=True)
        ctx.exit(1)
    click.echo(f"审计链完好，共 {verdict.linked} 环")
    if verdict.tail:
        shown = "、".join(str(number) for number in verdict.tail[:_SHOWN])
        more = " …" if len(verdict.tail) > _SHOWN else ""
        click.echo(f"尚未入链 {len(verdict.tail)} 条：{shown}{more}")

"""`flask demo`: load the demo county once, and say how to sign in."""

from __future__ import annotations

import time

import click
from flask import current_app
from flask.cli import with_appcontext

from app.demo import service, sign_ins
from app.kernel.db import transaction
from app.kernel.errors import DomainError
from config import Settings


@click.command("demo")
@with_appcontext
def demo_cli() -> None:
    """Load the demo county into an empty database; where it is already, nothing changes. Prints the sign-ins."""
    settings: Settings = current_app.config["SETTINGS"]
    path = settings.instance / sign_ins.FILE_NAME
    if service.is_made():
        click.echo("示例县已经在这个数据库里，没有改动。")
        if not path.exists():
            with transaction():
                fresh = sign_ins.renew()
            sign_ins.write(path, fresh)
            click.echo("登录账号的文件不在了，已经换了新密码。")
    else:
        begun = time.monotonic()
        passwords = sign_ins.new_passwords()
        try:
            service.make(passwords, say=click.echo)
        except DomainError as error:
            raise click.ClickException(str(error)) from error
        sign_ins.write(path, passwords)
        click.echo(f"示例县载入完毕，用了 {time.monotonic() - begun:.0f} 秒。里面的人、订单和价格都是示例数据。")
    click.echo(path.read_text(encoding="utf-8"))
    click.echo(f"（这张表在 {path}）")

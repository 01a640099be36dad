"""`flask people`: the first people of a county, their roles, and the township tables."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import click
from flask.cli import AppGroup

from app.kernel.db import transaction
from app.kernel.errors import DomainError, NotFound
from app.people.accounts import queries
from app.people.accounts import service as accounts
from app.people.accounts.models import Person
from app.people.accounts.states import STAFF, Role
from app.people.townships import service as townships

people = AppGroup("people", help="人员、角色和乡镇表 · people, roles, townships")
BY = "command line"
_ROLES = click.Choice([role.value for role in Role if role in STAFF])


@people.command("create")
@click.argument("phone")
@click.argument("name")
@click.option("--prompt", is_flag=True, help="自己输入密码 · ask for a password instead of making a temporary one")
def create(phone: str, name: str, prompt: bool) -> None:
    """Make a person; prints a temporary password unless one is typed."""
    if prompt:
        password = click.prompt("密码", hide_input=True, confirmation_prompt=True)
        with transaction(), _plainly():
            made = accounts.sign_up(phone, name, password, consent_version=BY)
        if made is None:
            raise click.ClickException("这个手机号已经登记过。")
        click.echo(f"已建立：{made.name}")
        return
    with transaction(), _plainly():
        person, secret = accounts.enlist(phone, name, by=BY)
    click.echo(f"已建立：{person.name}\n临时密码（72 小时内登录并改掉）：{secret}")


@people.command("grant")
@click.argument("phone")
@click.argument("role", type=_ROLES)
@click.option("--township", default="", help="乡镇代码，只用于 township_official")
@click.option("--because", default="命令行任命", show_default=True)
def grant(phone: str, role: str, township: str, because: str) -> None:
    """Give a staff role, county-wide or for one township."""
    scope = f"township:{township}" if role == Role.TOWNSHIP.value else "county"
    with transaction(), _plainly():
        accounts.appoint(_by_phone(phone).id, Role(role), scope, by=BY, because=because)
    click.echo(f"已授予：{Role(role).words} {scope}")


@people.command("reset")
@click.argument("phone")
@click.option("--because", default="忘记密码", show_default=True)
def reset(phone: str, because: str) -> None:
    """Give a temporary password; the person's sign-ins and second factor are gone."""
    with transaction(), _plainly():
        secret = accounts.give_temporary_password(_by_phone(phone).id, by=BY, because=because)
    click.echo(f"临时密码（72 小时内登录并改掉）：{secret}")


@people.command("load-townships")
def load_townships() -> None:
    """Make the township and village tables true in the database."""
    with transaction():
        changed = townships.load(BY)
    click.echo(f"乡镇和村：{changed} 行有变化")


def _by_phone(phone: str) -> Person:
    person = queries.by_phone(phone)
    if person is None:
        raise NotFound()
    return person


@contextmanager
def _plainly() -> Iterator[None]:
    """A refusal ends the command with its sentence."""
    try:
        yield
    except DomainError as error:
        raise click.ClickException(str(error)) from error

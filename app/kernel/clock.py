"""Time: the database's clock, read once per transaction; days and weeks are those of Asia/Shanghai."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import Connection, select
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.functions import FunctionElement

from app.kernel.db import Instant, TransactionMisused, in_transaction, on_begin, on_sqlite_connect, session

SHANGHAI = ZoneInfo("Asia/Shanghai")
_pinned: ContextVar[datetime | None] = ContextVar("pinned_clock", default=None)
_SQLITE_FORMAT = "%Y-%m-%d %H:%M:%S.%f"


class sql_now(FunctionElement[datetime]):  # noqa: N801  (reads as the SQL function that it is)
    """The transaction's moment inside a query; the same that `now()` gives."""

    type = Instant()
    inherit_cache = True


@compiles(sql_now, "postgresql")
def _postgresql_now(element: sql_now, compiler: Any, **kw: Any) -> str:
    return "coalesce(nullif(current_setting('liulin.now', true), '')::timestamptz, transaction_timestamp())"


@compiles(sql_now, "sqlite")
def _sqlite_now(element: sql_now, compiler: Any, **kw: Any) -> str:
    return "liulin_now()"


_NOW = select(sql_now())


def _sqlite_clock() -> str:
    moment = _pinned.get() or datetime.now(UTC)
    return moment.astimezone(UTC).strftime(_SQLITE_FORMAT)


@on_sqlite_connect
def _give_sqlite_the_clock(connection: sqlite3.Connection) -> None:
    connection.create_function("liulin_now", 0, _sqlite_clock)


@on_begin
def _give_postgresql_the_pin(connection: Connection) -> None:
    pinned = _pinned.get()
    if pinned is not None:
        _tell_postgresql(connection, pinned)


def _tell_postgresql(connection: Connection, moment: datetime | None) -> None:
    if connection.dialect.name == "postgresql":
        told = moment.isoformat() if moment else ""
        connection.exec_driver_sql("SELECT set_config('liulin.now', %s, true)", (told,))


def now() -> datetime:
    """The database's moment, aware, the same throughout one transaction."""
    current = session()
    if not current.in_transaction():
        current.info.pop("now", None)
    moment: datetime | None = current.info.get("now")
    if moment is None:
        moment = current.connection().execute(_NOW).scalar_one()
        current.info["now"] = moment
    return moment


def today() -> date:
    """The day in Asia/Shanghai at `now()`."""
    return day_of(now())


def day_of(moment: datetime) -> date:
    """The Shanghai day in which a moment lies."""
    return moment.astimezone(SHANGHAI).date()


def start_of(day: date) -> datetime:
    """The first moment of a Shanghai day, aware."""
    return datetime.combine(day, time(), tzinfo=SHANGHAI)


def end_of(day: date) -> datetime:
    """The first moment after a Shanghai day, aware."""
    return start_of(day + timedelta(days=1))


@contextmanager
def pinned(moment: datetime) -> Iterator[None]:
    """Inside, `now()` and `sql_now()` of new transactions give `moment`: for the demo county's past and for tests."""
    mark = _pinned.set(moment.astimezone(UTC))
    try:
        yield
    finally:
        _pinned.reset(mark)


@contextmanager
def taken_as(moment: datetime) -> Iterator[None]:
    """Inside, `now()` of the open transaction gives `moment`, as when events are written anew; `sql_now()` does not."""
    info = session().info
    before = now()
    info["now"] = moment
    try:
        yield
    finally:
        info["now"] = before


@contextmanager
def living_at(moment: datetime) -> Iterator[None]:
    """Inside, `now()` and `sql_now()` of the open transaction give `moment`: so one transaction holds a whole past.

    For the demo county, whose season is there as a whole or not at all. Raises `TransactionMisused` outside a
    transaction.
    """
    if not in_transaction():
        raise TransactionMisused("a past is lived through inside a transaction")
    current = session()
    before = now()
    with pinned(moment):
        _tell_postgresql(current.connection(), moment)
        current.info["now"] = moment.astimezone(UTC)
        yield
    # Only after a good end: a transaction that failed answers nothing and is rolled back with its moment.
    current.info["now"] = before
    _tell_postgresql(current.connection(), _pinned.get())

"""The database: one session per unit of work, the only commit, and columns that mean the same on both."""

from __future__ import annotations

import enum
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import UTC, date, datetime
from typing import Any, ClassVar, TypeVar

from sqlalchemy import (
    BigInteger,
    Boolean,
    Connection,
    Date,
    DateTime,
    Dialect,
    Engine,
    LargeBinary,
    MetaData,
    Select,
    Text,
    create_engine,
    event,
    text,
)
from sqlalchemy.exc import InternalError, OperationalError, SQLAlchemyError
from sqlalchemy.exc import TimeoutError as NoConnectionFree
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.orm import DeclarativeBase, MappedAsDataclass, Session
from sqlalchemy.pool import ConnectionPoolEntry
from sqlalchemy.types import TypeDecorator, TypeEngine

from app.kernel.area import Area
from app.kernel.errors import Conflict, DomainError
from app.kernel.money import Money
from app.kernel.weight import Weight

LOCK_WAIT_MS = 5_000
STATEMENT_MS = 15_000
IDLE_IN_TRANSACTION_MS = 10_000
_IDLE_TOO_LONG = "25P03"


class TransactionMisused(RuntimeError):
    """A mistake in our code: a transaction inside another or going on after a refusal, or no unit of work at all."""


class Busy(DomainError):
    """The database could not take the act within its time; nothing was written."""

    code = "busy"
    status = 503
    sentence = "现在办理的人太多，请过几秒再试一次，您填写的内容没有丢失。"
    retry_after = 2


class AlreadyThere(Conflict):
    """A value that must be unique is taken."""

    code = "already_there"
    sentence = "这条记录已经有了，请不要重复提交。"


@compiles(BigInteger, "sqlite")
@compiles(Boolean, "sqlite")
def _integer(type_: TypeEngine[Any], compiler: object, **kw: object) -> str:
    return "INTEGER"


@compiles(DateTime, "sqlite")
@compiles(Date, "sqlite")
def _text(type_: TypeEngine[Any], compiler: object, **kw: object) -> str:
    return "TEXT"


class Instant(TypeDecorator[datetime]):
    """A moment, aware in UTC; refuses naive ones."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """UTC for the database. Raises `ValueError` on a naive moment."""
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("a moment without a time zone")
        moment = value.astimezone(UTC)
        return moment.replace(tzinfo=None) if dialect.name == "sqlite" else moment

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Aware in UTC."""
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


class _Wrapped(TypeDecorator[Any]):
    """An integer column that carries a unit type."""

    impl = BigInteger
    cache_ok = True
    unit: ClassVar[type]
    part: ClassVar[str]

    def process_bind_param(self, value: Any, dialect: Dialect) -> int | None:
        """The bare integer. Plain integers pass, as comparisons with sums need them."""
        bare: int | None = getattr(value, self.part) if isinstance(value, self.unit) else value
        return bare

    def process_result_value(self, value: int | None, dialect: Dialect) -> Any:
        """The integer with its unit around it."""
        return None if value is None else self.unit(int(value))


class MoneyColumn(_Wrapped):
    """fen."""

    cache_ok = True
    unit = Money
    part = "fen"


class WeightColumn(_Wrapped):
    """Grams."""

    cache_ok = True
    unit = Weight
    part = "grams"


class AreaColumn(_Wrapped):
    """1/10000 mu."""

    cache_ok = True
    unit = Area
    part = "mu4"


class Chosen(TypeDecorator[Any]):
    """A text column that holds one of an enum's values."""

    impl = Text
    cache_ok = True

    def __init__(self, choices: type[enum.StrEnum]) -> None:
        super().__init__()
        self.choices = choices

    def process_bind_param(self, value: Any, dialect: Dialect) -> str | None:
        """The value as text. Raises `ValueError` for one outside the enum."""
        return None if value is None else self.choices(value).value

    def process_result_value(self, value: str | None, dialect: Dialect) -> Any:
        """The member of the enum."""
        return None if value is None else self.choices(value)


class Base(MappedAsDataclass, DeclarativeBase, kw_only=True):
    """Every table of the product; the migrations are its truth, a test compares the two."""

    metadata = MetaData(
        naming_convention={
            "ix": "ix_%(table_name)s_%(column_0_N_name)s",
            "uq": "uq_%(table_name)s_%(column_0_N_name)s",
            "ck": "ck_%(table_name)s_%(constraint_name)s",
            "fk": "fk_%(table_name)s_%(column_0_N_name)s",
            "pk": "pk_%(table_name)s",
        }
    )
    type_annotation_map: ClassVar[dict[Any, Any]] = {
        int: BigInteger,
        str: Text,
        bool: Boolean,
        bytes: LargeBinary,
        datetime: Instant,
        date: Date,
        Money: MoneyColumn,
        Weight: WeightColumn,
        Area: AreaColumn,
    }


ConnectHook = Callable[[sqlite3.Connection], None]
BeginHook = Callable[[Connection], None]
_connect_hooks: list[ConnectHook] = []
_begin_hooks: list[BeginHook] = []


def on_sqlite_connect(hook: ConnectHook) -> None:
    """Run `hook` on each new SQLite connection, for functions that SQL needs."""
    _connect_hooks.append(hook)


def on_begin(hook: BeginHook) -> None:
    """Run `hook` first in each transaction."""
    _begin_hooks.append(hook)


class Database:
    """An engine set up so that SQLite and PostgreSQL keep the same promises."""

    def __init__(self, url: str, *, pool_size: int = 8) -> None:
        self.is_sqlite = url.startswith("sqlite")
        self.engine = _sqlite_engine(url) if self.is_sqlite else _postgresql_engine(url, pool_size)
        event.listen(self.engine, "begin", self._begin)

    def _begin(self, connection: Connection) -> None:
        writes = connection.get_execution_options().get("liulin_writes", False)
        if self.is_sqlite:
            connection.exec_driver_sql(f"PRAGMA query_only = {0 if writes else 1}")
            connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")
        else:
            driver: Any = connection.connection.dbapi_connection
            if driver.read_only is not (not writes):
                driver.read_only = not writes
        for hook in _begin_hooks:
            hook(connection)

    @contextmanager
    def unit_of_work(self) -> Iterator[None]:
        """Inside, `session()` and `transaction()` work on this database; a session is made on first use."""
        unit = _Unit(self)
        mark = _unit.set(unit)
        try:
            yield
        finally:
            _unit.reset(mark)
            unit.close()

    def dispose(self) -> None:
        """Close all pooled connections."""
        self.engine.dispose()


def _sqlite_engine(url: str) -> Engine:
    engine = create_engine(url, connect_args={"timeout": LOCK_WAIT_MS / 1000, "check_same_thread": False})

    @event.listens_for(engine, "connect")
    def connect(connection: sqlite3.Connection, record: ConnectionPoolEntry) -> None:
        # We write BEGIN ourselves: the driver's own way begins deferred and loses the race for the write lock.
        connection.isolation_level = None
        for pragma in (
            "journal_mode = WAL",
            "synchronous = FULL",
            "foreign_keys = ON",
            "trusted_schema = OFF",
        ):
            connection.execute(f"PRAGMA {pragma}")
        for hook in _connect_hooks:
            hook(connection)

    return engine


def _postgresql_engine(url: str, pool_size: int) -> Engine:
    options = (
        f"-c lock_timeout={LOCK_WAIT_MS} -c statement_timeout={STATEMENT_MS} "
        f"-c idle_in_transaction_session_timeout={IDLE_IN_TRANSACTION_MS} -c timezone=UTC"
    )
    return create_engine(
        url,
        pool_size=pool_size,
        max_overflow=4,
        pool_timeout=3,
        connect_args={"options": options, "connect_timeout": 5},
    )


class _Unit:
    """The session of one request, job or command."""

    def __init__(self, database: Database) -> None:
        self.database = database
        self.writing = False
        self.doomed = False
        self._session: Session | None = None

    @property
    def session(self) -> Session:
        if self._session is None:
            self._session = Session(self.database.engine, expire_on_commit=False)
        return self._session

    def end_reading(self) -> None:
        """The reading transaction is over, and what was read in it is forgotten."""
        if self._session is not None:
            self._end(self._session)
            self._session.expire_all()
            self._session.info.clear()

    @staticmethod
    def _end(current: Session) -> None:
        """End a reading in a commit, where there is nothing to lose.

        At a rollback psycopg forgets its prepared statements, and PostgreSQL would plan each statement of each request
        anew.
        """
        try:
            if current.new or current.dirty or current.deleted:
                current.rollback()
            else:
                current.commit()
        except SQLAlchemyError:
            # A connection that broke while reading has nothing to end.
            current.rollback()

    def close(self) -> None:
        if self._session is not None:
            if not self.writing:
                self._end(self._session)
            self._session.close()


_unit: ContextVar[_Unit | None] = ContextVar("unit_of_work", default=None)


def _current() -> _Unit:
    unit = _unit.get()
    if unit is None:
        raise TransactionMisused("no unit of work is open here")
    return unit


def session() -> Session:
    """The session of the running unit of work. Outside `transaction()` the database itself refuses writes."""
    return _current().session


def database() -> Database:
    """The database of the running unit of work."""
    return _current().database


def in_transaction() -> bool:
    """Whether a writing transaction is open here."""
    unit = _unit.get()
    return unit is not None and unit.writing


def doom() -> None:
    """From here on the open transaction cannot be committed, because a refused act may have written half of itself.

    PostgreSQL would roll back silently at the commit; SQLite would keep the half.
    """
    _current().doomed = True


@contextmanager
def transaction() -> Iterator[Session]:
    """One writing transaction: committed at the end of the block, rolled back if anything is raised.

    What was read before is read anew inside. Raises `TransactionMisused` inside another one, and when a refusal that
    doomed it was caught instead of ending it; `Busy` when the database could not take it in time.
    """
    unit = _current()
    if unit.writing:
        raise TransactionMisused("a transaction is already open")
    current = unit.session
    unit.end_reading()
    unit.writing, unit.doomed = True, False
    try:
        current.connection(execution_options={"liulin_writes": True})
        yield current
        if unit.doomed:
            raise TransactionMisused("a refusal was caught inside its transaction, which must end with it")
        current.commit()
    except (OperationalError, NoConnectionFree, InternalError) as error:
        current.rollback()
        if is_mistake(error):
            raise
        raise Busy() from error
    except BaseException:
        current.rollback()
        raise
    finally:
        current.info.clear()
        unit.writing = False


def is_mistake(error: Exception) -> bool:
    """Whether the fault is in our SQL, which the drivers report under the same classes as a database in trouble.

    SQLite: wrong SQL beside locked and full. PostgreSQL: going on after an error beside ended for being idle too long.
    """
    said = getattr(error, "orig", None)
    if isinstance(said, sqlite3.OperationalError):
        return said.sqlite_errorcode & 0xFF == sqlite3.SQLITE_ERROR
    return isinstance(error, InternalError) and getattr(said, "sqlstate", None) != _IDLE_TOO_LONG


def let_go() -> None:
    """What was being read here is over, so that nothing in the database waits while something slow is asked.

    Raises `TransactionMisused` inside `transaction()`.
    """
    unit = _unit.get()
    if unit is None:
        return
    if unit.writing:
        raise TransactionMisused("something slow inside a transaction")
    unit.end_reading()


@contextmanager
def steady() -> Iterator[Session]:
    """One reading transaction that sees the database as it was at its first query, however many follow.

    For checks and copies. Refuses inside `transaction()` with `TransactionMisused`.
    """
    unit = _current()
    if unit.writing:
        raise TransactionMisused("a steady view inside a writing transaction")
    current = unit.session
    current.rollback()
    try:
        if not unit.database.is_sqlite:
            current.connection(execution_options={"isolation_level": "REPEATABLE READ"})
            current.execute(text("SET LOCAL idle_in_transaction_session_timeout = 0"))
            current.execute(text("SET LOCAL statement_timeout = 0"))
        yield current
    finally:
        current.rollback()


AnySelect = Select[*tuple[Any, ...]]
Q = TypeVar("Q", bound=AnySelect)


def locked(statement: Q, only: type[Base] | None = None) -> Q:
    """`statement` locking its rows (of one table, with `only`) and reading them anew, even those known already.

    The only place that locks rows: without the fresh read a loaded object keeps its old values and oversells.
    """
    of_one = statement.with_for_update(of=only)
    return of_one.execution_options(populate_existing=True)


def locked_unless_taken(statement: Q) -> Q:
    """The same, leaving out the rows that somebody else has locked, for workers who share a queue.

    SQLite has one writer, so there nothing is ever left out.
    """
    return locked(statement) if database().is_sqlite else locked(statement).with_for_update(skip_locked=True)


def locked_for_counting(statement: Q) -> Q:
    """The same for rows of which only counters move: others may go on naming them by their key meanwhile."""
    return locked(statement).with_for_update(key_share=True)

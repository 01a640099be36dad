"""How a migration reaches the database; it knows nothing of the app's code."""

from __future__ import annotations

from alembic import context
from sqlalchemy import BigInteger, Boolean, Connection, Date, DateTime, create_engine, event
from sqlalchemy.ext.compiler import compiles

from config import Settings


@compiles(BigInteger, "sqlite")
@compiles(Boolean, "sqlite")
def _integer(type_: object, compiler: object, **kw: object) -> str:
    return "INTEGER"


@compiles(DateTime, "sqlite")
@compiles(Date, "sqlite")
def _text(type_: object, compiler: object, **kw: object) -> str:
    return "TEXT"


def _migrate(connection: Connection) -> None:
    context.configure(connection=connection, transactional_ddl=True, transaction_per_migration=True)
    with context.begin_transaction():
        if connection.dialect.name == "postgresql":
            connection.exec_driver_sql("SET lock_timeout = '2s'")
            connection.exec_driver_sql("SELECT pg_advisory_xact_lock(141125000)")
        context.run_migrations()


def run() -> None:
    """Bring the database named by the settings, or by the caller, to the newest schema."""
    url = context.config.attributes.get("database_url") or Settings.from_env().database_url
    engine = create_engine(url)
    if url.startswith("sqlite"):

        @event.listens_for(engine, "connect")
        def connect(connection: object, record: object) -> None:
            connection.isolation_level = None  # type: ignore[attr-defined]
            connection.execute("PRAGMA journal_mode = WAL")  # type: ignore[attr-defined]

        @event.listens_for(engine, "begin")
        def begin(connection: Connection) -> None:
            connection.exec_driver_sql("BEGIN IMMEDIATE")

    with engine.connect() as connection:
        _migrate(connection)
        connection.commit()
    engine.dispose()


run()

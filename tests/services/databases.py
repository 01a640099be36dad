"""Fresh databases for tests: each is a copy of one that the migrations made once."""

import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager
from enum import StrEnum
from pathlib import Path

from sqlalchemy import Engine

from app.cli import migrate
from app.kernel.db import Database
from tests.services.postgres import PostgresCluster, new_database_name
from tests.services.scratch import Scratch

TEMPLATE = "template_migrated"


class Kind(StrEnum):
    """A database that the product promises to run on."""

    SQLITE = "sqlite"
    POSTGRESQL = "postgresql"


class TestDatabases:
    """The databases of one test process. Servers start and templates are migrated when first asked for."""

    __test__ = False

    def __init__(self) -> None:
        self._until_the_end = ExitStack()
        self._folders = {durable: self._new_folder(durable=durable) for durable in (True, False)}
        self._clusters: dict[bool, PostgresCluster] = {}
        self._engines: dict[str, Engine] = {}

    def close(self) -> None:
        """Stop what was started."""
        self._until_the_end.close()

    def cluster(self, *, durable: bool) -> PostgresCluster:
        """The running cluster, started again if a test left it killed."""
        if durable not in self._clusters:
            self._clusters[durable] = self._new_cluster(durable=durable)
        cluster = self._clusters[durable]
        if not cluster.is_running:
            cluster.start()
        return cluster

    @contextmanager
    def fresh(self, kind: Kind, *, durable: bool, name: str | None = None) -> Iterator[str]:
        """The URL of a migrated database with nothing else in it; gone when the block ends.

        `durable` asks for one that is flushed to a disk, not to memory; `name` for one under a known URL.
        """
        name = name or new_database_name()
        if kind is Kind.SQLITE:
            folder = self._folders[durable] / name
            folder.mkdir()
            try:
                shutil.copyfile(self._sqlite_template(), folder / "liulin.db")
                yield f"sqlite:///{folder}/liulin.db"
            finally:
                shutil.rmtree(folder)
            return
        self.cluster(durable=durable).create_database(name, TEMPLATE)
        try:
            yield self.cluster(durable=durable).url(name)
        finally:
            self.cluster(durable=durable).drop_database(name)

    @contextmanager
    def standing(self, kind: Kind, *, durable: bool) -> Iterator[str]:
        """Like `fresh`, but always under the same URL, so that `lend_engine` can serve it. One at a time."""
        with self.fresh(kind, durable=durable, name="standing") as url:
            yield url

    def lend_engine(self, database: Database, url: str) -> None:
        """Give `database`, which is under `url`, the engine of all that stood there before.

        Compiled statements lie on the engine, and compiling them anew took most of the time of a test.
        """
        database.dispose()
        database.engine = self._engines.setdefault(url, database.engine)

    def _new_cluster(self, *, durable: bool) -> PostgresCluster:
        cluster = self._until_the_end.enter_context(PostgresCluster(durable=durable))
        cluster.create_database(TEMPLATE)
        migrate(cluster.url(TEMPLATE))
        return cluster

    def _new_folder(self, *, durable: bool) -> Path:
        scratch = Scratch(in_memory=not durable)
        self._until_the_end.callback(scratch.close)
        return scratch.path

    def _sqlite_template(self) -> Path:
        file = self._folders[False] / "template.db"
        if not file.exists():
            raw = self._folders[False] / "migrated.db"
            migrate(f"sqlite:///{raw}")
            # One file with everything in it, whatever still lies in the write-ahead log.
            with closing(sqlite3.connect(raw)) as connection:
                connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
            raw.rename(file)
        return file

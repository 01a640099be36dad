"""Starting web servers as they run in the county, each on a port of its own, and reading what CPU they used."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Self

import psutil

ROOT = Path(__file__).parents[1]
START_SECONDS = 60
STOP_SECONDS = 20


class NotServing(RuntimeError):
    """A server did not start; the message ends with what it said."""


def cpu_seconds(pid: int) -> float:
    """User and system time of a process and its living children."""
    found = 0.0
    for process in (one := psutil.Process(pid), *one.children(recursive=True)):
        try:
            times = process.cpu_times()
        except psutil.NoSuchProcess:
            continue
        found += times.user + times.system
    return found


class Server:
    """gunicorn with the product's own flags around one WSGI app, until the block ends."""

    def __init__(self, app: str, *, folder: Path, env: Mapping[str, str]) -> None:
        self.app, self._env = app, dict(env)
        self._log = folder / f"{app.replace(':', '.')}.log"
        self.port = _free_port()

    def __enter__(self) -> Self:
        command = [str(Path(sys.executable).parent / "gunicorn"), "-c", str(ROOT / "gunicorn.conf.py"), self.app]
        with self._log.open("wb") as log:
            self._process = subprocess.Popen(
                command,
                cwd=ROOT,
                env={**os.environ, **self._env, "PORT": str(self.port)},
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )
        try:
            self._wait_until_it_listens()
        except BaseException:
            self.close()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Stop it in good order, or else by force."""
        self._process.terminate()
        try:
            self._process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()

    @property
    def log(self) -> str:
        """All that it said."""
        return self._log.read_text(errors="replace")

    def cpu_seconds(self) -> float:
        """CPU time of all its processes so far."""
        return cpu_seconds(self._process.pid)

    def drain(self) -> None:
        """Return once it has nothing left to do."""
        before = self.cpu_seconds()
        for _ in range(50):
            time.sleep(0.1)
            now = self.cpu_seconds()
            if now - before < 0.02:
                return
            before = now

    def _wait_until_it_listens(self) -> None:
        deadline = time.monotonic() + START_SECONDS
        while time.monotonic() < deadline and self._process.poll() is None:
            # Once every worker is up and an answer comes, the first measurement is not of the start.
            if self.log.count("Booting worker") >= 2 and self._answers():
                time.sleep(0.5)
                return
            time.sleep(0.1)
        raise NotServing(f"{self.app} does not serve:\n{self.log[-4000:]}")

    def _answers(self) -> bool:
        try:
            with socket.create_connection(("127.0.0.1", self.port), timeout=10) as connection:
                connection.sendall(b"GET / HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
                return connection.recv(20).startswith(b"HTTP/1.1 ")
        except OSError:
            return False


def _free_port() -> int:
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        port: int = one.getsockname()[1]
        return port

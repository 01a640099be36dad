"""Another process, to be killed in the middle of its work: runs code that ends by saying `ready` and waiting."""

from __future__ import annotations

import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager

_BEGINNING = """
import sys, time
from datetime import datetime, timedelta, UTC
from app.kernel import clock, events, once
from app.kernel.db import Database, session, transaction
from sqlalchemy import text

def ready():
    print("ready", flush=True)
    time.sleep(60)

with Database(sys.argv[1]).unit_of_work():
"""


@contextmanager
def killed_in_the_middle(database_url: str, code: str) -> Iterator[None]:
    """The block runs once the child has said that it is ready; at its end, or before, the child is killed."""
    body = "\n".join("    " + line for line in code.strip().splitlines())
    child = subprocess.Popen([sys.executable, "-c", _BEGINNING + body, database_url], stdout=subprocess.PIPE, text=True)
    assert child.stdout is not None
    try:
        with child.stdout as said:
            assert said.readline() == "ready\n"
            yield
    finally:
        kill(child)


def kill(child: subprocess.Popen[str]) -> None:
    child.send_signal(signal.SIGKILL)
    child.wait()


def killed_after(database_url: str, code: str) -> None:
    """The child did this much and was then killed."""
    with killed_in_the_middle(database_url, code):
        pass

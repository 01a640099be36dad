"""wrk, where it is installed, for requests that are always the same."""

from __future__ import annotations

import re
import shutil
import subprocess
from collections import Counter
from collections.abc import Mapping

from bench.load import CONNECTIONS, Outcome, again_and_again, drive, request

INSTALL = "apt-get install wrk"


def is_there() -> bool:
    """Whether wrk is installed."""
    return shutil.which("wrk") is not None


def get(path: str, *, port: int, seconds: float, headers: Mapping[str, str] | None = None) -> Outcome:
    """Ask for one page again and again on 16 connections, by wrk or, without it, by our own client."""
    if not is_there():
        one = request("GET", path, port=port, headers=headers)
        return drive(again_and_again(one), port=port, seconds=seconds)
    command = ["wrk", "-t", "2", "-c", str(CONNECTIONS), "-d", f"{seconds:g}s"]
    for name, value in (headers or {}).items():
        command += ["-H", f"{name}: {value}"]
    said = subprocess.run(
        [*command, f"http://127.0.0.1:{port}{path}"], capture_output=True, text=True, check=True
    ).stdout
    return _read(said)


def _read(said: str) -> Outcome:
    total = re.search(r"(\d+) requests in ([\d.]+)(ms|s|m),", said)
    if total is None:
        raise ValueError(f"wrk said something new:\n{said}")
    unit = {"ms": 0.001, "s": 1.0, "m": 60.0}[total[3]]
    refused = re.search(r"Non-2xx or 3xx responses: (\d+)", said)
    bad = int(refused[1]) if refused else 0
    statuses = Counter({200: int(total[1]) - bad, 500: bad})
    return Outcome(seconds=float(total[2]) * unit, statuses=+statuses)

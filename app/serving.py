"""Serving the county: gunicorn and one worker side by side; when one stops, both do."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from types import FrameType

import click

from config import Settings

ROOT = Path(__file__).parent.parent
_GRACE_SECONDS = 35


def serve(settings: Settings) -> None:
    """Run until told to stop or until one of the two ends; exits with the first one's code."""
    bin_folder = Path(sys.executable).parent
    environment = os.environ | {"FLASK_APP": "wsgi:app"}
    programs = [
        subprocess.Popen([str(bin_folder / "gunicorn"), "-c", str(ROOT / "gunicorn.conf.py"), "wsgi:app"], cwd=ROOT),
        subprocess.Popen([str(bin_folder / "flask"), "work"], cwd=ROOT, env=environment),
    ]
    stopping = False

    def told(number: int, frame: FrameType | None) -> None:
        nonlocal stopping
        stopping = True

    signal.signal(signal.SIGTERM, told)
    signal.signal(signal.SIGINT, told)
    click.echo(f"\n柳林红枣已经开门：{settings.public_url}    （按 Ctrl-C 关门）")
    while not stopping and all(program.poll() is None for program in programs):
        time.sleep(0.2)
    ended = next((program.returncode for program in programs if program.returncode is not None), 0)
    for program in programs:
        if program.poll() is None:
            program.terminate()
    _wait(programs)
    raise SystemExit(0 if stopping else ended or 1)


def _wait(programs: list[subprocess.Popen[bytes]]) -> None:
    deadline = time.monotonic() + _GRACE_SECONDS
    for program in programs:
        try:
            program.wait(timeout=max(0.1, deadline - time.monotonic()))
        except subprocess.TimeoutExpired:
            program.kill()

"""Serving the county: gunicorn and one worker side by side; when one stops, both do."""

from __future__ import annotations

import os
import secrets
import signal
import socket
import subprocess
import sys
import time
from dataclasses import dataclass
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
    commands = [
        [str(bin_folder / "gunicorn"), "-c", str(ROOT / "gunicorn.conf.py"), "wsgi:app"],
        [str(bin_folder / "flask"), "work"],
    ]
    if sandbox := _sandbox(settings):
        environment |= sandbox.environment
        commands.append(sandbox.command)
        click.echo("在线支付接的是沙盒，不会真的扣钱。(online payment is a sandbox)")
    programs = [subprocess.Popen(command, cwd=ROOT, env=environment) for command in commands]
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


@dataclass(frozen=True, slots=True)
class _Sandbox:
    """A payment company that only pretends to be one, for a demo without keys."""

    command: list[str]
    environment: dict[str, str]


def _sandbox(settings: Settings) -> _Sandbox | None:
    """Only beside the embedded database on one's own machine, and only where the tests' own are there."""
    is_there = (ROOT / "tests" / "fakes" / "stripe_server.py").exists()
    if not (settings.is_embedded and is_there) or settings.stripe_api_key is not None or settings.is_https:
        return None
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    key, secret = f"sk_test_{secrets.token_hex(8)}", f"whsec_{secrets.token_hex(16)}"
    target = f"{settings.public_url}/webhooks/stripe"
    command = [sys.executable, "-m", "tests.fakes.stripe_server", "--port", str(port), "--key", key]
    return _Sandbox(
        [*command, "--webhook", target, "--secret", secret],
        {
            "STRIPE_API_KEY": key,
            "STRIPE_API_BASE": f"http://127.0.0.1:{port}",
            "STRIPE_WEBHOOK_SECRET": secret,
        },
    )


def _wait(programs: list[subprocess.Popen[bytes]]) -> None:
    deadline = time.monotonic() + _GRACE_SECONDS
    for program in programs:
        try:
            program.wait(timeout=max(0.1, deadline - time.monotonic()))
        except subprocess.TimeoutExpired:
            program.kill()

"""A Chromium for browser tests: `CHROMIUM_BIN`, Debian's own, or the one Playwright downloaded."""

import os
import subprocess
import sys
from pathlib import Path

import playwright
from playwright.sync_api import sync_playwright

DEBIAN = Path("/usr/bin/chromium")


class NoChromium(RuntimeError):
    """No usable Chromium on this machine; the sentence names the command that mends it."""


def find_chromium() -> Path:
    """The program to start: `CHROMIUM_BIN` when set, else Debian's, else Playwright's, if it runs here.

    Raises `NoChromium`, also when Playwright itself does not run.
    """
    if not runs(playwrights_node()):
        raise NoChromium("Playwright does not start, libatomic1 may be missing. Run `make browser`.")
    named = os.environ.get("CHROMIUM_BIN")
    if named:
        if runs(Path(named)):
            return Path(named)
        raise NoChromium(f"CHROMIUM_BIN={named} does not run: unset it, or name a Chromium that does.")
    if runs(DEBIAN):
        return DEBIAN
    if runs(own := playwrights_own()):
        return own
    raise NoChromium("No Chromium for the browser tests. Run `make browser` (or set CHROMIUM_BIN).")


def playwrights_own() -> Path:
    """Where this version of Playwright keeps its Chromium, whether it was downloaded or not."""
    with sync_playwright() as driver:
        return Path(driver.chromium.executable_path)


def playwrights_node() -> Path:
    """The Node.js that Playwright brings and drives the browser with."""
    return Path(playwright.__file__).parent / "driver" / "node"


def runs(program: Path) -> bool:
    """Whether the program is there and finds the system libraries that it needs."""
    try:
        return subprocess.run([program, "--version"], capture_output=True, timeout=30).returncode == 0
    except (OSError, subprocess.TimeoutExpired):
        return False


def main() -> int:
    """Print where Chromium is; exit 1 with the sentence that helps when there is none."""
    try:
        print(find_chromium())
    except NoChromium as error:
        print(error, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())

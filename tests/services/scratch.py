"""Folders for what tests leave behind: gone afterwards, also when the test run itself is killed."""

import shutil
import subprocess
import tempfile
from pathlib import Path

MEMORY = Path("/dev/shm")
ENOUGH_MEMORY = 2 * 1024**3
# Waits until our end of the pipe closes, stops the server that still runs in the folder, and removes it. After an
# orderly end nothing is left to do; it is there for the SIGKILL that no `finally` sees.
KEEPER = 'cat; pid=$(head -n 1 "$1/data/postmaster.pid") && kill -QUIT "$pid" && sleep 1; rm -rf "$1"'


class Scratch:
    """A new folder, 0700, in memory where nothing has to survive a power cut and there is room for it."""

    def __init__(self, *, in_memory: bool) -> None:
        root = MEMORY if in_memory and _has_room() else None
        self.path = Path(tempfile.mkdtemp(prefix="liulin-", dir=root))
        self._keeper = subprocess.Popen(
            ["sh", "-c", KEEPER, "keeper", str(self.path)],
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )

    def close(self) -> None:
        """Remove the folder; harmless when done twice."""
        shutil.rmtree(self.path, ignore_errors=True)
        if self._keeper.stdin is not None:
            self._keeper.stdin.close()
        self._keeper.wait()


def _has_room() -> bool:
    return MEMORY.is_dir() and shutil.disk_usage(MEMORY).free >= ENOUGH_MEMORY

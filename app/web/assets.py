"""The static files as they go over the line: each with its compressed twin beside it, made when the app starts."""

from __future__ import annotations

import gzip
import hashlib
import shutil
import tempfile
from pathlib import Path

_WORTH_IT = 600
_TYPES = (".css", ".js", ".svg")


def packed(static: Path, *, into: Path) -> Path:
    """A folder under `into` with the static files and a `.gz` beside each that gains by it, for WhiteNoise to choose.

    The folder is named by what is in it, so that a changed style sheet never meets an old twin, and processes that
    start together may all make it.
    """
    files = sorted(path for path in static.rglob("*") if path.is_file())
    folder = into / _digest(static, files)
    if folder.is_dir():
        return folder
    into.mkdir(parents=True, exist_ok=True)
    fresh = Path(tempfile.mkdtemp(dir=into, prefix="new-"))
    try:
        for path in files:
            _pack(path, fresh / path.relative_to(static))
        fresh.rename(folder)
    except OSError:
        # Whoever was faster made the same.
        shutil.rmtree(fresh, ignore_errors=True)
        if not folder.is_dir():
            raise
    return folder


def _digest(static: Path, files: list[Path]) -> str:
    seen = hashlib.sha256()
    for path in files:
        content = path.read_bytes()
        seen.update(f"{path.relative_to(static)}\0{len(content)}\0".encode() + content)
    return seen.hexdigest()[:16]


def _pack(path: Path, target: Path) -> None:
    content = path.read_bytes()
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_bytes(content)
    if path.suffix in _TYPES and len(content) >= _WORTH_IT:
        target.with_name(target.name + ".gz").write_bytes(gzip.compress(content, compresslevel=9, mtime=0))

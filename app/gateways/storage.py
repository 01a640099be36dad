"""Where files live that are too big for the database: one folder, or one bucket in S3-compatible storage."""

from __future__ import annotations

import errno
import logging
import os
import re
import secrets
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import timedelta
from pathlib import Path
from urllib.parse import unquote, urlsplit

import obstore
from obstore.exceptions import BaseError
from obstore.store import LocalStore, S3Store

from app.kernel.errors import DomainError, NotFound

# Served under our own content types only; whatever else is stored comes down as a plain download.
MEDIA_TYPES = {
    ".webp": "image/webp",
    ".jpg": "image/jpeg",
    ".png": "image/png",
    ".heic": "image/heic",
    ".pdf": "application/pdf",
    ".csv": "text/csv",
    ".docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    ".xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}

# Only the last part has a dot, so that no key can be a folder on the way to another.
_KEY = re.compile(r"([a-z0-9_-]+/)*[a-z0-9_-]+(\.[a-z0-9_-]+)+")
_PREFIX = re.compile(r"(([a-z0-9_-]+/)*[a-z0-9_-]+/?)?")
_MAX_KEY = 200
_FULL = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}
_log = logging.getLogger(__name__)


class MediaFull(DomainError):
    """There is no room for the file; nothing of it was kept."""

    code = "media_full"
    status = 507
    sentence = "存放照片和文件的空间已满，这次没有存上。请稍后再传，或告诉县管理员。"
    retry_after = 300


class MediaUnavailable(DomainError):
    """The storage does not answer, or refuses to work; nothing is known to be stored."""

    code = "media_unavailable"
    status = 503
    sentence = "照片和文件暂时存取不了，请过几分钟再试。"
    retry_after = 60


def media_type_of(key: str) -> str:
    """The media type under which a file with this key is served, by its ending."""
    return MEDIA_TYPES.get(os.path.splitext(key)[1], "application/octet-stream")


class MediaStore:
    """Files under keys that the caller draws at random, e.g. `packs/7f3a…/list.webp`.

    A key is at most 200 characters: folders of `a-z 0-9 _ -`, then a name of the same with an ending. Reading
    or deleting anything else is `NotFound`; storing under it is the caller's mistake (`ValueError`). A file
    is there as a whole or not at all, also after a full disk, a kill or a power cut: store it first, then
    commit the row that names it. Every method raises `MediaUnavailable` when the storage does not work.
    """

    def __init__(self, media_url: str) -> None:
        """Open a folder (path or `file://`, made if missing) or `s3://bucket/prefix` (`AWS_…` variables).

        Raises `ValueError` with one clear line for any other address.
        """
        parts = urlsplit(media_url)
        self._folder: Path | None = None
        self._store: LocalStore | S3Store
        if parts.scheme == "s3" and parts.netloc:
            self._store = _bucket(media_url)
        elif parts.scheme in ("", "file") and parts.path and not parts.netloc:
            folder = unquote(parts.path) if parts.scheme else media_url
            self._folder = Path(folder).absolute()
            self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            self._store = LocalStore(prefix=self._folder)
        else:
            raise ValueError("MEDIA_URL must be a folder, file:///folder or s3://bucket/prefix")

    def put(self, key: str, data: bytes, media_type: str) -> None:
        """The file is stored for good, replacing what was there; it survives a power cut from now on.

        `media_type` must be the one that the key's ending stands for, because that is how it will be served.
        Raises `MediaFull`; then nothing is left behind, and what stood under the key before still does.
        """
        if not _is_key(key):
            raise ValueError(f"not a media key: {key!r}")
        if media_type != media_type_of(key):
            raise ValueError(f"{key!r} would be served as {media_type_of(key)}, not {media_type}")
        with _refusals():
            if self._folder is not None:
                _write_durably(self._folder, key, data)
            else:
                kind = {"Content-Type": media_type}
                obstore.put(self._store, key, data, attributes=kind, use_multipart=False)

    def get(self, key: str) -> bytes:
        """The whole file. Raises `NotFound`."""
        if not _is_key(key):
            raise NotFound
        with _refusals():
            return bytes(obstore.get(self._store, key).bytes())

    def delete(self, key: str) -> None:
        """There is no such file any more, whether or not there was one."""
        if not _is_key(key):
            raise NotFound
        with suppress(NotFound), _refusals():
            obstore.delete(self._store, key)

    def exists(self, key: str) -> bool:
        """Whether a whole file is stored under this key."""
        if not _is_key(key):
            return False
        try:
            with _refusals():
                obstore.head(self._store, key)
        except NotFound:
            return False
        return True

    def keys(self, prefix: str = "") -> list[str]:
        """Every key in this folder and below, sorted (`packs` finds `packs/…`, not `packsaddle/…`)."""
        if not _PREFIX.fullmatch(prefix):
            raise ValueError(f"not a media folder: {prefix!r}")
        with _refusals():
            found = [entry["path"] for page in obstore.list(self._store, prefix or None) for entry in page]
        return sorted(filter(_is_key, found))


def _is_key(key: str) -> bool:
    return len(key) <= _MAX_KEY and _KEY.fullmatch(key) is not None


def _bucket(media_url: str) -> S3Store:
    return S3Store.from_url(
        media_url,
        client_options={
            # Without limits a silent server would hold a web thread for minutes.
            "connect_timeout": timedelta(seconds=3),
            "timeout": timedelta(seconds=20),
            # Who writes http:// into AWS_ENDPOINT_URL means a server in the next room; https:// stays https.
            "allow_http": True,
        },
        retry_config={"max_retries": 2, "retry_timeout": timedelta(seconds=20)},
    )


@contextmanager
def _refusals() -> Iterator[None]:
    """What the storage says, in our words."""
    try:
        yield
    except FileNotFoundError:
        raise NotFound from None
    except OSError as error:
        _log.error("media storage refused: %s", error)
        raise (MediaFull if error.errno in _FULL else MediaUnavailable) from error
    except BaseError as error:
        said = str(error).partition("\n")[0]
        _log.error("media storage refused: %s", said)
        # The status is nowhere but in the sentence; MinIO answers 507 when its disks are full.
        raise (MediaFull if "status code: 507" in said else MediaUnavailable) from error


def _write_durably(folder: Path, key: str, data: bytes) -> None:
    """Write aside, flush to disk, rename, flush the directory: no moment shows a part of the file.

    `LocalStore.put` renames too, but never flushes.
    """
    target = folder / key
    _make_durably(target.parent)
    # `#` cannot stand in a key, so an unfinished file is neither listed nor served.
    unfinished = target.with_name(f"{target.name}#{secrets.token_hex(8)}")
    try:
        with open(unfinished, "xb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        os.replace(unfinished, target)
    except BaseException:
        with suppress(OSError):
            unfinished.unlink()
        raise
    _flush_folder(target.parent)


def _make_durably(folder: Path) -> None:
    """The folder exists and will after a power cut."""
    if not folder.is_dir():
        _make_durably(folder.parent)
        folder.mkdir(mode=0o700, exist_ok=True)
        _flush_folder(folder.parent)


def _flush_folder(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)

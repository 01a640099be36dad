"""The pictures of mandates on paper: under names that no page serves to anybody but officials."""

from __future__ import annotations

from dataclasses import dataclass
from weakref import WeakKeyDictionary

from app.gateways.images import Renditions
from app.gateways.storage import MediaStore
from app.kernel import ids
from app.kernel.db import Database, database

_stores: WeakKeyDictionary[Database, MediaStore] = WeakKeyDictionary()


@dataclass(frozen=True, slots=True)
class Paper:
    """A picture whose file is there, before a row names it."""

    stem: str
    sha256: str


def use(store: MediaStore, *, on: Database) -> None:
    """From here on, papers of this database lie in this store. The assembly says it once."""
    _stores[on] = store


def key(stem: str) -> str:
    """Where a paper lies."""
    return f"mandates/{stem}.jpg"


def keep(picture: Renditions) -> Paper:
    """Put the picture into the store, outside any transaction."""
    paper = Paper(ids.code(24).lower(), picture.full.sha256)
    _stores[database()].put(key(paper.stem), picture.full.data, picture.full.media_type)
    return paper


def discard(paper: Paper) -> None:
    """Take a picture out again that no row will name."""
    _stores[database()].delete(key(paper.stem))


def read(stem: str) -> bytes:
    """The picture. Raises `NotFound`."""
    return _stores[database()].get(key(stem))

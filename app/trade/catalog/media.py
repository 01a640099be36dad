"""Where the pictures of packs lie, one store for each database."""

from __future__ import annotations

from weakref import WeakKeyDictionary

from app.gateways.storage import MediaStore
from app.kernel.db import Database, database

_stores: WeakKeyDictionary[Database, MediaStore] = WeakKeyDictionary()


def use(store: MediaStore, *, on: Database) -> None:
    """From here on, pictures of packs in this database lie in this store. The assembly says it once."""
    _stores[on] = store


def store() -> MediaStore:
    """The media store of the running unit of work's database."""
    return _stores[database()]

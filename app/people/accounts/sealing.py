"""The vault with which people's numbers are sealed, one for each database."""

from __future__ import annotations

from weakref import WeakKeyDictionary

from app.kernel.crypto import Vault
from app.kernel.db import Database, database

_vaults: WeakKeyDictionary[Database, Vault] = WeakKeyDictionary()


def use(vault: Vault, *, on: Database) -> None:
    """From here on, values in this database are sealed and opened with this vault. The assembly says it once."""
    _vaults[on] = vault


def vault() -> Vault:
    """The vault of the running unit of work's database. Raises `KeyError` when the assembly gave none."""
    return _vaults[database()]
